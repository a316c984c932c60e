"""A look through everything that the database keeps, as a dump of it would be searched."""

from __future__ import annotations

import psycopg
from psycopg import sql

_COLUMNS = """
SELECT table_name, column_name, udt_name FROM information_schema.columns
WHERE table_schema = 'public' AND udt_name IN ('text', 'varchar', 'jsonb', 'json', '_text', 'bytea')
"""
_AS_TEXT = {"bytea": "encode({}, 'escape')"}


def places_of(words: str, url: str) -> list[str]:
    """List the columns, as table.column, in which the words stand in whatever case."""
    with psycopg.connect(url) as server:
        columns = server.execute(_COLUMNS).fetchall()
        return sorted(
            f"{table}.{column}" for table, column, kind in columns if _holds(server, table, column, kind, words)
        )


def _holds(server: psycopg.Connection, table: str, column: str, kind: str, words: str) -> bool:
    shown = sql.SQL(_AS_TEXT.get(kind, "{}::text")).format(sql.Identifier(column))
    found = server.execute(
        sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE strpos(lower({}), lower(%s)) > 0)").format(
            sql.Identifier(table), shown
        ),
        [words],
    ).fetchone()
    return found == (True,)
