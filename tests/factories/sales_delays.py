"""Closed deals with delays of a known length, and an account that has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import numpy as np
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations as revenue
from kairo.stages.revenue.contracts.deals import DealsIn

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MOST_AT_ONCE = 1_000


def on_day(day: float) -> datetime:
    return FIRST_DAY + timedelta(days=day)


def sell(tenant_id: UUID, *, days: tuple[int, int], a_day: int, median: float, seed: int = 0) -> None:
    """Have deals begin evenly over some days; every third is won, half of each kind close by the median."""
    rng = np.random.default_rng([seed, *days])
    count = (days[1] - days[0]) * a_day
    delays = rng.lognormal(np.log(median), 0.9, count)
    records = (
        _record(f"{days[0]}-{number}", days[0] + number / a_day, delay, is_won=number % 3 == 0)
        for number, delay in enumerate(delays.tolist())
    )
    while part := list(islice(records, MOST_AT_ONCE)):
        with tenant_transaction(tenant_id):
            taken = revenue.ingest_deals(sent=DealsIn(source="crm", deals=part), at=on_day(1_000))
        assert taken.ingested == len(part)


def _record(deal_id: str, begun: float, delay: float, *, is_won: bool) -> dict[str, JsonValue]:
    closed_at = on_day(begun + delay).isoformat()
    outcome = "won" if is_won else "lost"
    return {
        "deal_id": deal_id,
        "stage": outcome,
        "stage_history": [
            {"stage": "qualified", "at": on_day(begun).isoformat()},
            {"stage": outcome, "at": closed_at},
        ],
        "amount": 100,
        "created_at": on_day(begun).isoformat(),
        "closed_at": closed_at,
        "outcome": outcome,
    }
