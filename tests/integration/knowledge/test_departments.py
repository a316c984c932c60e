"""Departments: the account's own list, and a CMS's list with all that a CMS may do wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.queries import live_job
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.adapters.payload_cms import PayloadCms
from kairo.stages.knowledge.contracts.departments import (
    DepartmentNotFound,
    DepartmentsAreElsewhere,
    DepartmentsDraft,
    DepartmentsFrom,
    DepartmentsUnavailable,
)
from kairo.stages.knowledge.models import DepartmentRow
from kairo.stages.knowledge.operations.departments import REFRESH
from tests.factories.callers import caller
from tests.factories.knowledge import NOON
from tests.factories.uploads import worked_off
from tests.fakes.model_servers import silence
from tests.fakes.payload_cms import JSON, department, payload_cms
from tests.integration.outbound.servers import Answer, Seen, Site, page

KEY = "3f1c-api-key-of-the-gatherer"
SEVERAL = [department(number, f"dep-{number}") for number in (30, 10, 20)]


@contextmanager
def cms(settings: Settings, answer: Answer | bytes) -> Iterator[Site]:
    with Site(answer) as site:
        settings.PAYLOAD_BASE_URL, settings.PAYLOAD_API_KEY = site.url(""), KEY
        yield site


def test_an_account_begins_with_the_departments_of_marketing_and_makes_them_its_own_at_the_first_gather(
    tenant: UUID, stranger: UUID
) -> None:
    listed = operations.departments_to_gather(tenant, at=NOON)
    again = operations.departments_to_gather(tenant, at=NOON)

    assert [one.slug for one in listed.departments] == [
        "positioning", "audience", "product", "voice", "competitors", "visual", "channels",
    ]  # fmt: skip
    assert all(one.coordination_settings.aspects for one in listed.departments)
    assert again == listed
    with tenant_transaction(tenant):
        assert DepartmentRow.objects.count() == 7
    with tenant_transaction(stranger):
        assert DepartmentRow.objects.count() == 0


def test_only_active_departments_that_ask_for_it_are_gathered_for(tenant: UUID) -> None:
    draft = DepartmentsDraft.model_validate(
        {
            "departments": [
                {"slug": "later", "name": "Later", "code_dep_number": 9},
                {"slug": "asleep", "name": "Asleep", "code_dep_number": 2, "is_active": False},
                {"slug": "by-hand", "name": "By hand", "code_dep_number": 1, "gather_check": False},
                {"slug": "first", "name": "First", "code_dep_number": 3},
            ]
        }
    )
    with tenant_transaction(tenant):
        operations.set_departments(draft=draft)

    listed = operations.departments_to_gather(tenant, at=NOON)

    assert [one.slug for one in listed.departments] == ["first", "later"]


@pytest.mark.parametrize("field", ["slug", "code_dep_number"])
def test_two_departments_with_one_slug_or_number_are_refused(field: str) -> None:
    one = {"slug": "a", "name": "A", "code_dep_number": 1}
    other = {"slug": "b", "name": "B", "code_dep_number": 2}

    with pytest.raises(ValidationError, match=f"each {field} once"):
        DepartmentsDraft.model_validate({"departments": [one, {**other, field: one[field]}]})


def test_the_cms_is_asked_for_every_page_with_the_key_of_its_user(settings: Settings, tenant: UUID) -> None:
    hidden = [department(1, "hidden", gatherCheck=False), department(2, "gone", isActive=False)]

    with cms(settings, payload_cms([*SEVERAL, *hidden], key=KEY, most_a_page=2)) as site:
        listed = operations.departments_to_gather(tenant, at=NOON)

    assert [one.slug for one in listed.departments] == ["dep-10", "dep-20", "dep-30"]
    assert (listed.source, listed.as_of, listed.note) == (DepartmentsFrom.PAYLOAD_CMS, NOON, None)
    assert len(site.requests) == 2
    assert site.requests[0].headers["authorization"] == f"users API-Key {KEY}"


def test_the_fields_of_the_cms_are_read_whatever_else_stands_beside_them() -> None:
    rich = {"root": {"children": [{"children": [{"text": "Who buys"}, {"text": "and why."}]}]}}
    document = department(
        5,
        "audience",
        description=rich,
        defaultModel={"id": "m1", "name": "gpt-4o"},
        coordinationSettings={
            "qualityThreshold": 65,
            "aspects": [{"id": "x", "name": "needs"}, "pains", {"id": "y", "name": "  "}],
            "maxItems": 12,
            "somethingNew": True,
        },
    )

    with Site(payload_cms([document], key=KEY)) as site:
        [read] = PayloadCms(site.url(""), key=KEY).departments()

    assert (read.description, read.default_model) == ("Who buys and why.", "gpt-4o")
    assert read.coordination_settings.model_dump() == {
        "quality_threshold": 65.0, "aspects": ("needs", "pains"), "max_items": 12,
    }  # fmt: skip


def test_a_fresh_copy_is_used_without_asking_again_and_an_old_one_is_renewed(settings: Settings, tenant: UUID) -> None:
    with cms(settings, payload_cms(SEVERAL, key=KEY)) as site:
        operations.departments_to_gather(tenant, at=NOON)
        operations.departments_to_gather(tenant, at=NOON + timedelta(minutes=1))
        asked_early = len(site.requests)
        operations.departments_to_gather(tenant, at=NOON + timedelta(minutes=10))

    assert (asked_early, len(site.requests)) == (1, 2)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (page(b"", status=500), "500"),
        (page(b'{"docs": [', headers=JSON), "JSON"),
        (page(b'{"docs": "many"}', headers=JSON), "no list"),
        (page(b'{"docs": [{"slug": "Not a slug", "name": "x", "codeDepNumber": 1}]}', headers=JSON), "slug"),
        (payload_cms(SEVERAL, key="another key"), "PAYLOAD_API_KEY"),
        (silence, "cannot be read"),
    ],
    ids=["500", "broken JSON", "no list", "wrong field", "wrong key", "timeout"],
)
def test_the_last_good_copy_serves_while_the_cms_does_not_and_says_so(
    settings: Settings, tenant: UUID, answer: Answer | bytes, told: str
) -> None:
    with cms(settings, payload_cms(SEVERAL, key=KEY)) as good:
        operations.departments_to_gather(tenant, at=NOON)
    later = NOON + timedelta(hours=1)

    with Site(answer, port=0) as bad:
        broken = PayloadCms(bad.url(""), key=KEY, timeout_s=0.3)
        with pytest.raises(DepartmentsUnavailable, match=told) as refused:
            broken.departments()
    # The good one has left its address: nobody answers there any more.
    settings.PAYLOAD_BASE_URL = good.url("")
    listed = operations.departments_to_gather(tenant, at=later)

    assert KEY not in refused.value.message
    assert [one.slug for one in listed.departments] == ["dep-10", "dep-20", "dep-30"]
    assert (listed.source, listed.as_of) == (DepartmentsFrom.LAST_GOOD_COPY, NOON)
    assert listed.note is not None
    assert "2026-11-20 12:00" in listed.note


def test_a_cms_that_never_answered_leaves_nothing_to_gather_for(settings: Settings, tenant: UUID) -> None:
    with cms(settings, page(b"", status=500)), pytest.raises(DepartmentsUnavailable, match="500"):
        operations.departments_to_gather(tenant, at=NOON)


def test_pages_without_an_end_are_given_up(settings: Settings) -> None:
    def endless(seen: Seen, connection: socket.socket) -> None:
        number = len(site.requests)
        envelope = {"docs": [department(number, f"d{number}")], "hasNextPage": True, "nextPage": number + 1}
        connection.sendall(page(json.dumps(envelope).encode(), headers=JSON))

    with Site(endless) as site, pytest.raises(DepartmentsUnavailable, match="more than 20 pages"):
        PayloadCms(site.url(""), key=KEY).departments()


def test_the_cms_keeps_the_list_so_that_it_is_changed_there(settings: Settings, tenant: UUID) -> None:
    draft = DepartmentsDraft.model_validate({"departments": [{"slug": "a", "name": "A", "code_dep_number": 1}]})
    settings.PAYLOAD_BASE_URL = "https://cms.example.com"

    with tenant_transaction(tenant), pytest.raises(DepartmentsAreElsewhere, match="change them there"):
        operations.set_departments(draft=draft)


def test_the_api_lists_replaces_and_refuses_departments(tenant: UUID) -> None:
    client = caller(tenant)
    mine = {"departments": [{"slug": "sound", "name": "Sound", "code_dep_number": 5}]}

    before = client.get("/api/departments").json()
    put = client.put("/api/departments", data=json.dumps(mine), content_type="application/json")
    twice = client.put(
        "/api/departments", data=json.dumps({"departments": mine["departments"] * 2}), content_type="application/json"
    )
    unknown = client.put(
        "/api/departments",
        data=json.dumps({"departments": [{**mine["departments"][0], "colour": "red"}]}),
        content_type="application/json",
    )

    assert (len(before["departments"]), before["source"]) == (7, "own")
    assert put.status_code == 200
    assert [one["slug"] for one in client.get("/api/departments").json()["departments"]] == ["sound"]
    assert (twice.status_code, unknown.status_code) == (422, 422)
    with tenant_transaction(tenant), pytest.raises(DepartmentNotFound, match="sound"):
        queries.department_named("positioning")


def test_the_api_answers_without_waiting_for_the_cms_and_has_it_read_in_the_background(
    settings: Settings, tenant: UUID
) -> None:
    with cms(settings, payload_cms(SEVERAL, key=KEY)) as site:
        first = caller(tenant).get("/api/departments").json()
        asked_in_request = len(site.requests)
        with tenant_transaction(tenant):
            job = live_job(REFRESH)
        assert job is not None
        done = worked_off(tenant, job.id)
        second = caller(tenant).get("/api/departments").json()

    assert (first["departments"], asked_in_request) == ([], 0)
    assert (done.state, done.outcome) == (JobState.SUCCEEDED, {"departments": 3, "source": "payload_cms"})
    assert "has not been read yet" in first["note"]
    assert [one["slug"] for one in second["departments"]] == ["dep-10", "dep-20", "dep-30"]
