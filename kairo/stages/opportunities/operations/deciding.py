"""Decisions of people: on an opportunity, whose flags the board then shows, and the one record of all decisions.

The record lies here, in the earliest stage that is decided on. Later stages record theirs through `record_decision`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.jobs.operations import enqueue
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import (
    DecidedObject,
    DecisionDTO,
    DecisionRecorded,
    DecisionRequestDTO,
    DecisionResponseDTO,
    DecisionType,
    OpportunityNotFound,
)
from kairo.stages.opportunities.models import BoardCache, Decision, Opportunity
from kairo.stages.opportunities.rules.deciding import Flags, flags_after, moment_of, snooze_end

__all__ = ["DECIDED", "answer_to", "decide_on_opportunity", "forget_decisions", "moment_of", "record_decision"]

DECIDED = "opportunities.decision_recorded"
PRIORITY = 7
RECORDED = "recorded"
UNCHANGED = "unchanged"


def decide_on_opportunity(
    *, opportunity_id: UUID, request: DecisionRequestDTO, by: str, at: datetime
) -> DecisionResponseDTO:
    """Pin, unpin, snooze, dismiss, restore, approve or reject an opportunity; the board shows it from now on.

    Raises:
        OpportunityNotFound: not there, or somebody else's.
        DecisionNotApplicable: opportunities are not decided on like that.
        Invalid: a snooze names a moment that cannot be.
    """
    row = Opportunity.objects.select_for_update().filter(id=opportunity_id).first()
    if row is None:
        raise OpportunityNotFound("There is no such opportunity.")
    decision = request.decision_type
    before = Flags(row.is_pinned, row.snoozed_until, row.is_dismissed)
    until = snooze_end(request.metadata.get("until"), at=at) if decision is DecisionType.SNOOZE else None
    after = flags_after(before, decision, until=until)
    if after == before and (earlier := _same_before(opportunity_id, decision)):
        return answer_to(earlier, status=UNCHANGED)
    row.is_pinned, row.snoozed_until, row.is_dismissed = after.is_pinned, after.snoozed_until, after.is_dismissed
    row.decided_at = row.updated_at = at
    row.save(update_fields=["is_pinned", "snoozed_until", "is_dismissed", "decided_at", "updated_at"])
    # Not written anew: a board that is read from its tables also knows when a snooze has ended.
    BoardCache.objects.filter(key=queries.board_cache_key(row.brand_id)).delete()
    recorded = record_decision(
        brand_id=row.brand_id,
        object_type=DecidedObject.OPPORTUNITY,
        object_id=opportunity_id,
        request=request,
        by=by,
        at=at,
    )
    return answer_to(recorded)


def record_decision(
    *,
    brand_id: UUID,
    object_type: DecidedObject,
    object_id: UUID,
    request: DecisionRequestDTO,
    by: str,
    at: datetime,
    moved: tuple[str, str] | None = None,
    metadata: Mapping[str, JsonValue] | None = None,
) -> DecisionDTO:
    """Record and announce a decision in the transaction that carries it out; `moved`: the status before and after."""
    row = Decision.objects.create(
        brand_id=brand_id,
        object_type=object_type,
        object_id=object_id,
        decision_type=request.decision_type,
        reason=request.reason,
        metadata={**request.metadata, **(metadata or {})},
        moved_from=moved[0] if moved else None,
        moved_to=moved[1] if moved else None,
        decided_by=by,
        recorded_at=at,
    )
    enqueue(DECIDED, DecisionRecorded(brand_id=brand_id, decision_id=row.id), priority=PRIORITY)
    return row.to_contract()


def answer_to(decision: DecisionDTO, *, status: str = RECORDED) -> DecisionResponseDTO:
    """Return what the wire answers to a decision."""
    return DecisionResponseDTO(
        status=status,
        decision_type=decision.decision_type,
        object_type=decision.object_type,
        object_id=decision.object_id,
        recorded_at=decision.recorded_at,
    )


def forget_decisions(*, object_ids: list[UUID]) -> None:
    """Forget what was decided on things that are withdrawn: reasons tell of what they said."""
    Decision.objects.filter(object_id__in=object_ids).delete()


def _same_before(object_id: UUID, decision: DecisionType) -> DecisionDTO | None:
    row = Decision.objects.filter(object_id=object_id, decision_type=decision).order_by("-recorded_at").first()
    return row.to_contract() if row else None
