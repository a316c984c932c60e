"""What a CRM's record of a deal says, as facts of the deal's log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kairo.stages.revenue.contracts.deals import DealRecord
from kairo.stages.revenue.rules.money import is_exact
from kairo.stages.revenue.rules.telescoping import Fact, FactName, Rank

SNAPSHOT = "snapshot"
"""Two records that speak as of one moment: the one that came later corrects the other."""


def money_problem(record: DealRecord, *, currency: str) -> str | None:
    """Say what is wrong with a record's amount, which is in `currency` where the record names none."""
    named = record.currency or currency
    if record.amount is None or is_exact(record.amount, named):
        return None
    return f"{record.amount} has more decimals than {named} has: round it before it is sent"


def spoken_at(record: DealRecord) -> datetime | None:
    """Return as of when a record speaks; None where it does not say."""
    if record.modified_at is not None:
        return record.modified_at
    times = [entry.at for entry in record.stage_history] + ([record.closed_at] if record.closed_at else [])
    return max(times) if times else None


def facts_of_record(record: DealRecord, *, known_until: datetime | None = None) -> list[Fact]:
    """Return the facts of a record.

    A record that does not say as of when it speaks comes after all that is known (`known_until`): somebody has sent it
    because something is so now.
    """
    at = spoken_at(record)
    if at is None:
        at = max(record.created_at, known_until) if known_until else record.created_at
    facts = [
        Fact(FactName.STAGE, entry.stage, entry.at, Rank.HISTORY, f"history:{entry.stage}")
        for entry in record.stage_history
    ]
    facts.append(Fact(FactName.STAGE, record.stage, _came_at(record, at), Rank.SNAPSHOT, SNAPSHOT))
    facts += [Fact(name, value, at, Rank.SNAPSHOT, SNAPSHOT) for name, value in _told(record)]
    return facts


def _came_at(record: DealRecord, at: datetime) -> datetime:
    """Return when the deal came to its stage, as far as the record tells."""
    arrivals = [entry.at for entry in record.stage_history if entry.stage == record.stage]
    newest = max((entry.at for entry in record.stage_history), default=None)
    if arrivals and max(arrivals) == newest:
        return max(arrivals)
    return record.closed_at if record.closed_at and record.modified_at is None else at


def _told(record: DealRecord) -> Iterator[tuple[FactName, str | None]]:
    """Tell a record's properties; what it leaves out it says nothing of, but that it is not closed."""
    yield FactName.CREATED, record.created_at.isoformat()
    yield FactName.CLOSED, record.closed_at.isoformat() if record.closed_at else None
    yield FactName.OUTCOME, record.outcome.value if record.outcome else None
    for name, value in (
        (FactName.PIPELINE, record.pipeline),
        (FactName.AD, record.ad_id),
        (FactName.CLICK, record.click_id),
        (FactName.CURRENCY, record.currency),
        (FactName.AMOUNT, format(record.amount, "f") if record.amount is not None else None),
    ):
        if value is not None:
            yield name, value
