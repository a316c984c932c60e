"""`kairo crm`: deals in from files and from HubSpot, and how right the stages' probabilities are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from kairo.errors import FieldError, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import DealsTaken, HubSpotConnection, SyncReport

crm_app = typer.Typer(help="Deals in from files and from HubSpot.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ERRORS_SHOWN = 5


@crm_app.command(
    "import", epilog="Example: kairo crm import deals.csv --tenant acme --map deal_id=Id --map stage=Stage"
)
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV (also .gz) with the columns deal_id, stage, created_at, …")],
    tenant: Tenant,
    source: Annotated[str, typer.Option("--source", help="The CRM that the deals are of.")] = "csv",
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="OUR_FIELD=THEIR COLUMN, where they differ; may be given often.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Import a file of deals; the same file again changes nothing. Rows that are refused are named."""
    headings = _headings(mapping or [])
    with database():
        taken = operations.import_deals(
            tenant_id=tenant_by_slug(tenant).id, path=file, source=source, at=now(), mapping=headings
        )
    print_json(taken) if as_json else _print_taken(taken)
    if taken.errors and not taken.ingested + taken.updated + taken.unchanged:
        raise typer.Exit(1)


def _headings(given: list[str]) -> dict[str, str]:
    pairs = [part.partition("=") for part in given]
    wrong = [field for field, sign, column in pairs if not sign or not column or field not in operations.DEAL_FIELDS]
    if wrong:
        message = f"--map takes OUR_FIELD=THEIR COLUMN; our fields are {', '.join(operations.DEAL_FIELDS)}."
        raise Invalid(message, errors=(FieldError("map", message),))
    return {field: column for field, _, column in pairs}


def _print_taken(taken: DealsTaken) -> None:
    typer.echo(
        f"{taken.ingested:,} new, {taken.updated:,} updated, {taken.unchanged:,} unchanged,"
        f" {len(taken.errors):,} refused."
    )
    for error in taken.errors[:ERRORS_SHOWN]:
        typer.echo(f"  line {error.index}: {error.field}: {error.message}")


@crm_app.command("connect", epilog="Example: kairo crm connect 62515 --tenant acme --ad-property utm_ad")
def connect_command(
    portal_id: Annotated[int, typer.Argument(help="The number of the HubSpot account.", min=1)],
    tenant: Tenant,
    ad_property: Annotated[
        str, typer.Option("--ad-property", help="The property of a deal that names its ad.")
    ] = "ad_id",
    access_token: Annotated[
        str, typer.Option(prompt="Access token (empty: as it is)", hide_input=True, envvar="HUBSPOT_ACCESS_TOKEN")
    ] = "",
    client_secret: Annotated[
        str, typer.Option(prompt="Client secret (empty: as it is)", hide_input=True, envvar="HUBSPOT_CLIENT_SECRET")
    ] = "",
    as_json: Json = False,
) -> None:
    """Connect an account's HubSpot portal. The token reads deals, the secret checks webhooks; both are kept sealed."""
    connection = HubSpotConnection(
        portal_id=portal_id,
        access_token=access_token or None,
        client_secret=client_secret or None,
        hubspot_ad_id_property=ad_property,
    )
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        told = operations.connect_hubspot(connection=connection, at=now())
    if as_json:
        print_json(told)
        return
    typer.echo(
        f"Portal {told.portal_id}: access token {'set' if told.has_access_token else 'missing'}, client secret"
        f" {'set' if told.has_client_secret else 'missing'}. Webhooks go to /api/webhook/hubspot."
    )


@crm_app.command("sync", epilog="Example: kairo crm sync --tenant acme")
def sync_command(
    tenant: Tenant,
    full: Annotated[bool, typer.Option("--full", help="Read everything again, not only what has changed.")] = False,
    as_json: Json = False,
) -> None:
    """Pull from HubSpot what has changed since the last time. It may be stopped: the next pull goes on."""

    def tell(report: SyncReport) -> None:
        if not as_json:
            typer.echo(f"{report.read:,} deals read", err=True)

    with database():
        report = operations.sync_hubspot(
            tenant_id=tenant_by_slug(tenant).id, at=now(), wait=time.sleep, on_page=tell, full=full
        )
    if as_json:
        print_json(report)
        return
    typer.echo(
        f"{report.read:,} deals read: {report.ingested:,} new, {report.updated:,} updated, {report.unchanged:,}"
        f" unchanged, {report.refused:,} refused; {report.ads:,} ads; waited {report.waited_s:.1f} s for limits."
    )


@crm_app.command("probabilities", epilog="Example: kairo crm probabilities --tenant acme --learn")
def probabilities_command(
    tenant: Tenant,
    learn: Annotated[bool, typer.Option("--learn", help="Learn from what has closed since, first.")] = False,
    as_json: Json = False,
) -> None:
    """Show what closed deals have taught of each stage, and how right that was on later deals."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        if learn:
            operations.learn_stages(at=now())
        found = queries.stage_models()
    if as_json:
        print_json(found)
        return
    for model in found.models:
        typer.echo(
            f"{model.pipeline}, version {model.version}: {model.closed:,} closed deals, {model.won:,} won,"
            f" until {model.trained_until:%Y-%m-%d}"
        )
        print_table(
            ["stage", "deals", "on arrival", "after 30 days"],
            [
                (
                    curve.stage,
                    f"{curve.visits:,}",
                    f"{curve.probabilities[0]:.1%}",
                    _later(curve.ages, curve.probabilities),
                )
                for curve in model.stages
            ],
        )
    typer.echo(found.says)


def _later(ages: list[float], probabilities: list[float]) -> str:
    return next((f"{chance:.1%}" for age, chance in zip(ages, probabilities, strict=True) if age >= 30), "-")
