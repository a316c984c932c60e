"""The checklist of docs/security.md: a point is proved by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_the_checklist_names_is_there() -> None:
    named = NAMED.findall(PAGE.read_text())

    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (TESTS / file).exists() or f"def {test}" not in (TESTS / file).read_text()
    ]
    assert len(named) > 20
    assert missing == []


def test_every_point_of_the_checklist_is_proved() -> None:
    rows = [line for line in PAGE.read_text().split("## Checklist")[1].splitlines() if re.match(r"\| \d", line)]

    assert rows
    assert [row for row in rows if not NAMED.search(row)] == []
