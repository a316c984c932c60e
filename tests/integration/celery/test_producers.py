"""What other producers ask for by name: read strictly, for one account, and once however often a message comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections
from pydantic import JsonValue, ValidationError

from kairo.config import producers as producers
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.archive import forget_messages
from kairo.platform.jobs.fleet.named_tasks import UnclearMessage, ask_by_message, named_tasks
from kairo.platform.jobs.models import Job
from kairo.platform.tenancy.contracts import TenantNotFound
from kairo.stages.brands.contracts import BrandNotFound
from tests.integration.jobs.conftest import job_of

GATHER = "automated_gather_creation"
AGGREGATE = "aggregate_crm_pipeline_values"
HUBSPOT = "process_hubspot_deal_change"


def take(name: str, message_id: str, *args: JsonValue, **kwargs: JsonValue) -> UUID:
    [task] = [task for task in named_tasks() if task.name == name]
    return ask_by_message(task, message_id=message_id, args=args, kwargs=kwargs)


def payload_of(tenant: UUID, job_id: UUID) -> JsonValue:
    with tenant_transaction(tenant):
        payload: JsonValue = Job.objects.get(id=job_id).payload
        return payload


def test_a_message_is_one_job_and_another_one_is_another(tenant: UUID) -> None:
    first = take(AGGREGATE, "one", tenant="acme")
    again = take(AGGREGATE, "one", tenant=str(tenant))
    other = take(AGGREGATE, "two", "acme")

    assert first == again != other
    assert job_of(tenant, first).kind == AGGREGATE


def test_a_message_that_comes_twice_at_the_same_moment_is_one_job(tenant: UUID) -> None:
    def taken(_: int) -> UUID:
        try:
            return take(AGGREGATE, "doubled", tenant="acme")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        jobs = set(threads.map(taken, range(8)))

    assert len(jobs) == 1


def test_the_same_message_id_of_two_accounts_are_two_jobs(tenant: UUID, stranger: UUID) -> None:
    mine, theirs = take(AGGREGATE, "shared", tenant="acme"), take(AGGREGATE, "shared", tenant="stranger")

    assert mine != theirs
    assert job_of(stranger, theirs).kind == AGGREGATE


def test_events_come_as_the_producer_sends_them(tenant: UUID) -> None:
    events: JsonValue = [{"eventId": 1, "objectId": 7}]

    by_name, by_place = take(HUBSPOT, "a", events=events, tenant="acme"), take(HUBSPOT, "b", events, "acme")

    assert payload_of(tenant, by_name) == payload_of(tenant, by_place) == {"events": events, "deal_ids": []}


def test_the_only_account_need_not_be_named(tenant: UUID) -> None:
    assert job_of(tenant, take(AGGREGATE, "alone")).kind == AGGREGATE


def test_of_several_accounts_one_must_be_named(tenant: UUID, stranger: UUID) -> None:
    with pytest.raises(UnclearMessage, match="names no tenant"):
        take(AGGREGATE, "whose")
    with pytest.raises(TenantNotFound, match="nobody"):
        take(AGGREGATE, "whose", tenant="nobody")


def test_what_is_missing_or_does_not_fit_makes_no_job(tenant: UUID) -> None:
    with pytest.raises(UnclearMessage, match="takes task_data"):
        take(GATHER, "nothing")
    with pytest.raises(UnclearMessage, match="takes events"):
        take(HUBSPOT, "nothing", tenant="acme")
    with pytest.raises(ValidationError, match="max_iterations"):
        take(GATHER, "wrong", {"project_id": str(uuid4()), "max_iterations": "many"}, "acme")
    with pytest.raises(BrandNotFound):
        take(GATHER, "unknown", {"project_id": str(uuid4())}, "acme")

    with tenant_transaction(tenant):
        assert not Job.objects.exists()


def test_messages_are_forgotten_with_the_jobs_that_they_became(tenant: UUID) -> None:
    first = take(AGGREGATE, "old", tenant="acme")

    kept, forgotten = (forget_messages(tenant, older_than=timedelta(days=days)) for days in (7, 0))

    assert (kept, forgotten) == (0, 1)
    assert take(AGGREGATE, "old", tenant="acme") != first
