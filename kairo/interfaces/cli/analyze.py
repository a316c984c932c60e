"""`kairo trends` and `kairo analyze`: questions about the evidence, answered on a terminal with their sources."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kairo.errors import FieldError
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.opportunities import await_job, parse_moment
from kairo.interfaces.cli.output import FAILED, errors, print_json
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import AgentsChoice
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import (
    MAX_QUERY,
    AnalysisDTO,
    AnalysisMode,
    AnalysisRequest,
    AnalysisState,
    AnswerLanguage,
    BadAnalysisRequest,
    InsightResponse,
)
from kairo.stages.insights.contracts.trends import TrendWindow

Brand = Annotated[str, typer.Option("--brand", help="The brand's slug.")]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")]
Window = Annotated[TrendWindow, typer.Option("--window", help="How far back to look.")]
Lang = Annotated[AnswerLanguage, typer.Option("--lang", help="The answer's language; auto: that of the evidence.")]
Source = Annotated[list[str] | None, typer.Option("--source", help="Only this platform; may be given several times.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="A day (its end, UTC) or an RFC 3339 time; now by default.")]
Agents = Annotated[
    AgentsChoice | None, typer.Option("--agents", help="Who reads the posts; by default what the brand has set.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def trends_command(
    context: typer.Context,
    brand: Annotated[str | None, typer.Option("--brand", help="The brand's slug.")] = None,
    window: Window = TrendWindow.WEEK,
    tenant: Tenant = None,
    lang: Lang = AnswerLanguage.AUTO,
    source: Source = None,
    as_of: AsOf = None,
    agents: Agents = None,
    as_json: Json = False,
) -> None:
    """Say what rises faster than its past explains, and what a brand's evidence speaks about."""
    if context.invoked_subcommand is not None:
        return
    if brand is None:
        problem = FieldError("brand", "none is given")
        raise BadAnalysisRequest("Name the brand: kairo trends --brand SLUG.", errors=(problem,))
    request = _request(AnalysisMode.TRENDS, None, window, lang, source, as_of, agents)
    _ask(request, brand, tenant, as_json=as_json)


def analyze_command(
    mode: Annotated[AnalysisMode, typer.Argument(help="What to look at.")],
    brand: Brand,
    query: Annotated[str | None, typer.Argument(help="What it is about; everything by default.")] = None,
    window: Window = TrendWindow.WEEK,
    tenant: Tenant = None,
    lang: Lang = AnswerLanguage.AUTO,
    source: Source = None,
    as_of: AsOf = None,
    agents: Agents = None,
    as_json: Json = False,
) -> None:
    """Say what people write about, how they feel, or which topics there are; every line with its sources."""
    _ask(_request(mode, query, window, lang, source, as_of, agents), brand, tenant, as_json=as_json)


def _request(
    mode: AnalysisMode,
    query: str | None,
    window: TrendWindow,
    lang: AnswerLanguage,
    source: list[str] | None,
    as_of: str | None,
    agents: AgentsChoice | None,
) -> AnalysisRequest:
    return AnalysisRequest(
        mode=mode,
        query=_query(query),
        window=window,
        lang=lang,
        sources=source or [],
        as_of=parse_moment(as_of) if as_of else None,
        agents=agents,
    )


def _ask(request: AnalysisRequest, brand: str, tenant: str | None, *, as_json: bool) -> None:
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            asked = operations.request_analysis(brand_id=brand_id, request=request, at=now())
        if asked.response is None and asked.job_id is not None:
            await_job(tenant_id, asked.job_id)
            with tenant_transaction(tenant_id):
                asked = queries.analysis(asked.id)
    _print(asked, as_json=as_json)


def _query(text: str | None) -> str | None:
    bare = (text or "").strip()
    if len(bare) > MAX_QUERY:
        problem = FieldError("query", f"it has {len(bare)} characters, and may have {MAX_QUERY}")
        raise BadAnalysisRequest(f"The query is too long: {problem.message}. Shorten it.", errors=(problem,))
    return bare or None


def _print(asked: AnalysisDTO, *, as_json: bool) -> None:
    if as_json:
        print_json(asked.response or asked)
    elif asked.response is not None:
        _print_answer(asked.response)
    if asked.state is not AnalysisState.READY:
        message = asked.error.message if asked.error else f"The analysis is {asked.state}."
        errors.print(message, markup=False, style="red")
        raise typer.Exit(FAILED)


def _print_answer(response: InsightResponse) -> None:
    console = Console(highlight=False, soft_wrap=True)
    numbers = {entry.id: place for place, entry in enumerate(response.evidence, start=1)}
    console.print(f"[bold]{escape(response.header)}[/bold]")
    console.print(escape(response.tldr))
    console.print()
    for insight in response.insights:
        refs = " ".join(f"[{numbers[ref]}]" for ref in insight.evidence_refs)
        console.print(f"{insight.type.value:<15}{escape(f'{insight.text} {refs}')}  ({insight.confidence:.0%})")
    console.print()
    for entry in response.evidence:
        place = f"[{numbers[entry.id]}]"
        console.print(escape(f"{place:>4} {entry.date}  {entry.source}  {entry.title}"))
        console.print(f"     [dim]{escape(entry.url or str(entry.id))}[/dim]")
    for label, told in (("left out", response.meta.degraded), ("note", response.meta.warnings)):
        for line in told:
            console.print(f"[yellow]{label}: {escape(line)}[/yellow]")
    meta = response.meta
    console.print(f"[dim]{meta.model}, {meta.latency_ms} ms, cache {meta.cache}, run {meta.run_id}[/dim]")
