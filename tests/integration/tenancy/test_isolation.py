"""What the database itself keeps apart, whatever the code above it does."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from kairo.errors import Unauthenticated
from kairo.platform.database.sessions import NoTenant, TenantMismatch, tenant_transaction
from kairo.platform.tenancy.lookups import principal_of_token
from kairo.platform.tenancy.models import ApiToken
from kairo.platform.tenancy.operations import issue_token

# Tables that belong to the installation, not to a tenant.
WITHOUT_TENANT = {"django_migrations", "django_session", "job_fleet", "virtual_clock"}


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as server:
        rows = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_every_table_forces_row_level_security(database: str) -> None:
    with psycopg.connect(database) as server:
        rows = server.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        ).fetchall()

    assert {name for (name,) in rows} == WITHOUT_TENANT


def test_the_product_runs_as_a_role_that_cannot_pass_by_the_policies(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_each_foreign_key_between_tenant_rows_carries_the_tenant(database: str) -> None:
    with psycopg.connect(database) as server:
        keys = server.execute(
            """
            SELECT conrelid::regclass::text, confrelid::regclass::text,
                   (SELECT array_agg(attname::text) FROM pg_attribute
                    WHERE attrelid = conrelid AND attnum = ANY (conkey))
            FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
            """
        ).fetchall()

    plain = {
        (table, target)
        for table, target, columns in keys
        if target not in {"tenant", "app_user"} and "tenant_id" not in columns
    }
    assert plain == set()


def test_a_query_without_a_tenant_fails_in_python_and_is_empty_in_the_database(tenant: UUID) -> None:
    issue_token(tenant_id=tenant, name="one")

    with pytest.raises(NoTenant):
        ApiToken.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_token")
        assert cursor.fetchone() == (0,)


def test_raw_sql_of_another_tenant_finds_nothing_and_may_not_write(tenant: UUID, stranger: UUID) -> None:
    issue_token(tenant_id=tenant, name="one")

    with tenant_transaction(stranger), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM api_token")
        assert cursor.fetchone() == (0,)
        cursor.execute("UPDATE api_token SET name = 'stolen'")
        assert cursor.rowcount == 0
    with pytest.raises(Exception, match="row-level security"), tenant_transaction(stranger):
        ApiToken.objects.create(tenant_id=tenant, name="planted", prefix="p", token_sha256="x", role="owner")


def test_one_transaction_serves_one_tenant(tenant: UUID, stranger: UUID) -> None:
    with tenant_transaction(tenant), pytest.raises(TenantMismatch), tenant_transaction(stranger):
        pass


def test_a_token_finds_its_tenant_and_an_unknown_one_nobody(tenant: UUID) -> None:
    token = issue_token(tenant_id=tenant, name="one").token

    with transaction.atomic():
        principal, last_used_at = principal_of_token(token)
    assert (principal.tenant_id, last_used_at) == (tenant, None)
    with pytest.raises(Unauthenticated):
        principal_of_token(token + "x")
