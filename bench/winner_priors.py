"""New ads that start from similar winners, in invented shops whose truth is known; no database.

    python -m bench.winner_priors [--seeds 24] [--first 1000] [--within 0.25]

Forty past ads of eight themes give winners by the product's own rule, luck included. Ten new ads share a budget for
three weeks, day by day, by the product's own rules: with their texts' winners, without, and with the texts shuffled, so
that they say nothing. `--between` and `--within` are how far themes, and ads of one theme, differ (logarithm).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from multiprocessing import Pool

import numpy as np

from bench.table import Line, report
from kairo.likeness import nearness, usual_similarity
from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings
from kairo.stages.learning.rules.budgets import similar_winners as similar
from kairo.stages.learning.rules.budgets.histories import DealPath, Floats, Readings, States
from kairo.stages.learning.rules.budgets.prices import clicks_for
from kairo.stages.learning.rules.budgets.selecting import Past, learn_past, select
from kairo.stages.learning.rules.winning import AdOutcome, Judged, judge_campaign

THEMES, PAST_ADS, NEW_ADS, DAYS = 8, 40, 10, 21
ORDER_RATE, ORDER_VALUE, CLICK_COST, SATURATION = 0.025, 60.0, 0.8, 60.0
BUDGET, IMPRESSIONS_A_CLICK = 150.0, 60.0
DIMENSION, TEXT_NOISE, MOST_CLICKS = 64, 0.9, 8_000
ARMS = ("without", "winners", "shuffled", "oracle")


@dataclass(frozen=True)
class World:
    """A shop: its winners, what its past has taught, and new ads with the truth of each."""

    winner_texts: Floats
    leads: Floats
    past: Past
    texts: Floats
    quality: Floats


def world(seed: int, between: float, within: float) -> World:
    """Make a shop with a past."""
    rng = np.random.default_rng(seed)
    centres = _unit(rng.standard_normal((THEMES, DIMENSION)))
    of_theme = rng.normal(0.0, between, THEMES)

    def ads(count: int) -> tuple[Floats, Floats]:
        themes = rng.integers(THEMES, size=count)
        noise = rng.standard_normal((count, DIMENSION)) * TEXT_NOISE / np.sqrt(DIMENSION)
        quality = np.exp(of_theme[themes] + rng.normal(0.0, within, count) - (between**2 + within**2) / 2)
        return _unit(centres[themes] + noise), quality

    texts, quality = ads(PAST_ADS)
    spend = rng.lognormal(np.log(600.0), 0.6, PAST_ADS)
    clicks = rng.poisson(spend / CLICK_COST).astype(float)
    orders = rng.poisson(clicks * ORDER_RATE * quality)
    worth = [rng.exponential(ORDER_VALUE, count) for count in orders]
    ids = [f"past-{number}" for number in range(PAST_ADS)]
    deals = [
        DealPath(ad_id, -60.0, -60.0 + float(late), True, float(value))
        for ad_id, values in zip(ids, worth, strict=True)
        for value, late in zip(values, rng.exponential(1.0, len(values)), strict=True)
    ]
    revenue = np.array([values.sum() for values in worth])
    readings = Readings(np.arange(PAST_ADS), np.full(PAST_ADS, -30.0), clicks, spend, revenue, revenue)
    campaigns = np.arange(PAST_ADS) % 4
    won: dict[int, Judged] = {}
    for campaign in range(4):
        places = np.flatnonzero(campaigns == campaign)
        outcomes = [AdOutcome(str(p), float(spend[p]), int(orders[p]), float(revenue[p])) for p in places]
        won |= {int(one.ad_id): one for one in judge_campaign(outcomes, seed=seed) if one.is_winner}
    told = list(won.values())
    new_texts, new_quality = ads(NEW_ADS)
    columns = [np.array([getattr(one, name) for one in told]) for name in ("expected", "rest_roas", "low", "high")]
    return World(
        winner_texts=texts[list(won)] if won else np.zeros((0, DIMENSION)),
        leads=similar.leads(*columns) if won else np.zeros(0),
        past=learn_past(deals, ids, readings, direct=True),
        texts=new_texts,
        quality=new_quality,
    )


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def lived(task: tuple[int, float, float, str]) -> float:
    """Live through three weeks and return the profit to be expected of what was spent."""
    seed, between, within, arm = task
    shop = world(seed, between, within)
    texts = shop.texts
    if arm == "shuffled":
        # Texts of other themes' draws: near winners as often as the real ones, and without meaning.
        texts = texts[np.random.default_rng([seed, 3]).permutation(NEW_ADS)]
    usual = usual_similarity(np.r_[texts, shop.winner_texts])
    near = nearness(texts @ shop.winner_texts.T, usual if usual is not None else 0.99)
    # What each click of an ad does is drawn beforehand: arms differ by what they buy, not by luck.
    rng = np.random.default_rng([seed, 5])
    shape = (NEW_ADS, MOST_CLICKS)
    worth = (rng.random(shape) < ORDER_RATE * shop.quality[:, None]) * rng.exponential(ORDER_VALUE, shape)
    wait = 1 + np.minimum(28, rng.exponential(1.0, shape).astype(int))
    clicks, spend, cash = np.zeros(NEW_ADS), np.zeros(NEW_ADS), np.zeros(NEW_ADS)
    late: Floats = np.zeros((DAYS + 30, NEW_ADS))
    rows: list[Floats] = []
    profit, budget = 0.0, np.full(NEW_ADS, BUDGET / NEW_ADS)
    for day in range(DAYS):
        cash += late[day]
        seen = np.floor(clicks)
        rows.append(np.c_[np.arange(NEW_ADS), np.full(NEW_ADS, float(day)), seen, spend, cash, cash])
        if arm == "oracle":
            budget = _best(shop.quality)
        else:
            starts = None
            if arm != "without":
                shown = seen * IMPRESSIONS_A_CLICK
                starts = similar.starting_factors(near, shop.leads, shown, least_impressions=100)
            budget = _chosen(shop, rows, day, budget, starts, seed)
        bought = clicks_for(budget, np.full(NEW_ADS, CLICK_COST), SATURATION)
        for place in range(NEW_ADS):
            new = slice(int(clicks[place]), int(clicks[place] + bought[place]))
            np.add.at(late[:, place], day + wait[place, new], worth[place, new])
        clicks, spend = clicks + bought, spend + budget
        profit += float((bought * ORDER_RATE * shop.quality * ORDER_VALUE - budget).sum())
    return profit


def _best(quality: Floats) -> Floats:
    """Fill up where the next unit brings most, in small steps."""
    budget = np.zeros(NEW_ADS)
    step = BUDGET / 300
    for _ in range(300):
        marginal = ORDER_RATE * ORDER_VALUE * quality / (CLICK_COST + budget / SATURATION)
        best = int(marginal.argmax())
        if marginal[best] <= 1.0:
            break
        budget[best] += step
    return budget


def _chosen(shop: World, rows: list[Floats], day: int, budget: Floats, starts: Floats | None, seed: int) -> Floats:
    table = np.concatenate(rows)
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    now = rows[-1]
    states = States(
        impressions=now[:, 2] * IMPRESSIONS_A_CLICK,
        clicks=now[:, 2],
        spend=now[:, 3],
        pipeline=now[:, 4],
        cash=now[:, 5],
        age=np.full(NEW_ADS, float(day)),
        budget=budget,
    )
    readings = Readings(table[:, 0].astype(np.int64), *(table[:, column] for column in range(1, 6)))
    return select(
        states,
        readings,
        shop.past,
        as_of=float(day),
        total=BUDGET,
        mode=BudgetMode.DIRECT,
        settings=BudgetSettings(),
        seed=seed,
        starts=starts,
    ).budget


def main() -> None:
    """Live through the shops with each arm and print what winners' texts are worth."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=24)
    options.add_argument("--first", type=int, default=1000)
    options.add_argument("--between", type=float, default=0.5)
    options.add_argument("--within", type=float, default=0.25)
    chosen = options.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    tasks = [(seed, chosen.between, chosen.within, arm) for arm in ARMS for seed in seeds]
    with Pool(2) as pool:
        found = np.array(pool.map(lived, tasks, chunksize=1)).reshape(len(ARMS), len(seeds))
    without, oracle = found[0], found[3]
    scale = float(oracle.mean())
    lines = [Line("without winners", 100 * without.mean() / scale, "oracle", 100.0, "% of it")]
    for arm, profit in zip(ARMS[1:3], found[1:3], strict=True):
        gain = 100 * (profit - without) / scale
        error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
        lines.append(
            Line(
                f"{arm}: gained", float(gain.mean()), "", None, "% of it", note=f"± {error:.2f}, worst {gain.min():.1f}"
            )
        )
    report("winner_priors", lines)


if __name__ == "__main__":
    main()
