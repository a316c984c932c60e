"""Attribution judged in worlds whose truth is known: leads and e-commerce, central tracking loss, means over seeds.

    python -m bench.attribution [--settings leadgen-central,ecom-central] [--seeds 1,2,3,4,5]

The worlds and the scores come from `../shared/judge`, run by a Python that has numpy, pandas and httpx (its
requirements.txt): JUDGE_PYTHON, else bench/.venv. Beside ours stand the judge's own matchers. Develop on other seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.table import PEERS_PYTHON, ROOT, Line, durable_server, report

JUDGE = ROOT.parent / "shared" / "judge"
JUDGE_PYTHON = os.environ.get("JUDGE_PYTHON", str(PEERS_PYTHON))
FIGURES = ("recall", "precision", "organic_false_rate", "ece")
REACH = {
    "leadgen-central": (">= .955", ">= .985", "<= .010", "<= .02"),
    "ecom-central": (">= .85", ">= .975", "<= .015", "<= .02"),
}
STEP = timedelta(hours=6)
BATCH = 1_000


def main() -> None:
    """Judge every setting and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--settings", default=",".join(REACH))
    options.add_argument("--seeds", default="1,2,3,4,5")
    chosen = options.parse_args()
    if not JUDGE.exists():
        print(f"attribution: skipped, {JUDGE} is not there")
        return
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    lines = []
    with durable_server():
        for setting in chosen.settings.split(","):
            ours = mean([judged(setting, seed) for seed in seeds])
            theirs = mean([matched(setting, seed) for seed in seeds])
            reach = REACH.get(setting, ("", "", "", ""))
            lines += [
                Line(f"{setting} {name}", ours[name], "layers 1-2 of the judge", theirs[name], "share", goal)
                for name, goal in zip(FIGURES, reach, strict=True)
            ]
            print(setting, ours)
    report("attribution", lines)


def mean(scores: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(sum(score[name] for score in scores) / len(scores), 4) for name in FIGURES}


def judge(*arguments: str) -> dict[str, Any]:
    """Run the judge's program and return what it prints."""
    command = [JUDGE_PYTHON, "attribution_world.py", *arguments]
    done = subprocess.run(command, cwd=JUDGE, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def matched(setting: str, seed: int) -> dict[str, float]:
    return judge("match", "--setting", setting, "--matcher", "layers12", "--seed", str(seed))


def judged(setting: str, seed: int) -> dict[str, float]:
    """Live one world through as the judge sends it, and return its score."""
    with tempfile.TemporaryDirectory() as folder:
        judge("generate", "--setting", setting, "--seed", str(seed), "--out", folder)
        answers = Path(folder) / "answers.jsonl"
        answers.write_text("".join(json.dumps(answer) + "\n" for answer in lived(Path(folder), f"{setting}-{seed}")))
        return judge("score", "--truth", f"{folder}/truth.jsonl", "--answers", str(answers))


def lived(folder: Path, slug: str) -> Iterator[dict[str, Any]]:
    """Send six hours of clicks, then their conversions, then let the worker's job learn; yield the answers."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.revenue import operations

    tenant_id = create_tenant(slug=slug).id
    clicks, conversions = (read(folder / f"{name}.jsonl") for name in ("clicks", "conversions"))
    moment = datetime.fromisoformat(clicks[0]["clicked_at"]).replace(hour=0, minute=0, second=0, microsecond=0)
    while clicks or conversions:
        moment += STEP
        now, clicks = parted(clicks, "clicked_at", moment)
        for start in range(0, len(now), BATCH):
            with tenant_transaction(tenant_id):
                operations.track_clicks(records=now[start : start + BATCH], at=moment)
        bought, conversions = parted(conversions, "occurred_at", moment)
        for start in range(0, len(bought), BATCH):
            with tenant_transaction(tenant_id):
                found = operations.attribute_conversions(records=bought[start : start + BATCH], at=moment)
            yield from (answer.model_dump(mode="json") for answer in found.results)
        if bought:
            with tenant_transaction(tenant_id):
                operations.learn_weights(until=moment, at=moment)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def parted(records: list[dict[str, Any]], name: str, until: datetime) -> tuple[list[dict[str, Any]], list[Any]]:
    """Split records in the order of their times."""
    count = next((n for n, one in enumerate(records) if datetime.fromisoformat(one[name]) >= until), len(records))
    return records[:count], records[count:]


if __name__ == "__main__":
    main()
