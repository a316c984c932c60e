"""House lints: what no library checks, read from the source as it stands."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

ROOT = Path(__file__).resolve().parents[2]
MAX_MODULE_LINES = 450
MAX_FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "managers", "misc", "common"}
# Who may ask for real time past kairo.platform.database.clock, and why.
REAL_TIME = {
    "kairo/platform/database/clock.py": "it is the clock",
    "kairo/platform/embeddings/endpoint.py": "a server asks us to wait for real seconds",
    "kairo/platform/live/following.py": "events of a run carry the moments at which they really happened",
    "kairo/platform/llm/providers/posting.py": "a server asks us to wait for real seconds",
    "kairo/platform/tenancy/middleware.py": "the database notes the real moment of a token's last use",
    "kairo/interfaces/api/runs.py": "the database lets tickets expire in real time",
    "kairo/interfaces/cli/simulate.py": "a market is invented without a database",
    "kairo/interfaces/cli/supervisor.py": "the database lets sign-in links expire in real time",
    "kairo/interfaces/cli/tenancy.py": "the database lets tokens and sign-in links expire in real time",
    "kairo/interfaces/web/imports.py": "a job runs for real seconds",
    "kairo/interfaces/web/insights.py": "a job runs for real seconds",
    "kairo/interfaces/web/job_pages.py": "a job runs for real seconds",
    "kairo/interfaces/web/opportunities.py": "a job runs for real seconds",
    "kairo/interfaces/web/packages.py": "a job runs for real seconds",
}
ASSERTING = ("assert", "raises", "expect", "check", "fail")


def _sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (
            path for path in sorted((ROOT / folder).rglob("*.py")) if not {"migrations", ".venv"} & set(path.parts)
        )


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_modules_are_split_by_topic_before_they_grow_long() -> None:
    long = [_place(path) for path in _sources("kairo") if path.read_text().count("\n") > MAX_MODULE_LINES]
    assert long == []


def test_functions_hold_one_idea() -> None:
    long = [
        f"{_place(path, node.lineno)} {node.name}"
        for path in _sources("kairo")
        for node in _functions(path)
        if (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


def test_modules_are_named_after_what_is_in_them() -> None:
    vague = [_place(path) for path in _sources("kairo") if {*path.parts, path.stem} & FORBIDDEN_NAMES]
    assert vague == []


def test_no_exception_is_swallowed_in_silence() -> None:
    silent = [
        _place(path, node.lineno)
        for path in _sources("kairo", "tests", "scripts", "bench")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert silent == []


def test_every_test_can_fail() -> None:
    empty = [
        f"{_place(path, node.lineno)} {node.name}"
        for path in _sources("tests")
        for node in _functions(path)
        if node.name.startswith("test_") and not any(word in ast.dump(node).lower() for word in ASSERTING)
    ]
    assert empty == []


def test_nothing_inside_kairo_is_patched() -> None:
    patching = re.compile(r"mock\.patch|@patch\(|Magic" + "Mock|monkeypatch\\.setattr\\(.kairo")
    assert [_place(path) for path in _sources("tests") if patching.search(path.read_text())] == []


def test_no_work_is_left_for_later_in_comments() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [_place(path) for path in _sources("kairo", "tests") if later.search(path.read_text())] == []


def test_what_is_decided_by_time_follows_the_one_clock() -> None:
    asking = re.compile(r"\b(timezone|datetime)\.(utc)?now\b|\bdjango\.utils\.timezone import .*\bnow\b")
    found = {str(path.relative_to(ROOT)) for path in _sources("kairo") if asking.search(path.read_text())}
    assert found - set(REAL_TIME) == set(), "ask kairo.platform.database.clock.now"
    assert set(REAL_TIME) - found == set(), "these follow the clock by now"


def test_what_is_named_jobs_does_jobs() -> None:
    """Workers import the jobs.py of every app: a page of that name would be loaded with them, and break them."""
    files = [Path(app.path) / "jobs.py" for app in apps.get_app_configs() if app.name.startswith("kairo.")]
    found = [path for path in files if path.exists()]
    assert found
    assert [_place(path) for path in found if "\n@handles(" not in path.read_text()] == []


def test_every_module_says_what_lives_in_it() -> None:
    wordless = [
        _place(path)
        for path in _sources("kairo")
        if path.name not in {"apps.py"}
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert wordless == []


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    listed = (ROOT / "docs" / "dependencies.md").read_text()
    names = [re.split(r"[\[<>=]", requirement)[0] for requirement in [*project["dependencies"], *extras]]
    assert [name for name in names if f"| {name} |" not in listed] == []


FLOW = ["brands", "evidence", "insights", "knowledge", "opportunities", "content", "ads", "revenue", "learning"]


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_upstream(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or not model.__module__.startswith("kairo."):
            continue
        related = field.related_model
        assert not isinstance(related, str)
        source, target = model._meta.app_label, related._meta.app_label
        assert field.remote_field.related_name == "+", f"{field} makes a way back"
        assert field.remote_field.on_delete is models.PROTECT, f"{field} deletes in silence"
        assert target not in FLOW or FLOW.index(target) <= FLOW.index(source), f"{field} points downstream"


def test_migrations_are_complete() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    assert detector.changes(graph=loader.graph) == {}
