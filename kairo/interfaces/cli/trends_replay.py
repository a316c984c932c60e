"""`kairo trends replay`: which trends would have been found when, had somebody looked at the past as it went by."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.opportunities import parse_moment
from kairo.interfaces.cli.output import print_json, print_table
from kairo.stages.brands import queries as brands
from kairo.stages.insights import operations
from kairo.stages.insights.contracts.trends import InvalidReplay

_STEP = re.compile(r"(\d{1,4})([hd])")


def replay_command(
    brand: Annotated[str, typer.Option("--brand", help="The brand's slug.")],
    since: Annotated[str, typer.Option("--from", help="A time (RFC 3339), or a day (its beginning, UTC).")],
    until: Annotated[str, typer.Option("--to", help="A time (RFC 3339), or a day (its end, UTC).")],
    step: Annotated[str, typer.Option("--step", help="How often to look: 1h, 6h, 1d.")] = "1h",
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Walk past posts as if time passed and list what would have opened when; nothing that is stored changes."""
    first = parse_moment(f"{since}T00:00:00Z" if len(since) == len("2026-08-16") else since)
    last, every = parse_moment(until), _parse_step(step)
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        openings = operations.replay(tenant_id=tenant_id, brand_id=brand_id, since=first, until=last, step=every)
    if as_json:
        print_json(openings)
        return
    print_table(
        ["opened", "score", "items", "label"],
        [
            (f"{opening.opened_at:%Y-%m-%d %H:%M}", f"{opening.trend_score:.0f}", len(opening.item_ids), opening.label)
            for opening in openings
        ],
    )


def _parse_step(text: str) -> timedelta:
    found = _STEP.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise InvalidReplay(f"--step: {text!r} is no step. Give a number of hours or days: 1h, 6h, 1d.")
    return int(found[1]) * (timedelta(hours=1) if found[2] == "h" else timedelta(days=1))
