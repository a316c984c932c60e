"""What a decision does to an opportunity's flags: one table, and nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from kairo.errors import FieldError, Invalid
from kairo.stages.opportunities.contracts import DecisionNotApplicable, DecisionType

SNOOZE_DAYS = 7
LONGEST_SNOOZE = timedelta(days=366)


@dataclass(frozen=True)
class Flags:
    """How an opportunity stands on the board."""

    is_pinned: bool = False
    snoozed_until: datetime | None = None
    is_dismissed: bool = False


APPLICABLE = frozenset(
    {
        DecisionType.PIN,
        DecisionType.UNPIN,
        DecisionType.SNOOZE,
        DecisionType.DISMISS,
        DecisionType.RESTORE,
        DecisionType.APPROVE,
        DecisionType.REJECT,
    }
)


def flags_after(flags: Flags, decision: DecisionType, *, until: datetime | None = None) -> Flags:
    """Return the flags after a decision. A rejected one leaves the board as a dismissed one does; to approve is a word.

    Raises:
        DecisionNotApplicable: opportunities are not edited, scheduled, published or archived; their packages are.
    """
    if decision not in APPLICABLE:
        listed = ", ".join(sorted(APPLICABLE))
        raise DecisionNotApplicable(f"An opportunity cannot be decided on with {decision}. It takes: {listed}.")
    if decision in {DecisionType.PIN, DecisionType.UNPIN}:
        return replace(flags, is_pinned=decision is DecisionType.PIN)
    if decision is DecisionType.SNOOZE:
        return replace(flags, snoozed_until=until)
    if decision in {DecisionType.DISMISS, DecisionType.REJECT}:
        return replace(flags, is_dismissed=True)
    if decision is DecisionType.RESTORE:
        return replace(flags, is_dismissed=False, snoozed_until=None)
    return flags


def snooze_end(wanted: JsonValue, *, at: datetime) -> datetime:
    """Return until when an opportunity sleeps: the moment that is asked for, or a week.

    Raises:
        Invalid: it is no moment with a time zone, has passed, or lies more than a year ahead.
    """
    if wanted is None:
        return at + timedelta(days=SNOOZE_DAYS)
    until = moment_of(wanted, field="metadata.until")
    if not at < until <= at + LONGEST_SNOOZE:
        message = "name a moment from now to a year ahead"
        raise Invalid(f"metadata.until: {message}.", errors=(FieldError("metadata.until", message),))
    return until


def moment_of(wanted: JsonValue, *, field: str) -> datetime:
    """Read a moment that a decision's metadata names.

    Raises:
        Invalid: it is not in the form 2026-06-01T12:00:00Z.
    """
    message = "give a date and time with its offset, like 2026-06-01T12:00:00Z"
    refusal = Invalid(f"{field}: {message}.", errors=(FieldError(field, message),))
    if not isinstance(wanted, str):
        raise refusal
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError as error:
        raise refusal from error
    if moment.tzinfo is None:
        raise refusal
    return moment
