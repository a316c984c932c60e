"""The status machines: no way leads beside the tables, and what planning is guarded against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import Conflict, Invalid
from kairo.stages.content.contracts import (
    ClaimDTO,
    ClaimStatus,
    DuplicateContent,
    MoveNotAllowed,
    PackageBand,
    PackageStatus,
    TimeTaken,
    VariantBand,
    VariantStatus,
)
from kairo.stages.content.rules.claims import claims_after_edit
from kairo.stages.content.rules.exporting import safe_cell
from kairo.stages.content.rules.guards import Planned, require_free, require_future
from kairo.stages.content.rules.scoring import package_band, variant_band
from kairo.stages.content.rules.statuses import (
    PACKAGE_MOVES,
    VARIANT_MOVES,
    decision_for,
    package_path,
    package_status_for,
    require_variant_move,
    variant_status_for,
)
from kairo.stages.opportunities.contracts import Channel, DecisionType

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "Seven people asked how to descale a machine this week, and here is what helped"


@given(st.lists(st.sampled_from(list(DecisionType)), max_size=12))
def test_a_package_only_takes_steps_of_its_table(decisions: list[DecisionType]) -> None:
    status = PackageStatus.DRAFT
    for decision in decisions:
        try:
            path = package_path(status, package_status_for(decision))
        except (Conflict, Invalid):
            continue
        for before, after in pairwise([status, *path]):
            assert after in PACKAGE_MOVES[before]
        status = path[-1] if path else status


@given(st.lists(st.sampled_from(list(DecisionType)), max_size=12))
def test_a_variant_only_takes_steps_of_its_table(decisions: list[DecisionType]) -> None:
    status = VariantStatus.DRAFT
    for decision in decisions:
        try:
            wanted = variant_status_for(decision)
            require_variant_move(status, wanted)
        except (Conflict, Invalid):
            continue
        assert wanted in VARIANT_MOVES[status]
        assert wanted is not VariantStatus.MISSED
        status = wanted


@pytest.mark.parametrize("status", [one for one in VariantStatus if one is not VariantStatus.ARCHIVED])
def test_any_variant_can_be_archived(status: VariantStatus) -> None:
    assert VariantStatus.ARCHIVED in VARIANT_MOVES[status]


def test_a_status_in_a_change_is_a_decision() -> None:
    assert decision_for(VariantStatus.PUBLISHED) is DecisionType.PUBLISH
    with pytest.raises(MoveNotAllowed, match="its time has passed"):
        decision_for(VariantStatus.MISSED)


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (59, True), (-59, True), (60, False), (-60, False)])
def test_two_posts_on_a_channel_keep_their_distance(minutes: int, taken: bool) -> None:
    other = Planned(UUID(int=1), NOON + timedelta(minutes=minutes), "Something else altogether here", is_out=False)

    if taken:
        with pytest.raises(TimeTaken):
            require_free(Channel.LINKEDIN, NOON, TEXT, [other])
    else:
        require_free(Channel.LINKEDIN, NOON, TEXT, [other])
        assert abs(other.at - NOON) == timedelta(hours=1)


def test_the_same_text_goes_out_once() -> None:
    other = Planned(UUID(int=1), NOON - timedelta(days=30), f"{TEXT.upper()}!", is_out=True)

    with pytest.raises(DuplicateContent, match="went out"):
        require_free(Channel.LINKEDIN, NOON, TEXT, [other])


@pytest.mark.parametrize("wanted", [NOON, NOON - timedelta(seconds=1), NOON + timedelta(days=731)])
def test_nothing_is_planned_in_the_past_or_for_another_age(wanted: datetime) -> None:
    with pytest.raises(Invalid, match="in the future"):
        require_future(wanted, at=NOON)


@pytest.mark.parametrize(
    ("score", "package", "variant"),
    [
        (5, PackageBand.INVALID, VariantBand.INVALID),
        (6, PackageBand.INVALID, VariantBand.WEAK),
        (7, PackageBand.WEAK, VariantBand.WEAK),
        (8, PackageBand.WEAK, VariantBand.WEAK),
        (9, PackageBand.WEAK, VariantBand.PUBLISH_READY),
        (10, PackageBand.WEAK, VariantBand.PUBLISH_READY),
        (11, PackageBand.BOARD_READY, VariantBand.PUBLISH_READY),
    ],
)
def test_bands_follow_from_scores(score: int, package: PackageBand, variant: VariantBand) -> None:
    assert package_band(score, is_valid=True) is package
    assert variant_band(score, is_valid=True) is variant
    assert (package_band(score, is_valid=False), variant_band(score, is_valid=False)) == ("invalid", "invalid")


def test_an_edit_keeps_citations_that_stand_and_no_others() -> None:
    cited = ClaimDTO(text="A bulb helps.", evidence_ids=[UUID(int=1)], status=ClaimStatus.CITED)
    before = "A bulb helps. Here we are, all of us."

    kept = claims_after_edit(f"{before} It costs nine euros.", before=before, claims=[cited], call_to_action=None)
    lost = claims_after_edit("A bulb helps a lot.", before=before, claims=[cited], call_to_action=None)

    assert kept == [cited, ClaimDTO(text="It costs nine euros.", status=ClaimStatus.TO_CHECK)]
    assert lost == [ClaimDTO(text="A bulb helps a lot.", status=ClaimStatus.TO_CHECK)]


@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(text: str) -> None:
    shown = safe_cell(text)

    assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert shown.removeprefix("'") == text or shown == text
