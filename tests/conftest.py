"""Every process of a test run gets a migrated database of its own; each test that asks for it finds it empty."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from pytest_django import DjangoDbBlocker

from kairo.platform.database.roles import prepare_database
from kairo.platform.outbound.polite import SOURCE_PACE
from kairo.platform.tenancy.failed_attempts import failed_attempts
from kairo.platform.tenancy.operations import create_tenant
from tests.database_server import SERVER_VARIABLE

TEMPLATE = "kairo_test_template"
MOST_DELETED_BYTES = 20_000_000
_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND NOT relispartition AND relname <> 'django_migrations'
"""
_SWEEPERS: dict[str, psycopg.Connection] = {}
_SIZE = "SELECT sum(pg_table_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"


def _server_url() -> str:
    return os.environ[SERVER_VARIABLE]


def _point_django_at(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database


def _make_template() -> None:
    with psycopg.connect(_server_url(), autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"{TEMPLATE}_new")))
        prepare_database(make_conninfo(_server_url(), dbname=f"{TEMPLATE}_new"))
        _point_django_at(f"{TEMPLATE}_new")
        call_command("migrate", database="owner", verbosity=0)
        _point_django_at("postgres")
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(f"{TEMPLATE}_new"), sql.Identifier(TEMPLATE)
            )
        )


@pytest.fixture(scope="session")
def migrated_database(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database made from the migrated template, for this process alone; yields its superuser URL."""
    name = f"kairo_test_{os.getpid()}"
    lock_path = (
        Path(tempfile.gettempdir())
        / f"kairo-tests-{os.getppid() if 'PYTEST_XDIST_WORKER' in os.environ else os.getpid()}"
    )
    with django_db_blocker.unblock(), lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template()
        with psycopg.connect(_server_url(), autocommit=True) as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
            )
        fcntl.flock(lock, fcntl.LOCK_UN)
        _point_django_at(name)
        yield make_conninfo(_server_url(), dbname=name)
        connections.close_all()
    lock_path.unlink(missing_ok=True)


@pytest.fixture
def database(migrated_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The real database, empty; what a test commits is removed after it. Yields its superuser URL."""
    failed_attempts.forget()
    SOURCE_PACE.forget()
    with django_db_blocker.unblock():
        yield migrated_database
        leave_connections()
    empty_database(migrated_database)


def leave_connections() -> None:
    """Keep what is idle for the next test, as a worker does for its next job; close what a test left in the middle."""
    for connection in connections.all(initialized_only=True):
        held = connection.connection
        is_idle = held and held.autocommit and held.info.transaction_status is TransactionStatus.IDLE
        # What a test has set for its session ends with it.
        if is_idle and _executes(held, "RESET ALL"):
            connection.ensure_timezone()
        else:
            connection.close()


def _executes(held: psycopg.Connection, statement: LiteralString) -> bool:
    """Execute a statement, and tell whether the connection is still there: some tests take all of them away."""
    try:
        held.execute(statement)
    except psycopg.OperationalError:
        return False
    return True


def empty_database(url: str) -> None:
    """Remove every row that was committed.

    Row by row, without the triggers that keep evidence as it was: to truncate tables that refer to each other makes new
    files for all of them and their indexes, which takes longer than most tests. What has grown large is truncated.
    """
    server = _sweeper(url)
    names = [name for (name,) in server.execute(_TABLES).fetchall()]
    held = sql.SQL(", ").join(sql.SQL("EXISTS (SELECT 1 FROM {})").format(sql.Identifier(name)) for name in names)
    row = server.execute(sql.SQL("SELECT {}").format(held), prepare=True).fetchone()
    filled = [sql.Identifier(name) for name, is_filled in zip(names, row or (), strict=True) if is_filled]
    if not filled:
        return
    [size] = server.execute(_SIZE, [names]).fetchone() or (0,)
    if size > MOST_DELETED_BYTES:
        server.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(filled)))
        return
    with server.transaction():
        for name in filled:
            server.execute(sql.SQL("DELETE FROM {}").format(name))


def _sweeper(url: str) -> psycopg.Connection:
    """Return the connection that empties a database: kept, for a new one reads the catalogue of every table first."""
    kept = _SWEEPERS.get(url)
    if kept is None or not _executes(kept, "SET session_replication_role = replica"):
        kept = _SWEEPERS[url] = psycopg.connect(url, autocommit=True)
        kept.execute("SET session_replication_role = replica")
    return kept


@pytest.fixture
def tenant(database: str) -> UUID:
    """A tenant to work in."""
    return create_tenant(slug="acme").id


@pytest.fixture
def stranger(database: str) -> UUID:
    """Another tenant, who must see nothing of the first."""
    return create_tenant(slug="stranger").id
