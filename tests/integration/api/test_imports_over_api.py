"""Files sent over HTTP: accepted, imported by a job, reported with their refused records, and not kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from kairo.errors import TooLarge
from kairo.platform.database.clock import move_clock, set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.operations import enqueue, request_cancel
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import MAX_UPLOAD_BYTES
from kairo.stages.evidence.jobs import FORGET_UPLOADS, ForgetUploads
from kairo.stages.evidence.operations.refusing import MOST_REJECTIONS_KEPT
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import post, posts
from tests.factories.uploads import as_jsonl, sent, worked_off
from tests.virtual_clock import virtual_clock


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


def kept(url: str) -> tuple[int, int]:
    """Count the uploads and the chunks that are kept."""
    with psycopg.connect(url) as server:
        row = server.execute(
            "SELECT (SELECT count(*) FROM evidence_upload), (SELECT count(*) FROM evidence_upload_chunk)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_file_is_imported_by_a_job_and_not_kept(database: str, tenant: UUID, client: Client, brand_id: UUID) -> None:
    content = as_jsonl(posts(12, at=timezone.now()))

    job_id = sent(client, brand_id, content, role="competitor")
    waiting = kept(database)
    job = worked_off(tenant, job_id)
    listed = client.get(f"/api/brands/{brand_id}/evidence").json()["items"]
    [surface] = client.get(f"/api/brands/{brand_id}/surfaces").json()["items"]

    assert (waiting, kept(database)) == ((1, 1), (0, 0))
    assert (job.state, job.queue) == ("succeeded", "io")
    assert {name: job.outcome[name] for name in ("read", "new", "known", "rejected")} == {
        "read": 12, "new": 12, "known": 0, "rejected": 0,
    }  # fmt: skip
    assert len(listed) == 12
    assert all(item["roles"] == ["competitor"] for item in listed)
    assert (surface["surface_key"], surface["surface_type"], surface["role"]) == ("posts.jsonl", "import", "competitor")


def test_the_report_lists_refused_records_a_page_at_a_time(tenant: UUID, client: Client, brand_id: UUID) -> None:
    now = timezone.now()
    bad = [post(n, at=now, likes=-n) for n in range(1, 8)]
    job = worked_off(tenant, sent(client, brand_id, as_jsonl([*posts(2, at=now), *bad])))

    assert job.result_url is not None
    first = client.get(f"{job.result_url}?limit=5").json()
    second = client.get(f"{job.result_url}?limit=5&cursor={first['next_cursor']}").json()

    assert (first["status"], first["read"], first["new"], first["rejected"]) == ("succeeded", 9, 2, 7)
    assert [reject["row"] for reject in first["rejects"] + second["rejects"]] == [3, 4, 5, 6, 7, 8, 9]
    assert {reject["code"] for reject in first["rejects"]} == {"negative_count"}
    assert "person1" in first["rejects"][0]["excerpt"]
    assert (second["next_cursor"], second["rejects_not_kept"]) == (None, 0)
    assert [reject["code"] for reject in job.outcome["rejects"]] == ["negative_count"] * 7  # type: ignore[union-attr,index,call-overload]
    assert "excerpt" not in str(job.outcome)


def test_of_very_many_refused_records_the_first_are_kept_and_the_rest_counted(
    tenant: UUID, client: Client, brand_id: UUID
) -> None:
    content = as_jsonl([post(1, at=timezone.now())]) + b"{broken\n" * (MOST_REJECTIONS_KEPT + 25)

    job = worked_off(tenant, sent(client, brand_id, content))
    report = client.get(f"{job.result_url}?cursor={MOST_REJECTIONS_KEPT - 3}").json()

    assert (report["rejected"], report["rejects_not_kept"]) == (MOST_REJECTIONS_KEPT + 25, 25)
    assert (len(report["rejects"]), report["next_cursor"]) == (3, None)


def test_the_same_file_again_changes_nothing_and_while_it_waits_is_the_same_job(
    database: str, tenant: UUID, client: Client, brand_id: UUID
) -> None:
    content = as_jsonl(posts(3, at=timezone.now()))

    first, while_it_waits = sent(client, brand_id, content), sent(client, brand_id, content)
    waiting = kept(database)
    worked_off(tenant, first)
    again = worked_off(tenant, sent(client, brand_id, content))

    assert (first, waiting) == (while_it_waits, (1, 1))
    assert (again.outcome["new"], again.outcome["known"]) == (0, 3)


def test_a_compressed_file_with_a_mapping_is_read(tenant: UUID, client: Client, brand_id: UUID) -> None:
    rows = "Review ID;Review text;Date\nr1;Calmed my skin within a week;2026-05-01\n"
    mapping = json.dumps(
        {"platform": "=trustpilot", "platform_item_id": "Review ID", "text": "Review text", "published_at": "Date"}
    )

    job = worked_off(tenant, sent(client, brand_id, gzip.compress(rows.encode()), name="r.csv.gz", mapping=mapping))
    [item] = client.get(f"/api/brands/{brand_id}/evidence").json()["items"]

    assert job.outcome["new"] == 1
    assert (item["platform"], item["text"]) == ("trustpilot", "Calmed my skin within a week")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"format": "no such format"}, 422, "unknown_format"),
        ({"mapping": "{"}, 422, "invalid"),
        ({"mapping": '["text"]'}, 422, "invalid"),
        ({"mapping": '{"text": "Review"}'}, 422, "bad_mapping"),
        ({"role": "spy"}, 422, "invalid"),
    ],
)
def test_what_no_import_could_use_is_refused_at_once(
    database: str, client: Client, brand_id: UUID, fields: dict[str, str], status: int, code: str
) -> None:
    file = as_jsonl(posts(1, at=timezone.now()))

    answer = client.post(f"/api/brands/{brand_id}/evidence/import", {"file": _named("a.jsonl", file), **fields})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(database) == (0, 0)


def test_empty_and_missing_files_and_strangers_brands_are_refused(
    stranger: UUID, client: Client, brand_id: UUID
) -> None:
    path = f"/api/brands/{brand_id}/evidence/import"

    empty = client.post(path, {"file": _named("a.jsonl", b"")})
    missing = client.post(path, {"format": "auto"})
    strangers = caller(stranger).post(path, {"file": _named("a.jsonl", b"{}")})

    assert (empty.status_code, empty.json()["code"]) == (422, "empty_file")
    assert missing.status_code == 422
    assert (strangers.status_code, strangers.json()["code"]) == (404, "brand_not_found")


class _HugeFile:
    """A file of more bytes than are taken; nobody reads it."""

    name = "huge.jsonl"
    size = MAX_UPLOAD_BYTES + 1

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        raise AssertionError("the file was read")


def test_a_file_above_the_bound_is_refused_unread(tenant: UUID, brand_id: UUID) -> None:
    with pytest.raises(TooLarge, match="200,000,000"), tenant_transaction(tenant):
        operations.accept_upload(brand_id=brand_id, file=_HugeFile(), at=timezone.now())


def test_the_name_of_a_file_is_never_a_path(tenant: UUID, client: Client, brand_id: UUID) -> None:
    content = as_jsonl(posts(1, at=timezone.now()))

    worked_off(tenant, sent(client, brand_id, content, name="..\\..\\etc\\p\u202eosts\x07.jsonl"))
    [surface] = client.get(f"/api/brands/{brand_id}/surfaces").json()["items"]

    assert surface["surface_key"] == "posts.jsonl"


def test_a_file_that_is_no_source_fails_with_its_reason_and_is_not_kept(
    database: str, tenant: UUID, client: Client, brand_id: UUID
) -> None:
    job = worked_off(tenant, sent(client, brand_id, b"colour,weather\nred,rain\n", name="notes.csv"))

    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error is not None
    assert "notes.csv" in job.error
    assert "colour" in job.error
    assert kept(database) == (0, 0)


def test_an_import_that_was_cut_short_goes_on_where_it_was(
    database: str, tenant: UUID, client: Client, brand_id: UUID
) -> None:
    now = timezone.now()
    content = as_jsonl([*posts(2500, at=now), post(9999, at=now, likes=-1)])
    job_id = sent(client, brand_id, content)
    _cut_short_after_first_batch(database, tenant, job_id)

    report = worked_off(tenant, job_id)

    assert report.state == "succeeded"
    assert {name: report.outcome[name] for name in ("read", "new", "known", "rejected")} == {
        "read": 2501, "new": 2500, "known": 0, "rejected": 1,
    }  # fmt: skip
    with psycopg.connect(database) as server:
        counts = server.execute(
            "SELECT (SELECT count(*) FROM evidence_item), (SELECT count(*) FROM evidence_sighting),"
            " (SELECT count(*) FROM normalized_evidence_item), (SELECT count(*) FROM capture_rejection)"
        ).fetchone()
    assert counts == (2500, 2500, 2500, 1)


def _cut_short_after_first_batch(url: str, tenant_id: UUID, job_id: UUID) -> None:
    """Let the database refuse the second batch, as a full disk would, and then recover; the job is due again."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("ALTER TABLE evidence_sighting ADD CONSTRAINT disk_full CHECK (view_count < 2000) NOT VALID")
        failed = worked_off(tenant_id, job_id)
        server.execute("ALTER TABLE evidence_sighting DROP CONSTRAINT disk_full")
        server.execute("UPDATE job SET available_at = now() WHERE id = %s", [job_id])
        [stored] = server.execute("SELECT count(*) FROM evidence_item").fetchone() or [0]
    assert (failed.state, failed.attempts, stored) == ("pending", 1, 1000)


def test_the_daily_round_lets_go_of_a_file_a_day_after_its_import_was_cancelled(
    database: str, tenant: UUID, client: Client, brand_id: UUID
) -> None:
    cancelled = sent(client, brand_id, as_jsonl(posts(1, at=timezone.now())))
    sent(client, brand_id, as_jsonl(posts(2, at=timezone.now())), name="waiting.jsonl")
    with tenant_transaction(tenant):
        request_cancel(cancelled)

    with virtual_clock():
        set_clock(timezone.now() + timedelta(hours=23))
        early = worked_off(tenant, _asked_to_forget(tenant))
        kept_early = kept(database)
        move_clock(timedelta(hours=2))
        late = worked_off(tenant, _asked_to_forget(tenant))

    assert (early.outcome, kept_early) == ({"forgotten": 0}, (2, 2))
    assert (late.outcome, kept(database)) == ({"forgotten": 1}, (1, 1))


def _asked_to_forget(tenant_id: UUID) -> UUID:
    with tenant_transaction(tenant_id):
        return enqueue(FORGET_UPLOADS, ForgetUploads()).id


def test_an_import_that_is_not_there_is_not_found(stranger: UUID, tenant: UUID, client: Client, brand_id: UUID) -> None:
    job = worked_off(tenant, sent(client, brand_id, as_jsonl(posts(1, at=timezone.now()))))
    other_brand = stored_brand(tenant, brand__slug="other").id
    run_id = job.outcome["capture_run_id"]

    answers = [
        client.get(f"/api/brands/{brand_id}/imports/{uuid4()}"),
        client.get(f"/api/brands/{other_brand}/imports/{run_id}"),
        caller(stranger).get(f"/api/brands/{brand_id}/imports/{run_id}"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "import_not_found")] * 3


def _named(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
