"""The two roles of a Kairo database, and what a fresh database needs before the first migration.

`kairo_owner` owns every table and runs migrations; `kairo_app` is what the product runs as: no superuser, no BYPASSRLS.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from kairo.errors import Unavailable

OWNER_ROLE = "kairo_owner"
APP_ROLE = "kairo_app"

ADMIN_HINT = f"""Ask an administrator of the server to run once, in this database:
  CREATE ROLE {OWNER_ROLE} LOGIN; CREATE ROLE {APP_ROLE} LOGIN; CREATE EXTENSION IF NOT EXISTS vector;
  GRANT {OWNER_ROLE}, {APP_ROLE} TO CURRENT_USER; GRANT CREATE, USAGE ON SCHEMA public TO {OWNER_ROLE};"""


class DatabaseNotPrepared(Unavailable):
    """The database lacks the roles or the extension, and this login may not make them."""

    code = "database_not_prepared"


def prepare_database(dsn: str) -> None:
    """Make the roles, the grants and the vector extension where they are missing; safe to repeat.

    Raises:
        DatabaseNotPrepared: something is missing that this login may not make; the message says what to run.
    """
    with psycopg.connect(dsn, autocommit=True) as connection, _explained(connection):
        for role in (OWNER_ROLE, APP_ROLE):
            _ensure_role(connection, role)
        _ensure_extension(connection)
        _ensure_schema_rights(connection)


@contextmanager
def _explained(connection: psycopg.Connection) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseNotPrepared(
            f"The login {connection.info.user} may not prepare this database:"
            f" {error.diag.message_primary}.\n{ADMIN_HINT}"
        ) from error
    except psycopg.errors.FeatureNotSupported as error:
        raise DatabaseNotPrepared(
            "The server has no pgvector. Install the package of your system (postgresql-NN-pgvector) and try again."
        ) from error


def _ensure_role(connection: psycopg.Connection, role: str) -> None:
    name = sql.Identifier(role)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        try:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            # Somebody else made it between the look and the making.
            connection.execute("SELECT 1")
    if connection.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [role]).fetchone() != (True,):
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def _ensure_extension(connection: psycopg.Connection) -> None:
    if not connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone():
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


def _ensure_schema_rights(connection: psycopg.Connection) -> None:
    may_create = "SELECT has_schema_privilege(%s, 'public', 'CREATE')"
    if connection.execute(may_create, [OWNER_ROLE]).fetchone() != (True,):
        connection.execute(sql.SQL("GRANT CREATE, USAGE ON SCHEMA public TO {}").format(sql.Identifier(OWNER_ROLE)))
