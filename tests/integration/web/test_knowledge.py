"""The Brain page: departments, a gather, documents, and what people change in a brand's knowledge."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.knowledge import queries
from kairo.stages.knowledge.contracts.gathers import GatherState
from kairo.stages.knowledge.models import AutomatedGather
from tests.factories.boards import make_brand
from tests.factories.knowledge_pages import (
    DOCUMENT,
    contradicting,
    evaluated,
    known,
    staged_gather,
    statements_of,
    upload,
)
from tests.integration.web.conftest import at_most, sign_in

PAGE = "/b/northwind/knowledge"
HOSTILE = "<script>document.title='owned'</script>"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def newest_gather(tenant: UUID, brand_id: UUID) -> AutomatedGather | None:
    with tenant_transaction(tenant):
        return AutomatedGather.objects.filter(brand_id=brand_id).order_by("-id").first()


def test_a_brand_of_which_nothing_is_known_says_the_next_step(client: Client, brand_id: UUID) -> None:
    with at_most(10):
        page = client.get(PAGE).content.decode()

    assert "Nothing is known of this brand yet" in page
    assert "Upload a document" in page
    assert 'id="start-gather"' in page
    assert "Positioning" in page


def test_a_live_gather_shows_its_iterations_scores_and_statements_within_ten_queries(
    client: Client, tenant: UUID, brand_id: UUID
) -> None:
    at = timezone.now()
    upload(tenant, brand_id, at=at)
    gather = staged_gather(tenant, brand_id, at=at)
    evaluated(tenant, brand_id, at=at, gaps=["No statement says what customers pay."])
    known(tenant, brand_id, *[f"Statement {n}" for n in range(40)], f"Home brewers buy by roast date. {HOSTILE}")
    contradicting(tenant, brand_id, "Beans keep for a year.", "Beans go stale in a month.")

    with at_most(10):
        page = client.get(PAGE).content.decode()
    with at_most(10):
        live = client.get(f"{PAGE}/gather/live", headers={"HX-Request": "true"}).content.decode()
    with at_most(10):
        newest = client.get(f"{PAGE}/newest", headers={"HX-Request": "true"}).content.decode()

    assert f'data-run="{gather.run_id}"' in page
    assert "7 of 50 iterations" in live
    assert 'data-score="86.0"' in live
    assert "No statement says what customers pay." in page
    assert 'id="cancel"' in page
    assert 'id="start-gather"' not in page
    assert "Beans go stale in a month." in newest
    assert "What does not go together" in newest
    assert "&lt;script&gt;document" in newest
    assert HOSTILE not in newest


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (GatherState.COMPLETED, {}, "The newest gather"),
        (GatherState.CANCELLED, {}, "31 items that it had saved stay."),
        (GatherState.FAILED, {"error": "The brain was away."}, "The brain was away."),
        (GatherState.INSUFFICIENT_EVIDENCE, {"remediation": "Upload a brand book."}, "Upload a brand book."),
    ],
)
def test_each_end_of_a_gather_says_what_became_of_it(
    client: Client, tenant: UUID, brand_id: UUID, state: GatherState, fields: dict[str, str], words: str
) -> None:
    gather = staged_gather(tenant, brand_id, at=timezone.now(), state=state, **fields)

    page = client.get(PAGE).content.decode()
    live = client.get(f"{PAGE}/gather/live", headers={"HX-Request": "true"})

    assert words in page
    assert str(gather.run_id) in page
    assert 'id="start-gather"' in page
    assert live["HX-Retarget"] == "#gather"


def test_a_gather_is_started_once_and_cancelled(client: Client, tenant: UUID, brand_id: UUID) -> None:
    started = client.post(f"{PAGE}/gather", {"iterations": "12"})
    again = client.post(f"{PAGE}/gather", {"iterations": "30"}, headers={"HX-Request": "true"})
    row = newest_gather(tenant, brand_id)
    cancelled = client.post(f"{PAGE}/gather/cancel", headers={"HX-Request": "true"})

    assert started["Location"] == PAGE
    assert "A gather is under way" in again.content.decode()
    assert row is not None
    assert row.max_iterations == 12
    with tenant_transaction(tenant):
        assert AutomatedGather.objects.count() == 1
    assert "The gather was cancelled" in cancelled.content.decode()


@pytest.mark.parametrize("iterations", ["0", "-1", "x", "1001", "1e2", "²"])
def test_iterations_that_are_none_are_refused_with_the_bounds(client: Client, brand_id: UUID, iterations: str) -> None:
    answer = client.post(f"{PAGE}/gather", {"iterations": iterations})

    assert answer.status_code == 422
    assert "Give a whole number of iterations from 1 to 1000." in answer.content.decode()


def test_a_document_is_taken_in_read_and_removed(client: Client, tenant: UUID, brand_id: UUID) -> None:
    sent = client.post(f"{PAGE}/documents", {"file": SimpleUploadedFile("brand.md", DOCUMENT)})
    with tenant_transaction(tenant):
        [document] = queries.documents(brand_id)
    with at_most(10):
        page = client.get(f"{PAGE}/documents/{document.id}").content.decode()
    removed = client.post(f"{PAGE}/documents/{document.id}/remove")

    assert sent["Location"] == PAGE
    assert "prints the roast date on every bag" in page
    assert removed["Location"] == f"{PAGE}/documents"
    with tenant_transaction(tenant):
        assert queries.documents(brand_id) == []


def test_a_cited_document_stays_and_says_why(client: Client, tenant: UUID, brand_id: UUID) -> None:
    document = upload(tenant, brand_id, at=timezone.now())
    known(tenant, brand_id, "Northwind prints the roast date.")

    answer = client.post(f"{PAGE}/documents/{document.id}/remove")

    assert answer.status_code == 409
    assert "cite the document" in answer.content.decode()
    assert client.get(f"{PAGE}/documents/{document.id}").status_code == 200


@pytest.mark.parametrize(("name", "content"), [("empty.md", b""), ("image.png", b"\x89PNG\r\n\x1a\n\0\0\0"), ("", b"")])
def test_what_is_no_document_is_refused_with_the_reason(
    client: Client, tenant: UUID, brand_id: UUID, name: str, content: bytes
) -> None:
    sent = {"file": SimpleUploadedFile(name, content)} if name else {}

    answer = client.post(f"{PAGE}/documents", sent, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "banner-error" in answer.content.decode()
    with tenant_transaction(tenant):
        assert queries.documents(brand_id) == []


def test_an_edit_takes_the_place_of_a_statement_with_the_person_as_its_source(
    client: Client, tenant: UUID, brand_id: UUID
) -> None:
    [old, _] = known(tenant, brand_id, "Beans keep for a year.", "Water matters.")

    answer = client.post(f"{PAGE}/statements/{old}", {"content": "Beans keep for six weeks."})
    again = client.post(f"{PAGE}/statements/{old}", {"content": "Beans keep for ever."})
    with at_most(10):
        page = client.get(f"{PAGE}/statements?department=audience").content.decode()

    assert answer["Location"].startswith(f"{PAGE}/statements?department=audience#statement-")
    assert again.status_code == 404
    assert sorted(statements_of(tenant, brand_id)) == ["Beans keep for six weeks.", "Water matters."]
    assert "Said by a person" in page
    assert "statement-retired" in page


def test_a_removed_statement_can_be_put_back(client: Client, tenant: UUID, brand_id: UUID) -> None:
    [statement] = known(tenant, brand_id, "Beans keep for a year.")

    removed = client.post(f"{PAGE}/statements/{statement}/remove")
    without = statements_of(tenant, brand_id)
    offer = client.get(removed["Location"]).content.decode()
    client.post(f"{PAGE}/statements/{statement}/restore")
    once_more = client.post(f"{PAGE}/statements/{statement}/restore")

    assert without == []
    assert 'id="undo"' in offer
    assert statements_of(tenant, brand_id) == ["Beans keep for a year."]
    assert once_more.status_code == 409


def test_a_person_adds_a_statement(client: Client, tenant: UUID, brand_id: UUID) -> None:
    added = client.post(f"{PAGE}/statements", {"department": "voice", "content": " Never shout. "})
    empty = client.post(f"{PAGE}/statements", {"department": "voice", "content": " "})
    nowhere = client.post(f"{PAGE}/statements", {"department": "nowhere", "content": "x"})

    assert added.status_code == 302
    assert (empty.status_code, nowhere.status_code) == (422, 422)
    assert statements_of(tenant, brand_id) == ["Never shout."]


def test_a_viewer_reads_and_changes_nothing(tenant: UUID, brand_id: UUID) -> None:
    viewer = sign_in(tenant, email="eve@example.com", role=Role.VIEWER)
    [statement] = known(tenant, brand_id, "Beans keep for a year.")
    document = upload(tenant, brand_id, at=timezone.now())

    page = viewer.get(PAGE).content.decode()
    refused = [
        viewer.post(f"{PAGE}/{path}", {"content": "x", "iterations": "5", "department": "voice"}).status_code
        for path in (
            "gather",
            "gather/cancel",
            "documents",
            f"documents/{document.id}/remove",
            "statements",
            f"statements/{statement}",
            f"statements/{statement}/remove",
            f"statements/{statement}/restore",
        )
    ]

    assert 'id="start-gather"' not in page
    assert "data-import" not in page
    assert refused == [403] * 8
    assert statements_of(tenant, brand_id) == ["Beans keep for a year."]


def test_another_account_finds_nothing(tenant: UUID, brand_id: UUID, stranger: UUID) -> None:
    make_brand(stranger, slug="elsewhere")
    foreign = sign_in(stranger, email="mallory@example.com")
    [statement] = known(tenant, brand_id, "Beans keep for a year.")
    document = upload(tenant, brand_id, at=timezone.now())

    gets = [foreign.get(path).status_code for path in (PAGE, f"{PAGE}/documents", f"{PAGE}/statements")]
    there = "/b/elsewhere/knowledge"
    looked = foreign.get(f"{there}/documents/{document.id}").status_code
    posts = [
        foreign.post(f"{there}/{path}", {"content": "mine"}).status_code
        for path in (
            f"documents/{document.id}/remove",
            f"statements/{statement}",
            f"statements/{statement}/remove",
            f"statements/{statement}/restore",
        )
    ]

    assert (gets, looked, posts) == ([404] * 3, 404, [404] * 4)
    assert statements_of(tenant, brand_id) == ["Beans keep for a year."]


def test_what_is_not_there_is_not_found(client: Client, brand_id: UUID) -> None:
    answers = [
        client.get(f"{PAGE}/documents/{uuid4()}"),
        client.post(f"{PAGE}/statements/{uuid4()}/remove"),
        client.get(f"{PAGE}/statements?before=x"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
