"""What decisions and audiences say, and what of it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairo.stages.learning.rules.verdicts import (
    MOST_OF_ONE,
    Decided,
    Shown,
    engagement_rate,
    outcomes_of,
    seen_of,
    verdicts_of,
)
from kairo.stages.opportunities.contracts import DecisionType, EffectDimension

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEVELS = {(EffectDimension.PILLAR, "skin"): 1.0}
D = DecisionType


def decided(*decisions: DecisionType, key: str = "one", thing: str = "one") -> list[Decided]:
    return [Decided(thing, key, kind, LEVELS, NOON + timedelta(minutes=place)) for place, kind in enumerate(decisions)]


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([D.PIN], [1.0]),
        ([D.DISMISS], [-1.0]),
        ([D.PIN, D.UNPIN], []),
        ([D.APPROVE, D.UNPIN], [1.0]),
        ([D.DISMISS, D.RESTORE], []),
        ([D.DISMISS, D.RESTORE, D.APPROVE], [1.0]),
        ([D.APPROVE, D.REJECT], [-1.0]),
        ([D.EDIT], [1.0]),
        ([D.REJECT, D.EDIT], [-1.0]),
        ([D.ARCHIVE], []),
        ([D.APPROVE, D.ARCHIVE], [1.0]),
    ],
)
def test_the_last_verdict_on_a_thing_stands_unless_it_was_taken_back(
    decisions: list[DecisionType], said: list[float]
) -> None:
    assert [verdict.value for verdict in verdicts_of(decided(*decisions))] == said


def test_to_put_off_says_less_than_to_dismiss() -> None:
    [snoozed], [dismissed] = verdicts_of(decided(D.SNOOZE)), verdicts_of(decided(D.DISMISS))

    assert snoozed.weight < dismissed.weight


def test_one_opportunity_with_all_its_variants_is_one_taste() -> None:
    log = [entry for number in range(6) for entry in decided(D.PUBLISH, key=f"variant {number}")]

    assert sum(verdict.weight for verdict in verdicts_of(log)) == pytest.approx(MOST_OF_ONE)


def shown(views: int, likes: int, *, channel: str = "blog") -> Shown:
    return Shown(f"{views}.{likes}", channel, {"view": views, "like": likes}, LEVELS, NOON)


def test_an_outcome_is_measured_against_what_is_usual_on_the_channel() -> None:
    [strong, weak] = outcomes_of([shown(2000, 200), shown(2000, 20)])

    assert -1 < weak.value < 0 < strong.value < 1


def test_another_channels_rates_do_not_make_a_variant_weak() -> None:
    blog = [shown(5000, 250), shown(5000, 240)]
    lively = [shown(5000, 1000, channel="tiktok"), shown(5000, 1010, channel="tiktok")]

    assert all(abs(verdict.value) < 0.15 for verdict in outcomes_of([*blog, *lively]))


def test_few_views_weigh_little_and_none_say_nothing() -> None:
    [few, many] = outcomes_of([shown(30, 6), shown(3000, 300)])

    assert few.weight < 0.2 < 0.9 < many.weight
    assert outcomes_of([shown(0, 6)]) == []
    assert engagement_rate([shown(0, 6)]) is None


def test_impressions_are_counted_where_they_are_told() -> None:
    assert seen_of({"impression": 900, "view": 300}) == 900
    assert seen_of({"impression": 0, "view": 300}) == 300
