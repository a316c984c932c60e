"""The counts behind every score: equal to what a fresh count gives, after imports, repeats and erasures."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.operations.postings import unpost_items
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def counts(url: str) -> dict[str, object]:
    """Return what is kept: facets, lexemes, and how many rows of each kind there are."""
    with psycopg.connect(url) as server:
        facets = server.execute(
            "SELECT number, language, documents, lexemes FROM evidence_facet WHERE documents > 0 ORDER BY 1"
        ).fetchall()
        lexemes = server.execute(
            "SELECT language, lexeme, sum(documents) FROM evidence_lexeme WHERE documents > 0 GROUP BY 1, 2"
        ).fetchall()
        postings = server.execute("SELECT count(*), sum(frequency) FROM evidence_posting").fetchone()
        vectors = server.execute("SELECT count(*) FROM evidence_vector").fetchone()
    return {"facets": facets, "lexemes": Counter({row[:2]: row[2] for row in lexemes}), "rows": (postings, vectors)}


def counted_anew(url: str) -> dict[str, object]:
    """Count the same from the documents alone."""
    with psycopg.connect(url) as server:
        facets = server.execute(
            "SELECT number, language, count(*), sum(length) FROM evidence_document"
            " JOIN evidence_facet ON facet = number GROUP BY 1, 2 ORDER BY 1"
        ).fetchall()
        lexemes = server.execute(
            "SELECT language, lexeme, count(*) FROM evidence_document JOIN evidence_facet ON facet = number,"
            " unnest(evidence_document.lexemes) AS lexeme GROUP BY 1, 2"
        ).fetchall()
        postings = server.execute(
            "SELECT count(*), sum(frequency) FROM evidence_document, unnest(frequencies) AS frequency"
        ).fetchone()
        vectors = server.execute(
            "SELECT count(*) FROM evidence_document JOIN normalized_evidence_item USING (item_id)"
            " WHERE embedding IS NOT NULL"
        ).fetchone()
    return {"facets": facets, "lexemes": Counter({row[:2]: row[2] for row in lexemes}), "rows": (postings, vectors)}


@pytest.fixture
def brand(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def take_in(numbers: range, *, tenant: UUID, brand: UUID, folder: Path, name: str, **changes: object) -> None:
    lines = [post(number, at=NOW, **changes) for number in numbers]
    import_posts(lines, tenant_id=tenant, brand_id=brand, folder=folder, at=NOW, name=name)


def test_counts_are_exact_after_imports_and_repeats(database: str, tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    other = stored_brand(tenant, brand__slug="other").id

    take_in(range(8), tenant=tenant, brand=brand, folder=tmp_path, name="first")
    take_in(range(4, 12), tenant=tenant, brand=brand, folder=tmp_path, name="second")
    take_in(range(6), tenant=tenant, brand=other, folder=tmp_path, name="theirs")

    assert counts(database) == counted_anew(database)
    assert sorted(facet[2] for facet in counts(database)["facets"]) == [6, 12]  # type: ignore[attr-defined]


def test_taking_items_out_leaves_no_trace_in_the_counts(
    database: str, tenant: UUID, brand: UUID, tmp_path: Path
) -> None:
    take_in(range(5), tenant=tenant, brand=brand, folder=tmp_path, name="first")
    before = counts(database)
    take_in(range(5, 12), tenant=tenant, brand=brand, folder=tmp_path, name="second", platform="tiktok")

    with tenant_transaction(tenant):
        gone = ids_on(database, "tiktok")
        unpost_items(gone, tenant_id=tenant)
        unpost_items(gone, tenant_id=tenant)

    assert counts(database) == before


def test_what_was_taken_out_can_be_found_again_after_indexing(
    database: str, tenant: UUID, brand: UUID, tmp_path: Path
) -> None:
    take_in(range(12), tenant=tenant, brand=brand, folder=tmp_path, name="first")
    before = counts(database)
    with tenant_transaction(tenant):
        unpost_items(ids_on(database, "instagram"), tenant_id=tenant)

    assert operations.post_missing(tenant_id=tenant) == 12
    assert operations.post_missing(tenant_id=tenant) == 0
    assert counts(database) == before


def test_an_erased_person_is_found_no_more_from_the_moment_it_is_asked(
    database: str, tenant: UUID, brand: UUID, tmp_path: Path
) -> None:
    take_in(range(12), tenant=tenant, brand=brand, folder=tmp_path, name="first")

    with tenant_transaction(tenant):
        person = queries.author("instagram", "person3")
        operations.request_erasure(author=person, tenant_id=tenant, at=NOW)
        answer = operations.search(brand, "three weeks of a plain moisturiser", at=NOW, k=50)

    assert answer.items
    assert "person3" not in {item.author for item in answer.items}
    assert counts(database) == counted_anew(database)
    assert operations.post_missing(tenant_id=tenant) == 0


def ids_on(url: str, platform: str) -> list[UUID]:
    with psycopg.connect(url) as server:
        return [row[0] for row in server.execute("SELECT id FROM evidence_item WHERE platform = %s", [platform])]
