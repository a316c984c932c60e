"""A person with a hidden taste: learning finds it. Few seeds; the benchmark has the rest."""

from __future__ import annotations

import random
import statistics

import pytest

from kairo.stages.learning.rules.replaying import replay
from kairo.stages.opportunities.contracts import MOST_LEARNED_POINTS, EffectDimension, LearningSummaryDTO
from tests.factories.tastes import BRAND, PILLARS, START, Season, decision_on, ideas, learned_from, points_of, season

BOARDS = 30
SEEDS = range(8)


@pytest.fixture(scope="module")
def plain() -> list[Season]:
    return [season(seed, boards=BOARDS, learns=False) for seed in SEEDS]


@pytest.fixture(scope="module")
def learned() -> list[Season]:
    return [season(seed, boards=BOARDS, learns=True) for seed in SEEDS]


def test_acceptance_at_five_rises_and_beats_no_learning(plain: list[Season], learned: list[Season]) -> None:
    gains = [
        statistics.mean(mine.acceptance) - statistics.mean(other.acceptance)
        for mine, other in zip(learned, plain, strict=True)
    ]
    error = statistics.stdev(gains) / len(gains) ** 0.5
    early = statistics.mean(share for played in learned for share in played.acceptance[:5])
    late = statistics.mean(share for played in learned for share in played.acceptance[-10:])

    assert statistics.mean(gains) - 2.2 * error > 0.03
    assert late > early + 0.03


def test_replaying_logged_decisions_shows_the_same(plain: list[Season]) -> None:
    found = [again for played in plain if (again := replay(played.log)) is not None]

    assert len(found) == len(plain)
    assert statistics.mean(again.acceptance_with - again.acceptance_without for again in found) > 0.03


def test_a_replay_of_small_boards_tells_nothing(plain: list[Season]) -> None:
    assert replay(plain[0].log[:5]) is None


def test_one_odd_decision_on_an_empty_log_moves_no_idea_by_much() -> None:
    board = ideas(random.Random(1), board=0)

    learning = learned_from([decision_on(board[0], accepted=False, at=START)], at=START)

    assert max(abs(_points(points_of(idea, learning))) for idea in board) < 0.25 * MOST_LEARNED_POINTS


def test_three_odd_decisions_after_a_season_move_no_idea_by_much(learned: list[Season]) -> None:
    board = ideas(random.Random(2), board=BOARDS)
    at = START.replace(month=3)
    odd = [decision_on(idea, accepted=False, at=at) for idea in board if idea.pillar == PILLARS[0]][:3]

    before = learned_from(learned[0].decisions, at=at)
    after = learned_from([*learned[0].decisions, *odd], at=at)

    moved = [abs(_points(points_of(idea, after)) - _points(points_of(idea, before))) for idea in board]
    assert 0 < max(moved) < 0.25 * MOST_LEARNED_POINTS


def test_points_of_effects_stay_within_the_most_and_keep_their_shares() -> None:
    idea = ideas(random.Random(3), board=0)[0]
    learning = LearningSummaryDTO(
        brand_id=BRAND,
        generated_at=START,
        pillar_performance={idea.pillar: 0.9},
        persona_engagement={idea.persona: 0.6},
    )

    points = points_of(idea, learning)

    assert _points(points) == pytest.approx(MOST_LEARNED_POINTS, abs=0.02)
    assert points[EffectDimension.PILLAR, idea.pillar] == pytest.approx(6.0)


def _points(points: dict[tuple[EffectDimension, str], float]) -> float:
    return sum(points.values())
