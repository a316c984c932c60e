"""Choosing who writes a board, and falling back to the extractive synthesizer where no model can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.jobs.contexts import JobContext
from kairo.platform.llm.asking import Models
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.opportunities.contracts import Generator
from kairo.stages.opportunities.llm_calls import SCORING, SYNTHESIS
from kairo.stages.opportunities.operations.asking import DISABLED, PaidAsker, UnableToAsk, can_be_asked
from kairo.stages.opportunities.operations.model_synthesis import ModelSynthesizer, NothingToAsk
from kairo.stages.opportunities.ports import BoardMaterial, Synthesis
from kairo.stages.opportunities.rules.synthesis import ExtractiveSynthesizer
from kairo.stages.opportunities.rules.winners import with_winners

NOT_CONFIGURED = "No model can be asked here; `kairo models list` shows what is missing."


@dataclass(frozen=True)
class Made:
    """A synthesis with who made it, what the board's meta says of that, and which kept answers it stands on."""

    synthesis: Synthesis
    generator: Generator
    facts: dict[str, JsonValue] = field(default_factory=dict)
    answer_ids: Sequence[UUID | None] = ()


def synthesize_board(
    material: BoardMaterial, *, wanted: Generator, job: JobContext, at: datetime, models: Models | None = None
) -> Made:
    """Have a board written by whom it is wanted from; a model that fails leaves a degraded extractive board.

    Ads that won lift what is like them, whoever wrote it. Called outside any transaction.
    """
    made = _written(material, wanted=wanted, job=job, at=at, models=models)
    return replace(made, synthesis=with_winners(made.synthesis, material))


def _written(
    material: BoardMaterial, *, wanted: Generator, job: JobContext, at: datetime, models: Models | None
) -> Made:
    if wanted is Generator.EXTRACTIVE:
        return _extractive(material)
    asker = PaidAsker(job, at, models)
    synthesizer = ModelSynthesizer(asker)
    try:
        if not can_be_asked(SYNTHESIS.task, tenant_id=job.tenant_id, models=models):
            if wanted is Generator.AUTO:
                return _extractive(material)
            raise UnableToAsk(NOT_CONFIGURED, code=DISABLED)
        found = synthesizer.synthesize(material)
    except NothingToAsk:
        return _extractive(material)
    except UnableToAsk as error:
        return _fallen_back(material, synthesizer, error, job)
    if synthesizer.reason:
        job.record(EventType.RUN_FAIL, degraded=True, code=synthesizer.reason, step=SCORING.task)
    return Made(found, Generator.MODEL, _facts(synthesizer), list(asker.answer_ids.values()))


def _extractive(material: BoardMaterial) -> Made:
    return Made(ExtractiveSynthesizer().synthesize(material), Generator.EXTRACTIVE)


def _fallen_back(material: BoardMaterial, synthesizer: ModelSynthesizer, error: UnableToAsk, job: JobContext) -> Made:
    # What the model wrote stays in the record of its attempts: an event is shown to people.
    job.record(EventType.RUN_FAIL, degraded=True, code=error.code, step=SYNTHESIS.task)
    made = _extractive(material)
    found = made.synthesis
    notes = [f"The model's board could not be made ({error.code}), so this one was extracted.", *found.notes]
    told = Synthesis(found.drafts, [*synthesizer.refused, *found.dropped], found.total_candidates, notes)
    synthesizer.reason = error.code
    return Made(told, made.generator, _facts(synthesizer))


def _facts(synthesizer: ModelSynthesizer) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "degraded": synthesizer.reason is not None,
        "reason": synthesizer.reason,
        "llm_synthesis_ms": synthesizer.synthesis_ms,
        "llm_scoring_ms": synthesizer.scoring_ms,
    }
    return {name: fact for name, fact in facts.items() if fact not in (None, False)}
