"""`kairo brand compile` and `kairo brand profile`: what a brand was compiled to, on a terminal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kairo.interfaces.cli.brands import Json, Tenant
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.opportunities import await_job
from kairo.interfaces.cli.output import FAILED, errors, print_json
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.profiles import BrandIR, BrandProfileDTO, ChannelVoice, PillarProfile

Slug = Annotated[str, typer.Argument(help="The brand's slug.")]
MOST_SHOWN = 8


def compile_command(brand: Slug, tenant: Tenant = None, as_json: Json = False) -> None:
    """Compile a brand's profile and show it; unchanged inputs make no new version."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            asked = operations.request_compile(brand_id=brand_id)
        job = await_job(tenant_id, asked.id)
        if job.state is not JobState.SUCCEEDED:
            errors.print(f"The job is {job.state}: {job.error}", markup=False, style="red")
            raise typer.Exit(FAILED)
        with tenant_transaction(tenant_id):
            found = queries.profile(brand_id)
    _print(found, as_json=as_json)


def profile_command(
    brand: Slug,
    version: Annotated[int | None, typer.Option("--version", min=1, help="The newest by default.")] = None,
    tenant: Tenant = None,
    as_json: Json = False,
) -> None:
    """Show a brand's compiled profile: keywords and weights, persona signals, taboos with their neighbours, voice."""
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            found = queries.profile(brand_id, version=version)
    _print(found, as_json=as_json)


def _print(found: BrandProfileDTO, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    console = Console(highlight=False, soft_wrap=True)
    ir = found.profile
    stale = "" if found.is_current else "  [yellow]the brand has changed since[/yellow]"
    console.print(f"[bold]version {ir.version}[/bold]  {ir.compiled_at:%Y-%m-%d %H:%M}  {ir.embedder}{stale}")
    console.print(f"weights counted in {ir.evidence_posts} posts")
    for pillar in ir.pillars:
        _print_pillar(console, pillar)
    for signal in ir.persona_signals:
        console.print(escape(f"  {signal.persona}, {signal.kind}: {signal.phrase}  {signal.weight:.2f}"))
    _print_taboos(console, ir)
    if ir.voice is not None:
        for voice in (ir.voice.overall, *ir.voice.channels):
            _print_voice(console, voice)


def _print_pillar(console: Console, pillar: PillarProfile) -> None:
    shown = [f"{one.term} {one.weight:.2f}" for one in pillar.keywords[:MOST_SHOWN]]
    more = len(pillar.keywords) - len(shown)
    console.print(escape(f"{pillar.name}: {', '.join(shown)}{f', and {more} more' if more > 0 else ''}"))


def _print_taboos(console: Console, ir: BrandIR) -> None:
    for taboo in ir.taboos:
        near = ", ".join(f"{one.word} {one.similarity:.2f}" for one in taboo.neighbours)
        told = near or taboo.neighbour_state.replace("_", " ")
        console.print(escape(f"  never: {taboo.term} ({' '.join(taboo.stems)})  {told}"))


def _print_voice(console: Console, voice: ChannelVoice) -> None:
    place = voice.channel or "all channels"
    if voice.features is None:
        console.print(f"voice on {place}: not enough texts, {voice.n} of {voice.needed}")
        return
    features = voice.features
    console.print(
        f"voice on {place}: {voice.n} texts, {features.sentence_words:g} words a sentence,"
        f" {features.questions_rate:.0%} questions, {features.exclamations_rate:.0%} exclamations,"
        f" {features.emoji_a_text:g} emoji and {features.hashtags_a_text:g} hashtags a text"
    )
