"""`kairo evidence`: search of a brand's items, and what search reads made again."""

from __future__ import annotations

from typing import Annotated

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.context import run_context
from kairo.platform.tenancy.lookups import tenants
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import SearchAnswer, SearchHitDTO, SearchMode

evidence_app = typer.Typer(help="Stored evidence: search it, index it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@evidence_app.command("search", epilog='Example: kairo evidence search "red cheeks" --brand glow --window 1m')
def search_command(
    query: Annotated[str, typer.Argument(help="What to look for, in any language.")],
    brand: Annotated[str, typer.Option("--brand", help="The brand's slug.")],
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")] = None,
    window: Annotated[str | None, typer.Option("--window", help="24h, 3d, 1w, 1m or 1y before now.")] = None,
    lang: Annotated[list[str] | None, typer.Option("--lang", help="A language; may be repeated.")] = None,
    platform: Annotated[list[str] | None, typer.Option("--platform", help="A platform; may be repeated.")] = None,
    k: Annotated[int, typer.Option("-k", "--limit", help="How many items at most.")] = 10,
    mode: Annotated[SearchMode, typer.Option("--mode", help="By words, by meaning, or both.")] = SearchMode.HYBRID,
    as_json: Json = False,
) -> None:
    """Search a brand's items, the best first."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with run_context(), tenant_transaction(tenant_id):
            answer = operations.search(
                brand_id,
                query,
                at=now(),
                window=window,
                languages=lang or (),
                platforms=platform or (),
                k=k,
                mode=mode,
            )
    print_json(answer) if as_json else _print_answer(answer)


@evidence_app.command("index", epilog="Example: kairo evidence index")
def index_command(as_json: Json = False) -> None:
    """Make findable what is normalised although no search knows it yet, of every tenant."""
    with database():
        done = {tenant.slug: operations.post_missing(tenant_id=tenant.id) for tenant in tenants()}
    if as_json:
        print_json({"indexed": done})
        return
    for slug, count in done.items():
        typer.echo(f"{slug}: {count:,} items indexed.")


def _print_answer(answer: SearchAnswer) -> None:
    for note in answer.degraded:
        typer.echo(f"Only part of the search took part: {note}", err=True)
    if not answer.items:
        typer.echo("Nothing was found. Try other words, a longer window, or fewer filters.")
    for place, item in enumerate(answer.items, start=1):
        typer.echo(f"{place:>3}. {_heading(item)}\n     {' '.join(item.snippet.split())}\n     {item.url or item.id}")


def _heading(item: SearchHitDTO) -> str:
    day = f"{item.published_at:%Y-%m-%d}" if item.published_at else "undated"
    return " · ".join(filter(None, (item.platform, item.author, day, f"{item.score:.3f}")))
