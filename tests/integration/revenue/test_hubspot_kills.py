"""Workers killed with SIGKILL between storing HubSpot's events and working them off: nothing lost, nothing twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.stages.revenue.contracts.deals import PROCESS_HUBSPOT
from kairo.stages.revenue.models import Deal, DealFact
from tests.integration.knowledge.gather_worker import GatherWorker
from tests.integration.revenue.hubspot_posts import connect, event, post

_HELD = "SELECT pg_advisory_xact_lock(hashtextextended('revenue.deals:' || %s, 0))"
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def wait_for(look: Callable[[], bool], *, within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


@contextmanager
def at_work(database: str, tenant: UUID) -> Iterator[Callable[[], bool]]:
    """Keep the account's deals from being changed; what is yielded tells whether a worker waits for them."""
    with psycopg.connect(database) as server, psycopg.connect(database, autocommit=True) as looker:
        server.execute(_HELD, [str(tenant)])

        def is_waiting() -> bool:
            found = looker.execute(_WAITING).fetchone()
            return found is not None and found[0] > 0

        yield is_waiting


def states(tenant: UUID) -> list[str]:
    with tenant_transaction(tenant):
        return list(Job.objects.filter(kind=PROCESS_HUBSPOT).values_list("state", flat=True))


def told(tenant: UUID) -> list[tuple[str, str | None, Decimal | None]]:
    with tenant_transaction(tenant):
        return list(Deal.objects.order_by("deal_key").values_list("deal_key", "stage", "synthetic_value"))


def test_workers_killed_at_their_work_leave_the_deals_as_if_nobody_had(
    tenant: UUID, database: str, tmp_path: Path
) -> None:
    connect(tenant)
    for deal in (7, 8):
        amount = event(deal * 10, deal=deal, propertyName="amount", propertyValue="1000")
        assert post([amount, event(deal * 10 + 1, deal=deal)]).status_code == 200
    with at_work(database, tenant) as is_waiting:
        first = GatherWorker(database, tmp_path / "first", "")
        wait_for(is_waiting)
        first.kill()
        assert told(tenant) == []
        assert post([event(99, after_s=60, propertyValue="contractsent")]).status_code == 200
        second = GatherWorker(database, tmp_path / "second", "")
        wait_for(is_waiting)
        second.kill()

    last = GatherWorker(database, tmp_path / "last", "")
    wait_for(lambda: set(states(tenant)) == {JobState.SUCCEEDED})
    last.kill()

    assert told(tenant) == [("7", "contractsent", Decimal(900)), ("8", "qualifiedtobuy", Decimal(400))]
    with tenant_transaction(tenant):
        assert DealFact.objects.count() == 5
