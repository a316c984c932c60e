"""Rows for tables that no factory fills: the least that their columns take, as a superuser, without regard to keys."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

LEAST: dict[str, Any] = {
    "bool": False,
    "bytea": "\\x00",
    "date": "2026-06-01",
    "float8": 1.0,
    "int2": 1,
    "int4": 1,
    "int8": 1,
    "jsonb": {},
    "numeric": 1,
    "text": "x",
    "timestamptz": datetime(2026, 6, 1, tzinfo=UTC).isoformat(),
    "varchar": "x",
}
# What no column says by itself: of two columns one has to be filled, or one goes by another.
NEEDED: dict[str, dict[str, str]] = {
    "gathered_citation": {"passage_id": str(uuid4())},
    "knowledge_retired": {"reason": "removed"},
}
FIRST_ALLOWED = re.compile(r"'([^']*)'::text")

_REQUIRED = """
SELECT column_name, udt_name, (
  SELECT pg_get_constraintdef(oid) FROM pg_constraint
  WHERE conrelid = to_regclass(%(table)s::text) AND contype = 'c'
    AND pg_get_constraintdef(oid) LIKE '%%(' || column_name || ' = ANY%%'
  LIMIT 1)
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %(table)s::text AND is_nullable = 'NO' AND column_default IS NULL
"""


def plant_row(url: str, table: str, tenant_column: str, tenant_id: UUID) -> None:
    """Make a row of a tenant."""
    with psycopg.connect(url) as server:
        required = server.execute(_REQUIRED, {"table": table}).fetchall()
        row = {name: _least(kind, check) for name, kind, check in required} | {tenant_column: str(tenant_id)}
        row |= NEEDED.get(table, {})
        server.execute("SET session_replication_role = replica")
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        statement = sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
        )
        server.execute(statement.format(table=sql.Identifier(table), columns=columns), [json.dumps(row)])


def _least(kind: str, check: str | None) -> Any:
    allowed = FIRST_ALLOWED.search(check or "")
    if allowed:
        return allowed[1]
    if kind == "uuid":
        return str(uuid4())
    return [] if kind.startswith("_") else LEAST[kind]
