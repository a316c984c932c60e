"""The erasure of a person: hidden at once, deleted for good with all that was made of it, and not taken in again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.evidence import queries
from kairo.stages.evidence.models import EvidenceItem
from tests.factories.board_jobs import regenerate_now
from tests.factories.boards import make_board, make_item, make_opportunity
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, post, posts
from tests.factories.uploads import as_jsonl, sent, worked_off
from tests.integration.evidence.stored_words import places_of

HANDLE = "Zuzanna.Kov"
WORDS = "zinnwaldite cleanser"
SAYING = f"My {WORDS} stung for two days and left red cheeks, what do you use instead?"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "sunscreen", "moisturiser"]}]).id


@pytest.fixture
def owner(tenant: UUID) -> Client:
    return caller(tenant, role=Role.OWNER)


def erase(owner: Client, tenant_id: UUID, handle: str = HANDLE) -> None:
    """Ask for the erasure of a person on instagram and work off its job."""
    asked = owner.delete(f"/api/authors/instagram/{handle}")
    assert asked.status_code == 202, asked.content
    assert worked_off(tenant_id, UUID(asked.json()["job_id"])).state == "succeeded"


def with_a_board(tenant_id: UUID, brand_id: UUID, folder: Path, *, at: datetime) -> None:
    """Import posts, some of them by the person, and generate a board that cites one of those."""
    sayings = (
        f"Does anyone else get red cheeks after a {WORDS}? Mine stung for two days.",
        f"I swapped my {WORDS} for a milky one and the tight feeling is gone.",
        f"How long do you wait between a {WORDS} and sunscreen in the morning?",
    )
    own = [
        post(n, at=at, author=HANDLE.lower() if n else HANDLE, text=saying, title=f"Day {n}", likes=5000)
        for n, saying in enumerate(sayings)
    ]
    refused = post(110, at=at, author=HANDLE, text=SAYING, likes=-5)
    others = [post(n, at=at) for n in range(3, 15)]
    import_posts([*others, *own, refused], tenant_id=tenant_id, brand_id=brand_id, folder=folder, at=at)
    regenerate_now(tenant_id=tenant_id, brand_id=brand_id)


def test_no_word_of_the_person_is_left_anywhere(
    database: str, tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    with_a_board(tenant, brand_id, tmp_path, at=timezone.now())
    assert owner.get(f"/api/brands/{brand_id}/today").status_code == 200
    before = set(places_of(WORDS, database)) | set(places_of(HANDLE, database))

    erase(owner, tenant)

    assert {"evidence_item.raw_json", "opportunity_citation.quote", "capture_rejection.excerpt"} <= before
    assert "today_board_cache.body" in before
    assert places_of(WORDS, database) == []
    assert places_of(HANDLE, database) == []
    assert places_of("zinnwaldite", database) == []


def test_the_others_stay_and_the_board_says_what_was_withdrawn(
    database: str, tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    with_a_board(tenant, brand_id, tmp_path, at=timezone.now())
    before = owner.get(f"/api/brands/{brand_id}/today").json()

    erase(owner, tenant)

    after = owner.get(f"/api/brands/{brand_id}/today").json()
    listed = owner.get(f"/api/brands/{brand_id}/evidence").json()["items"]
    assert sorted(item["author"] for item in listed) == sorted(f"person{n}" for n in range(3, 15))
    assert any(HANDLE.lower() in str(opportunity).lower() for opportunity in before["opportunities"])
    assert after["meta"]["state"] == "ready"
    assert all(opportunity["evidence"] for opportunity in after["opportunities"])
    assert len(after["opportunities"]) < len(before["opportunities"])
    assert "withdrawn" in " ".join(after["meta"]["notes"])


def test_the_person_is_gone_from_every_read_before_the_job_has_run(
    tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    with_a_board(tenant, brand_id, tmp_path, at=timezone.now())
    with tenant_transaction(tenant):
        item_id = EvidenceItem.objects.filter(author_ref=HANDLE).values_list("id", flat=True)[0]
    window = queries.EvidenceWindow(as_of=timezone.now())

    asked = owner.delete(f"/api/authors/Instagram/@{HANDLE.upper()}")

    reads = [
        owner.get(f"/api/brands/{brand_id}/evidence").content,
        owner.get(f"/api/brands/{brand_id}/today").content,
        owner.get(f"/api/brands/{brand_id}/boards").content,
    ]
    assert asked.status_code == 202
    assert owner.get(asked.json()["poll_url"]).json()["state"] == "pending"
    assert owner.get(f"/api/evidence/{item_id}").status_code == 404
    assert all(b"zinnwaldite" not in read.lower() for read in reads)
    with tenant_transaction(tenant):
        assert len(queries.brand_evidence(brand_id, window).items) == 12
        assert queries.count_brand_items(brand_id, window, up_to=100) == 12


def test_an_opportunity_goes_with_its_last_citation_or_with_the_words_it_rests_on(
    tenant: UUID, brand_id: UUID, owner: Client
) -> None:
    theirs = make_item(tenant, brand_id=brand_id, text=SAYING, author_ref=HANDLE)
    others = make_item(tenant, brand_id=brand_id, text="How do I calm red cheeks after a holiday?", author_ref="ana")
    cites_both = [(theirs, SAYING), (others, "red cheeks after a holiday")]
    alone = make_opportunity(tenant, brand_id=brand_id, cites=[(theirs, SAYING)])
    worded_by_them = make_opportunity(
        tenant, brand_id=brand_id, cites=cites_both, title="Why my zinnwaldite cleanser stung"
    )
    stands = make_opportunity(
        tenant, brand_id=brand_id, cites=cites_both, title="Calm red cheeks", independent_voices=2
    )
    board_id = make_board(tenant, brand_id=brand_id, opportunity_ids=[alone, worded_by_them, stands])

    erase(owner, tenant)

    board = owner.get(f"/api/boards/{board_id}").json()
    assert [opportunity["id"] for opportunity in board["opportunities"]] == [str(stands)]
    [opportunity] = board["opportunities"]
    assert (opportunity["evidence_ids"], opportunity["independent_voices"]) == ([str(others)], 1)
    assert [owner.get(f"/api/opportunities/{gone}").status_code for gone in (alone, worded_by_them)] == [404, 404]


def test_copies_by_others_get_the_earliest_of_them_as_their_original(
    tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [post(n, at=now, text=SAYING, author=HANDLE if n == 9 else f"copier{n}") for n in (9, 5, 3, 1)]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    erase(owner, tenant)

    with tenant_transaction(tenant):
        items = {item.platform_item_id: item for item in queries.items(brand_id)}
    heir = items["post-5"].id
    assert items["post-5"].near_duplicate_of is None
    assert (items["post-3"].near_duplicate_of, items["post-1"].near_duplicate_of) == (heir, heir)


def test_nothing_of_the_person_is_taken_in_again(
    database: str, tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [*posts(2, at=now), post(100, at=now, author=f"@{HANDLE.upper()}", text=SAYING)]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    erase(owner, tenant)

    again = import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    later = worked_off(tenant, sent(owner, brand_id, as_jsonl([*lines, post(5, at=now)]), name="later.jsonl"))

    assert (again.read, again.new, again.known, again.rejected) == (3, 0, 2, 1)
    assert (later.outcome["new"], later.outcome["rejected"]) == (1, 1)
    [reject] = owner.get(str(later.result_url)).json()["rejects"]
    assert (reject["code"], reject["excerpt"]) == ("erased_author", "")
    assert places_of(WORDS, database) == []


def test_another_person_of_nearly_that_name_or_on_another_platform_stays(
    tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [
        post(1, at=now, author=HANDLE),
        post(2, at=now, author="ZuzannaKov"),
        post(3, at=now, author=HANDLE, platform="tiktok"),
    ]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    erase(owner, tenant)

    left = owner.get(f"/api/brands/{brand_id}/evidence").json()["items"]
    assert {item["platform_item_id"] for item in left} == {"post-2", "post-3"}


def test_an_erasure_that_fails_changes_nothing_and_goes_through_later(
    database: str, tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    with_a_board(tenant, brand_id, tmp_path, at=timezone.now())
    asked = owner.delete(f"/api/authors/instagram/{HANDLE}")
    job_id = UUID(asked.json()["job_id"])
    tables = ("evidence_item", "evidence_sighting", "normalized_evidence_item", "author_erasure", "capture_rejection")
    with psycopg.connect(database, autocommit=True) as server:
        # Somebody holds on to an item, as a stage would that has not let go.
        server.execute(
            "CREATE TABLE holder AS SELECT tenant_id, id AS item_id FROM evidence_item WHERE lower(author_ref) = %s",
            [HANDLE.lower()],
        )
        server.execute(
            "ALTER TABLE holder ADD FOREIGN KEY (tenant_id, item_id) REFERENCES evidence_item (tenant_id, id)"
        )
        try:
            before = contents(server, tables)
            failed = worked_off(tenant, job_id)
            unchanged = contents(server, tables) == before
        finally:
            server.execute("DROP TABLE holder")
        server.execute("UPDATE job SET available_at = now() WHERE id = %s", [job_id])

    done = worked_off(tenant, job_id)

    assert (failed.state, unchanged) == ("pending", True)
    assert (done.state, done.outcome) == ("succeeded", {"items": 3})
    assert places_of(WORDS, database) == []


def test_a_citation_that_was_made_meanwhile_is_let_go_of_too(
    database: str, tenant: UUID, brand_id: UUID, owner: Client
) -> None:
    item_id = make_item(tenant, brand_id=brand_id, text=SAYING, author_ref=HANDLE)
    asked = owner.delete(f"/api/authors/instagram/{HANDLE}")
    make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, SAYING)])

    job = worked_off(tenant, UUID(asked.json()["job_id"]))

    assert job.state == "succeeded"
    assert places_of(WORDS, database) == []


def test_files_with_refused_records_are_cleared_of_the_person(
    tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [post(1, at=now, author=HANDLE, text=SAYING), post(2, at=now, author=HANDLE, text=SAYING, likes=-1)]
    report = import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    assert report.rejected_file is not None
    assert "zinnwaldite" in Path(report.rejected_file).read_text()

    erase(owner, tenant)

    assert not Path(report.rejected_file).exists()
    shown = owner.get(f"/api/brands/{brand_id}/imports/{report.capture_run_id}").json()
    assert [(reject["code"], reject["excerpt"]) for reject in shown["rejects"]] == [("negative_count", "")]


def test_a_file_of_a_cancelled_import_goes_with_the_person(
    database: str, tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    lines = [post(1, at=now, author=HANDLE, text=SAYING)]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    job_id = sent(owner, brand_id, as_jsonl(lines), name="other.jsonl")
    assert owner.post(f"/api/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert "evidence_upload_chunk.content" in places_of(WORDS, database)

    erase(owner, tenant)

    assert places_of(WORDS, database) == []


def test_only_an_owner_erases_and_a_strangers_people_are_not_there(
    tenant: UUID, stranger: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    now = timezone.now()
    import_posts([post(1, at=now, author=HANDLE)], tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    path = f"/api/authors/instagram/{HANDLE}"

    answers = [
        caller(tenant, role=Role.EDITOR).delete(path),
        caller(stranger, role=Role.OWNER).delete(path),
        caller(stranger, role=Role.EDITOR).delete(path),
        owner.delete("/api/authors/instagram/nobody"),
    ]

    assert [answer.status_code for answer in answers] == [403, 404, 404, 404]
    assert {answer.json()["code"] for answer in answers[1:]} == {"author_not_found"}
    assert len(owner.get(f"/api/brands/{brand_id}/evidence").json()["items"]) == 1


def test_a_handle_with_a_slash_is_one_handle(tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path) -> None:
    now = timezone.now()
    author = "news/desk Ünïted"
    import_posts([post(1, at=now, author=author)], tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    erase(owner, tenant, author)

    assert owner.get(f"/api/brands/{brand_id}/evidence").json()["items"] == []


def test_asking_twice_is_one_erasure(tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path) -> None:
    now = timezone.now()
    import_posts([post(1, at=now, author=HANDLE)], tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    first, second = (owner.delete(f"/api/authors/instagram/{HANDLE}").json() for _ in range(2))
    worked_off(tenant, UUID(first["job_id"]))

    assert first == second
    assert owner.delete(f"/api/authors/instagram/{HANDLE}").status_code == 404


def test_an_old_post_of_the_person_shows_on_no_board_of_the_past(
    tenant: UUID, brand_id: UUID, owner: Client, tmp_path: Path
) -> None:
    with_a_board(tenant, brand_id, tmp_path, at=timezone.now() - timedelta(days=2))
    regenerate_now(tenant_id=tenant, brand_id=brand_id)

    erase(owner, tenant)

    boards = owner.get(f"/api/brands/{brand_id}/boards").json()["items"]
    shown = [owner.get(f"/api/boards/{board['id']}").json() for board in boards]
    assert len(shown) == 2
    assert "zinnwaldite" not in json.dumps(shown).lower()


def contents(server: psycopg.Connection, tables: Sequence[str]) -> list[object]:
    """Read whole tables."""
    return [server.execute(f"SELECT to_jsonb(part) FROM {table} part ORDER BY 1").fetchall() for table in tables]
