"""Imports: what lands, what is refused, and what a second time changes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import UnreadableFile
from kairo.stages.evidence.queries import EvidenceWindow
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post, posts, write_posts


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def counts(url: str) -> dict[str, int]:
    tables = ("evidence_item", "evidence_sighting", "normalized_evidence_item", "capture_run", "surface")
    with psycopg.connect(url) as server:
        rows = {table: server.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables}
    return {table: row[0] for table, row in rows.items() if row}


def test_the_same_file_again_changes_nothing(database: str, tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    first = import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    stored = counts(database)

    second = import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    assert (first.read, first.new, first.known, first.rejected) == (12, 12, 0, 0)
    assert (second.read, second.new, second.known, second.rejected) == (12, 0, 12, 0)
    assert counts(database) == stored


def test_a_later_export_of_the_same_posts_adds_sightings_and_no_items(
    database: str, tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    report = import_posts(
        posts(12, at=now, likes=500), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now + timedelta(days=1)
    )

    assert (report.new, report.known) == (0, 12)
    assert (counts(database)["evidence_item"], counts(database)["evidence_sighting"]) == (12, 24)
    with tenant_transaction(tenant):
        items = queries.items(brand_id)
    assert {item.likes for item in items} == {500}


def test_a_bad_record_is_kept_aside_with_its_reason_and_the_good_ones_land(
    tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    path = write_posts(tmp_path / "mixed.jsonl", posts(3, at=now))
    with path.open("a") as file:
        file.write("{broken\n")
        file.write(json.dumps({"platform": "instagram", "text": "no id"}) + "\n")
        file.write(json.dumps(post(9, at=now, published_at="next Tuesday")) + "\n")

    report = operations.import_file(tenant_id=tenant, brand_id=brand_id, path=path, at=now)

    assert (report.read, report.new, report.rejected) == (6, 3, 3)
    assert [reject["row"] for reject in report.rejects] == [4, 5, 6]
    assert all(reject["reason"] for reject in report.rejects)
    assert report.rejected_file is not None
    assert len(Path(report.rejected_file).read_text().splitlines()) == 3


def test_an_undated_item_is_kept_and_lies_in_no_window(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    report = import_posts(
        [post(1, at=now), post(2, at=now, published_at=None)],
        tenant_id=tenant,
        brand_id=brand_id,
        folder=tmp_path,
        at=now,
    )

    with tenant_transaction(tenant):
        listed = queries.items(brand_id)
        in_window = queries.count_brand_items(brand_id, EvidenceWindow(as_of=now), up_to=10)
    assert (report.new, report.undated) == (2, 1)
    assert (len(listed), in_window) == (2, 1)
    assert listed[-1].published_at is None


def test_copies_are_marked_as_repeating_the_earliest_post(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    words = "Stopped scrubbing my face every night and the redness around my nose is finally gone"
    original = post(30, at=now, text=words)
    copies = [post(n, at=now, text=f"{words} {'🔥' * n} https://example.com/{n}") for n in (1, 2)]
    import_posts([copies[0]], tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now, name="first")
    import_posts([original, copies[1]], tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now, name="second")

    with tenant_transaction(tenant):
        items = {item.platform_item_id: item for item in queries.items(brand_id)}

    root = items["post-30"].id
    assert items["post-30"].near_duplicate_of is None
    assert (items["post-1"].near_duplicate_of, items["post-2"].near_duplicate_of) == (root, root)


def test_evidence_cannot_be_changed_after_capture(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts(posts(1, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    with (
        pytest.raises(Exception, match="immutable"),
        tenant_transaction(tenant),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE evidence_item SET text_content = 'other'")


def test_a_file_that_is_no_source_stores_nothing(database: str, tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("colour,weather\nred,rain\n")

    with pytest.raises(UnreadableFile, match="colour"):
        operations.import_file(tenant_id=tenant, brand_id=brand_id, path=path, at=timezone.now())
    assert set(counts(database).values()) == {0}


def test_another_tenants_brand_takes_no_import(tenant: UUID, stranger: UUID, brand_id: UUID, tmp_path: Path) -> None:
    now = timezone.now()

    with pytest.raises(BrandNotFound):
        import_posts(posts(1, at=now), tenant_id=stranger, brand_id=brand_id, folder=tmp_path, at=now)
