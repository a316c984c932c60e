"""Questions over HTTP: accepted, waited for, answered, refused in the one error form, and judged by their readers."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations as flags
from kairo.platform.flags.contracts import DegradationLevel
from kairo.platform.jobs.queries import jobs
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.tenancy.contracts import Role
from kairo.stages.insights.contracts.answers import InsightResponse
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, posts

JSON = "application/json"
KEYWORDS = {"mode": "keywords"}


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    at = timezone.now()
    brand_id = stored_brand(tenant).id
    import_posts(posts(12, at=at), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=at)
    return brand_id


def path(brand_id: UUID, **query: object) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/api/brands/{brand_id}/analyze?{asked}"


def work_off(tenant: UUID) -> None:
    """Do the next analysis that is asked for, as a worker beside the server does."""
    try:
        for _ in range(100):
            with tenant_transaction(tenant):
                waiting, _cursor = jobs(kind="insights.analyze")
            if waiting:
                run_job_by_id(waiting[0].id)
                return
            time.sleep(0.05)
    finally:
        connections.close_all()


def test_a_question_is_accepted_and_its_answer_found_later(client: Client, tenant: UUID, brand_id: UUID) -> None:
    accepted = client.post(path(brand_id), KEYWORDS, content_type=JSON)
    run_job_by_id(UUID(accepted.json()["job_id"]))
    job = client.get(accepted.json()["poll_url"]).json()
    found = client.get(job["result_url"])

    assert accepted.status_code == 202
    assert accepted.json()["status"] == "accepted"
    assert (found.status_code, found.json()["state"], found.json()["evidence_coverage"]) == (200, "ready", 1)


def test_the_answer_comes_at_once_when_it_is_ready_in_time(client: Client, tenant: UUID, brand_id: UUID) -> None:
    worker = threading.Thread(target=work_off, args=(tenant,))
    worker.start()

    answer = client.post(path(brand_id, wait=20), KEYWORDS, content_type=JSON)
    worker.join()
    again = client.post(path(brand_id), KEYWORDS, content_type=JSON)

    assert answer.status_code == 200
    assert InsightResponse.model_validate(answer.json()).meta.cache == "miss"
    assert (again.status_code, again.json()["meta"]["cache"]) == (200, "hit")


def test_who_waits_for_a_worker_that_does_not_come_is_told_where_to_look(client: Client, brand_id: UUID) -> None:
    since = time.monotonic()

    accepted = client.post(path(brand_id, wait=20), KEYWORDS, content_type=JSON)

    assert accepted.status_code == 202
    assert time.monotonic() - since < 15


def test_too_little_evidence_is_said_in_the_one_error_form(client: Client, tenant: UUID) -> None:
    brand_id = stored_brand(tenant, brand__slug="empty").id
    worker = threading.Thread(target=work_off, args=(tenant,))
    worker.start()

    refused = client.post(path(brand_id, wait=20), {"mode": "topics", "lang": "ru"}, content_type=JSON)
    worker.join()

    assert (refused.status_code, refused.json()["code"]) == (422, "NO_DATA")
    assert "Возьмите более длинный период" in refused.json()["user_message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "magic"}, "mode"),
        ({"mode": "topics", "window": "2y"}, "window"),
        ({"mode": "topics", "query": "x" * 201}, "query"),
        ({"mode": "topics", "query": " "}, "query"),
        ({"mode": "topics", "lang": "xx"}, "lang"),
        ({"mode": "topics", "colour": "red"}, "colour"),
        ({"mode": "topics", "as_of": "0001-01-01T00:00:00Z"}, "as_of"),
    ],
)
def test_a_wrong_question_is_refused_by_field(client: Client, brand_id: UUID, body: object, field: str) -> None:
    refused = client.post(path(brand_id), body, content_type=JSON)

    assert refused.status_code == 422
    assert field in refused.json()["errors"][0]["field"]


def test_in_an_emergency_the_reader_hears_it_in_his_language(client: Client, tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        flags.set_degradation(level=DegradationLevel.EMERGENCY, reason="test", at=timezone.now())

    refused = client.post(path(brand_id), KEYWORDS, content_type=JSON, headers={"Accept-Language": "ru-RU"})

    assert (refused.status_code, refused.json()["code"]) == (503, "MODEL_UNAVAILABLE")
    assert refused.json()["retryable"] is True
    assert refused.json()["user_message"].startswith("Анализ сейчас недоступен")


def test_feedback_of_one_reader_counts_once(client: Client, tenant: UUID, brand_id: UUID) -> None:
    accepted = client.post(path(brand_id), KEYWORDS, content_type=JSON).json()
    analysis = client.get(f"/api/jobs/{accepted['job_id']}").json()["result_url"]

    client.post(f"{analysis}/feedback", {"helpful": True}, content_type=JSON)
    told = client.post(f"{analysis}/feedback", {"helpful": False}, content_type=JSON)

    assert (told.status_code, told.json()["helpful"], told.json()["not_helpful"]) == (200, 0, 1)


def test_a_viewer_reads_and_asks_nothing(tenant: UUID, brand_id: UUID) -> None:
    asked = caller(tenant, role=Role.VIEWER).post(path(brand_id), KEYWORDS, content_type=JSON)

    assert asked.status_code == 403


def test_what_is_not_there_or_not_yours_is_404(client: Client, stranger: UUID, brand_id: UUID) -> None:
    accepted = client.post(path(brand_id), KEYWORDS, content_type=JSON).json()
    analysis = client.get(f"/api/jobs/{accepted['job_id']}").json()["result_url"]
    other = caller(stranger)

    answers = [
        other.get(analysis),
        other.post(f"{analysis}/feedback", {"helpful": True}, content_type=JSON),
        other.post(path(brand_id), KEYWORDS, content_type=JSON),
        client.get(f"/api/analyses/{uuid4()}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
