"""`kairo simulate ads|serve|loop`: budgets compared on an invented ad market, its servers, and the whole loop on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings

from kairo.errors import Invalid
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import errors, print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.learning import queries as learning

if TYPE_CHECKING:
    from kairo.interfaces.cli.loop.fitting import FittedMarket
    from kairo.interfaces.cli.loop.running import LoopReport, PolicyResult

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Seed = Annotated[int, typer.Option(min=0, max=10**6, help="The same seed gives the same market.")]
Days = Annotated[int, typer.Option(min=1, max=365, help="How many days are lived through.")]
Start = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day, UTC; by default so that it ends today.")
]


def ads_command(
    days: Days = 60,
    seed: Seed = 7,
    seeds: Annotated[int, typer.Option(min=1, max=50, help="So many markets, from --seed on.")] = 3,
    ads: Annotated[int, typer.Option(min=2, max=100, help="Ads; half from the start, half until the middle.")] = 12,
    budget: Annotated[float, typer.Option(min=10, max=1e6, help="At most so much a day.")] = 1200.0,
    fit: Annotated[
        str | None, typer.Option(help="An account's slug: its own past gives the market's numbers, where it is enough.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare budgets on an invented market: an equal split, plain rules and Kairo's optimiser without change caps.

    With --fit the market is in the likeness of an account; the account itself is only read.
    """
    from kairo.interfaces.cli.loop.comparing import compare_policies

    with database():
        likeness = _fitted(fit) if fit else None
        if fit and likeness and not as_json:
            _print_fit(fit, likeness)
        found = compare_policies(
            days=days,
            seeds=range(seed, seed + seeds),
            ads=ads,
            budget=budget,
            params=likeness.params if likeness else None,
        )
    if as_json:
        told = {"days": days, "budget_a_day": budget, "markets": [one.model_dump(mode="json") for one in found]}
        print_json(
            told | ({"fitted_to": fit, "fitted": [one.model_dump() for one in likeness.lines]} if likeness else {})
        )
        return
    for market in found:
        typer.echo(f"Market {market.seed}, {days} days, at most {budget:,.0f} {market.currency} a day:")
        _print_policies(market.policies)


def loop_command(
    days: Annotated[int, typer.Option(min=2, max=365, help="How many days are lived through.")] = 60,
    seed: Seed = 7,
    budget: Annotated[float, typer.Option(min=50, max=1e6, help="At most so much a day.")] = 1000.0,
    posts_per_day: Annotated[float, typer.Option(min=10, max=10_000, help="Posts a day to look for ideas in.")] = 20.0,
    start: Start = None,
    as_json: Json = False,
) -> None:
    """Live through the whole loop on a virtual clock, in a tenant that is made for it; it may be run again.

    Posts become a board, texts and ads; clicks and deals come in; budgets move by pending changes; winners and results
    go into the next boards. The ad platform is a sandbox that is asked over HTTP, through Meta's client.
    """
    if not settings.KAIRO_VIRTUAL_CLOCK:
        raise typer.Exit(_on_a_virtual_clock(days, seed, budget, posts_per_day, start, as_json=as_json))
    from kairo.interfaces.cli.loop.running import run_loop, start_of

    with database():
        first = start.replace(tzinfo=UTC) if start else start_of(days, at=now())
        if first + timedelta(days=days) > now():
            raise Invalid("The loop may not end in the future: give an earlier --start, or fewer --days.")
        report = run_loop(
            seed=seed,
            start=first,
            days=days,
            budget=budget,
            posts_per_day=posts_per_day,
            tell=(lambda line: None) if as_json else (lambda line: errors.print(line, markup=False)),
        )
    print_json(report) if as_json else _print_loop(report)


def serve_command(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the ad platform; 0 takes any that is free.")] = 8790,
    crm_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the CRM.")] = 8791,
    seed: Seed = 7,
    ads: Annotated[int, typer.Option(min=1, max=100, help="Ads that run from the start.")] = 8,
    speed: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds of the market in a real one.")] = 3600.0,
    fault_rate: Annotated[float, typer.Option(min=0, max=1, help="Share of calls that something befalls.")] = 0.0,
    kairo_url: Annotated[str | None, typer.Option(help="Where clicks and leads are posted to, if anywhere.")] = None,
    kairo_token: Annotated[str, typer.Option(envvar="KAIRO_TOKEN", help="A token of the tenant they are for.")] = "",
) -> None:
    """Serve an ad platform in Meta's shape and a CRM in HubSpot's, whose market lives while they run. Stop: Ctrl-C."""
    from kairo.interfaces.cli.loop.serving import Served

    with ExitStack() as stack:
        try:
            served = Served.opened(
                stack, seed=seed, ads=ads, ports=(port, crm_port), fault_rate=fault_rate, kairo=(kairo_url, kairo_token)
            )
        except OSError as error:
            raise Invalid(
                f"Port {port} or {crm_port} cannot be used ({error.strerror}): give others with --port and --crm-port;"
                f" 0 takes any that is free."
            ) from error
        for line in served.lines():
            typer.echo(line)
        stop = threading.Event()
        try:
            began, start = time.monotonic(), served.market.now
            while not stop.wait(1.0):
                served.live_until(start + timedelta(seconds=(time.monotonic() - began) * speed))
        except KeyboardInterrupt:
            typer.echo("Stopped.")


def _fitted(slug: str) -> FittedMarket:
    """Measure an account's past and make a market in its likeness."""
    from kairo.interfaces.cli.loop.fitting import fitted_market

    with tenant_transaction(tenant_by_slug(slug).id):
        measures = learning.market_measures(until=now())
    market = fitted_market(measures)
    if all(line.fitted is None for line in market.lines):
        raise Invalid(
            f"The account {slug} has too little of a past to fit a market to: {measures.ads} ads over"
            f" {measures.days:.0f} days. Leave --fit out to compare on the sandbox's own numbers."
        )
    return market


def _print_fit(slug: str, market: FittedMarket) -> None:
    typer.echo(f"A market in the likeness of {slug}, by what was known until now:")
    print_table(
        ["number", "default", "fitted", "rests on", ""],
        [
            (line.name, f"{line.default:.4g}", "" if line.fitted is None else f"{line.fitted:.4g}",
             f"{line.rests_on:,} {line.of}", line.note)
            for line in market.lines
        ],
    )  # fmt: skip


def _on_a_virtual_clock(
    days: int, seed: int, budget: float, posts_per_day: float, start: datetime | None, *, as_json: bool
) -> int:
    """Run the command again in a process that follows the virtual clock; return how it ended."""
    given = ["--days", days, "--seed", seed, "--budget", budget, "--posts-per-day", posts_per_day]
    given += ["--start", f"{start:%Y-%m-%d}"] if start else []
    given += ["--json"] if as_json else []
    command = [sys.executable, "-m", "kairo.interfaces.cli.main", "simulate", "loop", *map(str, given)]
    return subprocess.run(command, env=os.environ | {"KAIRO_VIRTUAL_CLOCK": "true"}, check=False).returncode


def _print_policies(policies: Sequence[PolicyResult]) -> None:
    print_table(
        ["budgets by", "spend", "true value", "true profit", "won so far", "clicks", "leads"],
        [
            (one.policy, f"{one.spend:,.0f}", f"{one.expected_value:,.0f}", f"{one.profit:,.0f}", f"{one.won:,.0f}",
             f"{one.clicks:,}", f"{one.leads:,}")
            for one in policies
        ],
    )  # fmt: skip


def _print_loop(report: LoopReport) -> None:
    _print_policies(report.policies)
    typer.echo(
        f"Profit {report.against_equal:+,.0f} {report.currency} against an equal split, {report.against_rules:+,.0f}"
        f" against plain rules, in the same market with the same ads."
    )
    typer.echo(
        f"{report.posts:,} posts, {report.boards} boards, {report.ads} ads, {report.counts['clicks']:,} clicks"
        f" ({report.counts['clicks tracked']:,} tracked), {report.counts['leads']:,} leads,"
        f" {report.counts['deals']:,} deals: {report.deals_credited:.0%} of the ads' deals are credited,"
        f" {report.credited_right:.1%} of these to the right ad."
    )
    typer.echo(f"Changes: {json.dumps(report.executed)}; decisions: {json.dumps(report.decisions)}.")
    if report.winners:
        typer.echo(f"Winners at the end: {json.dumps(report.winners[-1])}.")
    print_table(
        ["what the next board knows", "name", "effect"],
        [(one.dimension, one.name, f"{one.effect:+.2f}") for one in report.learned],
    )
    typer.echo("The next board: " + "; ".join(report.next_board))
    for line in report.missing:
        typer.echo(f"Missing: {line}")
