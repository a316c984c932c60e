"""`kairo today`: the board on a terminal."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from django.utils import timezone
from rich.console import Console
from rich.markup import escape

from kairo.errors import FieldError, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import FAILED, errors, print_json
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.brands import queries as brands
from kairo.stages.opportunities import operations, queries
from kairo.stages.opportunities.contracts import BoardNotFound, BoardReplayDTO, BoardState, Generator, TodayBoardDTO

today_app = typer.Typer(help="The Today board: show it, regenerate it.", no_args_is_help=True)

Brand = Annotated[str, typer.Option("--brand", help="The brand's slug.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

POLL_S = 0.2
OWN_WORKER_AFTER_S = 1.0
ENDED = {JobState.SUCCEEDED, JobState.FAILED, JobState.INSUFFICIENT_EVIDENCE, JobState.CANCELLED}


class InvalidMoment(Invalid):
    code = "invalid_moment"


@today_app.command("show", epilog="Example: kairo today show --brand glow")
def show_command(brand: Brand, tenant: Tenant = None, as_json: Json = False) -> None:
    """Show a brand's board as it stands."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            board = operations.open_today(brand_id=brand_id, at=now()).to_contract()
    _print_board(board, as_json=as_json)


@today_app.command("regenerate", epilog="Example: kairo today regenerate --brand glow --as-of 2013-08-16 --wait --json")
def regenerate_command(
    brand: Brand,
    tenant: Tenant = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="A day (its end, UTC) or an RFC 3339 time; now by default.")
    ] = None,
    generator: Annotated[
        Generator, typer.Option("--generator", help="Who writes it; auto asks a model where one is configured.")
    ] = Generator.AUTO,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the board and show it.")] = False,
    as_json: Json = False,
) -> None:
    """Ask for a new board; with --wait, work on it until it is there."""
    moment = parse_moment(as_of) if as_of else None
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            accepted = operations.regenerate(brand_id=brand_id, as_of=moment, generator=generator)
        if not wait:
            print_json(accepted) if as_json else typer.echo(f"Job {accepted.job_id} was accepted.")
            return
        job = await_job(tenant_id, accepted.job_id)
        with tenant_transaction(tenant_id):
            board = queries.look_at_today(brand_id, at=now()).to_contract()
    _print_board(board, as_json=as_json)
    if job.state is JobState.FAILED:
        errors.print(f"The job failed: {job.error}", markup=False, style="red")
        raise typer.Exit(FAILED)


@today_app.command("replay", epilog="Example: kairo today replay --brand glow")
def replay_command(
    brand: Brand,
    board: Annotated[UUID | None, typer.Option("--board", help="A board's id; the newest one by default.")] = None,
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Make a board again from what it was made from, and say whether it comes out byte for byte."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            replay = operations.replay_board(board_id=board or _newest_board(brand_id), at=now())
    print_json(replay) if as_json else _print_replay(replay)
    if not replay.identical:
        raise typer.Exit(FAILED)


def _newest_board(brand_id: UUID) -> UUID:
    newest = queries.boards(brand_id, limit=1)
    if not newest:
        raise BoardNotFound("The brand has no board yet.")
    return newest[0].id


def parse_moment(text: str) -> datetime:
    """Return the moment that a person wrote: a day means its end in UTC, a time without a zone is UTC.

    Raises:
        InvalidMoment: neither a day nor a time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        problem = FieldError("as_of", f"{text!r} is neither a day (2026-08-16) nor a time (2026-08-16T12:00:00Z)")
        raise InvalidMoment(f"--as-of: {problem.message}.", errors=(problem,)) from error
    if len(text) == len("2026-08-16"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())


def await_job(tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Wait for a job that a worker has taken, and do it here where none takes it; return how it ended."""
    started = time.monotonic()
    while True:
        with tenant_transaction(tenant_id):
            job = jobs.job(job_id)
        if job.state in ENDED:
            return job
        if job.state is JobState.PENDING and time.monotonic() - started > OWN_WORKER_AFTER_S:
            run_job_by_id(job_id)
        time.sleep(POLL_S)


def _print_replay(replay: BoardReplayDTO) -> None:
    typer.echo(f"stored    {replay.stored.sha256}  {len(replay.stored.document.encode())} bytes")
    if replay.replayed is None:
        typer.echo(f"replayed  not possible: {replay.reason}")
        return
    typer.echo(f"replayed  {replay.replayed.sha256}  {len(replay.replayed.document.encode())} bytes")
    typer.echo("identical" if replay.identical else f"differs in {', '.join(replay.differences)}")


def _print_board(board: TodayBoardDTO, *, as_json: bool) -> None:
    if as_json:
        print_json(board)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{board.meta.state.replace('_', ' ')}[/bold]  {board.meta.remediation or ''}".rstrip())
    if board.meta.state is BoardState.READY and board.meta.ready_reason and not board.opportunities:
        console.print(board.meta.ready_reason.replace("_", " "))
    for failure in board.meta.evidence_shortfall.failures if board.meta.evidence_shortfall else []:
        console.print(f"  {escape(failure)}")
    for place, opportunity in enumerate(board.opportunities, start=1):
        console.print(f"\n[bold]{place}. {escape(opportunity.title)}[/bold]  ({opportunity.score:.0f})")
        console.print(escape(opportunity.angle))
        console.print(f"[dim]{escape(opportunity.why_now)}[/dim]")
        for cited in opportunity.evidence:
            console.print(f"  “{escape(cited.quote)}”  {escape(cited.url or cited.platform)}")
