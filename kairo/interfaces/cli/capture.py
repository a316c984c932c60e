"""`kairo ingest capture`: surfaces read now, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import FAILED, errors, print_json
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenants
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import CaptureReport, CaptureStatus, CaptureUnderWay, NotLive

LONGEST_LABEL = 60


def capture_command(
    brand: Annotated[str | None, typer.Option("--brand", help="Read the surfaces of this brand (its slug).")] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")] = None,
    all_brands: Annotated[bool, typer.Option("--all", help="Read the surfaces of every brand.")] = False,
    surface: Annotated[UUID | None, typer.Option("--surface", help="Read this one only, also if paused.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Read live surfaces now: feeds, hashtags, profiles, searches. One that fails does not stop the others."""
    if not (brand or all_brands or surface):
        raise typer.BadParameter("Say what to read: --brand SLUG, --all, or --surface ID.")
    with database():
        wanted = _surfaces(brand, tenant_slug=tenant, surface_id=surface)
        if surface and not wanted:
            raise NotLive(f"There is no live surface {surface}. `GET /api/brands/ID/surfaces` lists those of a brand.")
        reports = [report for each in _told(wanted, quiet=as_json) if (report := _captured(*each))]
    if as_json:
        print_json({"captures": [report.model_dump(mode="json") for report in reports]})
    elif not wanted:
        typer.echo("There is no live surface here yet: name some under `surfaces` in the brand file.")
    for report in [] if as_json else reports:
        typer.echo(_line(report))
    if any(report.status is CaptureStatus.FAILED for report in reports):
        raise typer.Exit(FAILED)


def _surfaces(brand: str | None, *, tenant_slug: str | None, surface_id: UUID | None) -> list[tuple[UUID, UUID, str]]:
    """List (tenant, surface, name for people) of what is to be read, over all tenants unless a brand is named."""
    if brand:
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant_slug)
        whose: list[tuple[UUID, UUID | None]] = [(tenant_id, brand_id)]
    else:
        whose = [(tenant.id, None) for tenant in tenants() if tenant_slug in (None, tenant.slug)]
    found: list[tuple[UUID, UUID, str]] = []
    for tenant_id, of_brand in whose:
        with tenant_transaction(tenant_id):
            listed = operations.live_surfaces(brand_id=of_brand, surface_id=surface_id)
        found += [(tenant_id, each_id, label) for each_id, label in listed]
    return found


def _told(wanted: list[tuple[UUID, UUID, str]], *, quiet: bool) -> Iterator[tuple[UUID, UUID, str]]:
    """Hand on what is to be read, one by one, with a bar on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield from wanted
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("Reading", total=len(wanted))
        for tenant_id, surface_id, label in wanted:
            bar.update(task, description=f"Reading {label[:LONGEST_LABEL]}")
            yield tenant_id, surface_id, label
            bar.advance(task)


def _captured(tenant_id: UUID, surface_id: UUID, label: str) -> CaptureReport | None:
    try:
        return operations.capture_surface(tenant_id=tenant_id, surface_id=surface_id, at=now())
    except CaptureUnderWay as error:
        errors.print(f"{label}: {error.message}", markup=False)
        return None


def _line(report: CaptureReport) -> str:
    name = f"{report.platform} {report.surface_key}"
    due = f" Next reading: {report.next_due_at:%Y-%m-%d %H:%M} UTC." if report.next_due_at else ""
    if report.status is CaptureStatus.FAILED:
        return f"{name}: not read. {report.error}{due}"
    if report.unchanged:
        return f"{name}: nothing has changed."
    cost = f" It cost ${report.cost_usd:.4f}." if report.cost_usd is not None else ""
    put_off = f" The host wants a pause.{due}" if report.status is CaptureStatus.RUNNING else ""
    counts = f"{report.new:,} new, {report.known:,} known, {report.rejected:,} rejected"
    warnings = "".join(f"\n  {warning}" for warning in report.warnings)
    return f"{name}: {counts}.{cost}{put_off}{warnings}"
