"""`kairo eval` over the fixtures of evals/hero, on a real database."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kairo.errors import KairoError
from kairo.interfaces.cli.evals import eval_app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenants
from kairo.stages.brands import queries as brands
from kairo.stages.opportunities import operations as opportunities
from tests.factories.boards import NOON, make_board, make_brand, make_item

FIXTURES = Path(__file__).resolve().parents[3] / "evals" / "hero"
VOLATILE = {"made_at", "latency_ms", "previous", "files"}


def evals(*arguments: str) -> Result:
    return CliRunner().invoke(eval_app, list(arguments), terminal_width=200)


def run(fixture: str | Path, out: Path, *options: str) -> Any:
    """Evaluate a fixture without a model and return what the command printed as JSON."""
    asked = ["--fixture", str(FIXTURES / fixture), "--out", str(out), "--json", "--generator", "extractive"]
    done = evals("hero", *asked, *options)
    assert done.exit_code == 0, done.output or done.exception
    return json.loads(done.stdout)


def lasting(report: Any) -> Any:
    """Return a report without what differs by itself."""
    cases = [{name: value for name, value in case.items() if name != "ids"} for case in report["cases"]]
    return {name: value for name, value in report.items() if name not in VOLATILE} | {"cases": cases}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the smallest fixture that a board can be made of, to be changed."""
    folder = shutil.copytree(FIXTURES / "coffee-ru", tmp_path / "coffee")
    (folder / "expected.json").unlink()
    return folder


def test_the_english_fixture_is_good_and_the_same_again(database: str, tmp_path: Path) -> None:
    first = run("houseplants", tmp_path, "--max-opportunities", "2")
    again = run("houseplants", tmp_path, "--max-opportunities", "2")

    assert (first["quality"], first["obs_health"], first["errors"]) == ("good", "ok", [])
    assert (first["metrics"]["packages"], first["spending"]["calls"]) == (2, 0)
    assert [first["metrics"][name] for name in ("quote_fidelity", "evidence_coverage", "ids_resolved")] == [1, 1, 1]
    assert (first["previous"], again["previous"]["changes"]) == (None, [])
    assert lasting(again) == lasting(first)


def test_the_russian_fixture_is_written_in_russian(database: str, tmp_path: Path) -> None:
    report = run("coffee-ru", tmp_path)

    assert (report["board"]["state"], report["metrics"]["quote_fidelity"]) == ("ready", 1)
    assert all("«" in variant["body"] or "?" in variant["body"] for variant in report["cases"][0]["variants"])
    assert report["cases"][0]["package"]["problems"] == []


def test_thin_evidence_ends_as_insufficient_and_says_what_is_missing(database: str, tmp_path: Path) -> None:
    report = run("bikes-thin", tmp_path)

    assert (report["board"]["state"], report["quality"], report["missed"]) == ("insufficient_evidence", "invalid", [])
    assert report["board"]["shortfall"][0] == "insufficient_items: 5 items found, need 8"
    assert (report["obs_health"], report["cases"]) == ("ok", [])


def test_taboos_in_evidence_and_signals_reach_no_output(database: str, tmp_path: Path) -> None:
    posts = (FIXTURES / "tea-taboos" / "items.jsonl").read_text().casefold()
    assert min(posts.count(taboo) for taboo in ("detox", "weight loss", "cure")) >= 1

    report = run("tea-taboos", tmp_path, "--max-opportunities", "3")

    assert (report["quality"], report["metrics"]["taboo_violations"]) == ("good", 0)
    written = json.dumps([report["cases"], report["profile"]]).casefold()
    assert not any(taboo in written for taboo in ("detox", "weight loss", "lose weight", "cure"))


def test_the_report_lies_in_both_forms_under_a_name_that_sorts_by_time(database: str, tmp_path: Path) -> None:
    report = run("bikes-thin", tmp_path)

    [data, shown] = map(Path, report["files"])
    assert data.name.startswith("hero-bikes-thin-extractive-20")
    assert {data.suffix, shown.suffix} == {".json", ".md"}
    assert data.stem == shown.stem
    assert json.loads(data.read_text())["quality"] == "invalid"
    assert "insufficient_items: 5 items found, need 8" in shown.read_text()
    assert str(Path.cwd()) not in data.read_text() + shown.read_text()


def test_a_fixture_is_nobodys_brand(database: str, tmp_path: Path) -> None:
    report = run("bikes-thin", tmp_path)
    run("bikes-thin", tmp_path)

    [account] = [tenant for tenant in tenants() if tenant.slug.startswith("eval-bikes-thin-")]
    with tenant_transaction(account.id):
        assert [brand.slug for brand in brands.brands()] == [account.slug]
    assert report["fixture"] == "bikes-thin"
    with pytest.raises(KairoError, match="There is no brand 'bikes-thin'"):
        brands.locate_brand("bikes-thin")


def test_a_changed_fixture_meets_no_posts_of_the_earlier_one(database: str, tmp_path: Path, small: Path) -> None:
    before = run(small, tmp_path / "out", "--max-opportunities", "1")
    lines = (small / "items.jsonl").read_text().splitlines(keepends=True)
    (small / "items.jsonl").write_text("".join(lines[6:]))

    after = run(small, tmp_path / "out", "--max-opportunities", "1")

    assert (before["inputs"]["items"], after["inputs"]["items"]) == (32, 26)
    assert [line.split(":")[0] for line in after["previous"]["unlike"]] == ["posts and brand"]


def test_what_a_fixture_expects_and_misses_is_said_and_fails(database: str, tmp_path: Path, small: Path) -> None:
    (small / "expected.json").write_text('{"quality": ["bad"], "state": "error"}')

    done = evals("hero", "--fixture", str(small), "--out", str(tmp_path), "--max-opportunities", "1")

    assert done.exit_code == 1
    assert "missed: the board is ready, not error" in done.stdout
    assert "Written: " in done.stdout


def test_a_fixture_of_the_working_directory_is_found_by_its_name(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES / "bikes-thin", tmp_path / "evals" / "hero" / "bikes-thin")
    monkeypatch.chdir(tmp_path)

    done = evals("hero", "--brand-slug", "bikes-thin", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["files"][0].startswith("docs/eval/hero_loop/hero-bikes-thin-auto-")


def test_without_a_folder_to_write_to_reports_go_to_the_data(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").write_text("A file where the folder would be.")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAIRO_DATA_DIR", str(tmp_path / "data"))

    report = json.loads(evals("hero", "--fixture", str(FIXTURES / "bikes-thin"), "--json").stdout)

    assert report["files"][0].startswith(str(tmp_path / "data" / "eval" / "hero_loop"))


def test_a_stored_brand_gets_a_real_board(tenant: Any, tmp_path: Path) -> None:
    brand = make_brand(tenant)
    make_item(tenant, brand_id=brand.id, text="How do I descale my machine?")

    done = evals(
        "hero", "--brand-slug", "northwind", "--as-of", NOON.isoformat(), "--out", str(tmp_path), "--json",
        "--generator", "extractive",
    )  # fmt: skip

    report = json.loads(done.stdout)
    assert (report["inputs"]["items"], report["inputs"]["signals"]) == (1, "evidence")
    assert report["board"]["state"] == "insufficient_evidence"


def test_a_board_that_somebody_else_is_making_is_not_taken_for_ours(tenant: Any, tmp_path: Path) -> None:
    brand = make_brand(tenant)
    make_board(tenant, brand_id=brand.id)
    with tenant_transaction(tenant):
        opportunities.regenerate(brand_id=brand.id)

    done = evals("hero", "--brand-slug", "northwind", "--out", str(tmp_path), "--json")

    report = json.loads(done.stdout)
    assert (report["board"]["state"], report["quality"], report["obs_health"]) == ("error", "invalid", "failed")
    assert report["errors"][0]["message"].startswith("Another board of this brand is being made.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--fixture", "nowhere"], "There is no folder nowhere: a fixture is a folder with brand.yaml"),
        (["--brand-slug", "unheard-of"], "There is no brand 'unheard-of'"),
        (["--brand-slug", "../hero"], "There is no brand '../hero'"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    database: str, tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = evals("hero", *arguments, "--out", str(tmp_path))

    assert isinstance(done.exception, KairoError)
    assert done.exception.message.startswith(told)
    assert "\n" not in done.exception.message


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("brand.yaml", "brand: [unclosed", "brand.yaml cannot be used, docs/brand-file.md shows its form"),
        ("brand.yaml", "brand: {slug: a, name: A, colour: red}", "brand.colour: Extra inputs are not permitted"),
        ("brand.yaml", None, "lacks brand.yaml"),
        ("items.jsonl", None, "lacks items.jsonl"),
        ("items.jsonl", "not a record\n", "items.jsonl"),
        ("signals.json", "{", "signals.json is no JSON document that can be read"),
        ("signals.json", "[]", "signals.json is no JSON object"),
        ("signals.json", '{"fetched_at": "2026-10-12T09:00:00Z", "trends": [{"topic": 5}]}', "trends.0.topic"),
        ("signals.json", '{"fetched_at": "2026-10-12T09:00:00Z", "trends": 5}', "trends is no list"),
        ("expected.json", '{"quality": ["splendid"]}', "expected.json cannot be used"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(
    database: str, tmp_path: Path, small: Path, file: str, content: str | None, told: str
) -> None:
    (small / file).unlink() if content is None else (small / file).write_text(content)

    done = evals("hero", "--fixture", str(small), "--out", str(tmp_path))

    assert isinstance(done.exception, KairoError)
    assert told in done.exception.message
    assert "\n" not in done.exception.message


@pytest.mark.parametrize(
    "arguments",
    [[], ["--fixture", "x", "--tenant", "acme"], ["--fixture", "x", "--max-opportunities", "0"], ["--generator", "y"]],
)
def test_a_command_that_makes_no_sense_is_a_matter_of_usage(arguments: list[str]) -> None:
    assert evals("hero", *arguments).exit_code == 2


def test_a_signals_file_without_signals_leaves_them_to_the_evidence(database: str, tmp_path: Path, small: Path) -> None:
    (small / "signals.json").write_text('{"fetched_at": "2026-10-12T09:00:00Z"}')

    report = run(small, tmp_path / "out", "--max-opportunities", "1")

    assert (report["inputs"]["signals"], report["as_of"]) == ("evidence", "2026-10-12T09:00:00Z")


def test_without_a_moment_the_newest_post_tells_it(database: str, tmp_path: Path, small: Path) -> None:
    (small / "signals.json").unlink()

    report = run(small, tmp_path / "out", "--max-opportunities", "1")

    assert report["as_of"] == "2026-10-12T00:00:00Z"


def test_two_reports_are_compared(database: str, tmp_path: Path) -> None:
    before = run("bikes-thin", tmp_path)["files"][0]
    after = run("coffee-ru", tmp_path, "--max-opportunities", "1")["files"][0]

    shown = evals("compare", before, after)
    compared = json.loads(evals("compare", before, after, "--json").stdout)

    assert shown.exit_code == 0
    assert "| quality | invalid | partial | changed |" in shown.stdout
    assert "- fixture: bikes-thin → coffee-ru" in shown.stdout
    assert {change["name"]: change["after"] for change in compared["figures"]}["packages"] == 1
    assert len(compared["new_titles"]) == 3


@pytest.mark.parametrize(("content", "told"), [(None, "There is no report"), ("{}", "is no report of an evaluation")])
def test_what_is_no_report_is_not_compared(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)

    done = evals("compare", str(path), str(path))

    assert isinstance(done.exception, KairoError)
    assert told in done.exception.message


def test_an_unknown_file_in_the_folder_stands_in_nobodys_way(database: str, tmp_path: Path) -> None:
    (tmp_path / "hero-bikes-thin-extractive-20250101T000000000Z.json").write_text('{"kind": "older"}')

    assert run("bikes-thin", tmp_path)["previous"] is None
