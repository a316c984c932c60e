"""Learned stage probabilities: what they come to on pipelines whose truth is known, and on public ones."""

from __future__ import annotations

import csv
import gzip
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kairo.stages.revenue.contracts.stages import PipelineStages, StageOrigin, StageSetting
from kairo.stages.revenue.rules.learning_stages import PastDeal, learned_stages
from kairo.stages.revenue.rules.stage_values import SetStages, pipelines_from
from kairo.stages.revenue.rules.survival import (
    LEAST_CLOSED,
    PRIOR_DEALS,
    Visit,
    brier,
    learn,
    looks_of,
    probability_at,
    reliability,
)
from tests.shared_data import shared

START = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=400)
RULES = pipelines_from([]).of("default")


def visit(stage: str, day: float, *, stays: float, won: bool | None) -> Visit:
    entered_at = START + timedelta(days=day)
    closed_at = entered_at + timedelta(days=stays) if won is not None else None
    return Visit(stage, entered_at, closed_at, closed_at, bool(won))


def mixed(count: int, *, share_won: float, won_after: float = 30, lost_after: float = 10) -> list[Visit]:
    """Make deals of which the lost ones close early."""
    return [
        visit("open", number % 300, stays=won_after if won else lost_after, won=won)
        for number in range(count)
        for won in [number % 100 < share_won * 100]
    ]


def test_a_deal_that_lived_past_the_day_of_losses_is_likelier_won() -> None:
    found = learn(mixed(1_000, share_won=0.3), until=UNTIL)

    assert found is not None
    [curve] = found.curves
    assert probability_at(curve, 0)[0] == pytest.approx(0.3, abs=0.03)
    assert probability_at(curve, 14)[0] > 0.8


def test_few_deals_are_drawn_to_the_pipelines_mean() -> None:
    rare = [visit("rare", number, stays=20, won=True) for number in range(5)]

    found = learn([*mixed(1_000, share_won=0.2), *rare], until=UNTIL)

    assert found is not None
    [_, curve] = found.curves
    assert found.mean < curve.probabilities[0] < (5 + PRIOR_DEALS * found.mean) / (5 + PRIOR_DEALS)


def test_where_nobody_records_losses_open_deals_are_days_at_risk() -> None:
    won = [visit("lead", number % 200, stays=5, won=True) for number in range(100)]
    silent = [visit("lead", number % 200, stays=0, won=None) for number in range(900)]

    found = learn([*won, *silent], until=UNTIL, horizon_days=90)

    assert found is not None
    assert found.curves[0].probabilities[0] == pytest.approx(0.1, abs=0.02)


def test_what_came_after_the_moment_is_not_known() -> None:
    deals = mixed(1_000, share_won=0.5)
    half = START + timedelta(days=150)
    later_lost = [visit("open", 200 + number % 100, stays=1, won=False) for number in range(500)]

    assert learn(deals, until=half) == learn([*deals, *later_lost], until=half)


def test_few_closed_deals_teach_nothing() -> None:
    assert learn(mixed(LEAST_CLOSED - 1, share_won=0.5), until=UNTIL) is None
    assert learn([], until=UNTIL) is None


def test_a_stage_in_which_nobody_ever_won_has_a_probability_near_nothing() -> None:
    dead = [visit("dead", number % 300, stays=9, won=False) for number in range(2_000)]

    found = learn([*mixed(200, share_won=0.5), *dead], until=UNTIL)

    assert found is not None
    chance = next(curve for curve in found.curves if curve.stage == "dead").probabilities[0]
    assert 0 <= chance < 0.01


def past(count: int, *, chance: float, seed: int = 1) -> list[PastDeal]:
    dice = random.Random(seed)
    deals = []
    for _ in range(count):
        created_at = START + timedelta(days=dice.uniform(0, 350))
        is_won = dice.random() < chance
        closed_at = created_at + timedelta(days=dice.expovariate(1 / 20) + 1)
        last = ("won" if is_won else "lost", closed_at)
        deals.append(PastDeal((("qualified", created_at), last), created_at, closed_at, is_won))
    return deals


def test_a_model_says_how_right_it_was_on_deals_it_had_not_seen() -> None:
    found = learned_stages("default", past(2_000, chance=0.25), RULES, at=UNTIL)

    assert found is not None
    assert found.calibration is not None
    assert found.calibration.ece <= 0.05
    assert found.calibration.brier < found.calibration.brier_of_defaults
    assert sum(part.count for part in found.calibration.bins) == found.calibration.looks


def test_what_a_person_has_set_comes_before_what_was_learned() -> None:
    model = learned_stages("default", past(500, chance=0.25), RULES, at=UNTIL)
    assert model is not None
    own = SetStages(PipelineStages(stages=[StageSetting(stage="Qualified", probability=0.9)]), StageOrigin.OWN)

    learned = pipelines_from([], models=[model]).of("default").probability("qualified")
    by_person = pipelines_from([own], models=[model]).of("default").probability("qualified")

    assert learned[0] == pytest.approx(0.25, abs=0.06)
    assert by_person[:2] == (0.9, "own")


def crm_visits(path: Path) -> list[Visit]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["engage_date"]]
    return [_crm_visit(row) for row in rows]


def _crm_visit(row: dict[str, str]) -> Visit:
    engaged_at = datetime.fromisoformat(row["engage_date"]).replace(tzinfo=UTC)
    closed_at = None
    if row["close_date"]:
        closed_at = datetime.fromisoformat(row["close_date"]).replace(tzinfo=UTC) + timedelta(hours=12)
    return Visit("engaging", engaged_at, closed_at, closed_at, row["deal_stage"] == "Won")


def test_on_a_public_pipeline_the_probabilities_are_calibrated() -> None:
    """The whole comparison is bench/stage_probabilities.py; this holds one month of it."""
    visits = crm_visits(shared("ads/crm_pipeline/sales_pipeline.csv.gz"))
    since, before, end = (datetime(*day, tzinfo=UTC) for day in ((2017, 9, 1), (2017, 10, 1), (2018, 1, 1)))
    learned = learn(visits, until=since)
    assert learned is not None
    begun = [stay for stay in visits if since <= stay.entered_at < before]
    looks = looks_of(begun, since=since, until=end, horizon_days=365, closed_only=True)

    said = np.array([probability_at(learned.curves[0], look.age_days)[0] for look in looks])
    won = np.array([look.won for look in looks], dtype=float)

    bins = reliability(said, won)
    assert sum(part.count * abs(part.mean_probability - part.share_won) for part in bins) / len(looks) <= 0.05
    assert brier(said, won) < brier(np.full(len(won), 0.4), won)
