"""`kairo ads accounts` and `kairo ads stats`: accounts of ad platforms, and what their ads did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from kairo.errors import FieldError, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.platforms import PlatformName

accounts_app = typer.Typer(help="Accounts of ad platforms that Kairo may ask.", no_args_is_help=True)
stats_app = typer.Typer(help="What ads did, by hours and days.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Account = Annotated[str, typer.Argument(help="The ad account's number, with or without act_.")]
PROBLEMS_SHOWN = 5
MOST_LISTED = 1_000


@accounts_app.command("connect", epilog="Example: kairo ads accounts connect act_1234567890 --tenant acme")
def connect_command(
    account_id: Account,
    tenant: Tenant,
    platform: Annotated[PlatformName, typer.Option(help="Whose interface it speaks.")] = PlatformName.META,
    currency: Annotated[str | None, typer.Option(help="As EUR; the platform is asked without it.")] = None,
    timezone: Annotated[str | None, typer.Option(help="As Europe/Berlin; the platform is asked without it.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Where it is asked, if not at Meta: a sandbox.")] = None,
    access_token: Annotated[
        str, typer.Option(prompt="Access token (empty: as it is)", hide_input=True, envvar="KAIRO_AD_ACCESS_TOKEN")
    ] = "",
    as_json: Json = False,
) -> None:
    """Connect an ad account; its token needs ads_read, and ads_management for changes. It is kept sealed."""
    name = None
    if access_token and not (currency and timezone):
        facts = operations.ask_for_facts(account_id=account_id, access_token=access_token, base_url=base_url)
        name, currency, timezone = facts.name, currency or facts.currency, timezone or facts.timezone
    if not (currency and timezone):
        raise Invalid("Without a token nobody can be asked: give --currency and --timezone as well.")
    try:
        connection = AccountConnection(
            account_id=account_id, platform=platform, name=name, currency=currency, timezone=timezone,
            access_token=access_token or None,
        )  # fmt: skip
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise Invalid("; ".join(problems), errors=tuple(FieldError("account", text) for text in problems)) from error
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        account, created = operations.connect_account(connection=connection, at=now(), base_url=base_url)
    if as_json:
        print_json(account)
        return
    typer.echo(
        f"{'Connected' if created else 'Changed'}: {account.account_id} {account.name} ({account.platform.value},"
        f" {account.currency}, {account.timezone}), token {'set' if account.has_access_token else 'missing'}."
    )


@accounts_app.command("list", epilog="Example: kairo ads accounts list --tenant acme")
def list_command(tenant: Tenant, as_json: Json = False) -> None:
    """List the connected accounts; tokens are not shown."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        found = queries.accounts(limit=MOST_LISTED)
    if as_json:
        print_json(found)
        return
    print_table(
        ["account", "platform", "name", "currency", "time zone", "token", "active"],
        [
            (one.account_id, one.platform.value, one.name, one.currency, one.timezone,
             "set" if one.has_access_token else "missing", "yes" if one.is_active else "no")
            for one in found
        ],
    )  # fmt: skip


@accounts_app.command("disconnect", epilog="Example: kairo ads accounts disconnect 1234567890 --tenant acme")
def disconnect_command(account_id: Account, tenant: Tenant) -> None:
    """Forget an account and its token; its campaigns, ads and figures stay."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        operations.disconnect_account(account_id=account_id, role=Role.OWNER)
    typer.echo(f"{account_id} is forgotten.")


@stats_app.command("import", epilog="Example: kairo ads stats import figures.csv --tenant acme")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV with ad_id, starts_at, currency, impressions, clicks, spend, …")],
    tenant: Tenant,
    as_json: Json = False,
) -> None:
    """Store the figures of a file; of an hour or a day the newest count, and the same file again changes nothing."""
    with database():
        counts, problems = operations.import_stat_file(tenant_id=tenant_by_slug(tenant).id, path=file, at=now())
    if as_json:
        print_json({**counts, "problems": problems})
    else:
        typer.echo(", ".join(f"{count:,} {status}" for status, count in counts.items()))
        for problem in problems[:PROBLEMS_SHOWN]:
            typer.echo(f"  {problem}")
    if counts["refused"] and counts["refused"] == sum(counts.values()):
        raise typer.Exit(1)


@stats_app.command("pull", epilog="Example: kairo ads stats pull --tenant acme --days 90")
def pull_command(
    tenant: Tenant,
    days: Annotated[int | None, typer.Option(min=1, max=1_000, help="Look back so many days.")] = None,
    as_json: Json = False,
) -> None:
    """Pull names and figures of all connected accounts now; the hourly job does the same."""
    with database():
        report = operations.pull_stats(tenant_id=tenant_by_slug(tenant).id, at=now(), days=days)
    if as_json:
        print_json(report)
    elif not report.accounts:
        typer.echo("No connected account has a token and is switched on: `kairo ads accounts connect` connects one.")
    else:
        print_table(
            ["account", "ads", "figures stored", "problem"],
            [(one.account_id, one.ads, one.stats, one.error or "-") for one in report.accounts],
        )
    if any(one.error for one in report.accounts):
        raise typer.Exit(1)
