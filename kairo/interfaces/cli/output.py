"""What commands print: tables and lines for people, JSON for programs, errors on standard error."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer
from pydantic import BaseModel
from rich.console import Console

FAILED = 1

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, object]) -> None:
    """Print an answer as one JSON document."""
    document: object
    if isinstance(value, BaseModel):
        document = value.model_dump(mode="json")
    elif isinstance(value, dict):
        document = value
    else:
        document = [item.model_dump(mode="json") for item in value]
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, nothing cut: what stands in a cell, an id above all, is there to be copied."""
    if not rows:
        typer.echo("Nothing here yet.")
        return
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
