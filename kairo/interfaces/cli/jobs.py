"""`kairo jobs …` and `kairo worker`: what an operator sees of background work."""

from __future__ import annotations

import contextlib
from typing import Annotated
from uuid import UUID

import typer

from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations, queries
from kairo.platform.jobs.claims import tenant_of
from kairo.platform.jobs.contracts import JobDTO, JobNotFound, JobState, Queue
from kairo.platform.jobs.slots import ALL_QUEUES, WorkOrder, dry_run
from kairo.platform.jobs.supervisor import supervise
from kairo.platform.tenancy.contracts import TenantDTO
from kairo.platform.tenancy.lookups import tenant_by_slug, tenants

jobs_app = typer.Typer(help="Background work: see it, start it over, cancel it.", no_args_is_help=True)
HEADINGS = ("id", "tenant", "kind", "state", "attempts", "created", "error")

JobId = Annotated[UUID, typer.Argument(help="The job's id, as `kairo jobs list` shows it.", metavar="ID")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@jobs_app.command("list", epilog="Example: kairo jobs list --state failed --tenant acme")
def list_jobs(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's jobs.", metavar="SLUG")] = None,
    state: Annotated[JobState | None, typer.Option(help="Only jobs in this state.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many of each tenant, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    shown = [
        (account, job)
        for account in ([tenant_by_slug(tenant)] if tenant else tenants())
        for job in _jobs_of(account, state=state, kind=kind, limit=limit)
    ]
    shown.sort(key=lambda entry: entry[1].id, reverse=True)
    if as_json:
        print_json({"items": [{"tenant": account.slug} | job.model_dump(mode="json") for account, job in shown]})
    else:
        print_table(HEADINGS, [_line(account, job) for account, job in shown])


@jobs_app.command("show", epilog="Example: kairo jobs show 0193d2a4-7c1e-7b3a-9f00-5d1f2a6b7c8d")
def show_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Show one job: its state, its progress and the errors of its attempts."""
    with tenant_transaction(_tenant_of(job_id)):
        job = queries.job(job_id)
    _print(job, as_json=as_json)


@jobs_app.command("retry", epilog="Example: kairo jobs retry 0193d2a4-7c1e-7b3a-9f00-5d1f2a6b7c8d")
def retry_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Start a failed or cancelled job over."""
    with tenant_transaction(_tenant_of(job_id)):
        job = operations.retry(job_id)
    _print(job, as_json=as_json)


@jobs_app.command("cancel", epilog="Example: kairo jobs cancel 0193d2a4-7c1e-7b3a-9f00-5d1f2a6b7c8d")
def cancel_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Cancel a job: a pending one at once, a running one within half a minute."""
    with tenant_transaction(_tenant_of(job_id)):
        job = operations.request_cancel(job_id)
    _print(job, as_json=as_json)


def worker(
    queue: Annotated[
        list[Queue] | None, typer.Option(help="A queue to work on; may be given several times. Default: all.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="How many jobs run at the same time.")] = 2,
    poll_interval: Annotated[float, typer.Option(min=0.05, help="Seconds between looks when no doorbell rings.")] = 5.0,
    max_jobs: Annotated[int | None, typer.Option(min=1, help="Stop after so many jobs.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due any more.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what is due; it costs no job an attempt.")] = False,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that running jobs get to finish when stopped.")] = 10.0,
) -> None:
    """Run background work until stopped."""
    queues = tuple(name.value for name in queue) if queue else ALL_QUEUES
    order = WorkOrder(queues=queues, poll_interval_s=poll_interval, max_jobs=max_jobs, once=once)
    if dry:
        dry_run(order, _say)
    else:
        supervise(order, concurrency=concurrency, announce=_say, grace_s=grace)


def _say(line: str) -> None:
    # The work goes on when nobody reads along any more.
    with contextlib.suppress(BrokenPipeError):
        typer.echo(line)


def _jobs_of(tenant: TenantDTO, *, state: JobState | None, kind: str | None, limit: int) -> list[JobDTO]:
    with tenant_transaction(tenant.id):
        page, _ = queries.jobs(state=state, kind=kind, limit=limit)
    return page


def _tenant_of(job_id: UUID) -> UUID:
    tenant_id = tenant_of(job_id)
    if tenant_id is None:
        raise JobNotFound(f"There is no job {job_id}.")
    return tenant_id


def _line(tenant: TenantDTO, job: JobDTO) -> tuple[object, ...]:
    attempts = f"{job.attempts} of {job.max_attempts}"
    created = f"{job.created_at:%Y-%m-%d %H:%M:%S}"
    return job.id, tenant.slug, job.kind, job.state.value, attempts, created, job.error or ""


def _print(job: JobDTO, *, as_json: bool) -> None:
    if as_json:
        print_json(job)
        return
    facts = {
        "job": f"{job.id} ({job.kind}, queue {job.queue}, priority {job.priority})",
        "state": f"{job.state.value}{', asked to stop' if job.cancel_requested else ''}",
        "attempts": f"{job.attempts} of {job.max_attempts}, {job.worker_losses} lost workers",
        "progress": f"{job.progress.step} {job.progress.done}/{job.progress.total} {job.progress.note}".strip(),
        "run": str(job.run_id),
        "result": job.result_url,
        "created": f"{job.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "error": job.error,
    }
    for name, fact in facts.items():
        if fact:
            typer.echo(f"{name:9} {fact}")
    for entry in job.error_history:
        typer.echo(f"          {entry.at:%Y-%m-%d %H:%M:%S} attempt {entry.attempt}: {entry.error}")
