"""The posterior: what it must hold for any verdicts, and how little a few of them move."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.learning.rules.effects import (
    HALF_LIFE_DAYS,
    NOISE_SD,
    PRIOR_SD,
    USUAL_SD,
    Level,
    Posterior,
    Verdict,
    posterior,
)
from kairo.stages.opportunities.contracts import EffectDimension

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SKIN: Level = (EffectDimension.PILLAR, "skin")
COFFEE: Level = (EffectDimension.PILLAR, "coffee")
BLOG: Level = (EffectDimension.CHANNEL, "blog")
EMAIL: Level = (EffectDimension.CHANNEL, "email")


def verdict(value: float, *levels: Level, weight: float = 1.0, age_days: float = 0.0) -> Verdict:
    return Verdict(dict.fromkeys(levels, 1.0), value, weight, NOON - timedelta(days=age_days))


VERDICTS = st.builds(
    lambda value, pillar, channel, weight, age: verdict(value, pillar, channel, weight=weight, age_days=age),
    st.floats(-1, 1),
    st.sampled_from([SKIN, COFFEE]),
    st.sampled_from([BLOG, EMAIL]),
    st.floats(0.1, 1.0),
    st.floats(0, 300),
)
LOGS = st.lists(VERDICTS, min_size=1, max_size=25)


def means(found: Posterior) -> dict[Level, float]:
    return {level: effect.mean for level, effect in found.effects.items()}


@settings(max_examples=40)
@given(LOGS)
def test_opposite_verdicts_give_opposite_effects(log: list[Verdict]) -> None:
    found = posterior(log, at=NOON)
    turned = posterior([replace(entry, value=-entry.value) for entry in log], at=NOON)

    assert turned.usual == pytest.approx(-found.usual, abs=1e-9)
    assert means(turned) == pytest.approx({level: -mean for level, mean in means(found).items()}, abs=1e-9)
    assert [effect.sd for effect in turned.effects.values()] == [effect.sd for effect in found.effects.values()]


@settings(max_examples=40)
@given(LOGS, VERDICTS)
def test_more_data_narrows_every_effect(log: list[Verdict], more: Verdict) -> None:
    before, after = posterior(log, at=NOON), posterior([*log, more], at=NOON)

    for level, effect in before.effects.items():
        assert after.of(level).sd <= effect.sd + 1e-12
        assert 0 < effect.sd <= PRIOR_SD


@settings(max_examples=40)
@given(LOGS)
def test_the_order_of_verdicts_does_not_matter(log: list[Verdict]) -> None:
    assert means(posterior(log[::-1], at=NOON)) == pytest.approx(means(posterior(log, at=NOON)), abs=1e-9)


@settings(max_examples=40)
@given(st.lists(VERDICTS, max_size=25), VERDICTS)
def test_one_verdict_moves_an_effect_by_a_bounded_amount(log: list[Verdict], odd: Verdict) -> None:
    before, after = posterior(log, at=NOON), posterior([*log, odd], at=NOON)

    expected = before.usual + sum(before.of(level).mean for level in odd.levels)
    spread = math.sqrt(USUAL_SD**2 + len(odd.levels) * PRIOR_SD**2)
    bound = PRIOR_SD * spread / (NOISE_SD**2 + spread**2) * abs(odd.value - expected)
    assert all(
        abs(after.of(level).mean - before.of(level).mean) <= bound + 1e-9 for level in [SKIN, COFFEE, *odd.levels]
    )


def test_a_verdict_counts_half_after_a_half_life() -> None:
    aged = posterior([verdict(1, SKIN, age_days=HALF_LIFE_DAYS)], at=NOON)
    halved = posterior([verdict(1, SKIN, weight=0.5)], at=NOON)

    assert aged.of(SKIN) == halved.of(SKIN)


def test_what_is_not_said_again_fades_and_grows_unsure() -> None:
    log = [verdict(1, SKIN) for _ in range(20)] + [verdict(-1, COFFEE) for _ in range(20)]

    now, later = posterior(log, at=NOON), posterior(log, at=NOON + timedelta(days=365))

    assert 0 < later.of(SKIN).mean < 0.4 * now.of(SKIN).mean
    assert now.of(SKIN).sd < later.of(SKIN).sd < PRIOR_SD


def test_three_odd_decisions_do_not_turn_a_settled_liking() -> None:
    settled = [verdict(1, SKIN, BLOG) for _ in range(15)] + [verdict(-1, COFFEE, BLOG) for _ in range(15)]
    odd = [verdict(-1, SKIN, BLOG) for _ in range(3)]

    before, after = posterior(settled, at=NOON), posterior([*settled, *odd], at=NOON)

    assert before.of(SKIN).mean > 0.4
    assert after.of(SKIN).mean > 0.7 * before.of(SKIN).mean


def test_the_first_decision_moves_little() -> None:
    first = posterior([verdict(1, SKIN, BLOG)], at=NOON)

    assert 0 < first.of(SKIN).mean < 0.06


def test_a_channel_that_only_carried_the_liked_pillar_is_not_praised_twice() -> None:
    log = [verdict(1, SKIN, BLOG) for _ in range(10)] + [verdict(1, SKIN, EMAIL) for _ in range(10)]
    log += [verdict(-1, COFFEE, EMAIL) for _ in range(10)]

    found = posterior(log, at=NOON)

    assert found.of(SKIN).mean > 2 * found.of(BLOG).mean > 0


def test_nothing_said_is_the_prior() -> None:
    found = posterior([], at=NOON)

    assert (found.of(SKIN).mean, found.of(SKIN).sd, found.usual) == (0.0, PRIOR_SD, 0.0)
