"""Importing a file by the pages: the form, the work, the report with its refused records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.imports import REJECTS_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.operations import request_cancel
from kairo.platform.tenancy.contracts import Role
from kairo.stages.opportunities.operations import regenerate
from tests.factories.boards import make_brand
from tests.factories.posts import post, posts
from tests.factories.uploads import as_jsonl, worked_off
from tests.integration.web.conftest import at_most, sign_in

FORM = "/b/northwind/evidence/import"
HTMX = {"HX-Request": "true", "HX-Target": "import-complaint"}


@pytest.fixture(autouse=True)
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _file(content: bytes, name: str = "posts.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _send(client: Client, lines: Iterable[Mapping[str, object]], **fields: str) -> str:
    """Send a file and return the path of its import's page."""
    response = client.post(FORM, {"file": _file(as_jsonl(lines)), **fields})
    assert response.status_code == 302, response.content
    return str(response["Location"])


def _job_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def test_a_file_is_sent_watched_and_reported(client: Client, tenant: UUID) -> None:
    now = timezone.now()
    bad = [post(20, at=now, likes=-1, text="<b>bold</b>"), post(21, at=now, text="")]

    address = _send(client, [*posts(3, at=now), *bad], role="competitor")
    with at_most(10):
        waiting = client.get(address).content.decode()
    worked_off(tenant, _job_of(address))
    done = client.get(address)
    with at_most(10):
        report = client.get(done["Location"]).content.decode()
    surfaces = client.get("/b/northwind/evidence/surfaces").content.decode()

    assert "Waiting for a worker" in waiting
    assert "posts.jsonl" in waiting
    assert done.status_code == 302
    assert all(f"<dd>{count}</dd>" in report for count in (5, 3, 0, 2))
    assert "likes is negative: a count cannot be" in report
    assert "the record has no title, no text and no transcript" in report
    assert "&lt;b&gt;bold&lt;/b&gt;" in report
    assert "A competitor&#x27;s" in surfaces
    assert done["Location"] in surfaces


def test_htmx_is_led_to_the_imports_page_and_from_there_to_the_report(client: Client, tenant: UUID) -> None:
    sent = client.post(FORM, {"file": _file(as_jsonl(posts(1, at=timezone.now())))}, headers=HTMX)
    address = sent["HX-Redirect"]
    live = client.get(address, headers=HTMX).content.decode()
    worked_off(tenant, _job_of(address))
    ended = client.get(address, headers=HTMX)

    assert 'id="upload" hx-get=' in live
    assert "<html" not in live
    assert ended["HX-Redirect"].startswith("/b/northwind/evidence/imports/")


def test_refused_records_are_paged(client: Client, tenant: UUID) -> None:
    now = timezone.now()
    address = _send(client, [post(n, at=now, likes=-1) for n in range(REJECTS_PER_PAGE + 1)] + posts(1, at=now))
    worked_off(tenant, _job_of(address))
    report = client.get(address)["Location"]

    first = client.get(report).content.decode()
    second = client.get(report, {"after": str(REJECTS_PER_PAGE)}).content.decode()

    assert first.count("likes is negative") == REJECTS_PER_PAGE
    assert f'href="?after={REJECTS_PER_PAGE}"' in first
    assert second.count("likes is negative") == 1
    assert "First refused records" in second
    assert "Next refused records" not in second


@pytest.mark.parametrize("place", ["-1", "x", "99999999999", "²", ""])
def test_a_broken_page_mark_is_not_found(client: Client, tenant: UUID, place: str) -> None:
    address = _send(client, posts(1, at=timezone.now()))
    worked_off(tenant, _job_of(address))

    assert client.get(client.get(address)["Location"], {"after": place}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a file first."),
        ({"file": b""}, "posts.jsonl is empty."),
        ({"file": b"{}", "format": "morse"}, "there is no format &#x27;morse&#x27;"),
        ({"file": b"{}", "role": "spy"}, "Choose one of the voices that are listed."),
        ({"file": b"{}", "mapping": "text"}, "“text” names no column."),
        ({"file": b"{}", "mapping": "text: A\ntext: B"}, "The field text stands twice"),
        ({"file": b"{}", "mapping": "text: A\n" + "x" * 20_001}, "too long"),
        ({"file": b"{}", "mapping": "text: Review"}, "the mapping does not say where to find platform"),
        ({"file": b"{}", "mapping": "text: Review", "format": "reddit"}, "a mapping is for the generic format"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_cannot_be_imported_is_explained_in_a_sentence(
    client: Client, fields: dict[str, object], words: str, headers: dict[str, str]
) -> None:
    file = fields.get("file")
    given = {**fields, "file": _file(file)} if isinstance(file, bytes) else fields

    response = client.post(FORM, given, headers=headers)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert ("<html" in response.content.decode()) != bool(headers)


def test_a_mapping_is_written_line_by_line(client: Client, tenant: UUID) -> None:
    rows = b"Review ID;Review text;Date\nr1;Calmed my skin within a week;2026-05-01\n"
    mapping = 'platform: "=trustpilot"\n\nplatform_item_id: Review ID\r\ntext: Review text\npublished_at: Date'

    response = client.post(FORM, {"file": _file(rows, "reviews.csv"), "mapping": mapping})
    worked_off(tenant, _job_of(response["Location"]))
    listed = client.get("/b/northwind/evidence").content.decode()

    assert "Calmed my skin within a week" in listed


def test_an_unreadable_file_says_why_on_its_page(client: Client, tenant: UUID) -> None:
    response = client.post(FORM, {"file": _file(b"colour,weather\nred,rain\n", "notes.csv")})
    worked_off(tenant, _job_of(response["Location"]))

    page = client.get(response["Location"])

    assert page.status_code == 200
    assert "The file could not be imported" in page.content.decode()
    assert "notes.csv fits no known format" in page.content.decode()
    assert "Start over" not in page.content.decode()


def test_a_cancelled_import_can_be_started_over(client: Client, tenant: UUID) -> None:
    address = _send(client, posts(2, at=timezone.now()))

    cancelled = client.post(f"{address}/cancel", headers=HTMX).content.decode()
    again = client.post(f"{address}/retry")
    worked_off(tenant, _job_of(address))

    assert "The import was cancelled" in cancelled
    assert "Start over" in cancelled
    assert again["Location"] == address
    assert client.get(address).status_code == 302


def test_an_import_is_found_under_its_brand_alone(client: Client, tenant: UUID, stranger: UUID) -> None:
    make_brand(tenant, slug="southwind")
    make_brand(stranger)
    live = _send(client, posts(2, at=timezone.now()))
    theirs = sign_in(stranger, email="mallory@example.com")

    assert client.get(live.replace("northwind", "southwind")).status_code == 404
    assert theirs.get(live).status_code == 404
    assert theirs.post(f"{live}/cancel").status_code == 404
    worked_off(tenant, _job_of(live))
    report = client.get(live)["Location"]
    assert client.get(live.replace("northwind", "southwind")).status_code == 302
    assert client.get(report.replace("northwind", "southwind")).status_code == 404
    assert theirs.get(report).status_code == 404
    assert client.get(f"/b/northwind/evidence/imports/{uuid4()}").status_code == 404


def test_other_work_is_no_import(client: Client, tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        job_id = regenerate(brand_id=brand_id).job_id

    assert client.get(f"/b/northwind/evidence/uploads/{job_id}").status_code == 404


def test_a_viewer_reads_reports_and_sends_nothing(client: Client, tenant: UUID) -> None:
    address = _send(client, posts(1, at=timezone.now()))
    viewer = sign_in(tenant, email="vera@example.com", role=Role.VIEWER)

    assert viewer.get(address).status_code == 200
    assert '<form class="import"' not in viewer.get(FORM).content.decode()
    assert '<form class="import"' not in viewer.get("/b/northwind/evidence").content.decode()
    assert viewer.post(FORM, {"file": _file(b"{}")}).status_code == 403
    assert viewer.post(f"{address}/cancel").status_code == 403
    with tenant_transaction(tenant):
        request_cancel(_job_of(address))
    assert viewer.post(f"{address}/retry").status_code == 403
