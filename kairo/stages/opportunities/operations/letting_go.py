"""Letting go of evidence that is erased: of its citations, and of what does not stand without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Greatest

from kairo.platform.jobs.operations import forget_steps
from kairo.platform.llm.operations import forget_answers
from kairo.stages.evidence import queries as evidence
from kairo.stages.opportunities.models import BoardCache, OpportunitiesBoard, Opportunity, OpportunityCitation
from kairo.stages.opportunities.operations.board_records import let_go_of_records
from kairo.stages.opportunities.operations.deciding import forget_decisions
from kairo.stages.opportunities.operations.looking import GENERATE
from kairo.stages.opportunities.rules.letting_go import rests_on

WITHDRAWN = "Opportunities were withdrawn: evidence that they stood on was erased."
_DROPPED = "dropped"


def let_go_of_items(*, item_ids: Sequence[UUID]) -> None:
    """Remove what boards have of these items, in the caller's transaction.

    An opportunity goes with its last citation, and also where it says what only these items said. Boards keep no
    drafts that they had dropped: those tell no source. They cannot be replayed any more, and no answer of a model is
    kept.
    """
    _forget_dropped_drafts()
    _forget_what_models_read(item_ids)
    BoardCache.objects.all().delete()
    cited = _citing(item_ids)
    if not cited:
        return
    affected = Opportunity.objects.filter(id__in=list(cited))
    unfounded = _unfounded(affected, cited)
    OpportunityCitation.objects.filter(item_id__in=item_ids).delete()
    _withdraw(unfounded)
    _correct(affected.exclude(id__in=unfounded), item_ids)


def opportunities_lost_with(*, item_ids: Sequence[UUID]) -> list[UUID]:
    """List the opportunities that go when these items go; a later stage lets go of them before."""
    cited = _citing(item_ids)
    return _unfounded(Opportunity.objects.filter(id__in=list(cited)), cited)


def rest_on_items(said: Iterable[str], *, lost: Collection[UUID], remaining: Collection[UUID]) -> bool:
    """Say whether words stand in what is said that only the lost items hold, and none of the remaining."""
    gone, others = evidence.stored_texts(list(lost)).values(), evidence.stored_texts(list(remaining)).values()
    return rests_on(said, gone, others)


def _citing(item_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return the opportunities that cite any of these items, with the ones that each cites."""
    cited: dict[UUID, list[UUID]] = defaultdict(list)
    lost = OpportunityCitation.objects.filter(item_id__in=item_ids)
    for opportunity_id, item_id in lost.values_list("opportunity_id", "item_id"):
        cited[opportunity_id].append(item_id)
    return cited


def _unfounded(affected: Iterable[Opportunity], cited: Mapping[UUID, Sequence[UUID]]) -> list[UUID]:
    return [row.id for row in affected if not _still_stands(row, cited[row.id])]


def _still_stands(opportunity: Opportunity, lost: Sequence[UUID]) -> bool:
    kept = OpportunityCitation.objects.filter(opportunity=opportunity).exclude(item_id__in=lost)
    remaining = list(kept.values_list("item_id", flat=True))
    return bool(remaining) and not rest_on_items(_said(opportunity), lost=lost, remaining=remaining)


def _said(opportunity: Opportunity) -> Iterator[str]:
    yield from (opportunity.title, opportunity.angle, opportunity.why_now, opportunity.would_change_our_mind)
    yield opportunity.score_explanation or ""
    yield from _texts_in(opportunity.score_breakdown)
    yield from _texts_in(opportunity.prediction)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts_in(part)


def _withdraw(opportunity_ids: Collection[UUID]) -> None:
    gone = set(opportunity_ids)
    for board in OpportunitiesBoard.objects.select_for_update().filter(opportunity_ids__overlap=list(gone)):
        board.opportunity_ids = [kept for kept in board.opportunity_ids if kept not in gone]
        notes = [*board.diagnostics_json.get("notes", []), WITHDRAWN]
        board.diagnostics_json = {**board.diagnostics_json, "notes": list(dict.fromkeys(notes))}
        board.save(update_fields=["opportunity_ids", "diagnostics_json"])
    OpportunityCitation.objects.filter(opportunity_id__in=gone).delete()
    forget_decisions(object_ids=list(gone))
    Opportunity.objects.filter(id__in=gone).delete()


def _correct(opportunities: QuerySet[Opportunity], item_ids: Sequence[UUID]) -> None:
    """Count one voice less, and let no link lead to what is gone."""
    opportunities.update(independent_voices=Greatest(F("independent_voices") - 1, 1))
    for opportunity in opportunities.exclude(source_url=None):
        cited = OpportunityCitation.objects.filter(opportunity=opportunity, url=opportunity.source_url)
        if not cited.exists():
            Opportunity.objects.filter(id=opportunity.id).update(source_url=None)


def _forget_what_models_read(item_ids: Sequence[UUID]) -> None:
    """Questions and answers hold the words of posts: those that are kept go, whoever else they quote."""
    let_go_of_records(item_ids)
    forget_steps(GENERATE)
    forget_answers()


def _forget_dropped_drafts() -> None:
    without = Func(F("diagnostics_json"), Value(_DROPPED), template="(%(expressions)s)", arg_joiner=" - ")
    OpportunitiesBoard.objects.filter(diagnostics_json__has_key=_DROPPED).update(diagnostics_json=without)
