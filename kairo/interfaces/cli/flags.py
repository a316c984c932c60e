"""`kairo flags`: which switches are on, for how many of an account's brands."""

from __future__ import annotations

from typing import Annotated

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations, queries
from kairo.platform.flags.contracts import DegradationLevel, FlagDTO
from kairo.platform.tenancy.lookups import tenant_by_slug

flags_app = typer.Typer(help="Switches: list them, set them, hold the product back.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@flags_app.command("list", epilog="Example: kairo flags list --tenant demo")
def list_command(tenant: Tenant, as_json: Json = False) -> None:
    """List all switches and how far the product holds back."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        flags, level = queries.flags(), queries.degradation_level()
    if as_json:
        print_json({"flags": [flag.model_dump(mode="json") for flag in flags], "degradation_level": level.value})
        return
    _print_flags(flags)
    typer.echo(f"Degradation: {level.value} ({level.name.lower()})")


@flags_app.command("set", epilog="Example: kairo flags set enable_trends_enhanced 30 --tenant demo")
def set_command(
    name: Annotated[str, typer.Argument(help="The switch.")],
    percentage: Annotated[int, typer.Argument(help="For how many of a hundred brands it is on.")],
    tenant: Tenant,
    as_json: Json = False,
) -> None:
    """Turn a switch on for so many of a hundred brands; the same brands stay in as the number grows."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        flag = operations.set_flag(name=name, percentage=percentage, at=now())
    print_json(flag) if as_json else _print_flags([flag])


@flags_app.command("degrade", epilog="Example: kairo flags degrade 1 --tenant demo --reason 'slow database'")
def degrade_command(
    level: Annotated[int, typer.Argument(min=0, max=3, help="0 normal, 1 soft, 2 hard, 3 emergency.")],
    tenant: Tenant,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever asks later.")] = "",
) -> None:
    """Hold back as far as the level says; 0 goes back to normal."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        operations.set_degradation(level=DegradationLevel(level), reason=reason, at=now())
    typer.echo(f"Degradation: {level} ({DegradationLevel(level).name.lower()})")


def _print_flags(flags: list[FlagDTO]) -> None:
    print_table(
        ["flag", "on for", "meaning"], [(flag.name.value, f"{flag.percentage} %", flag.meaning) for flag in flags]
    )
