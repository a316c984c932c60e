"""What a gather tells goes to its webhook too: each event signed, in the same transaction, and beside its run."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.of_runs import is_worked_on
from kairo.platform.jobs.slots import run_due
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliveryState, UnsafeAddress
from kairo.platform.outbound.signatures import secret_bytes, verify
from kairo.platform.telemetry.contracts import EventType, RunEventDTO
from kairo.platform.telemetry.runs import events_of
from kairo.stages.knowledge.operations.announcing import announce_gather, check_webhook
from tests.integration.outbound.servers import Site, page

OK = page(b"thanks")
PROJECT = new_id()


@pytest.fixture(autouse=True)
def _opened_loopback(settings: Settings) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]


def told(tenant: UUID, run_id: UUID, *types: EventType, webhook_url: str | None = None) -> list[RunEventDTO]:
    with tenant_transaction(tenant):
        return announce_gather(
            project_id=PROJECT,
            run_id=run_id,
            kind="automated_gather_creation",
            events=[(event_type, {"department": "voice", "quality_score": 61.5}) for event_type in types],
            at=timezone.now(),
            webhook_url=webhook_url,
        )


def test_each_event_arrives_signed_and_flat(tenant: UUID) -> None:
    run_id = new_id()
    with Site(OK) as receiver:
        url = receiver.url("/hook")
        with tenant_transaction(tenant):
            key = operations.add_endpoint(url=url, events=["board.generated"], at=timezone.now()).secret
        told(tenant, run_id, EventType.DEPARTMENT_STARTED, EventType.ITERATION_COMPLETE, webhook_url=url)
        run_due()
        requests = list(receiver.requests)

    for seen in requests:
        verify(headers=seen.headers, body=seen.body, secrets=[secret_bytes(key)], at=timezone.now())
    bodies = sorted((json.loads(seen.body) for seen in requests), key=lambda body: body["data"]["seq"])
    assert [body["type"] for body in bodies] == ["department_started", "iteration_complete"]
    assert [(body["data"]["type"], body["data"]["seq"]) for body in bodies] == [
        ("department_started", 1),
        ("iteration_complete", 2),
    ]
    assert bodies[1]["data"]["quality_score"] == 61.5
    assert {"type", "project_id", "run_id", "seq", "at", "department"} <= set(bodies[0]["data"])


def test_an_address_that_is_new_gets_an_endpoint_whose_key_can_be_asked_for(tenant: UUID) -> None:
    with Site(OK) as receiver:
        url = receiver.url("/hook")
        with tenant_transaction(tenant):
            check_webhook(url, at=timezone.now())
            check_webhook(url, at=timezone.now())
            [endpoint] = queries.endpoints()
            key = operations.rotate_key(endpoint_id=endpoint.id, at=timezone.now()).secret
        told(tenant, new_id(), EventType.AUTOMATION_COMPLETE, webhook_url=url)
        run_due()
        [seen] = receiver.requests

    verify(headers=seen.headers, body=seen.body, secrets=[secret_bytes(key)], at=timezone.now())
    assert endpoint.events == []


def test_an_endpoint_that_asks_for_all_and_is_named_gets_each_event_once(tenant: UUID) -> None:
    with Site(OK) as receiver:
        url = receiver.url("/hook")
        with tenant_transaction(tenant):
            operations.add_endpoint(url=url, events=["*"], at=timezone.now())
        told(tenant, new_id(), EventType.DEPARTMENT_COMPLETE, EventType.AUTOMATION_COMPLETE, webhook_url=url)
        run_due()

        assert len(receiver.requests) == 2


def test_a_removed_endpoint_gets_nothing_and_the_delivery_says_so(tenant: UUID) -> None:
    with Site(OK) as receiver:
        url = receiver.url("/hook")
        with tenant_transaction(tenant):
            endpoint = operations.add_endpoint(url=url, events=["*"], at=timezone.now()).endpoint
            operations.remove_endpoint(endpoint_id=endpoint.id, at=timezone.now())
        told(tenant, new_id(), EventType.ITERATION_COMPLETE, webhook_url=url)
        run_due()

        assert receiver.requests == []
    with tenant_transaction(tenant):
        [delivery], _ = queries.deliveries()
    assert (delivery.state, delivery.error) == (DeliveryState.FAILED, "The endpoint was removed.")


def test_nothing_is_sent_of_what_is_rolled_back(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        told(tenant, new_id(), EventType.ITERATION_COMPLETE, webhook_url="http://127.0.0.1:8080/hook")
        transaction.set_rollback(True)

    with tenant_transaction(tenant):
        assert queries.deliveries() == ([], None)
        assert not Job.objects.filter(kind=DELIVER_WEBHOOK).exists()


def test_deliveries_are_not_part_of_the_gathers_run(tenant: UUID) -> None:
    run_id = new_id()
    with Site(OK) as receiver:
        told(tenant, run_id, EventType.AUTOMATION_COMPLETE, webhook_url=receiver.url("/hook"))
        with tenant_transaction(tenant):
            assert not is_worked_on(run_id)
        run_due()

    with tenant_transaction(tenant):
        assert [event.type for event in events_of(run_id)] == [EventType.AUTOMATION_COMPLETE]


@pytest.mark.parametrize("url", ["ftp://example.org/x", "http://10.0.0.1/x", "http://user:pw@example.org/", "nonsense"])
def test_an_address_that_leads_inside_is_refused_before_anything_is_told(tenant: UUID, url: str) -> None:
    with tenant_transaction(tenant), pytest.raises(UnsafeAddress):
        check_webhook(url, at=timezone.now())
