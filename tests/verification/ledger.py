"""What the database holds, as one checksum a table: two that are equal tell that nothing was changed in between."""

from __future__ import annotations

from uuid import UUID

import psycopg
from psycopg import sql

# What is noted of a caller himself: that his token was used, that he has a session.
NOT_COUNTED_COLUMNS = {"last_used_at"}
NOT_COUNTED_TABLES = {"django_session", "django_migrations"}

_CHECKSUM = sql.SQL(
    "SELECT count(*) || ' rows ' || coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '')"
    " FROM (SELECT (to_jsonb(part) - {not_counted}::text[])::text AS line FROM {table} part WHERE {which}) AS lines"
)


def ledger(url: str, *, tenant_id: UUID | None = None) -> dict[str, str]:
    """Return the checksum of each table's rows; of a tenant's rows alone if one is given."""
    with psycopg.connect(url) as server:
        return {
            table: _checksum(server, table, owner_column, tenant_id)
            for table, owner_column in tables(server).items()
            if table not in NOT_COUNTED_TABLES
        }


def tables(server: psycopg.Connection) -> dict[str, str | None]:
    """Return the name of each table, and of the column that tells its rows' tenant; partitions are part of theirs."""
    found = server.execute(
        """
        SELECT relname, (
          SELECT attname FROM pg_attribute
          WHERE attrelid = pg_class.oid AND attname = CASE relname WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END)
        FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
        ORDER BY relname
        """
    )
    return dict(found.fetchall())


def _checksum(server: psycopg.Connection, table: str, owner_column: str | None, tenant_id: UUID | None) -> str:
    which: sql.Composable = sql.SQL("true")
    if tenant_id is not None and owner_column is not None:
        which = sql.SQL("{} = {}").format(sql.Identifier(owner_column), sql.Literal(tenant_id))
    query = _CHECKSUM.format(
        not_counted=sql.Literal(sorted(NOT_COUNTED_COLUMNS)), table=sql.Identifier(table), which=which
    )
    row = server.execute(query).fetchone()
    assert row is not None
    return str(row[0])
