"""Telling later stages that there are new items, in the transaction that stores them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import execute
from kairo.platform.jobs.operations import enqueue
from kairo.stages.evidence.contracts import EvidenceIngested

INGESTED = "evidence.ingested"
GATHERED_S = 5
"""The batches of so many seconds are announced together."""
PRIORITY = 7

_BATCH_IS_BEING_STORED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('evidence.erasure:' || %s, 0))"


def announce_new_items() -> None:
    """Announce the items that this transaction is about to normalise.

    The job starts only when no more batches can join it, and `queries.last_arrival` then waits for those that have
    joined and are not committed yet: whoever is told meets all that was announced.
    """
    execute(_BATCH_IS_BEING_STORED, [str(current_tenant())])
    gathered = int(now().timestamp()) // GATHERED_S + 1
    starts_at = datetime.fromtimestamp(gathered * GATHERED_S, UTC) + timedelta(seconds=1)
    enqueue(
        INGESTED,
        EvidenceIngested(),
        dedupe_key=f"{INGESTED}:{gathered}",
        priority=PRIORITY,
        available_at=starts_at,
    )
