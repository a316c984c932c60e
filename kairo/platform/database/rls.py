"""Row-level security for migrations: every table that carries a tenant gets its policies where it is made."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.migrations.operations import RunSQL

from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE

_ISOLATE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON {table} TO {app} USING ({column} = kairo_tenant()) WITH CHECK ({column} = kairo_tenant());
CREATE POLICY owner_rows ON {table} TO {owner} USING (true) WITH CHECK (true);
"""
_UNDO_ISOLATE = """
DROP POLICY tenant_rows ON {table};
DROP POLICY owner_rows ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


def isolate(
    table: str,
    *,
    references: Mapping[str, str] | None = None,
    referenced: bool = False,
    tenant_column: str = "tenant_id",
) -> list[RunSQL]:
    """List the operations that keep a table's rows to their tenant.

    `references` maps each foreign key column to its target table: plain foreign keys are checked without row-level
    security, so the key also carries the tenant, (tenant_id, column) → (tenant_id, id). `referenced`: other tables
    point here, so the pair needs its unique index.
    """
    names = {"table": table, "column": tenant_column, "app": APP_ROLE, "owner": OWNER_ROLE}
    operations = [RunSQL(_ISOLATE.format(**names), _UNDO_ISOLATE.format(**names))]
    if referenced:
        operations.append(_addressable_within_tenant(table))
    operations += [_same_tenant(table, column, target) for column, target in (references or {}).items()]
    return operations


def _addressable_within_tenant(table: str) -> RunSQL:
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_row UNIQUE (tenant_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_tenant_row",
    )


def _same_tenant(table: str, column: str, target: str) -> RunSQL:
    name = f"{table}_{column}_same_tenant"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column})"
        f" REFERENCES {target} (tenant_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def lookup_function(name: str, arguments: str, returns: str, body: str, *, language: str = "sql") -> RunSQL:
    """Make a function that the product may call before a tenant is known; it runs as the owner and returns the least.

    `arguments` are declared as in SQL ("token_hash text"); `body` is the function's text.
    """
    signature = ", ".join(argument.strip().split(" ", 1)[1] for argument in arguments.split(",") if argument.strip())
    return RunSQL(
        f"""
        CREATE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language}
        SECURITY DEFINER SET search_path = public, pg_temp AS $body${body}$body$;
        REVOKE ALL ON FUNCTION {name}({signature}) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {name}({signature}) TO {APP_ROLE};
        """,
        f"DROP FUNCTION {name}({signature})",
    )
