"""`kairo tenant`, `kairo token`, `kairo sign-in-link`: accounts and ways in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer
from django.utils import timezone

from kairo.errors import FieldError, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json
from kairo.platform.tenancy import lookups, operations
from kairo.platform.tenancy.contracts import Role

tenant_app = typer.Typer(help="Accounts.", no_args_is_help=True)
token_app = typer.Typer(help="API tokens.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class InvalidSlug(Invalid):
    code = "invalid_slug"


@tenant_app.command("create", epilog="Example: kairo tenant create acme --owner-email ana@example.com")
def create_command(
    slug: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    name: Annotated[str | None, typer.Option("--name", help="What people call it.")] = None,
    owner_email: Annotated[str | None, typer.Option("--owner-email", help="Who may do everything in it.")] = None,
    as_json: Json = False,
) -> None:
    """Make an account."""
    if not SLUG.fullmatch(slug):
        problem = FieldError("slug", "small letters, digits and hyphens, at most 63, no hyphen in front")
        raise InvalidSlug(f"{slug!r} is no slug: {problem.message}.", errors=(problem,))
    with database():
        tenant = operations.create_tenant(slug=slug, name=name, owner_email=owner_email)
    print_json(tenant) if as_json else typer.echo(f"Tenant {tenant.slug} was made.")


@token_app.command("create", epilog="Example: kairo token create --tenant acme --name ci --role viewer")
def token_command(
    tenant: Annotated[str, typer.Option("--tenant", help="The account's slug.")],
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    role: Annotated[Role, typer.Option("--role", help="What it may do.")] = Role.EDITOR,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="Days until it expires.")] = None,
    as_json: Json = False,
) -> None:
    """Make an API token and print it, this once."""
    expires_at = timezone.now() + timedelta(days=days) if days else None
    with database():
        account = lookups.tenant_by_slug(tenant)
        issued = operations.issue_token(tenant_id=account.id, name=name, role=role, expires_at=expires_at)
    print_json(issued) if as_json else typer.echo(issued.token)


def sign_in_link_command(
    tenant: Annotated[str, typer.Option("--tenant", help="The account's slug.")],
    email: Annotated[str, typer.Option("--email", help="Who signs in; a stranger becomes an owner.")],
    base_url: Annotated[str, typer.Option("--base-url", help="Where Kairo is served.")] = "http://127.0.0.1:8000",
    as_json: Json = False,
) -> None:
    """Print a link that signs a person in once, within 15 minutes."""
    with database():
        account = lookups.tenant_by_slug(tenant)
        token = operations.issue_sign_in_link(tenant_id=account.id, email=email, at=timezone.now())
    link = f"{base_url.rstrip('/')}/sign-in?token={token}"
    print_json({"link": link}) if as_json else typer.echo(link)
