"""Documents over HTTP and by jobs: stored once, cited letter by letter, deleted only where nothing cites them."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.graph import InvalidNodes, SourceType
from kairo.stages.knowledge.models import DocumentPassage, KnowledgeDocument
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.documents import pdf_of, protected_pdf_of
from tests.factories.knowledge import NOON, cited, node, stored_nodes
from tests.factories.posts import import_posts, post
from tests.factories.uploads import worked_off
from tests.integration.outbound.servers import Site, page

TEXT = "Parents of babies buy it.\n\n" + "We never use perfume. " * 60
HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.fixture
def brand(tenant: UUID) -> BrandDTO:
    return stored_brand(tenant)


def send(client: Client, brand_id: UUID, content: bytes, name: str = "notes.txt") -> tuple[int, dict[str, object]]:
    answer = client.post(f"/api/brands/{brand_id}/documents", {"file": SimpleUploadedFile(name, content)})
    return answer.status_code, answer.json()


def test_a_file_is_stored_once_and_its_passages_stand_in_its_text(tenant: UUID, brand: BrandDTO) -> None:
    client = caller(tenant)

    created, first = send(client, brand.id, TEXT.encode(), "folder/notes.txt")
    repeated, second = send(client, brand.id, TEXT.encode(), "other name.txt")
    read = client.get(f"/api/brands/{brand.id}/documents/{first['id']}").json()

    assert (created, repeated) == (201, 200)
    assert second == first
    assert (first["file_name"], first["kind"], first["lang"]) == ("notes.txt", "text", "en")
    assert len(read["places"]) == first["passages"]
    assert len(read["places"]) > 1
    with tenant_transaction(tenant):
        for passage in DocumentPassage.objects.all():
            assert passage.text == read["text"][passage.start : passage.end]


def test_documents_are_listed_newest_first_and_page_by_page(tenant: UUID, brand: BrandDTO) -> None:
    client = caller(tenant)
    ids = [send(client, brand.id, f"Text number {number} is here.".encode())[1]["id"] for number in range(3)]

    first = client.get(f"/api/brands/{brand.id}/documents?limit=2").json()
    rest = client.get(f"/api/brands/{brand.id}/documents?limit=2&cursor={first['next_cursor']}").json()

    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("content", "name", "status", "advice"),
    [
        (b"", "empty.txt", 422, "is empty"),
        (b"\x00" * 100, "data.bin", 422, "data of some program"),
        (protected_pdf_of("Secret."), "plan.pdf", 422, "without one and send that"),
        (b"%PDF-1.4 nothing", "broken.pdf", 422, "save it anew"),
        (b"x" * 20_000_001, "huge.txt", 413, "Send the part that matters"),
    ],
    ids=["empty", "binary", "protected", "broken", "huge"],
)
def test_a_hostile_file_is_refused_with_a_sentence_that_says_what_to_do(
    tenant: UUID, brand: BrandDTO, content: bytes, name: str, status: int, advice: str
) -> None:
    answered, problem = send(caller(tenant), brand.id, content, name)

    assert answered == status
    assert name in str(problem["detail"])
    assert advice in str(problem["detail"])
    with tenant_transaction(tenant):
        assert not KnowledgeDocument.objects.exists()


def test_neither_or_both_of_file_and_address_is_refused(tenant: UUID, brand: BrandDTO) -> None:
    client = caller(tenant)
    path = f"/api/brands/{brand.id}/documents"

    neither = client.post(path, {"url": ""})
    both = client.post(path, {"url": "https://g.example", "file": SimpleUploadedFile("a.txt", b"Some text.")})

    assert (neither.status_code, both.status_code) == (422, 422)


def test_the_documents_of_another_account_are_not_there(tenant: UUID, stranger: UUID, brand: BrandDTO) -> None:
    _, document = send(caller(tenant), brand.id, TEXT.encode())
    spy, path = caller(stranger), f"/api/brands/{brand.id}/documents"

    answers = [
        spy.get(path),
        spy.get(f"{path}/{document['id']}"),
        spy.delete(f"{path}/{document['id']}"),
        spy.post(path, {"file": SimpleUploadedFile("a.txt", b"Some text.")}),
        spy.post(path, {"url": "https://g.example"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    with tenant_transaction(tenant):
        assert KnowledgeDocument.objects.count() == 1


def test_a_document_that_a_statement_cites_is_not_deleted(tenant: UUID, brand: BrandDTO) -> None:
    client = caller(tenant)
    _, document = send(client, brand.id, TEXT.encode())
    path = f"/api/brands/{brand.id}/documents/{document['id']}"
    passage_id = client.get(path).json()["places"][0]["id"]
    stored_nodes(tenant, brand.id, node("a", "Parents buy it.", source=cited(SourceType.DOCUMENT, passage_id)))

    refused = client.delete(path)
    with tenant_transaction(tenant):
        operations.drop_nodes_of(SourceType.DOCUMENT, [passage_id])
    deleted = client.delete(path)

    assert (refused.status_code, refused.json()["code"]) == (409, "document_cited")
    assert deleted.status_code == 204
    assert client.get(path).status_code == 404
    with pytest.raises(InvalidNodes, match=passage_id):
        stored_nodes(tenant, brand.id, node("b", source=cited(SourceType.DOCUMENT, passage_id)))


def test_a_web_page_is_taken_in_by_a_job_and_the_same_text_again_changes_nothing(
    tenant: UUID, brand: BrandDTO, settings: Settings
) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ("127.0.0.1/32",)
    client, path = caller(tenant), f"/api/brands/{brand.id}/documents"
    visits = iter(range(9))

    with Site(lambda _, line: line.sendall(_visited(next(visits)))) as site:
        accepted = client.post(path, {"url": site.url("/about")})
        first = worked_off(tenant, UUID(accepted.json()["job_id"]))
        again = client.post(path, {"url": site.url("/about")}).json()
        second = worked_off(tenant, UUID(again["job_id"]))

    assert accepted.status_code == 202
    assert (first.state, first.outcome["new"], second.outcome["new"]) == (JobState.SUCCEEDED, True, False)
    assert first.outcome["document_id"] == second.outcome["document_id"]
    assert first.result_url is not None
    document = client.get(first.result_url).json()
    assert (document["kind"], document["title"], document["url"]) == ("web_page", "About", site.url("/about"))
    assert document["text"] == "We make unscented cleansers."


def _visited(number: int) -> bytes:
    markup = f"<title>About</title><p>We make unscented cleansers.</p><script>visit({number})</script>"
    return page(markup.encode(), headers=HTML)


def test_a_page_that_is_not_there_fails_the_job_with_the_reason(
    tenant: UUID, brand: BrandDTO, settings: Settings
) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ("127.0.0.1/32",)

    with Site(page(b"no", status=404)) as site:
        job_id = caller(tenant).post(f"/api/brands/{brand.id}/documents", {"url": site.url()}).json()["job_id"]
        job = worked_off(tenant, UUID(job_id))

    assert job.state == JobState.FAILED
    assert "answered 404" in str(job.error)


def test_an_address_inside_of_the_house_is_refused(tenant: UUID, brand: BrandDTO) -> None:
    answer = caller(tenant).post(f"/api/brands/{brand.id}/documents", {"url": "http://169.254.169.254/latest"})

    assert (answer.status_code, answer.json()["code"]) == (422, "unsafe_address")


def test_the_same_file_sent_twice_at_the_same_moment_is_stored_once(tenant: UUID, brand: BrandDTO) -> None:
    answers: list[int] = []
    clients = [caller(tenant), caller(tenant)]

    def one(client: Client) -> None:
        from django.db import connections

        answers.append(send(client, brand.id, TEXT.encode())[0])
        connections.close_all()

    threads = [threading.Thread(target=one, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(answers) <= {200, 201}
    with tenant_transaction(tenant):
        assert KnowledgeDocument.objects.count() == 1


def test_material_is_passages_of_every_document_and_the_best_evidence_in_one_order(
    tenant: UUID, brand: BrandDTO, tmp_path: Path
) -> None:
    client = caller(tenant)
    send(client, brand.id, TEXT.encode())
    send(client, brand.id, pdf_of("Doctors recommend it for eczema."), "study.pdf")
    import_posts(
        [post(number, at=NOON) for number in range(3)],
        tenant_id=tenant,
        brand_id=brand.id,
        folder=tmp_path,
        at=NOON,
        name="posts",
    )

    with tenant_transaction(tenant):
        found = queries.materials(brand.id, as_of=NOON)
        again = queries.materials(brand.id, as_of=NOON)
        few = queries.materials(brand.id, as_of=NOON, most_passages=2, most_evidence=1)

    assert found == again
    assert [one.title for one in found[:2]] == ["notes", "study › p. 1"]
    assert {one.source_type for one in found} == {"document", "evidence"}
    assert len(few) == 3
    nodes = [
        node(str(place), one.text[:100], source=cited(SourceType(one.source_type), one.source_id))
        for place, one in enumerate(found)
    ]
    assert stored_nodes(tenant, brand.id, *nodes).created == len(found)


def test_a_brand_without_documents_and_evidence_has_no_material(tenant: UUID, brand: BrandDTO) -> None:
    with tenant_transaction(tenant):
        assert queries.materials(brand.id, as_of=NOON) == ()


def test_an_unknown_field_of_a_node_is_refused_over_http(tenant: UUID, brand: BrandDTO) -> None:
    body = {"project_id": str(brand.id), "nodes": [{"client_key": "a", "content": "x", "kind": "fact", "mood": 1}]}

    answer = caller(tenant).post("/api/v1/nodes/batch", data=json.dumps(body), content_type="application/json")

    assert answer.status_code == 422
    assert "mood" in answer.content.decode()


def test_a_brand_that_is_not_there_has_no_context(tenant: UUID) -> None:
    answer = caller(tenant).get(f"/api/v1/context/department?project_id={uuid4()}&department=voice")

    assert answer.status_code == 404
