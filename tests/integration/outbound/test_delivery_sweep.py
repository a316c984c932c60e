"""The round after webhooks whose job was lost: each is sent after all, or is known to have missed its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from pytest_django import Settings

from kairo.platform.database.clock import move_clock, now, set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.crons import fire_due_crons
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.slots import run_due
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.contracts import DeliveryDTO, DeliveryState
from tests.integration.outbound.servers import Site, page
from tests.virtual_clock import virtual_clock

SWEEP = "outbound.sweep"
NOON = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(database: str, settings: Settings) -> Iterator[None]:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]
    with virtual_clock():
        set_clock(NOON)
        fire_due_crons()
        yield


def announced(tenant_id: UUID, url: str) -> DeliveryDTO:
    with tenant_transaction(tenant_id):
        operations.add_endpoint(url=url, events=["*"], at=now())
        [delivery] = operations.announce(event="board.generated", payload={}, at=now(), enqueue=enqueue)
    return delivery


def lose_jobs(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DELETE FROM job WHERE kind = 'outbound.deliver'")


def pass_time(minutes: int) -> None:
    """Let time pass, and the workers do what has come due by then."""
    move_clock(timedelta(minutes=minutes))
    fire_due_crons()
    run_due()


def stored(tenant_id: UUID, delivery: DeliveryDTO) -> DeliveryDTO:
    with tenant_transaction(tenant_id):
        return queries.delivery(delivery.id)


def test_a_delivery_whose_job_was_lost_is_sent_by_the_next_round_but_once(
    tenant: UUID, stranger: UUID, database: str
) -> None:
    with Site(page(b"ok")) as receiver:
        delivery = announced(tenant, receiver.url())
        lose_jobs(database)

        pass_time(4)
        early = stored(tenant, delivery).state
        pass_time(6)
        pass_time(10)
        pass_time(10)

        assert len(receiver.requests) == 1
    assert (early, stored(tenant, delivery).state) == (DeliveryState.PENDING, DeliveryState.DELIVERED)
    with tenant_transaction(tenant):
        [*rounds] = job_queries.jobs(kind=SWEEP)[0]
    assert [job.outcome["enqueued"] for job in rounds] == [0, 0, 1]
    with tenant_transaction(stranger):
        assert [job.outcome for job in job_queries.jobs(kind=SWEEP)[0]] == [{"missed": 0, "enqueued": 0}] * 3


def test_what_nobody_sent_within_a_day_has_missed_and_is_not_sent_any_more(tenant: UUID, database: str) -> None:
    with Site(page(b"ok")) as receiver:
        delivery = announced(tenant, receiver.url())
        lose_jobs(database)

        pass_time(24 * 60 + 1)
        pass_time(10)

        assert receiver.requests == []
    missed = stored(tenant, delivery)
    assert (missed.state, missed.attempts) == (DeliveryState.MISSED, 0)
    assert "within a day" in str(missed.error)


def test_a_delivery_that_waits_for_its_next_attempt_is_left_to_its_job(tenant: UUID) -> None:
    with Site(page(b"", status=500)) as receiver:
        delivery = announced(tenant, receiver.url())
        run_due()
        waiting = stored(tenant, delivery)

        with tenant_transaction(tenant):
            swept = operations.sweep(at=now(), enqueue=enqueue)
            [job] = job_queries.jobs(kind="outbound.deliver", state=JobState.PENDING)[0]

        assert len(receiver.requests) == 1
    assert (swept.missed, swept.enqueued) == (0, 0)
    assert job.available_at == waiting.next_at
    assert waiting.next_at is not None
    assert waiting.next_at - NOON >= timedelta(seconds=30)
