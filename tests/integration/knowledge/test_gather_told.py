"""A whole gather, from its document to its end: everything that it tells arrives wherever it is told."""

from __future__ import annotations

import json
from uuid import UUID

import redis
from django.utils import timezone
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.jobs.slots import run_due
from kairo.platform.outbound.operations import add_endpoint
from kairo.platform.outbound.signatures import secret_bytes, verify
from kairo.platform.telemetry.runs import all_events
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.gathers import GatherOrder
from tests.factories.boards import make_brand
from tests.factories.knowledge_pages import upload
from tests.integration.live.redis_listeners import REDIS_URL, listening
from tests.integration.outbound.servers import Site, page

TOLD = {"department_started", "iteration_complete", "department_complete", "automation_complete"}


def test_a_gathers_events_reach_its_run_its_channel_and_its_webhook(tenant: UUID, settings: Settings) -> None:
    settings.REDIS_URL = REDIS_URL
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]
    brand_id = make_brand(tenant).id
    upload(tenant, brand_id, at=timezone.now())

    with Site(page(b"thanks")) as receiver, listening(f"automated-gather:{brand_id}") as listener:
        url = receiver.url("/hook")
        with tenant_transaction(tenant):
            key = add_endpoint(url=url, events=["board.generated"], at=timezone.now()).secret
            order = GatherOrder(project_id=brand_id, max_iterations=3, webhook_url=url)
            job = operations.submit_gather(order=order, at=timezone.now())
        run_job_by_id(job.id)
        run_due()
        with tenant_transaction(tenant):
            events = list(all_events(job.run_id))
        heard = listener.heard(len(events))
        sent = [json.loads(seen.body)["data"] for seen in receiver.requests]
        for seen in receiver.requests:
            verify(headers=seen.headers, body=seen.body, secrets=[secret_bytes(key)], at=timezone.now())

    redis.Redis.from_url(REDIS_URL).delete(f"kairo:published:{job.run_id}")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [(one["seq"], one["type"]) for one in heard] == [(event.seq, event.type.value) for event in events]
    assert {one["project_id"] for one in heard} == {str(brand_id)}
    of_webhook = {event.seq: event.type.value for event in events if event.data.get("project_id")}
    assert {one["seq"]: one["type"] for one in sent} == of_webhook
    assert len(sent) == len(of_webhook)
    assert set(of_webhook.values()) >= TOLD
