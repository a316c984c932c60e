"""`kairo simulate`: an invented market that the product can import, and the clock of a simulation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from kairo.errors import Invalid
from kairo.interfaces.cli.simulate import FolderNotEmpty, simulate_app
from kairo.platform.database.clock import ClockIsReal, now
from kairo.sandbox.market import subject_slugs
from kairo.stages.evidence import operations
from tests.factories.brands import stored_brand
from tests.virtual_clock import virtual_clock

SMALL = ("--days", "5", "--posts-per-day", "40", "--start", "2026-03-02")
LATER = datetime(2026, 3, 10, tzinfo=UTC)


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(simulate_app, list(arguments), terminal_width=200)


def written(folder: Path, *arguments: str) -> dict[str, bytes]:
    """Write a small market and return the bytes of its files."""
    result = simulate("market", *SMALL, *arguments, "--out", str(folder))
    assert result.exit_code == 0, result.exception
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json*"))}


def test_the_same_seed_writes_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    first, again = written(tmp_path / "a", "--seed", "3"), written(tmp_path / "b", "--seed", "3")
    other = written(tmp_path / "c", "--seed", "4")

    assert sorted(first) == ["posts/instagram.jsonl", "posts/tiktok.jsonl", "truth.json"]
    assert first == again
    assert not set(first.values()) & set(other.values())


@pytest.mark.parametrize("subject", subject_slugs())
def test_the_product_imports_every_post_and_the_truth_lies_apart(tenant: UUID, tmp_path: Path, subject: str) -> None:
    result = simulate("market", *SMALL, "--subject", subject, "--out", str(tmp_path / "market"), "--json")
    told = json.loads(result.stdout)
    brand_id = stored_brand(tenant).id

    reports = {
        platform: operations.import_file(tenant_id=tenant, brand_id=brand_id, path=Path(path), at=LATER)
        for platform, path in told["files"].items()
    }

    assert {platform: report.new for platform, report in reports.items()} == told["posts"]
    assert [report.rejected for report in reports.values()] == [0, 0]
    truth = json.loads(Path(told["truth"]).read_text())
    assert [trend["name"] for trend in truth["trends"]] == told["trends"]
    assert truth["posts"] == sum(told["posts"].values())
    text = "".join(Path(path).read_text() for path in told["files"].values())
    assert "planted" not in text
    assert all(trend["name"] not in text for trend in truth["trends"])


def test_what_was_written_is_told_with_how_to_go_on(tmp_path: Path) -> None:
    result = simulate("market", *SMALL, "--seed", "3", "--out", str(tmp_path / "market"))

    assert f"kairo ingest import {tmp_path}/market/posts/tiktok.jsonl --brand BRAND" in result.stdout
    assert "--seed 3 --start 2026-03-02 --days 5" in result.stdout


def test_wrong_input_is_told_in_a_sentence_and_writes_nothing(tmp_path: Path) -> None:
    taken, file = tmp_path / "taken", tmp_path / "file"
    taken.mkdir()
    (taken / "notes.txt").write_text("mine")
    file.write_text("mine")

    unknown = simulate("market", "--subject", "cars", "--out", str(tmp_path / "new")).exception
    not_empty = simulate("market", "--out", str(taken)).exception
    no_folder = simulate("market", "--out", str(file)).exception

    assert isinstance(unknown, Invalid)
    assert "no subject 'cars'; there are home-coffee, houseplants" in unknown.message
    assert isinstance(not_empty, FolderNotEmpty)
    assert isinstance(no_folder, Invalid)
    assert simulate("market", "--days", "0", "--out", str(tmp_path / "new")).exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken"]
    assert [path.name for path in taken.iterdir()] == ["notes.txt"]


def test_the_help_names_every_subject_and_an_example() -> None:
    told = " ".join(simulate("market", "--help").stdout.split())

    assert all(subject in told for subject in subject_slugs())
    assert "kairo simulate market --seed 7 --days 30 --out ./market" in told


def test_the_clock_is_shown_set_moved_and_let_go(database: str) -> None:
    with virtual_clock():
        told = [
            simulate("clock", "--to", "2026-03-02"),
            simulate("clock", "--advance-s", "30", "--json"),
            simulate("clock"),
        ]
        shared = now()
        released = simulate("clock", "--real")

    assert [result.exit_code for result in [*told, released]] == [0, 0, 0, 0]
    assert json.loads(told[1].stdout) == {"now": "2026-03-02T00:00:30+00:00"}
    assert told[2].stdout.strip() == shared.isoformat() == "2026-03-02T00:00:30+00:00"
    assert datetime.fromisoformat(released.stdout.strip()) > LATER


def test_the_clock_of_a_process_in_real_time_is_only_shown(database: str) -> None:
    assert isinstance(simulate("clock", "--advance-s", "30").exception, ClockIsReal)
    assert isinstance(simulate("clock", "--advance-s", "30", "--real").exception, Invalid)
    assert abs(datetime.fromisoformat(simulate("clock").stdout.strip()) - datetime.now(UTC)).total_seconds() < 60
