"""Writing with a model: asked outside transactions, each answer kept as a step of the job, and judged by our rules.

Where no model may be asked the local writer serves; where one may be and gives nothing usable, all of the work fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, JsonValue

from kairo.platform.jobs.contexts import JobContext
from kairo.platform.jobs.contracts import PermanentFailure
from kairo.platform.llm.attempts import Check
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import BudgetExceeded, ModelsDisabled, ModelUnavailable, Spender
from kairo.platform.llm.operations import ask
from kairo.shapes import Frozen
from kairo.stages.content.adapters.local import LocalWriter
from kairo.stages.content.contracts import ContentPackageDraftDTO, VariantDraftDTO
from kairo.stages.content.llm_calls import (
    WRITE_PACKAGE,
    WRITE_PACKAGE_LIKE_WINNERS,
    WRITE_VARIANT,
    WRITE_VARIANT_IN_VOICE,
    WRITE_VARIANT_LIKE_WINNERS,
    package_brief,
    package_brief_like,
    variant_brief,
    variant_brief_like,
    voiced_brief,
)
from kairo.stages.content.operations.checking import reasons_against, text_reasons
from kairo.stages.content.ports import ContentWriter, Source
from kairo.stages.content.rules.facts import Facts, facts_of, pattern_of
from kairo.stages.content.rules.written import (
    WrittenPackage,
    WrittenVariant,
    problems_of_package,
    problems_of_variant,
    variant_of,
)
from kairo.stages.opportunities.contracts import Channel, Generator

MODEL = "model"
InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)
DraftT = TypeVar("DraftT")


class _Kept(Frozen):
    """An answer as a step keeps it."""

    model: str
    reply: str


@dataclass(frozen=True)
class ModelWriter:
    """Writes with the models of the routes `packages` and `variants`, paid by the job's run."""

    job: JobContext
    at: datetime
    asked_by: UUID | None = None
    name: str = MODEL

    def draft_package(self, source: Source) -> ContentPackageDraftDTO:
        """Propose the package of an opportunity."""
        facts, opportunity, brand = facts_of(source), source.opportunity, source.brand
        taboos = brand.taboos

        def check(written: WrittenPackage) -> Sequence[str]:
            texts = written.model_dump(include={"thesis", "summary", "call_to_action", "notes_for_humans"})
            shown = {name: text for name, text in texts.items() if text and text.strip()}
            refused = [f"{one.field}: {one.message}" for one in reasons_against(shown, taboos=taboos)]
            return [*problems_of_package(written, facts), *refused]

        brief = package_brief(source, facts)
        # Without winners the question is word for word the earlier one, and so are its kept answers.
        if not source.winners:
            written, model = self._ask("package", WRITE_PACKAGE, brief, check)
        else:
            like = package_brief_like(brief, source.winners)
            written, model = self._ask("package", WRITE_PACKAGE_LIKE_WINNERS, like, check)
        channels = list(dict.fromkeys([opportunity.primary_channel, *opportunity.suggested_channels]))
        patterns = [pattern.name for channel in channels if (pattern := pattern_of(source, channel))]
        return ContentPackageDraftDTO(
            title=opportunity.title,
            thesis=written.thesis,
            summary=written.summary,
            primary_channel=opportunity.primary_channel,
            channels=channels,
            cta=written.call_to_action,
            pattern_hints=list(dict.fromkeys(patterns)),
            persona_hint=next((one.name for one in brand.personas if one.id == opportunity.persona_id), None),
            pillar_hint=next((one.name for one in brand.pillars if one.id == opportunity.pillar_id), None),
            notes_for_humans=written.notes_for_humans,
            raw_reasoning=opportunity.score_explanation,
            generated_by_model=model,
        )

    def draft_variant(self, source: Source, channel: Channel) -> VariantDraftDTO:
        """Propose the text of one channel."""
        facts = facts_of(source)
        taboos = source.brand.taboos

        def check(written: WrittenVariant) -> Sequence[str]:
            draft = _draft(written, facts, channel, source)
            refused = text_reasons(
                channel, body=draft.body, call_to_action=draft.call_to_action, title=draft.title, taboos=taboos
            )
            return [
                *problems_of_variant(written, facts, channel),
                *(f"{one.field}: {one.message}" for one in refused),
            ]

        brief, voice = variant_brief(source, facts, channel), source.voice.on(channel) if source.voice else None
        step = f"variant:{channel}"
        # Without a voice, or winners, the question is word for word the earlier one, and so are its kept answers.
        if source.winners:
            like = variant_brief_like(brief, voice, source.winners)
            written, model = self._ask(step, WRITE_VARIANT_LIKE_WINNERS, like, check)
        elif voice is None:
            written, model = self._ask(step, WRITE_VARIANT, brief, check)
        else:
            written, model = self._ask(step, WRITE_VARIANT_IN_VOICE, voiced_brief(brief, voice), check)
        return _draft(written, facts, channel, source).model_copy(update={"generated_by_model": model})

    def _ask(self, step: str, call: LLMCall[InT, OutT], brief: InT, check: Check[OutT]) -> tuple[OutT, str]:
        """Return a checked answer and whose it is; a later attempt of the job gets the same one without paying."""
        spender = Spender(tenant_id=self.job.tenant_id, run_id=self.job.run_id, user_id=self.asked_by)

        def paid() -> JsonValue:
            answer = ask(call, brief, spender=spender, at=self.at, check=check)
            return {"model": answer.model, "reply": answer.output.model_dump_json()}

        kept = _Kept.model_validate(self.job.step(step, brief, paid))
        return call.returns.model_validate_json(kept.reply), kept.model


def written_by(
    work: Callable[[ContentWriter], DraftT],
    *,
    job: JobContext,
    at: datetime,
    asked_by: UUID | None,
    wanted: Generator = Generator.AUTO,
) -> tuple[DraftT, ContentWriter]:
    """Return what a writer wrote, and which it was: a model where one may be asked, else the local one, for all of it.

    `wanted` names one of the two instead.

    Raises:
        PermanentFailure: models may be asked and none gave anything usable, or the budget is used up; says why.
    """
    if wanted is Generator.EXTRACTIVE:
        local = LocalWriter()
        return work(local), local
    with_model = ModelWriter(job=job, at=at, asked_by=asked_by)
    try:
        return work(with_model), with_model
    except ModelsDisabled as error:
        if wanted is Generator.MODEL:
            raise PermanentFailure(error.message) from error
        local = LocalWriter()
        return work(local), local
    except (ModelUnavailable, BudgetExceeded) as error:
        # The manager has tried every model of the route by now: another attempt would only pay again.
        raise PermanentFailure(error.message) from error


def _draft(written: WrittenVariant, facts: Facts, channel: Channel, source: Source) -> VariantDraftDTO:
    pattern = pattern_of(source, channel)
    return variant_of(written, facts, channel, pattern=pattern.name if pattern else None)
