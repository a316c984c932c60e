"""`kairo gather`: a brand's knowledge gathered from what was uploaded and captured; started, watched, cancelled."""

from __future__ import annotations

import time
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import FAILED, errors, print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.gathers import (
    DEFAULT_ITERATIONS,
    MOST_ITERATIONS,
    GatherGenerator,
    GatherOrder,
    NoGather,
)

gather_app = typer.Typer(help="Gather a brand's knowledge: start, status, cancel.", no_args_is_help=True)

Brand = Annotated[str, typer.Option("--brand", help="The brand's slug.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

POLL_S = 0.2
OWN_WORKER_AFTER_S = 1.0
LIVE = {JobState.PENDING, JobState.RUNNING}


@gather_app.command("start", epilog="Example: kairo gather start --brand glow --max-iterations 20 --wait")
def start_command(
    brand: Brand,
    tenant: Tenant = None,
    max_iterations: Annotated[
        int, typer.Option(min=1, max=MOST_ITERATIONS, help="How many iterations in all.")
    ] = DEFAULT_ITERATIONS,
    evaluate: Annotated[
        bool, typer.Option("--evaluate/--no-evaluate", help="Evaluate each department that is good enough.")
    ] = True,
    webhook_url: Annotated[str | None, typer.Option("--webhook-url", help="Where events are sent, signed.")] = None,
    generator: Annotated[
        GatherGenerator, typer.Option("--generator", help="Who writes; auto asks a model where one is configured.")
    ] = GatherGenerator.AUTO,
    seed: Annotated[int, typer.Option(min=0, help="Decides between sentences that are equally good.")] = 0,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end, and show what was found.")] = False,
    as_json: Json = False,
) -> None:
    """Start a gather; while one is under way, that one is the answer."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        order = GatherOrder(
            project_id=brand_id,
            max_iterations=max_iterations,
            enable_auto_evaluation=evaluate,
            webhook_url=webhook_url,
            generator=generator,
            seed=seed,
        )
        with tenant_transaction(tenant_id):
            job = operations.submit_gather(order=order, at=now())
        if not wait:
            print_json({"task_id": str(job.id)}) if as_json else typer.echo(f"Task {job.id} was accepted.")
            return
        ended = _await(tenant_id, job.id, quiet=as_json)
        _print_status(tenant_id, brand_id, as_json=as_json)
    if ended.state is not JobState.SUCCEEDED:
        errors.print(ended.error or str(ended.outcome.get("remediation") or ended.state), markup=False, style="red")
        raise typer.Exit(FAILED)


@gather_app.command("status", epilog="Example: kairo gather status --brand glow --json")
def status_command(brand: Brand, tenant: Tenant = None, as_json: Json = False) -> None:
    """Show the newest gather of a brand: departments, scores, items."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        _print_status(tenant_id, brand_id, as_json=as_json)


@gather_app.command("cancel", epilog="Example: kairo gather cancel --brand glow")
def cancel_command(brand: Brand, tenant: Tenant = None, as_json: Json = False) -> None:
    """Cancel the gather of a brand that is under way; what was saved stays."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            job = operations.cancel_gather(project_id=brand_id)
            told = queries.newest_gather(brand_id)
    items = told.items_created if told else 0
    if as_json:
        print_json({"task_id": str(job.id), "state": job.state.value, "items_created_so_far": items})
        return
    typer.echo(f"Cancelled with {items} items." if job.state not in LIVE else f"It will stop; {items} items so far.")


def _await(tenant_id: UUID, task_id: UUID, *, quiet: bool) -> JobDTO:
    """Wait for a task, follow-up jobs included, and do the work here where no worker takes it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        shown = bar.add_task("waiting")
        idle_since = time.monotonic()
        while True:
            with tenant_transaction(tenant_id):
                task = queries.task(task_id)
                told = queries.gather_of_task(task_id)
            if task.state not in LIVE:
                return task
            bar.update(
                shown,
                description=f"{task.progress.step} {task.progress.note}".strip() or "waiting",
                completed=task.progress.done,
                total=task.progress.total or None,
            )
            if task.state is JobState.RUNNING:
                idle_since = time.monotonic()
            elif told is not None and time.monotonic() - idle_since > OWN_WORKER_AFTER_S:
                run_job_by_id(told.job_id)
            time.sleep(POLL_S)


def _print_status(tenant_id: UUID, brand_id: UUID, *, as_json: bool) -> None:
    with tenant_transaction(tenant_id):
        told = queries.newest_gather(brand_id)
        if told is None:
            raise NoGather("Nothing was gathered for this brand yet: kairo gather start --brand SLUG.")
        departments = queries.gather_departments(told.id)
        output = queries.gather_output(told.id)
    if as_json:
        print_json({"task_id": str(told.task_id), "run_id": str(told.run_id), **output.outcome()})
        return
    typer.echo(
        f"{told.state.value}: {told.iterations} of {told.max_iterations} iterations, {told.items_created} items,"
        f" {told.duplicates} duplicates, {told.processing_time_ms / 1000:.1f} s"
    )
    for note in (*told.degraded, *((told.remediation,) if told.remediation else ())):
        typer.echo(f"  {note}")
    print_table(
        ["department", "score", "threshold", "iterations", "items", "state"],
        [
            (one.name, f"{one.quality_score:.1f}", f"{one.threshold:.0f}", one.iterations, one.items_created, one.state)
            for one in departments
        ],
    )
