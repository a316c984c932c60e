from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from sys import stdlib_module_names

ROOT = Path(__file__).resolve().parents[3]
ALLOWED = ("kairo.sandbox", "kairo.shapes", "numpy", "pydantic", "yaml")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_market_stands_on_nothing_of_the_product() -> None:
    foreign = {
        name
        for path in (ROOT / "kairo/sandbox/market").rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] not in stdlib_module_names and not name.startswith(ALLOWED)
    }

    assert foreign == set()


def test_only_the_command_line_knows_the_sandbox() -> None:
    knowing = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "kairo").rglob("*.py")
        if any(name.startswith("kairo.sandbox") for name in imports(path))
    }

    assert all(path.startswith(("kairo/sandbox/", "kairo/interfaces/cli/")) for path in knowing), knowing
