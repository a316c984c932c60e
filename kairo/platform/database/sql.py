"""Statements that the ORM cannot say: run on the current connection, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Row = tuple[Any, ...]
Parameters = Mapping[str, Any] | Sequence[Any]


def rows(statement: str, parameters: Parameters = ()) -> list[Row]:
    """Run a statement and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Row] = cursor.fetchall()
        return found


def rows_of_each(statements: Sequence[str], parameters: Parameters = ()) -> list[list[Row]]:
    """Run statements that share their parameters in one round trip, and return the rows of each."""
    with connection.cursor() as cursor:
        cursor.execute(";".join(statements), parameters)
        found: list[list[Row]] = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
        return found


def first_row(statement: str, parameters: Parameters = ()) -> Row | None:
    """Run a statement and return its first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: Row | None = cursor.fetchone()
        return found


def execute(statement: str, parameters: Parameters = ()) -> int:
    """Run a statement that answers no rows, and return how many it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
