"""Declaring holdouts; the same name again brings its figures up to date."""

from __future__ import annotations

from datetime import datetime

from kairo.errors import FieldError, Invalid
from kairo.stages.revenue.contracts.tracking import HoldoutDraft, HoldoutDTO, HoldoutGroup
from kairo.stages.revenue.models.tracking import Holdout
from kairo.stages.revenue.queries.holdouts import holdout


def declare_holdout(*, draft: HoldoutDraft, at: datetime) -> HoldoutDTO:
    """Store a holdout, or bring the one of that name up to date.

    Raises:
        Invalid: more converted than there are people, or it ends before it begins.
    """
    for name, group in (("shown", draft.shown), ("held_out", draft.held_out)):
        _require_possible(name, group)
    if draft.ended_at is not None and draft.ended_at <= draft.started_at:
        raise _invalid("ended_at", "it ends before it begins")
    values = {
        "kind": draft.kind,
        "conversion_type": draft.conversion_type,
        "started_at": draft.started_at,
        "ended_at": draft.ended_at,
        "groups": {"shown": draft.shown.model_dump(), "held_out": draft.held_out.model_dump()},
    }
    Holdout.objects.update_or_create(name=draft.name, defaults=values, create_defaults={**values, "created_at": at})
    return holdout(draft.name, until=at)


def _require_possible(name: str, group: HoldoutGroup) -> None:
    if group.converted > group.people:
        raise _invalid(f"{name}.converted", "more people converted than there are")


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}.", errors=(FieldError(field, message),))
