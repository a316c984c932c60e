"""One selection over very many ads, beside MABWiser's Thompson sampling with the same arms.

    python -m bench.ads_select [--sizes 1000,10000,100000]

Ours: the operation from what was asked (running totals of each ad) to budgets, decisions and reasons, stored.
MABWiser: fit of two binary rewards an arm and one call of `predict_expectations`, in bench/.venv; it is stopped once it
has taken 21 times as long as ours (but not before half a minute), and the figure then is the least that it takes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import time
from datetime import UTC, datetime

import numpy as np

from bench.table import PEERS_PYTHON, Line, durable_server, report

LEAST_PEER_LIMIT_S, TIMES_OURS = 30.0, 21
PEER = """
import json, sys, time, resource
import numpy as np
from mabwiser.mab import MAB, LearningPolicy
count = int(sys.argv[1])
rng = np.random.default_rng(1)
arms = list(range(count))
decisions = np.repeat(arms, 2)
rewards = rng.integers(0, 2, len(decisions))
started = time.perf_counter()
mab = MAB(arms, LearningPolicy.ThompsonSampling(), seed=1)
mab.fit(decisions, rewards)
fitted = time.perf_counter()
mab.predict_expectations()
done = time.perf_counter()
print(json.dumps({"fit_s": fitted - started, "predict_s": done - fitted,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
AT = datetime(2026, 6, 1, tzinfo=UTC)


def main() -> None:
    """Measure each size and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", default="1000,10000,100000")
    sizes = [int(size) for size in options.parse_args().sizes.split(",")]
    lines = []
    with durable_server():
        for size in sizes:
            ours, peak_mb = selected(size)
            theirs, note = peer(size, limit_s=max(LEAST_PEER_LIMIT_S, TIMES_OURS * ours))
            print(f"{size} ads: {ours:.2f} s, peak {peak_mb:.0f} MB; MABWiser {theirs} s {note}", flush=True)
            lines.append(Line(f"select of {size:,} ads", ours, "MABWiser", theirs, "s", ">= 20 x faster", note))
            lines.append(Line(f"peak memory, {size:,} ads", peak_mb, "", None, "MB"))
    report("ads_select", lines)


def selected(size: int) -> tuple[float, float]:
    """Return the seconds of one selection of so many ads, and the process's peak memory so far."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.learning import operations
    from kairo.stages.learning.contracts.budgets import SelectRequest

    tenant_id = create_tenant(slug=f"select-{size}").id
    rng = np.random.default_rng(size)
    asked = [
        {
            "ad_id": f"ad-{place}",
            "impressions": int(clicks * 60),
            "clicks": int(clicks),
            "spend": round(float(clicks * 5), 2),
            "pipeline_value": float(value),
            "cash_revenue": float(value) / 2,
            "age_hours": float(age),
        }
        for place, (clicks, value, age) in enumerate(
            zip(rng.gamma(1, 200, size), rng.gamma(0.5, 2_000, size), rng.uniform(0, 2_000, size), strict=True)
        )
    ]
    started = time.perf_counter()
    request = SelectRequest.model_validate({"ad_states": asked, "total_budget": size * 20.0, "seed": 1})
    with tenant_transaction(tenant_id):
        answer = operations.select_budgets(request=request, at=AT)
    seconds = time.perf_counter() - started
    assert len(answer.recommendations) == size
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peer(size: int, *, limit_s: float) -> tuple[float | None, str]:
    """Return the seconds of MABWiser's fit and one call, or why there is no figure."""
    command = [str(PEERS_PYTHON), "-c", PEER, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        return limit_s, f"MABWiser was stopped after {limit_s:.0f} s"
    except (OSError, subprocess.CalledProcessError):
        return None, "MABWiser is not installed: make bench-peers"
    found = json.loads(done.stdout)
    return found["fit_s"] + found["predict_s"], f"fit {found['fit_s']:.2f}, predict {found['predict_s']:.2f}"


if __name__ == "__main__":
    main()
