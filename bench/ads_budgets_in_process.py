"""Budgets judged in the same worlds without HTTP, for development: seeds and permutations from 100 on by default.

    bench/.venv/bin/python -m bench.ads_budgets_in_process [--variants base,drift] [--first 100] [--seeds 4]
                                                           [--hillstrom 24]

The rules are called as they are; reading, storing and answering are left out. The worlds come from `../shared/judge`.
Whoever changes the rules looks here, and reports what `bench.ads_budgets` says over HTTP.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings
from kairo.stages.learning.rules.budgets.histories import DealPath, Readings, States
from kairo.stages.learning.rules.budgets.selecting import learn_past, select

JUDGE = Path(__file__).resolve().parents[2] / "shared" / "judge"
SHARES = {"appointment_scheduled": 0.2, "qualified": 0.4, "proposal": 0.8}
"""What the judge's account counts of an open deal; over HTTP Kairo reads them from the account's own stages."""
SHOP_BUDGET = 166.67
"""Of a day, where only the proportions count: 500 customers among three arms."""
OLD_ENOUGH_HOURS, SPENT_ENOUGH = 48, 200


class Policy:
    """The optimiser as the judge's worlds ask a policy: once a day, with running totals."""

    def __init__(self, params: Any, seed: int) -> None:
        import ads_world

        past = ads_world.account_past(params, seed)
        ids = sorted({report["ad_id"] for report in past.reports})
        place = {ad_id: number for number, ad_id in enumerate(ids)}
        told = sorted((place[one["ad_id"]], _day(one["observed_at"]), *_totals(one)) for one in past.reports)
        self.mode, self.seed, self.settings = BudgetMode(params.mode), seed, BudgetSettings()
        direct = self.mode is BudgetMode.DIRECT
        self.past = learn_past([_path(deal) for deal in past.deals], ids, readings(told), direct=direct)
        self.seen: dict[str, list[tuple[float, ...]]] = {}
        self.killed: set[str] = set()

    def choose(self, day: int, states: Sequence[dict[str, Any]], total: float) -> dict[str, float]:
        """Return each ad's budget of a day, and note which ads the kill rule would end."""
        for state in states:
            self.seen.setdefault(state["ad_id"], []).append((float(day), *_totals(state)))
        told = [(place, *row) for place, state in enumerate(states) for row in self.seen[state["ad_id"]]]

        def column(name: str) -> Any:
            return np.array([float(state[name]) for state in states])

        found = select(
            States(
                impressions=column("impressions"),
                clicks=column("clicks"),
                spend=column("spend"),
                pipeline=column("pipeline_value"),
                cash=column("cash_revenue"),
                age=column("age_hours") / 24,
                budget=column("daily_budget"),
            ),
            readings(told),
            self.past,
            as_of=float(day),
            total=total,
            mode=self.mode,
            settings=self.settings,
            seed=self.seed,
        )
        for place, state in enumerate(states):
            if (
                state["age_hours"] >= OLD_ENOUGH_HOURS
                and state["spend"] >= SPENT_ENOUGH
                and found.losing[place] >= self.settings.kill_probability
                and found.since_half_spend[place] >= found.account.kernels.median_delay
            ):
                self.killed.add(state["ad_id"])
        return {state["ad_id"]: float(budget) for state, budget in zip(states, found.budget, strict=True)}


def readings(rows: Iterable[Sequence[float]]) -> Readings:
    """Put rows of (ad, day, clicks, spend, pipeline, cash) into columns."""
    table = np.array(list(rows), dtype=float).reshape(-1, 6)
    return Readings(table[:, 0].astype(np.int64), *(table[:, column] for column in range(1, 6)))


def _totals(one: dict[str, Any]) -> tuple[float, float, float, float]:
    return one["clicks"], one["spend"], one["pipeline_value"], one["cash_revenue"]


def _day(moment: str) -> float:
    import ads_past

    return (datetime.fromisoformat(str(moment)) - datetime.fromisoformat(str(ads_past.DAY_0))).total_seconds() / 86_400


def _path(deal: dict[str, Any]) -> DealPath:
    steps = tuple((SHARES[one["stage"]], _day(one["at"])) for one in deal["stage_history"] if one["stage"] in SHARES)
    won, amount = deal["outcome"] == "won", deal["amount"]
    return DealPath(deal.get("ad_id"), _day(deal["created_at"]), _day(deal["closed_at"]), won, amount, steps)


def lived(task: tuple[str, int]) -> Any:
    """Live through one world and return what the judge makes of it."""
    import ads_world

    variant, seed = task
    params = ads_world.VARIANTS[variant]
    return ads_world.simulate(ads_world.World(params, seed), Policy(params, seed))


def replayed(permutation: int) -> Any:
    """Replay one permutation of the Hillstrom trial."""
    import hillstrom_replay

    past, settings = learn_past([], [], readings([]), direct=True), BudgetSettings()

    def policy(told: Any, rng: Any) -> Any:
        shown, arms = told.customers.astype(float), len(told.customers)
        days, budget = np.full(arms, float(told.batches)), np.full(arms, SHOP_BUDGET / arms)
        states = States(shown, told.visits.astype(float), shown, np.zeros(arms), told.dollars.copy(), days, budget)
        mode = BudgetMode.DIRECT
        found = select(
            states, readings([]), past, as_of=0.0, total=SHOP_BUDGET, mode=mode, settings=settings, seed=permutation
        )
        spent = found.budget.sum()
        return found.budget / spent if spent > 0 else np.full(arms, 1 / arms)

    return hillstrom_replay.replay(policy, permutation)


def main() -> None:
    """Judge the variants and print each one's score."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--variants", default="base,small,drift,all-bad,direct")
    options.add_argument("--first", type=int, default=100)
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--hillstrom", type=int, default=24, help="permutations; 0 leaves it out")
    chosen = options.parse_args()
    if not JUDGE.exists():
        print(f"ads_budgets_in_process: skipped, {JUDGE} is not there")
        return
    sys.path.insert(0, str(JUDGE))
    import ads_world
    import hillstrom_replay

    seeds = range(chosen.first, chosen.first + chosen.seeds)
    with Pool(2) as pool:
        for variant in filter(None, chosen.variants.split(",")):
            outcomes = ads_world.play_baselines(ads_world.VARIANTS[variant], ["equal", "oracle"], seeds)
            outcomes["kairo"] = pool.map(lived, [(variant, seed) for seed in seeds], chunksize=1)
            print(variant, ads_world.score(outcomes)["kairo"], flush=True)
        if chosen.hillstrom:
            permutations = range(chosen.first, chosen.first + chosen.hillstrom)
            print("hillstrom", hillstrom_replay.score(pool.map(replayed, permutations)), flush=True)


if __name__ == "__main__":
    main()
