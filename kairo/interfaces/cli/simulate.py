"""`kairo simulate …`: an invented market as files to import, and the clock of a simulation."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from kairo.errors import Conflict, Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json
from kairo.platform.database.clock import move_clock, now, release_clock, set_clock
from kairo.shapes import Frozen

if TYPE_CHECKING:
    from kairo.sandbox.market import Market

simulate_app = typer.Typer(help="Simulations: invented posts, and a clock to move.", no_args_is_help=True)
TRUTH = "truth.json"
LONGEST_DAYS = 1000

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class FolderNotEmpty(Conflict):
    """A market is written into a folder of its own."""

    code = "folder_not_empty"


class WrittenMarket(Frozen):
    """What was written where; `start` gives the same posts again, with the same other arguments."""

    subject: str
    seed: int
    start: date
    days: int
    posts: dict[str, int]
    files: dict[str, str]
    truth: str
    trends: list[str]


@simulate_app.command("market", epilog="Example: kairo simulate market --seed 7 --days 30 --out ./market")
def market_command(
    out: Annotated[Path, typer.Option(help="A folder to write into; made if it is not there.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same posts.")] = 7,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long the market lasts.")] = 30,
    subject: Annotated[str, typer.Option(help="home-coffee, houseplants or running-beginners.")] = "houseplants",
    posts_per_day: Annotated[float, typer.Option(min=1, max=1_000_000, help="About so many posts a day.")] = 200,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day, UTC. Default: so that the last day was yesterday."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the posts of an invented market as Apify gives them, and, apart, what was planted in it.

    posts/instagram.jsonl and posts/tiktok.jsonl are for `kairo ingest import`. truth.json is for whoever checks what
    was found: nothing in the posts tells it.
    """
    first_day = start.date() if start else datetime.now(UTC).date() - timedelta(days=days)
    market = _market(seed=seed, first_day=first_day, days=days, posts_per_day=posts_per_day, subject=subject)
    written = _write(market, _empty_folder(out))
    if as_json:
        print_json(written)
    else:
        _print(written)


def _market(*, seed: int, first_day: date, days: int, posts_per_day: float, subject: str) -> Market:
    # Not for the start of every command: the market computes with numpy.
    from kairo.sandbox.market import Market, UnknownSubject, load_subject

    try:
        known = load_subject(subject)
    except UnknownSubject as error:
        raise Invalid(f"There is {error}.") from error
    start = datetime.combine(first_day, time(), UTC)
    return Market(seed=seed, start=start, days=days, posts_per_day=posts_per_day, subject=known)


def _empty_folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
        taken = any(out.iterdir())
    except OSError as error:
        raise Invalid(f"{out} cannot be used as a folder: {error.strerror}.") from error
    if taken:
        raise FolderNotEmpty(f"There is something in {out} already. Name a new folder with --out.")
    return out


def _write(market: Market, out: Path) -> WrittenMarket:
    from kairo.sandbox.market import Platform
    from kairo.sandbox.market.truth import hidden_truth

    posts = out / "posts"
    posts.mkdir()
    paths = {platform: posts / f"{platform.value}.jsonl" for platform in Platform}
    counts = dict.fromkeys(paths, 0)
    files: dict[Platform, IO[str]] = {}
    try:
        for platform, path in paths.items():
            files[platform] = path.open("w", encoding="utf-8")
        for post in market.posts():
            files[post.platform].write(json.dumps(post.to_apify(), ensure_ascii=False) + "\n")
            counts[post.platform] += 1
    finally:
        for file in files.values():
            file.close()
    truth = hidden_truth(market)
    (out / TRUTH).write_text(json.dumps(truth.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return WrittenMarket(
        subject=truth.subject,
        seed=truth.seed,
        start=market.start.date(),
        days=market.days,
        posts={platform.value: count for platform, count in counts.items()},
        files={platform.value: str(path) for platform, path in paths.items()},
        truth=str(out / TRUTH),
        trends=[trend.name for trend in truth.trends],
    )


def _print(written: WrittenMarket) -> None:
    told = ", ".join(f"{count:,} of {platform}" for platform, count in written.posts.items())
    typer.echo(f"{sum(written.posts.values()):,} posts about {written.subject}: {told}.")
    for path in written.files.values():
        typer.echo(f"  kairo ingest import {path} --brand BRAND")
    typer.echo(f"What was planted, {len(written.trends)} trends among it: {written.truth}")
    typer.echo(f"The same again: --seed {written.seed} --start {written.start} --days {written.days}")


@simulate_app.command("clock", epilog="Example: KAIRO_VIRTUAL_CLOCK=true kairo simulate clock --advance-s 3600")
def clock_command(
    advance_s: Annotated[float | None, typer.Option(min=0, help="Move the clock on by so many seconds.")] = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="Have it stand at this moment, UTC."),
    ] = None,
    real: Annotated[bool, typer.Option("--real", help="Let it follow real time again.")] = False,
    as_json: Json = False,
) -> None:
    """Show or move the clock by which work becomes due; only with KAIRO_VIRTUAL_CLOCK=true it can be moved."""
    if sum([advance_s is not None, to is not None, real]) > 1:
        raise Invalid("Give one of --advance-s, --to and --real.")
    with database():
        if advance_s is not None:
            move_clock(timedelta(seconds=advance_s))
        if to is not None:
            set_clock(to.replace(tzinfo=UTC))
        if real:
            release_clock()
        told = now().isoformat()
    print_json({"now": told}) if as_json else typer.echo(told)
