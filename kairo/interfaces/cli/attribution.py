"""`kairo attribution` and `kairo ads`: what was attributed, how well that works, and ads from a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from kairo.errors import Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.ads import operations as ads
from kairo.stages.revenue import queries
from kairo.stages.revenue.contracts.tracking import CreditModel, ReportWindow

Tenant = Annotated[str, typer.Option("--tenant", help="Whose clicks and conversions.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", help="Up to which moment (UTC); now by default.", formats=["%Y-%m-%d"])
]

attribution_app = typer.Typer(help="What was attributed, and how well that works.", no_args_is_help=True)
ads_app = typer.Typer(help="Campaigns and ads.", no_args_is_help=True)


@attribution_app.command("validate", epilog="Example: kairo attribution validate --tenant acme")
def validate_command(
    tenant: Tenant,
    as_of: AsOf = None,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest pairs.")] = 5_000,
    as_json: Json = False,
) -> None:
    """Hide the click's own id from known pairs and see what layers 2 and 3 find again."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        report = queries.validate_attribution(until=_moment(as_of), most=most)
    if as_json:
        print_json(report)
        return
    typer.echo(report.says)
    print_table(["layer", "found again"], sorted(report.by_layer.items()))


@attribution_app.command("report", epilog="Example: kairo attribution report --tenant acme --window 28d")
def report_command(
    tenant: Tenant,
    window: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(ReportWindow))}.")] = "28d",
    as_of: AsOf = None,
    model: Annotated[CreditModel | None, typer.Option(help="How credit is shared; the account's by default.")] = None,
    as_json: Json = False,
) -> None:
    """Show what was attributed by each layer, to which ads, and why the rest was not."""
    if window not in get_args(ReportWindow):
        raise Invalid(f"There is no window {window!r}: take one of {', '.join(get_args(ReportWindow))}.")
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        report = queries.attribution_report(window=cast(ReportWindow, window), until=_moment(as_of), credit_model=model)
    if as_json:
        print_json(report)
        return
    typer.echo(report.says)
    print_table(
        ["layer", "conversions", "share", "mean confidence"],
        [(one.layer, one.conversions, f"{one.share:.1%}", f"{one.mean_confidence:.2f}") for one in report.layers],
    )
    if report.unattributed:
        print_table(["not attributed", "conversions"], sorted(report.unattributed.items()))
    if report.ads:
        credited = [(ad.ad_id, f"{ad.conversions:.2f}", ad.value) for ad in report.ads]
        print_table(["ad", "conversions", "value"], credited)


@ads_app.command("import", epilog="Example: kairo ads import ads.csv --tenant acme")
def import_command(
    file: Annotated[Path, typer.Argument(help="A CSV file with a column ad_id; other columns are fields of an ad.")],
    tenant: Tenant,
    as_json: Json = False,
) -> None:
    """Store the ads of a file; the same file again changes nothing."""
    with database():
        counts = ads.import_ad_file(tenant_id=tenant_by_slug(tenant).id, path=file, at=now())
    if as_json:
        print_json(dict(counts))
        return
    typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()))


def _moment(as_of: datetime | None) -> datetime:
    return now() if as_of is None else as_of.replace(tzinfo=UTC)
