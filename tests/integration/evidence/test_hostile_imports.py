"""Imports under attack: whatever a file holds, each record is stored or refused with a reason; memory is flat."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from kairo.platform.database.roles import APP_ROLE
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import EvidenceItemDTO, ImportReport
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.integration.evidence.hostile_records import FORMULAS, Fate, write_hostile_lines

FLAT_MB = 60
"""By so much more memory may ten times as many records take: what the allocator keeps of the largest batch."""


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def assert_all_accounted_for(report: ImportReport, fates: Counter[Fate], url: str) -> None:
    """Compare what the report says with what was written, and with what the database holds."""
    assert (report.new, report.known, report.rejected) == (fates[Fate.STORED], fates[Fate.KNOWN], fates[Fate.REFUSED])
    assert report.read == report.new + report.known + report.rejected == fates.total()
    with psycopg.connect(url) as server:
        stored = server.execute(
            "SELECT (SELECT count(*) FROM evidence_item), (SELECT count(*) FROM normalized_evidence_item),"
            " (SELECT count(*) FROM evidence_sighting),"
            " (SELECT count(*) FROM capture_rejection WHERE code <> '' AND reason <> '')"
        ).fetchone()
        counted = server.execute("SELECT item_count, new_count, rejected_count, status FROM capture_run").fetchall()
    new = fates[Fate.STORED]
    assert stored == (new, new, new, min(fates[Fate.REFUSED], 10_000))
    assert counted == [(report.new + report.known, report.new, report.rejected, "succeeded")]


def all_items(tenant_id: UUID, brand_id: UUID) -> list[EvidenceItemDTO]:
    """Read every item of a brand, page by page."""
    found: list[EvidenceItemDTO] = []
    with tenant_transaction(tenant_id):
        while page := queries.items(brand_id, after=found[-1].id if found else None, limit=500):
            found += page
    return found


def test_three_thousand_hostile_records_are_all_accounted_for(
    database: str, tenant: UUID, brand_id: UUID, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fates = write_hostile_lines(tmp_path / "hostile.jsonl", 3_000, at=timezone.now())

    report = operations.import_file(
        tenant_id=tenant, brand_id=brand_id, path=tmp_path / "hostile.jsonl", at=timezone.now()
    )
    again = operations.import_file(
        tenant_id=tenant, brand_id=brand_id, path=tmp_path / "hostile.jsonl", at=timezone.now()
    )

    assert_all_accounted_for(report, fates, database)
    assert (again.new, again.known, again.rejected) == (0, report.new + report.known, report.rejected)
    assert "Traceback" not in capfd.readouterr().err
    items = all_items(tenant, brand_id)
    assert len({item.id for item in items}) == report.new
    assert not [item for item in items if "\0" in item.text or (item.url or "").startswith("javascript")]
    assert {item.text for item in items} >= set(FORMULAS)


def test_hostile_items_are_served_over_http(tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    write_hostile_lines(tmp_path / "hostile.jsonl", 600, at=timezone.now())
    report = operations.import_file(
        tenant_id=tenant, brand_id=brand_id, path=tmp_path / "hostile.jsonl", at=timezone.now()
    )
    client = caller(tenant)

    listed = client.get(f"/api/brands/{brand_id}/evidence?limit=200")
    refused = client.get(f"/api/brands/{brand_id}/imports/{report.capture_run_id}?limit=200")
    gates = client.get(f"/api/brands/{brand_id}/gates")

    assert (listed.status_code, refused.status_code, gates.status_code) == (200, 200, 200)
    assert len(listed.json()["items"]) == 200
    assert all(reject["code"] and reject["reason"] for reject in refused.json()["rejects"])


def test_a_hostile_table_is_read_row_by_row(database: str, tenant: UUID, brand_id: UUID, tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    fates: Counter[Fate] = Counter()
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["platform", "platform_item_id", "author", "text", "published_at", "likes"])
        for number in range(600):
            row, fate = _hostile_row(number)
            table.writerow(row)
            fates[fate] += 1
    with path.open("ab") as raw:
        raw.write(b"x,latin1,ann,caf\xe9,2026-05-01,1\r\n" + b'x,open,ann,"never closed,2026-05-01,1\r\n')
    fates[Fate.REFUSED] += 2

    report = operations.import_file(tenant_id=tenant, brand_id=brand_id, path=path, at=timezone.now())

    assert_all_accounted_for(report, fates, database)


def _hostile_row(number: int) -> tuple[list[str], Fate]:
    row = ["x", f"row-{number}", "ann", FORMULAS[number % len(FORMULAS)], "2026-05-01", str(number)]
    changed: dict[int, tuple[int, str]] = {
        1: (4, "9999-01-01"),
        2: (5, "-4"),
        3: (5, "9" * 4_999),
        4: (1, ""),
        5: (3, ""),
    }
    kind = number % 9
    if kind in changed:
        place, value = changed[kind]
        row[place] = value
        return row, Fate.REFUSED
    if kind == 6:
        return [*row, "one", "too many"], Fate.REFUSED
    if kind == 7:
        row[3] = 'süß, "quoted"\nline, with; every\tdelimiter'
    return row, Fate.STORED


@pytest.mark.long
def test_a_hundred_thousand_hostile_records_take_no_more_memory_than_ten_thousand(
    database: str, tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    write_hostile_lines(few, 10_000, at=timezone.now())
    fates = write_hostile_lines(many, 100_000, at=timezone.now())

    [first], _ = imported_in_child(database, tenant, stored_brand(tenant, brand__slug="few").id, few)
    _empty_evidence(database)
    [second], log = imported_in_child(database, tenant, brand_id, many)

    assert_all_accounted_for(ImportReport.model_validate(second), fates, database)
    assert second["peak_mb"] - first["peak_mb"] < FLAT_MB, (first["peak_mb"], second["peak_mb"])
    assert "Traceback" not in log
    assert len(all_items(tenant, brand_id)) == fates[Fate.STORED]


def imported_in_child(url: str, tenant_id: UUID, brand_id: UUID, *files: Path) -> tuple[list[dict[str, float]], str]:
    """Import files in a process of its own; returns its reports, and what it wrote to its log."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kairo.config.settings",
        "DATABASE_URL": make_conninfo(url, user=APP_ROLE),
    }
    command = [sys.executable, "-m", "tests.integration.evidence.import_in_child", str(tenant_id), str(brand_id)]
    done = subprocess.run(
        [*command, *map(str, files)], env=environment, capture_output=True, text=True, check=False, timeout=3_000
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def _empty_evidence(url: str) -> None:
    with psycopg.connect(url) as server:
        server.execute("TRUNCATE evidence_item, evidence_sighting, normalized_evidence_item, capture_run CASCADE")
