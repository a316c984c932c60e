"""`kairo departments` and `kairo documents`: what a brand's knowledge is gathered for, and from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from kairo.errors import FieldError, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.context import run_context
from kairo.platform.tenancy.contracts import TenantDTO
from kairo.platform.tenancy.lookups import tenant_by_slug, tenants
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.departments import DepartmentList, DepartmentsDraft
from kairo.stages.knowledge.contracts.documents import UnreadableDocument

departments_app = typer.Typer(help="Departments: the parts of a brand's knowledge.", no_args_is_help=True)
documents_app = typer.Typer(help="Documents that a brand's knowledge is gathered from.", no_args_is_help=True)

Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose, where there are several accounts.")]
Brand = Annotated[str, typer.Option("--brand", help="The brand's slug.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@departments_app.command("list", epilog="Example: kairo departments list --json")
def list_departments(tenant: Tenant = None, as_json: Json = False) -> None:
    """List the departments in the order in which they are gathered for."""
    with database(), tenant_transaction(_account(tenant).id):
        listed = queries.department_list()
    _print(listed, as_json=as_json)


@departments_app.command("set", epilog="Example: kairo departments list --json > d.json; kairo departments set d.json")
def set_departments(
    file: Annotated[Path, typer.Argument(help='JSON: {"departments": [{slug, name, code_dep_number, …}]}.')],
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Replace an account's departments by those of a file; what `list --json` prints can be read again."""
    draft = _draft(file)
    with database(), tenant_transaction(_account(tenant).id):
        listed = operations.set_departments(draft=draft)
    _print(listed, as_json=as_json)


@departments_app.command("refresh", epilog="Example: PAYLOAD_BASE_URL=https://cms.example kairo departments refresh")
def refresh_departments(tenant: Tenant = None, as_json: Json = False) -> None:
    """Read the departments from the CMS that PAYLOAD_BASE_URL names, and keep a copy of its list."""
    with database():
        listed = operations.refreshed_departments(_account(tenant).id, at=now())
    _print(listed, as_json=as_json)


@documents_app.command("add", epilog="Example: kairo documents add handbook.pdf --brand glow")
def add_document(
    source: Annotated[str, typer.Argument(help="A file (Markdown, text or PDF), or the address of a web page.")],
    brand: Brand,
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Take in a document: a file at once, a web page by a job."""
    is_page = source.startswith(("http://", "https://"))
    content = b"" if is_page else _content(Path(source))
    read = None if is_page else operations.read_document(content=content, name=Path(source).name)
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with run_context(), tenant_transaction(tenant_id):
            if read is None:
                accepted = operations.request_page(brand_id=brand_id, url=source)
                told = f"The page is being taken in: `kairo jobs show {accepted.job_id}` tells how far it is."
                print_json(accepted) if as_json else typer.echo(told)
                return
            document, is_new = operations.add_document(
                brand_id=brand_id, content=content, name=Path(source).name, read=read, at=now()
            )
    if as_json:
        print_json({"new": is_new, "document": document.model_dump(mode="json")})
        return
    known = "" if is_new else " It was there already; nothing has changed."
    typer.echo(f"{document.title}: {document.passages:,} passages ({document.id}).{known}")


@documents_app.command("list", epilog="Example: kairo documents list --brand glow")
def list_documents(brand: Brand, tenant: Tenant = None, as_json: Json = False) -> None:
    """List a brand's documents, newest first."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            found = queries.documents(brand_id, limit=1_000)
    if as_json:
        print_json({"documents": [one.model_dump(mode="json") for one in found]})
        return
    print_table(
        ["id", "kind", "title", "language", "passages", "from"],
        [(one.id, one.kind, one.title, one.lang or "?", one.passages, one.url or one.file_name or "") for one in found],
    )


@documents_app.command("delete", epilog="Example: kairo documents delete ID --brand glow")
def delete_document(
    document: Annotated[UUID, typer.Argument(help="The document's id.")], brand: Brand, tenant: Tenant = None
) -> None:
    """Delete a document that nothing cites."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            operations.delete_document(brand_id=brand_id, document_id=document)
    typer.echo("Deleted.")


def _account(slug: str | None) -> TenantDTO:
    """Return the account that was named, or the only one there is."""
    if slug is not None:
        return tenant_by_slug(slug)
    found = tenants()
    if len(found) != 1:
        names = ", ".join(one.slug for one in found) or "none yet: `kairo tenant create`"
        raise typer.BadParameter(f"Name one of the accounts: {names}.", param_hint="--tenant")
    return found[0]


def _content(path: Path) -> bytes:
    try:
        operations.check_size(path.stat().st_size, name=path.name)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{path} cannot be read: {error.strerror or error}.") from error


def _draft(path: Path) -> DepartmentsDraft:
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
        departments = given["departments"] if isinstance(given, dict) else given
        return DepartmentsDraft.model_validate({"departments": departments})
    except (OSError, ValueError, KeyError, RecursionError) as error:
        problems = error.errors() if isinstance(error, ValidationError) else []
        fields = tuple(FieldError(".".join(map(str, one["loc"])), one["msg"]) for one in problems)
        told = "; ".join(f"{field.field}: {field.message}" for field in fields) or error
        raise Invalid(f"{path} holds no departments: {told}.", errors=fields) from error


def _print(listed: DepartmentList, *, as_json: bool) -> None:
    if as_json:
        print_json(listed)
        return
    if listed.note:
        typer.echo(listed.note, err=True)
    print_table(
        ["no.", "slug", "name", "threshold", "aspects", ""],
        [
            (
                one.code_dep_number,
                one.slug,
                one.name,
                f"{one.coordination_settings.quality_threshold:g}",
                len(one.coordination_settings.aspects),
                "" if one.is_active and one.gather_check else "not gathered for",
            )
            for one in listed.departments
        ],
    )
