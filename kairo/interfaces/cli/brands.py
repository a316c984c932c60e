"""`kairo brand`: brands in and out as files, and what they set for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import yaml

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenants
from kairo.platform.tenancy.operations import ensure_tenant
from kairo.stages.brands import operations, queries
from kairo.stages.brands.contracts import BrandFile, BrandImported, BrandSettings, InvalidBrandFile
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.evidence import queries as evidence_queries

brand_app = typer.Typer(help="Brands: import, export, list, settings.", no_args_is_help=True)
GATES = "gates."

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")]


@brand_app.command("import", epilog="Example: kairo brand import glow.yaml")
def import_command(
    file: Annotated[Path, typer.Argument(help="A brand file (YAML).")], tenant: Tenant = None, as_json: Json = False
) -> None:
    """Make or update a brand from its file; the same file again changes nothing."""
    parsed = operations.read_brand_file(file)
    with database():
        imported = store_brand(parsed, tenant_slug=tenant)
    if as_json:
        print_json(imported)
        return
    done = "made" if imported.created else "updated" if imported.changed else "unchanged"
    typer.echo(f"Brand {imported.brand.slug} of tenant {imported.tenant_slug}: {done}.")


def store_brand(file: BrandFile, *, tenant_slug: str | None = None, is_synthetic: bool = False) -> BrandImported:
    """Store a brand file for the tenant that it names; the tenant is made if missing."""
    account = ensure_tenant(slug=_tenant_of(file, tenant_slug))
    with tenant_transaction(account.id):
        brand, created, changed = operations.import_brand(file=file, at=now(), is_synthetic=is_synthetic)
        surfaces = evidence_operations.declare_surfaces(brand_id=brand.id, surfaces=file.surfaces)
    return BrandImported(brand=brand, tenant_slug=account.slug, created=created, changed=changed or surfaces > 0)


def _tenant_of(file: BrandFile, named: str | None) -> str:
    if named and file.tenant and named != file.tenant:
        raise InvalidBrandFile(f"The file belongs to tenant {file.tenant!r}, but --tenant says {named!r}.")
    if named or file.tenant:
        return named or file.tenant or ""
    known = tenants()
    if len(known) == 1:
        return known[0].slug
    raise InvalidBrandFile("Say whose brand it is: `tenant: SLUG` at the top of the file, or --tenant SLUG.")


@brand_app.command("export", epilog="Example: kairo brand export glow > glow.yaml")
def export_command(
    brand: Annotated[str, typer.Argument(help="The brand's slug.")],
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Print a brand as a brand file."""
    with database():
        tenant_id, brand_id = queries.locate_brand(brand, tenant_slug=tenant)
        file = _exported(tenant_id, brand_id)
    if as_json:
        print_json(file)
        return
    typer.echo(yaml.safe_dump(file.model_dump(mode="json"), allow_unicode=True, sort_keys=False), nl=False)


def _exported(tenant_id: UUID, brand_id: UUID) -> BrandFile:
    slug = next(tenant.slug for tenant in tenants() if tenant.id == tenant_id)
    with tenant_transaction(tenant_id):
        file = queries.brand_file(brand_id, tenant_slug=slug)
        return file.model_copy(update={"surfaces": evidence_queries.declared_surfaces(brand_id)})


@brand_app.command("settings", epilog="Example: kairo brand settings glow --set gates.min_items=12 --set agents=auto")
def settings_command(
    brand: Annotated[str, typer.Argument(help="The brand's slug.")],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE; lists by commas. A default takes a change back."),
    ] = None,
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Show what a brand may set for itself, after changing what is given."""
    change = _change(changes or [])
    with database():
        tenant_id, brand_id = queries.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            if change:
                operations.change_settings(brand_id=brand_id, change=change, at=now())
            found = queries.settings_of(brand_id)
    if as_json:
        print_json(found)
        return
    values, defaults = _flat(found.settings), _flat(found.defaults)
    print_table(
        ["setting", "value", "default", ""],
        [(name, values[name], defaults[name], "changed" if name in found.changed else "") for name in values],
    )


def _change(given: list[str]) -> dict[str, object]:
    """Read NAME=VALUE and gates.NAME=VALUE; what the values mean is checked where they are stored."""
    change: dict[str, object] = {}
    gates: dict[str, object] = {}
    for entry in given:
        name, is_set, value = entry.partition("=")
        if not is_set:
            raise typer.BadParameter(
                f"{entry!r} is not of the form NAME=VALUE, such as agents=auto.", param_hint="--set"
            )
        if name.startswith(GATES):
            gates[name.removeprefix(GATES)] = value
        else:
            change[name] = [part for part in value.split(",") if part] if name.endswith("_domains") else value
    return change | ({"gates": gates} if gates else {})


def _flat(settings: BrandSettings) -> dict[str, str]:
    told = settings.model_dump(mode="json")
    return {
        **{f"{GATES}{name}": f"{value:g}" for name, value in told.pop("gates").items()},
        **{name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in told.items()},
    }


@brand_app.command("list", epilog="Example: kairo brand list --json")
def list_command(tenant: Tenant = None, as_json: Json = False) -> None:
    """List the brands of every tenant, or of one."""
    with database():
        listed = queries.all_brands(tenant_slug=tenant)
    if as_json:
        print_json({"brands": [{"tenant": slug, **brand.model_dump(mode="json")} for slug, brand in listed]})
        return
    print_table(
        ["tenant", "slug", "name", "platforms", ""],
        [
            (slug, brand.slug, brand.name, ", ".join(brand.platforms) or "any", "archived" if brand.is_archived else "")
            for slug, brand in listed
        ],
    )
