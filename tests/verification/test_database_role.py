"""What the role that the product runs as can do in the database, whatever the code above asks it for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE
from tests.verification.accounts import Account
from tests.verification.ledger import ledger, tables
from tests.verification.planted_rows import plant_row

# Belongs to no tenant: sessions are found by their secret key.
WITHOUT_TENANT = {"django_session", "django_migrations", "virtual_clock", "job_fleet"}
# Reached through database functions alone; no policy lets the product's role see a row.
CLOSED = {"chat_update"}
# A person may be a member of several tenants, who see the row of a fellow member.
BY_MEMBERSHIP = {"app_user"}
# By the policies; or before them, where a trigger keeps rows as they were.
REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)

# Rows that never change, and those of which a column says that another is empty, are refused for that already.
REFUSED_BEFORE_THE_KEY: dict[str, tuple[type[psycopg.Error]]] = {
    "ad_change_history": (psycopg.errors.RestrictViolation,),
    "brand_profile": (psycopg.errors.RestrictViolation,),
    "gathered_citation": (psycopg.errors.CheckViolation,),
    "knowledge_retired": (psycopg.errors.CheckViolation,),
}

# All that can be asked before a tenant is known, or past the policies, and what it tells of rows; where nothing is
# named, it is an id, or nothing. The callers are the sign-in, the workers, the operator's commands and the sockets.
CLAIMED = {
    "id", "tenant_id", "lock_token", "payload", "checkpoint", "kind", "queue", "attempts", "max_attempts",
    "worker_losses", "time_limit_s", "run_id", "cancel_requested", "turn",
}  # fmt: skip
# Added up over the rows of all accounts, by words of ours.
SUMS = {"metric", "labels", "part", "value"}
MAY_RETURN: dict[str, set[str]] = {
    "answer_metrics_of_all": SUMS,
    "brands_by_slug": {"tenant_id", "tenant_slug", "brand_id"},
    "capture_metrics_of_all": SUMS,
    "evidence_originals_sharing_bands": set(),
    "gather_metrics_of_all": SUMS,
    "job_claim": CLAIMED,
    "job_claim_by_message": CLAIMED,
    "job_claim_one": CLAIMED,
    "job_due": {"id"},
    "job_fire_due_crons": {"queue"},
    "job_fleet_seen": set(),
    "job_fleet_silent_s": set(),
    "job_heartbeat": {"id", "cancel_age_s"},
    "job_metrics_of_all": SUMS,
    "job_release_stale": {"id", "queue"},
    "job_tenant": set(),
    "live_redeem_ticket": set(),
    "llm_metrics_of_all": SUMS,
    "revenue_find_link": {"tenant_id", "ad_id", "campaign_id", "target_url"},
    "revenue_find_site": {"tenant_id"},
    "revenue_hubspot_portals": {"tenant_id", "client_secret", "signature_version"},
    "run_metrics_of_all": SUMS,
    "run_tenant": set(),
    "tenancy_authenticate_member": {"tenant_slug", "role"},
    "tenancy_authenticate_token": {"token_id", "tenant_id", "tenant_slug", "role", "last_used_at"},
    "tenancy_consume_sign_in_link": {"user_id", "tenant_id", "tenant_slug", "role"},
    "tenancy_ensure_user": set(),
    "tenancy_find_chat": {"tenant_id", "tenant_slug", "brand_id", "role"},
    "tenancy_link_chat": {"tenant_id", "tenant_slug", "brand_id", "role"},
    "tenancy_take_chat_update": set(),
    "tenancy_tenants": {"id", "slug", "name"},
    "tenancy_touch_token": set(),
}
COLUMN = re.compile(r"[(,]\s*(\w+) ")


@contextmanager
def as_product(url: str, tenant_id: UUID | None) -> Iterator[psycopg.Connection]:
    """Open a transaction as the product's role for a tenant, or for none; it is rolled back."""
    with psycopg.connect(make_conninfo(url, user=APP_ROLE)) as connection:
        if tenant_id is not None:
            connection.execute("SELECT set_config('kairo.tenant_id', %s, true)", [str(tenant_id)])
        yield connection
        connection.rollback()


def tenant_tables(url: str) -> dict[str, str]:
    """Return each table that holds a tenant's rows, and its column that tells whose."""
    with psycopg.connect(url) as server:
        found = tables(server)
    assert {name for name, column in found.items() if column is None} == WITHOUT_TENANT | BY_MEMBERSHIP | CLOSED
    return {name: column for name, column in found.items() if column is not None}


def rows_of(url: str, table: str, column: str, tenant_id: UUID) -> list[dict[str, Any]]:
    """Return a tenant's rows as a superuser sees them."""
    query = sql.SQL("SELECT to_jsonb(part) FROM {} part WHERE {} = %s")
    with psycopg.connect(url) as server:
        found = server.execute(query.format(sql.Identifier(table), sql.Identifier(column)), [tenant_id])
        return [row for (row,) in found.fetchall()]


@pytest.fixture(scope="module", autouse=True)
def a_row_in_every_table(account: Account, other_account: Account, lasting_database: str) -> None:
    """What nobody has filled yet: a table without rows would pass every test here."""
    for table, column in tenant_tables(lasting_database).items():
        for tenant_id in (account.tenant_id, other_account.tenant_id):
            if not rows_of(lasting_database, table, column, tenant_id):
                plant_row(lasting_database, table, column, tenant_id)


@pytest.mark.parametrize("as_whom", ["stranger", "nobody"])
def test_every_table_is_empty_to_others(
    account: Account, other_account: Account, lasting_database: str, as_whom: str
) -> None:
    tenant_id = other_account.tenant_id if as_whom == "stranger" else None

    with as_product(lasting_database, tenant_id) as connection:
        for table, column in tenant_tables(lasting_database).items():
            query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s OR %s")
            found = connection.execute(
                query.format(sql.Identifier(table), sql.Identifier(column)), [account.tenant_id, tenant_id is None]
            )
            assert found.fetchone() == (0,), table
        [[people]] = connection.execute("SELECT count(*) FROM app_user WHERE email LIKE %s", [f"%{account.tenant_id}%"])
        assert people == 0


@pytest.mark.parametrize("as_whom", ["stranger", "nobody"])
def test_no_row_of_another_can_be_changed_or_deleted(
    account: Account, other_account: Account, lasting_database: str, as_whom: str
) -> None:
    tenant_id = other_account.tenant_id if as_whom == "stranger" else None
    before = ledger(lasting_database)

    for table, column in tenant_tables(lasting_database).items():
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        for statement in (
            "UPDATE {table} SET {column} = {column} WHERE {column} = %s",
            "DELETE FROM {table} WHERE {column} = %s",
        ):
            with as_product(lasting_database, tenant_id) as connection:
                assert _touched(connection, sql.SQL(statement).format(**names), [account.tenant_id]) == 0, table

    assert ledger(lasting_database) == before


@pytest.mark.parametrize("as_whom", ["stranger", "nobody"])
def test_no_row_can_be_planted_with_another(
    account: Account, other_account: Account, lasting_database: str, as_whom: str
) -> None:
    tenant_id = other_account.tenant_id if as_whom == "stranger" else None

    for table, column in tenant_tables(lasting_database).items():
        row = rows_of(lasting_database, table, column, account.tenant_id)[0]
        planted = row | {"id": str(uuid4()), column: row[column]}
        with as_product(lasting_database, tenant_id) as connection, pytest.raises(REFUSALS, match="row-level security"):
            _insert(connection, table, planted)


def test_no_own_row_can_be_given_to_another(account: Account, other_account: Account, lasting_database: str) -> None:
    for table, column in tenant_tables(lasting_database).items():
        statement = sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        with (
            as_product(lasting_database, other_account.tenant_id) as connection,
            pytest.raises(REFUSALS),
        ):
            connection.execute(statement, [account.tenant_id])


def test_no_own_row_can_refer_to_anothers(account: Account, other_account: Account, lasting_database: str) -> None:
    for table, column, referring, target in _references(lasting_database):
        foreign = rows_of(lasting_database, target, "tenant_id", account.tenant_id)[0]["id"]
        own = rows_of(lasting_database, table, column, other_account.tenant_id)[0]
        statement = sql.SQL("UPDATE {} SET {} = %s WHERE id = %s")
        names = sql.Identifier(table), sql.Identifier(referring)
        with (
            as_product(lasting_database, other_account.tenant_id) as connection,
            pytest.raises((psycopg.errors.ForeignKeyViolation, *REFUSED_BEFORE_THE_KEY.get(table, ()))),
        ):
            connection.execute(statement.format(*names), [foreign, own["id"]])


def _references(url: str) -> list[tuple[str, str, str, str]]:
    """List (table, tenant column, referring column, target) of every reference between tenants' tables."""
    with psycopg.connect(url) as server:
        found = server.execute(
            """
            SELECT DISTINCT conrelid::regclass::text, 'tenant_id', attname::text, confrelid::regclass::text
            FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
            WHERE contype = 'f' AND array_length(conkey, 1) = 2 AND attname <> 'tenant_id'
            """
        )
        return found.fetchall()


def _touched(connection: psycopg.Connection, statement: sql.Composed, parameters: list[object]) -> int:
    try:
        return connection.execute(statement, parameters).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0


def _insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    # Generated columns cannot be given.
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND attgenerated = ''"
        " AND NOT attisdropped",
        [table],
    )
    columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found.fetchall())
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
    ).format(table=sql.Identifier(table), columns=columns)
    connection.execute(statement, [json.dumps(row)])


@pytest.mark.parametrize("table", sorted(CLOSED))
def test_a_closed_table_shows_and_takes_nothing(lasting_database: str, account: Account, table: str) -> None:
    with psycopg.connect(lasting_database, autocommit=True) as server:
        server.execute("INSERT INTO chat_update VALUES ('telegram', 1, 1, now()) ON CONFLICT DO NOTHING")

    with as_product(lasting_database, account.tenant_id) as connection:
        assert connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall() == []
        with pytest.raises(REFUSALS):
            connection.execute("INSERT INTO chat_update VALUES ('telegram', 2, 1, now())")


def test_a_partition_is_reached_through_its_table_alone(lasting_database: str) -> None:
    """Its own policies would not hold for its table's rows, nor its table's for who reaches past it."""
    with psycopg.connect(lasting_database) as server:
        found = server.execute(
            "SELECT relname, has_table_privilege(%s, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
            " FROM pg_class WHERE relispartition AND relkind = 'r'",
            [APP_ROLE],
        ).fetchall()

    assert found
    assert [name for name, is_open in found if is_open] == []


def test_a_lookup_function_returns_the_least_and_is_closed_to_everybody_else(lasting_database: str) -> None:
    with psycopg.connect(lasting_database) as server:
        found = server.execute(
            """
            SELECT proname, pg_get_function_result(oid), pg_get_userbyid(proowner),
                   proconfig @> ARRAY['search_path=public, pg_temp'], proacl::text[]
            FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname
            """
        ).fetchall()

    assert {name: set(COLUMN.findall(result)) for name, result, *_ in found} == MAY_RETURN
    for name, _, owner, has_path, rights in found:
        assert (owner, has_path) == (OWNER_ROLE, True), name
        assert sorted(rights) == [f"{APP_ROLE}=X/{OWNER_ROLE}", f"{OWNER_ROLE}=X/{OWNER_ROLE}"], name


def test_the_product_owns_nothing_and_may_change_no_table(lasting_database: str) -> None:
    with psycopg.connect(make_conninfo(lasting_database, user=APP_ROLE)) as connection:
        [[owned]] = connection.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        [[may_create]] = connection.execute("SELECT has_schema_privilege('public', 'CREATE')")
        [[rights]] = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        [[is_owner]] = connection.execute("SELECT pg_has_role(%s, 'MEMBER')", [OWNER_ROLE])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE job")

    assert (owned, may_create, rights, is_owner) == (0, False, False, False)
