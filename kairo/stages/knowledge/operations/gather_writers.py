"""Who writes the items: the local generator, which extracts, or a model, whose every item is grounded or dropped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

import numpy as np
from pydantic import BaseModel, JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.llm.asking import Models
from kairo.platform.llm.attempts import Check
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.configured import configured_models
from kairo.platform.llm.contracts import (
    BudgetExceeded,
    InvalidRoute,
    ModelsBusy,
    ModelsDisabled,
    ModelUnavailable,
    Spender,
    UnknownTask,
)
from kairo.platform.llm.operations import can_be_asked
from kairo.platform.llm.routes import ModelName, model_named
from kairo.shapes import Frozen
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.gathers import ItemDraft, ModelBusy
from kairo.stages.knowledge.contracts.written import WrittenItems
from kairo.stages.knowledge.llm_calls import GATHER_ITEMS, MOST_ITEMS, items_question
from kairo.stages.knowledge.operations.gather_material import may_be_shown
from kairo.stages.knowledge.ports import Assignment, Generated
from kairo.stages.knowledge.rules.composing import ITEMS_AN_ITERATION, Material, Standing, compose
from kairo.stages.knowledge.rules.gathering import USUAL_WAIT_S
from kairo.stages.knowledge.rules.grounding import grounded
from kairo.stages.knowledge.rules.relevance import Aspects, Vectors

LOCAL, MODEL = "local", "model"
MOST_PASSAGES = 12
PASSAGES_AN_ASPECT = 3

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)


class Sight(Protocol):
    """What a generator sees of a department: its aspects, and how far each sentence bears on them."""

    @property
    def aspects(self) -> Aspects: ...

    @property
    def scores(self) -> Vectors: ...


@dataclass(frozen=True)
class DepartmentSight:
    """A department's aspects and scores, in one piece."""

    aspects: Aspects
    scores: Vectors


@dataclass(frozen=True)
class LocalGenerator:
    """Composes items from spans of the material; needs no model, and gives the same items for the same seed."""

    material: Material
    sight: Callable[[Department], Sight]

    def generate(self, assignment: Assignment) -> Generated:
        """Return up to eight items, those first that the thinnest aspects need."""
        sight = self.sight(assignment.department)
        room = assignment.department.coordination_settings.max_items - len(assignment.known)
        items = compose(
            self.material,
            sight.aspects,
            sight.scores,
            Standing(counts=assignment.counts, used=assignment.used),
            seed=f"{assignment.seed}:{assignment.department.slug}",
            wanted=max(0, min(ITEMS_AN_ITERATION, room)),
        )
        return Generated(items=items, generator=LOCAL)


class Kept(Frozen):
    """What a step keeps of a question: the answer, or why there is none."""

    output: dict[str, JsonValue] | None = None
    model: str | None = None
    prompt: str | None = None
    failure: str = ""
    took_ms: int = 0


@dataclass
class Asker:
    """Asks models within a job. What was asked once is not paid again, by a later attempt nor by a follow-up job."""

    job: JobContext
    now: Callable[[], datetime]
    user_id: UUID | None = None
    models: Models | None = None
    carried: Mapping[str, object] = field(default_factory=dict)
    done: dict[str, JsonValue] = field(default_factory=dict)

    def ask(
        self, key: str, call: LLMCall[InT, OutT], given: InT, *, check: Check[OutT], only: ModelName | None = None
    ) -> tuple[OutT | None, Kept]:
        """Return a checked answer, or None and why there is none. A failure is kept like an answer.

        Raises:
            ModelBusy: every model asks for patience; nothing is kept, so that it is asked again.
        """
        step: object = self.carried.get(key)
        if step is None:
            step = self.job.step(key, None, lambda: self._paid(call, given, check, only).model_dump(mode="json"))
        kept = Kept.model_validate(step)
        self.done[key] = kept.model_dump(mode="json")
        return (None if kept.output is None else call.returns.model_validate(kept.output)), kept

    def reachable(self, task: str) -> bool:
        """Say whether a model of a task's route could be asked; nothing is asked."""
        with tenant_transaction(self.job.tenant_id):
            return can_be_asked(task, models=self.models)

    def own_model(self, name: str | None) -> ModelName | None:
        """Return a department's own model where this installation can ask it."""
        if not name:
            return None
        here = self.models or configured_models()
        try:
            model = model_named(name, file=here.routes)
        except InvalidRoute:
            return None
        return model if model.provider in here.providers else None

    def _paid(self, call: LLMCall[InT, OutT], given: InT, check: Check[OutT], only: ModelName | None) -> Kept:
        started = time.perf_counter()
        spender = Spender(tenant_id=self.job.tenant_id, run_id=self.job.run_id, user_id=self.user_id)
        models = self.models or configured_models()
        try:
            answer = models.ask(call, given, spender=spender, at=self.now(), check=check, only=only)
        except ModelsBusy as error:
            raise ModelBusy(error.message, after_s=USUAL_WAIT_S if error.after_s is None else error.after_s) from error
        except (ModelUnavailable, BudgetExceeded, UnknownTask, InvalidRoute) as error:
            return Kept(failure=_reason(error), took_ms=_since(started))
        return Kept(
            output=answer.output.model_dump(mode="json"),
            model=answer.model,
            prompt=answer.prompt,
            took_ms=_since(started),
        )


@dataclass(frozen=True)
class ModelGenerator:
    """Has a model write the items, and keeps those that its cited passages hold."""

    asker: Asker
    material: Material
    sight: Callable[[Department], Sight]
    taboos: Sequence[str]
    about_brand: str

    def generate(self, assignment: Assignment) -> Generated:
        """Return the grounded items of a model; where none answers, none, and `degraded` says why.

        Raises:
            ModelBusy: the model asks for patience.
        """
        department = assignment.department
        passages = self._passages(assignment)
        question = items_question(
            department,
            counts=assignment.counts,
            known=assignment.known,
            context=assignment.context,
            passages=passages,
            iteration=assignment.iteration,
        )

        def check(written: WrittenItems) -> Sequence[str]:
            found = grounded(written.items, passages, told=self._told(department))
            return () if found.kept or not written.items else found.problems

        written, kept = self.asker.ask(
            f"generate:{assignment.iteration}",
            GATHER_ITEMS,
            question,
            check=check,
            only=self.asker.own_model(department.default_model),
        )
        if written is None:
            return Generated(items=(), generator=MODEL, model_ms=kept.took_ms, degraded=(kept.failure,))
        found = grounded(written.items, passages, told=self._told(department))
        room = department.coordination_settings.max_items - len(assignment.known)
        fit = [item for item in found.kept if self._may_be_shown(item)][: max(0, min(MOST_ITEMS, room))]
        return Generated(items=fit, generator=MODEL, model=kept.model, prompt=kept.prompt, model_ms=kept.took_ms)

    def _told(self, department: Department) -> str:
        aspects = " ".join(department.coordination_settings.aspects)
        return f"{self.about_brand} {department.name} {department.description} {aspects}"

    def _may_be_shown(self, item: ItemDraft) -> bool:
        return may_be_shown(f"{item.content}\n{item.summary}\n{item.context}", self.taboos)

    def _passages(self, assignment: Assignment) -> dict[str, Passage]:
        """Choose what the model is given: of each aspect the passages that bear on it, the thinnest aspects first."""
        sight = self.sight(assignment.department)
        cited = Counter(source_id for source_id, _ in assignment.used)
        best: list[int] = []
        names = [topic.name for topic in sight.aspects.topics]
        for at in sorted(range(len(names)), key=lambda at: (assignment.counts.get(names[at], 0), at)):
            best += self._bearing_on(sight.scores[:, at], cited)
        chosen = list(dict.fromkeys(best))[:MOST_PASSAGES]
        return {f"p{number}": self.material.passages[place] for number, place in enumerate(chosen, start=1)}

    def _bearing_on(self, scores: Vectors, cited: Mapping[UUID, int]) -> list[int]:
        worth: dict[int, float] = {}
        for place, score in enumerate(scores):
            passage = self.material.candidates[place].passage
            worth[passage] = max(worth.get(passage, 0.0), float(score))
        # What was cited often has little left to say.
        ranked = sorted(worth, key=lambda at: (-worth[at] + 0.1 * cited[self.material.passages[at].source_id], at))
        return [at for at in ranked if worth[at] > 0][:PASSAGES_AN_ASPECT]


def sight_of(aspects: Aspects, scores: Vectors) -> DepartmentSight:
    """Put a department's aspects and scores together."""
    return DepartmentSight(aspects, np.asarray(scores))


def _reason(error: Exception) -> str:
    if isinstance(error, ModelsDisabled):
        return "models_disabled"
    if isinstance(error, BudgetExceeded):
        return "budget_exceeded"
    return "model_unavailable" if isinstance(error, ModelUnavailable) else "invalid_route"


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
