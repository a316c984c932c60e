"""Statements that carry a whole batch of rows: their parameters travel in PostgreSQL's binary form.

Django binds parameters as literals in the statement's text; for a thousand rows with vectors, writing and parsing that
text costs ten times more than storing the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from pgvector.psycopg.halfvec import register_halfvec_info
from psycopg.types import TypeInfo

from kairo.platform.database.sql import Row


def batch_rows(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Run a statement on the current connection, in the caller's transaction, and return its rows.

    Parameters are written `%(name)b`, lists among them with their type: `%(ids)b::uuid[]`.
    """
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def batch_execute(statement: str, parameters: Mapping[str, Any]) -> int:
    """Run a statement that answers no rows, as `batch_rows` does, and return how many it changed."""
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@contextmanager
def _cursor() -> Iterator[psycopg.Cursor[Row]]:
    """Open a cursor that leaves its parameters out of the statement; errors are Django's, as everywhere."""
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        # On the cursor alone: the connection goes on reading and writing as Django set it up.
        halfvec = TypeInfo.fetch(raw, "halfvec")
        if halfvec is not None:
            register_halfvec_info(cursor, halfvec)  # type: ignore[arg-type]  # it asks for `adapters` only
        yield cursor
