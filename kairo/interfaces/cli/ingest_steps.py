"""`kairo ingest normalize|aggregate|score|pipeline`: the steps from stored posts to trends, alone or in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.opportunities import parse_moment
from kairo.interfaces.cli.output import errors, print_json
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenant_by_slug, tenants
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence.contracts import CaptureReport, CaptureUnderWay
from kairo.stages.insights import operations as insights

Brand = Annotated[str | None, typer.Option("--brand", help="Only for the account of this brand (its slug).")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Only for this account, or whose brand.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="Look as of a day (its end, UTC) or an RFC 3339 time; now by default.")
]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Put all items into clusters anew; the rows stay the same.")]

_Progress = Callable[[int], None]


def normalize_command(brand: Brand = None, tenant: Tenant = None, as_json: Json = False) -> None:
    """Normalise the items that are not normalised yet."""
    with database():
        done = {slug: _normalise(tenant_id, quiet=as_json) for slug, tenant_id, _ in _whose(brand, tenant)}
    if as_json:
        print_json({"normalized": done})
        return
    for slug, count in done.items():
        typer.echo(f"{slug}: {count:,} items normalised.")


def aggregate_command(
    brand: Brand = None, tenant: Tenant = None, rebuild: Rebuild = False, as_json: Json = False
) -> None:
    """Put the items that are in no cluster yet into theirs, and count their hours and days."""
    with database():
        done = {slug: _aggregate(of, rebuild=rebuild, quiet=as_json) for slug, of, _ in _whose(brand, tenant)}
    if as_json:
        print_json({"aggregated": done})
        return
    for slug, report in done.items():
        typer.echo(f"{slug}: {report['items']:,} items in {report['clusters']:,} clusters.")


def score_command(brand: Brand = None, tenant: Tenant = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Look at all clusters: open trend candidates, and move the open ones on."""
    moment = parse_moment(as_of) if as_of else None
    with database():
        done = {slug: _score(tenant_id, moment) for slug, tenant_id, _ in _whose(brand, tenant)}
    if as_json:
        print_json({"scored": done})
        return
    for slug, report in done.items():
        typer.echo(_scored_line(slug, report))


def pipeline_command(brand: Brand = None, tenant: Tenant = None, as_json: Json = False) -> None:
    """Read live surfaces, normalise, aggregate and score, in this order."""
    with database():
        done: dict[str, object] = {}
        for slug, tenant_id, brand_id in _whose(brand, tenant):
            done[slug] = {
                "captured": _capture(tenant_id, brand_id),
                "normalized": _normalise(tenant_id, quiet=as_json),
                "aggregated": _aggregate(tenant_id, rebuild=False, quiet=as_json),
                "scored": (scored := _score(tenant_id, None)),
            }
            if not as_json:
                typer.echo(_scored_line(slug, scored))
    if as_json:
        print_json(done)


def _whose(brand: str | None, tenant: str | None) -> list[tuple[str, UUID, UUID | None]]:
    """List (slug, tenant, brand) of what is worked on: clusters are an account's, whichever brand heard the posts."""
    if brand is not None:
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        slugs = {each.id: each.slug for each in tenants()}
        return [(slugs[tenant_id], tenant_id, brand_id)]
    if tenant is not None:
        return [(tenant, tenant_by_slug(tenant).id, None)]
    return [(each.slug, each.id, None) for each in tenants()]


def _capture(tenant_id: UUID, brand_id: UUID | None) -> dict[str, int]:
    with tenant_transaction(tenant_id):
        surfaces = evidence.live_surfaces(brand_id=brand_id, surface_id=None)
    reports = [report for surface in surfaces if (report := _captured(tenant_id, *surface))]
    return {"surfaces": len(surfaces), "new": sum(report.new for report in reports)}


def _captured(tenant_id: UUID, surface_id: UUID, label: str) -> CaptureReport | None:
    try:
        report = evidence.capture_surface(tenant_id=tenant_id, surface_id=surface_id, at=now())
    except CaptureUnderWay as error:
        errors.print(f"{label}: {error.message}", markup=False)
        return None
    if report.error:
        errors.print(f"{label}: {report.error}", markup=False)
    return report


def _normalise(tenant_id: UUID, *, quiet: bool) -> int:
    with _told("Normalising", quiet=quiet) as progress:
        return evidence.normalise_pending(tenant_id=tenant_id, at=now(), progress=progress)


def _aggregate(tenant_id: UUID, *, rebuild: bool, quiet: bool) -> dict[str, int]:
    aggregate = insights.rebuild if rebuild else insights.aggregate
    with _told("Aggregating", quiet=quiet) as progress:
        return aggregate(tenant_id=tenant_id, progress=progress).report.model_dump()


def _score(tenant_id: UUID, moment: datetime | None) -> dict[str, int]:
    return insights.score(tenant_id=tenant_id, at=moment or now()).model_dump()


def _scored_line(slug: str, report: dict[str, int]) -> str:
    return (
        f"{slug}: {report['looked_at']:,} clusters looked at, {report['opened']:,} candidates opened,"
        f" {report['open']:,} open."
    )


@contextmanager
def _told(what: str, *, quiet: bool) -> Iterator[_Progress | None]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,} items"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda items: bar.update(task, completed=items)
