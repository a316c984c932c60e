"""Deliveries on the real job table: the port fits, and the work exists if and only if its transaction commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as job_queries
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobState, Queue
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.registry import handles
from kairo.platform.jobs.slots import run_due
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliverWebhook, DeliveryState, Enqueue
from kairo.platform.outbound.delivering import deliver
from tests.integration.outbound.servers import Site, page

KIND = f"tests.{DELIVER_WEBHOOK}"
PORT: Enqueue = enqueue
"""The job table's own function fits the port as it is; the types are checked here."""


def enqueue_here(
    kind: str, payload: BaseModel, *, dedupe_key: str | None = None, available_at: datetime | None = None
) -> object:
    """Enqueue for this module's handler: the product's own kind has its handler elsewhere."""
    return PORT(f"tests.{kind}", payload, dedupe_key=dedupe_key, available_at=available_at)


@handles(KIND, payload=DeliverWebhook, queue=Queue.IO, time_limit_s=60)
def deliver_webhook(message: DeliverWebhook, job: JobContext) -> Completion:
    """Make one attempt; what follows from it is enqueued by it."""
    delivery = deliver(tenant_id=job.tenant_id, delivery_id=message.delivery_id, at=_now(), enqueue=enqueue_here)
    return Completion(outcome={"state": delivery.state.value})


AHEAD = [timedelta(0)]
"""How far this module's clock is ahead of the database's."""


def _now() -> datetime:
    return timezone.now() + AHEAD[0]


def _announce(tenant: UUID) -> UUID:
    [delivery] = operations.announce(event="board.generated", payload={}, at=timezone.now(), enqueue=enqueue_here)
    return delivery.id


@pytest.fixture(autouse=True)
def _opened_loopback(settings: Settings) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]
    AHEAD[0] = timedelta(0)


def _endpoint(tenant: UUID, url: str) -> None:
    with tenant_transaction(tenant):
        operations.add_endpoint(url=url, events=["*"], at=timezone.now())


def test_an_announcement_is_delivered_by_a_worker(tenant: UUID) -> None:
    with Site(page(b"ok")) as receiver:
        _endpoint(tenant, receiver.url())
        with tenant_transaction(tenant):
            delivery_id = _announce(tenant)
        assert run_due() == 1

        assert len(receiver.requests) == 1
    with tenant_transaction(tenant):
        assert queries.delivery(delivery_id).state is DeliveryState.DELIVERED
        [job] = job_queries.jobs(kind=KIND)[0]
    assert (job.state, job.queue, job.outcome) == (JobState.SUCCEEDED, "io", {"state": "delivered"})


def test_an_announcement_that_is_rolled_back_leaves_no_work(tenant: UUID) -> None:
    with Site(page(b"ok")) as receiver:
        _endpoint(tenant, receiver.url())
        with tenant_transaction(tenant):
            _announce(tenant)
            transaction.set_rollback(True)

        assert run_due() == 0
        assert receiver.requests == []


def test_a_failed_attempt_comes_back_as_a_job_with_a_due_time(tenant: UUID, database: str) -> None:
    answers = [page(b"", status=500), page(b"ok")]
    with Site(lambda seen, to: to.sendall(answers.pop(0))) as receiver:
        _endpoint(tenant, receiver.url())
        with tenant_transaction(tenant):
            delivery_id = _announce(tenant)
        assert run_due() == 1
        with tenant_transaction(tenant):
            waiting = queries.delivery(delivery_id)
            [pending] = job_queries.jobs(kind=KIND, state=JobState.PENDING)[0]
        _pass_time(database, timedelta(seconds=31))
        assert run_due() == 1

        assert len(receiver.requests) == 2
    assert (waiting.state, waiting.attempts) == (DeliveryState.PENDING, 1)
    assert pending.available_at == waiting.next_at
    with tenant_transaction(tenant):
        assert queries.delivery(delivery_id).state is DeliveryState.DELIVERED


def _pass_time(database: str, gone: timedelta) -> None:
    AHEAD[0] += gone
    with psycopg.connect(database) as server:
        server.execute("UPDATE job SET available_at = available_at - %s WHERE state = 'pending'", [gone])
