"""Budgets judged in worlds whose truth is known, over HTTP: a fresh account a variant, the judge's own seeds.

    python -m bench.ads_budgets --url http://127.0.0.1:8000 --data-dir DIR [--variants base,small] [--seeds 4]

Needs a running `kairo run --data-dir DIR`. The worlds and the scores come from `../shared/judge`, run by a Python that
has numpy, pandas and httpx (its requirements.txt): JUDGE_PYTHON, else bench/.venv. Never tune on these seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.table import PEERS_PYTHON, ROOT, Line, report

JUDGE = ROOT.parent / "shared" / "judge"
JUDGE_PYTHON = os.environ.get("JUDGE_PYTHON", str(PEERS_PYTHON))
GOALS = {"base": 0.60, "small": 0.42, "drift": 0.55, "all-bad": 0.80, "direct": 0.90}
BASELINES = {
    "base": 0.56, "small": 0.37, "slow": 0.55, "arm-delays": 0.59, "drift": 0.50, "tracking-loss": 0.56,
    "all-bad": 0.78, "direct": 0.88,
}  # fmt: skip
"""The best of the judge's own policies, from its README (24 seeds of base and small, 8 of the others)."""
HILLSTROM_GOAL, HILLSTROM_BASELINE = 0.95, 0.947


def main() -> None:
    """Judge every variant and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", default="http://127.0.0.1:8000")
    options.add_argument("--data-dir", required=True)
    options.add_argument("--variants", default=",".join(BASELINES))
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--hillstrom", type=int, default=12, help="permutations; 0 leaves it out")
    chosen = options.parse_args()
    if not JUDGE.exists():
        print(f"ads_budgets: skipped, {JUDGE} is not there")
        return
    lines = []
    for variant in filter(None, chosen.variants.split(",")):
        token = account(chosen.data_dir)
        found = judged("ads_world.py", "--variant", variant, "--seeds", str(chosen.seeds), url=chosen.url, token=token)
        print(variant, found, flush=True)
        goal = f">= {GOALS[variant]}" if variant in GOALS else "worst >= 0"
        lines.append(Line(f"{variant} gap", found["gap"], "best judge policy", BASELINES[variant], "share", goal))
        lines.append(Line(f"{variant} worst seed", found["worst_seed"], "", None, "share", ">= 0"))
    if chosen.hillstrom:
        token = account(chosen.data_dir)
        found = judged("hillstrom_replay.py", "--permutations", str(chosen.hillstrom), url=chosen.url, token=token)
        print("hillstrom", found, flush=True)
        lines.append(
            Line("hillstrom gap", found["gap"], "ts-visits", HILLSTROM_BASELINE, "share", f">= {HILLSTROM_GOAL}")
        )
    report("ads_budgets", lines)


def account(data_dir: str) -> str:
    """Make a fresh account and return its token."""
    slug = f"judge-{time.time_ns()}"
    kairo("tenant", "create", slug, "--owner-email", f"{slug}@example.com", data_dir=data_dir)
    made = kairo("token", "create", "--tenant", slug, "--name", "judge", "--json", data_dir=data_dir)
    token: str = json.loads(made)["token"]
    return token


def kairo(*arguments: str, data_dir: str) -> str:
    command = [str(Path(sys.executable).with_name("kairo")), "--data-dir", data_dir, *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout


def judged(program: str, *arguments: str, url: str, token: str) -> dict[str, Any]:
    """Run the judge's program against Kairo and return its score."""
    command = [JUDGE_PYTHON, program, "--policy", "http", "--url", url, "--token", token, *arguments]
    told = subprocess.run(command, cwd=JUDGE, stdout=subprocess.PIPE, check=True, text=True).stdout
    found, _ = json.JSONDecoder().raw_decode(told)
    score: dict[str, Any] = found["scores"]["http"]
    return score


if __name__ == "__main__":
    main()
