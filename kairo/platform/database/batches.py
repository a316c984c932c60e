"""Statements that carry a whole batch of rows: their parameters travel in PostgreSQL's binary form.

Django binds parameters as literals in the statement's text; for a thousand rows with vectors, writing and parsing that
text costs ten times more than storing the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from django.db import connection
from pgvector import HalfVector
from pgvector.psycopg.halfvec import HalfVectorBinaryDumper, HalfVectorLoader
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
        halfvec = _halfvec(raw)
        if halfvec is not None:
            halfvec.register(cursor)
            cursor.adapters.register_dumper(HalfVector, _halfvec_dumper(halfvec.oid))
            cursor.adapters.register_loader(halfvec.oid, HalfVectorLoader)
        yield cursor


def _halfvec(raw: psycopg.Connection[Row]) -> TypeInfo | None:
    """Look the type up once a connection."""
    known = raw.adapters.types.get("halfvec")
    if known is None:
        known = TypeInfo.fetch(raw, "halfvec")
        if known is not None:
            raw.adapters.types.add(known)
    return known


@cache
def _halfvec_dumper(oid: int) -> type[HalfVectorBinaryDumper]:
    # psycopg keeps every class that it ever met: pgvector's own registration makes two more at each call.
    return type("HalfvecDumper", (HalfVectorBinaryDumper,), {"oid": oid})
