"""Packages and variants over HTTP: made once, by a job, whole; edited with versions; exported; and not by strangers."""

from __future__ import annotations

import csv
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.queries import jobs
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.brands.models import Brand
from kairo.stages.content.models import ContentPackage, Variant, VariantVersion
from kairo.stages.opportunities.contracts import Channel
from tests.factories.boards import make_brand, make_item, make_opportunity
from tests.factories.callers import caller
from tests.factories.packages import make_package, make_variant, package_made, variants_made

JSON = "application/json"
QUOTE = "How do I descale my machine?"
ANSWER = "Citric acid, twenty minutes, two rinses, done."


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def opportunity_id(tenant: UUID, brand_id: UUID) -> UUID:
    asked = make_item(tenant, brand_id=brand_id, text=QUOTE, author_ref="ana")
    answered = make_item(tenant, brand_id=brand_id, text=ANSWER, author_ref="ben")
    channels = [Channel.INSTAGRAM, Channel.X, Channel.EMAIL]
    return make_opportunity(
        tenant, brand_id=brand_id, cites=[(asked, QUOTE), (answered, ANSWER)], suggested_channels=channels
    )


@pytest.fixture
def variant_id(tenant: UUID, brand_id: UUID) -> UUID:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    return make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id)


def packages_path(brand_id: UUID, opportunity_id: UUID, *, wait: float = 0) -> str:
    return f"/api/brands/{brand_id}/opportunities/{opportunity_id}/packages?wait={wait}"


def work_off(tenant: UUID, kind: str) -> None:
    """Do the next job of a kind, as a worker beside the server does."""
    try:
        for _ in range(100):
            with tenant_transaction(tenant):
                waiting, _cursor = jobs(kind=kind)
            if waiting:
                run_job_by_id(waiting[0].id)
                return
            time.sleep(0.05)
    finally:
        connections.close_all()


def test_a_package_is_made_within_the_wait_and_found_again(
    client: Client, tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    worker = threading.Thread(target=work_off, args=(tenant, "content.make_package"))
    worker.start()

    made = client.post(packages_path(brand_id, opportunity_id, wait=20))
    worker.join()
    again = client.post(packages_path(brand_id, opportunity_id))

    assert (made.status_code, made.json()["status"]) == (201, "created")
    assert made.json()["package"]["origin_opportunity_id"] == str(opportunity_id)
    assert made.json()["package"]["channels"] == ["instagram", "x", "email"]
    assert (again.status_code, again.json()["package"]) == (200, made.json()["package"])
    listed = client.get(f"/api/brands/{brand_id}/packages").json()["items"]
    assert [package["id"] for package in listed] == [made.json()["package"]["id"]]


def test_while_a_job_works_a_second_call_gets_the_same_one(
    client: Client, brand_id: UUID, opportunity_id: UUID
) -> None:
    first = client.post(packages_path(brand_id, opportunity_id))
    second = client.post(packages_path(brand_id, opportunity_id))

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["status"] == "accepted"
    assert first.json()["job_id"] == second.json()["job_id"]


def test_a_taboo_in_the_opportunity_is_refused_with_the_reason(
    client: Client, tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    with tenant_transaction(tenant):
        Brand.objects.filter(id=brand_id).update(taboos=["descaling"])

    refused = client.post(packages_path(brand_id, opportunity_id))

    assert (refused.status_code, refused.json()["code"]) == (422, "opportunity_refused")
    assert "taboo: descaling" in refused.json()["detail"]


def test_an_opportunity_of_another_brand_is_not_there(client: Client, tenant: UUID, opportunity_id: UUID) -> None:
    other = make_brand(tenant, slug="southwind").id

    assert client.post(packages_path(other, opportunity_id)).status_code == 404


def test_variants_are_written_once_for_each_channel(
    client: Client, tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
    worker = threading.Thread(target=work_off, args=(tenant, "content.make_variants"))
    worker.start()

    made = client.post(f"/api/packages/{package.id}/variants/generate?wait=20")
    worker.join()
    again = client.post(f"/api/packages/{package.id}/variants/generate")
    listed = client.get(f"/api/packages/{package.id}/variants")

    assert (made.status_code, made.json()["count"]) == (201, 3)
    assert [variant["channel"] for variant in made.json()["variants"]] == ["instagram", "x", "email"]
    assert (again.status_code, again.json()["code"]) == (409, "variants_exist")
    assert [one["id"] for one in listed.json()["variants"]] == [one["id"] for one in made.json()["variants"]]


def test_every_quote_of_a_variant_is_a_cited_claim(tenant: UUID, brand_id: UUID, opportunity_id: UUID) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)

    variants = variants_made(tenant, package_id=package.id)

    for variant in variants:
        assert QUOTE in variant.body or ANSWER in variant.body
        for quote in (QUOTE, ANSWER):
            if quote in variant.body:
                assert any(quote in claim.text and claim.evidence_ids for claim in variant.claims)
        assert all(claim.text in variant.body for claim in variant.claims)
        assert variant.eval_score is not None


def test_an_edit_keeps_the_earlier_text_and_marks_what_is_to_be_checked(client: Client, variant_id: UUID) -> None:
    before = client.get(f"/api/variants/{variant_id}")

    edited = client.patch(
        f"/api/variants/{variant_id}",
        {"body": "Every machine breaks within a year. What then?"},
        content_type=JSON,
        headers={"If-Match": before["ETag"]},
    )
    versions = client.get(f"/api/variants/{variant_id}/versions").json()["items"]

    assert (edited.status_code, edited["ETag"]) == (200, '"2"')
    assert edited.json()["claims"] == [
        {
            "text": "Every machine breaks within a year.",
            "evidence_ids": [],
            "status": "to_check",
            "knowledge": None,
        }
    ]
    assert [version["version"] for version in versions] == [2, 1]
    assert versions[1]["body"] == before.json()["body"]


def test_of_two_edits_at_once_one_gets_the_text_of_the_other(client: Client, variant_id: UUID, tenant: UUID) -> None:
    def edit(body: str) -> tuple[int, dict[str, object]]:
        try:
            answer = caller(tenant).patch(
                f"/api/variants/{variant_id}", {"body": body}, content_type=JSON, headers={"If-Match": '"1"'}
            )
            return answer.status_code, answer.json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(edit, ["Descale it with citric acid.", "Descale it with vinegar."]))

    assert sorted(answers) == [200, 412]
    told = {error["field"]: error["message"] for error in answers[412]["errors"]}  # type: ignore[attr-defined]
    assert told["version"] == "2"
    assert told["body"] == answers[200]["body"]
    with tenant_transaction(tenant):
        assert VariantVersion.objects.filter(variant_id=variant_id).count() == 2


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"body": "#a1 #b #c #d #e #f are too many"}, "text_refused", "body"),
        ({"body": "x" * 3001}, "text_refused", "body"),
        ({"body": "Write to ana.silva@example.com for more."}, "text_refused", "body"),
        ({"body": " "}, "text_refused", "body"),
        ({"colour": "red"}, "invalid", "colour"),
        ({}, "invalid", "body"),
    ],
)
def test_a_text_that_may_not_go_out_is_refused_by_field(
    client: Client, variant_id: UUID, change: dict[str, str], code: str, field: str
) -> None:
    refused = client.patch(f"/api/variants/{variant_id}", change, content_type=JSON)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert field in {error["field"].split(".")[-1] for error in refused.json()["errors"]}
    assert client.get(f"/api/variants/{variant_id}").json()["version"] == 1


def test_an_etag_that_is_none_is_refused(client: Client, variant_id: UUID) -> None:
    refused = client.patch(
        f"/api/variants/{variant_id}", {"body": "New."}, content_type=JSON, headers={"If-Match": "three"}
    )

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "If-Match")


def test_a_spreadsheet_computes_nothing_of_an_export(client: Client, tenant: UUID, brand_id: UUID) -> None:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    formula = '=HYPERLINK("http://evil.example","click")'
    make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, body=formula, call_to_action="+1")

    answer = client.get(f"/api/packages/{package_id}/export?format=csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="package-{package_id}.csv"'
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["text"] == f"'{formula}\n\n+1"
    assert row["call_to_action"] == "'+1"


def test_an_export_is_markdown_or_json_as_well(client: Client, tenant: UUID, variant_id: UUID) -> None:
    package_id = client.get(f"/api/variants/{variant_id}").json()["package_id"]

    markdown = client.get(f"/api/packages/{package_id}/export?format=md").content.decode()
    document = client.get(f"/api/packages/{package_id}/export?format=json").json()

    assert markdown.startswith("# Descale in five minutes\n\n## linkedin · draft")
    assert [variant["id"] for variant in document["variants"]] == [str(variant_id)]
    assert client.get(f"/api/packages/{package_id}/export?format=exe").status_code == 422


def test_events_may_be_sent_again(client: Client, variant_id: UUID) -> None:
    events = [
        {"key": "v-1", "event_type": "view", "occurred_at": "2026-11-20T12:00:00Z", "count": 10},
        {"event_type": "click", "occurred_at": "2026-11-20T13:00:00Z", "source": "platform"},
        {"event_type": "click", "occurred_at": "2026-11-20T13:00:00Z", "source": "platform"},
    ]

    first = client.post(f"/api/variants/{variant_id}/events", {"events": events}, content_type=JSON)
    again = client.post(f"/api/variants/{variant_id}/events", {"events": events}, content_type=JSON)

    assert (first.json()["created"], first.json()["unchanged"]) == (2, 1)
    assert (again.json()["created"], again.json()["unchanged"]) == (0, 3)
    assert [event["id"] for event in again.json()["events"]] == [event["id"] for event in first.json()["events"]]


def test_a_stranger_finds_nothing(stranger: UUID, tenant: UUID, variant_id: UUID) -> None:
    theirs = caller(stranger)

    found = theirs.get(f"/api/variants/{variant_id}")
    changed = theirs.patch(f"/api/variants/{variant_id}", {"body": "Mine."}, content_type=JSON)

    assert (found.status_code, changed.status_code) == (404, 404)
    with tenant_transaction(tenant):
        assert Variant.objects.get(id=variant_id).version == 1
        assert ContentPackage.objects.count() == 1
