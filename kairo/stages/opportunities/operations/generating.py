"""Generating a board: evidence, gates, brand, signals, synthesis; then one transaction stores it and ends the job."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import default_embedder
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobFailure, JobState
from kairo.platform.jobs.operations import enqueue
from kairo.platform.llm.asking import Models
from kairo.platform.outbound.operations import announce
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.brands import operations as brand_operations
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.evidence.contracts import EvidenceItemDTO, GateReport
from kairo.stages.evidence.queries import BrandEvidence, EvidenceWindow
from kairo.stages.knowledge import queries as knowledge
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import (
    BoardState,
    ExternalSignalBundleDTO,
    GenerateBoard,
    KnownWinnerDTO,
    LearningSummaryDTO,
    OpportunityDraftDTO,
)
from kairo.stages.opportunities.models import BoardCache, OpportunitiesBoard, Opportunity, OpportunityCitation
from kairo.stages.opportunities.operations.board_records import keep_record
from kairo.stages.opportunities.operations.score_effects import learning_for_board
from kairo.stages.opportunities.operations.signalling import external_signals
from kairo.stages.opportunities.operations.synthesizing import synthesize_board
from kairo.stages.opportunities.operations.winners import winners_for_board
from kairo.stages.opportunities.ports import BoardMaterial, DecidedOpportunity
from kairo.stages.opportunities.rules.outcome import board_outcome, counted
from kairo.stages.opportunities.rules.sifting import Dropped, sifted

STEPS = 4
SAME_WORK = timedelta(hours=1)
"""Retries come within minutes."""


@dataclass
class BoardInputs:
    """All that a board is made from, read in one transaction."""

    window: EvidenceWindow
    evidence: BrandEvidence
    gates: GateReport
    snapshot: BrandSnapshotDTO
    signals: ExternalSignalBundleDTO
    learning: LearningSummaryDTO
    decided: list[DecidedOpportunity]
    fetch_ms: int
    notes: list[str]
    profile: CompiledProfile | None = None
    winners: Sequence[KnownWinnerDTO] = ()
    left_out: Sequence[Dropped] = ()


@dataclass
class BoardDraft:
    """A board that is about to be stored."""

    state: BoardState
    inputs: BoardInputs
    drafts: Sequence[OpportunityDraftDTO] = ()
    diagnostics: dict[str, JsonValue] = field(default_factory=dict)
    remediation: str | None = None
    generator: str | None = None
    record: Callable[[UUID], None] | None = None


def generate_board(
    *, message: GenerateBoard, job: JobContext, at: datetime, models: Models | None = None
) -> Completion:
    """Work out a brand's board as of `message.as_of`; the returned effects store it in the completing transaction.

    `models` are asked in place of those that are configured here.
    """
    started = time.perf_counter()
    job.progress("evidence", done=0, total=STEPS)
    as_of = message.as_of or _first_moment(job, at=at)
    inputs = _gather_inputs(message, tenant_id=job.tenant_id, as_of=as_of, at=at)
    job.progress("gates", done=1, total=STEPS, note=f"{len(inputs.evidence.items)} items")
    _record_gates(job, inputs.gates)
    if not inputs.gates.can_proceed:
        draft = BoardDraft(
            state=BoardState.INSUFFICIENT_EVIDENCE,
            inputs=inputs,
            diagnostics={"reason": inputs.gates.reason},
            remediation=inputs.gates.remediation,
        )
    else:
        job.progress("synthesis", done=2, total=STEPS, note=f"as of {inputs.window.as_of:%Y-%m-%d}")
        draft = _synthesized(message, inputs, job, at=at, models=models)
    job.progress("store", done=3, total=STEPS, note=f"{len(draft.drafts)} opportunities")
    draft.diagnostics["wall_time_ms"] = _milliseconds_since(started)
    return _completion(message.brand_id, draft, job=job, at=at)


def _first_moment(job: JobContext, *, at: datetime) -> datetime:
    """Return when the job first ran: a later attempt looks at the same days, and asks a model the same question.

    Who starts a job over much later wants a board of today.
    """
    first = datetime.fromisoformat(str(job.step("as_of", None, at.isoformat)))
    if at - first <= SAME_WORK:
        return first
    return datetime.fromisoformat(str(job.step("as_of", at.isoformat(), at.isoformat)))


def _gather_inputs(message: GenerateBoard, *, tenant_id: UUID, as_of: datetime, at: datetime) -> BoardInputs:
    started = time.perf_counter()
    brand_id = message.brand_id
    with tenant_transaction(tenant_id):
        window = evidence_queries.evidence_window(brand_id, as_of=as_of)
        evidence = evidence_queries.brand_evidence(brand_id, window)
        thresholds = evidence_queries.gate_thresholds(brand_id)
        snapshot = brand_operations.take_snapshot(brand_id=brand_id, at=at)
        decided = [DecidedOpportunity(*texts) for texts in queries.decided_texts(brand_id, at=as_of)]
        profile = knowledge.compiled_profile(brand_id)
    signals, notes = external_signals(
        tenant_id=tenant_id, brand_id=brand_id, items=evidence.items, as_of=as_of, given=message.signals
    )
    learning, unlearned = learning_for_board(tenant_id=tenant_id, brand=snapshot, as_of=as_of)
    winners, unread = winners_for_board(tenant_id=tenant_id, brand_id=brand_id, as_of=as_of)
    sift = sifted(signals, brand=snapshot, compiled=profile, embed=default_embedder().embed)
    return BoardInputs(
        window=window,
        evidence=evidence,
        gates=evidence_queries.judge_items(evidence.items, thresholds, as_of=as_of),
        snapshot=snapshot,
        signals=sift.signals,
        learning=learning,
        decided=decided,
        fetch_ms=_milliseconds_since(started),
        notes=[*notes, *unlearned, *unread],
        profile=profile,
        winners=winners,
        left_out=sift.dropped,
    )


def _record_gates(job: JobContext, gates: GateReport) -> None:
    for gate in gates.shortfall.gates:
        job.record(EventType.GATE, **gate.model_dump(mode="json"))


def _synthesized(
    message: GenerateBoard, inputs: BoardInputs, job: JobContext, *, at: datetime, models: Models | None
) -> BoardDraft:
    material = BoardMaterial(
        evidence=inputs.evidence.items,
        vectors=inputs.evidence.vectors,
        brand=inputs.snapshot,
        signals=inputs.signals,
        learning=inputs.learning,
        decided=inputs.decided,
        embed=default_embedder().embed,
        as_of=inputs.window.as_of,
        profile=inputs.profile,
        winners=inputs.winners,
    )
    made = synthesize_board(material, wanted=message.generator, job=job, at=at, models=models)
    found = made.synthesis
    return BoardDraft(
        state=BoardState.READY,
        inputs=inputs,
        drafts=found.drafts,
        diagnostics={
            **counted(found, board_outcome(brand=inputs.snapshot, drafts=found.drafts)),
            **made.facts,
            "notes": [*inputs.notes, *found.notes],
            "dropped": _told_dropped(inputs.left_out, found.dropped),
            "profile_version": inputs.profile.ir.version if inputs.profile else None,
        },
        generator=made.generator,
        record=lambda board_id: keep_record(board_id, material, made),
    )


def _told_dropped(signals: Sequence[Dropped], drafts: Sequence[OpportunityDraftDTO]) -> list[JsonValue]:
    """Say what never became a card, and why: signals that carry a taboo, and drafts that failed a check."""
    told = [(signal.title, signal.reasons) for signal in signals]
    told += [(draft.proposed_title, tuple(draft.rejection_reasons)) for draft in drafts]
    return [{"title": title, "reasons": list(reasons)} for title, reasons in told]


def _completion(brand_id: UUID, draft: BoardDraft, *, job: JobContext, at: datetime) -> Completion:
    board_id = new_id()
    ready = draft.state is BoardState.READY
    return Completion(
        state=JobState.SUCCEEDED if ready else JobState.INSUFFICIENT_EVIDENCE,
        outcome={"board_id": str(board_id), "state": draft.state, "opportunities": len(draft.drafts)},
        effects=lambda: _store(board_id, brand_id, draft, job_id=job.job_id, run_id=job.run_id, at=at),
    )


def _store(board_id: UUID, brand_id: UUID, draft: BoardDraft, *, job_id: UUID, run_id: UUID, at: datetime) -> None:
    opportunity_ids = _store_opportunities(brand_id, draft, at=at)
    gates = draft.inputs.gates
    insufficient = draft.state is BoardState.INSUFFICIENT_EVIDENCE
    OpportunitiesBoard.objects.create(
        id=board_id,
        brand_id=brand_id,
        job_id=job_id,
        run_id=run_id,
        state=draft.state,
        as_of=draft.inputs.window.as_of,
        generator=draft.generator,
        snapshot_id=draft.inputs.snapshot.id,
        snapshot_json=draft.inputs.snapshot.model_dump(mode="json"),
        opportunity_ids=opportunity_ids,
        evidence_summary_json=gates.summary.model_dump(mode="json"),
        evidence_shortfall_json=gates.shortfall.model_dump(mode="json") if insufficient else None,
        remediation=draft.remediation,
        diagnostics_json=draft.diagnostics | {"evidence_fetch_ms": draft.inputs.fetch_ms},
        created_at=at,
    )
    if draft.record is not None:
        draft.record(board_id)
    _refresh_cache(brand_id, board_id, at=at)
    told = {"brand_id": str(brand_id), "board_id": str(board_id), "run_id": str(run_id), "state": draft.state}
    announce(event="board.generated", payload={**told, "opportunities": len(opportunity_ids)}, at=at, enqueue=enqueue)


def _store_opportunities(brand_id: UUID, draft: BoardDraft, *, at: datetime) -> list[UUID]:
    personas = {persona.name: persona.id for persona in draft.inputs.snapshot.personas}
    pillars = {pillar.name: pillar.id for pillar in draft.inputs.snapshot.pillars}
    rows = [
        Opportunity(
            brand_id=brand_id,
            title=proposed.proposed_title,
            angle=proposed.proposed_angle,
            type=proposed.type,
            primary_channel=proposed.primary_channel,
            suggested_channels=list(proposed.suggested_channels),
            score=proposed.score,
            score_explanation=proposed.score_explanation,
            score_breakdown={name: part.model_dump() for name, part in proposed.score_breakdown.items()},
            source=proposed.source,
            source_url=proposed.source_url,
            persona_id=personas.get(proposed.persona_hint or ""),
            pillar_id=pillars.get(proposed.pillar_hint or ""),
            why_now=proposed.why_now or "",
            independent_voices=proposed.independent_voices,
            would_change_our_mind=proposed.would_change_our_mind,
            prediction=proposed.prediction.model_dump(mode="json") if proposed.prediction else None,
            created_at=at,
            updated_at=at,
        )
        for proposed in draft.drafts
    ]
    Opportunity.objects.bulk_create(rows)
    items = {item.id: item for item in draft.inputs.evidence.items}
    citations = [
        _citation(row.id, place, quote.text, items[quote.evidence_id])
        for row, proposed in zip(rows, draft.drafts, strict=True)
        for place, quote in enumerate(proposed.quotes)
    ]
    OpportunityCitation.objects.bulk_create(citations)
    return [row.id for row in rows]


def _citation(opportunity_id: UUID, place: int, quote: str, item: EvidenceItemDTO) -> OpportunityCitation:
    return OpportunityCitation(
        opportunity_id=opportunity_id,
        item_id=item.id,
        position=place,
        quote=quote,
        url=item.url,
        author=item.author,
        platform=item.platform,
        # A board's window holds dated items only.
        published_at=item.published_at or item.captured_at,
    )


def board_failed(*, message: GenerateBoard, failure: JobFailure, at: datetime) -> None:
    """Store that the board could not be made, in the transaction that ends the job."""
    board = OpportunitiesBoard.objects.create(
        brand_id=message.brand_id,
        job_id=failure.job_id,
        run_id=failure.run_id,
        state=BoardState.ERROR,
        as_of=message.as_of or at,
        remediation=f"Try again with regenerate. If it fails again, tell support the run id {failure.run_id}.",
        diagnostics_json={"reason": "generation_failed", "notes": [failure.error]},
        created_at=at,
    )
    _refresh_cache(message.brand_id, board.id, at=at)
    told = {"brand_id": str(message.brand_id), "board_id": str(board.id), "run_id": str(failure.run_id)}
    announce(event="board.failed", payload=told, at=at, enqueue=enqueue)


def _refresh_cache(brand_id: UUID, board_id: UUID, *, at: datetime) -> None:
    key = queries.board_cache_key(brand_id)
    board = queries.board(board_id, at=at)
    meta = board.meta.model_copy(update={"cache_hit": True, "cache_key": key, "cache_ttl_seconds": queries.CACHE_TTL_S})
    body = board.model_copy(update={"meta": meta}).model_dump_json()
    expires_at = at + timedelta(seconds=queries.CACHE_TTL_S)
    BoardCache.objects.update_or_create(key=key, defaults={"body": body, "expires_at": expires_at})


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
