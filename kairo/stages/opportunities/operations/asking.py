"""Who answers the questions of the model synthesizer: paid models within a job, or the recording of an earlier run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, JsonValue

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.llm import operations as llm
from kairo.platform.llm import queries as llm_queries
from kairo.platform.llm.asking import Models, replaying
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import (
    BudgetExceeded,
    InvalidRoute,
    ModelsDisabled,
    ModelUnavailable,
    RecordedCall,
    Spender,
    UnknownTask,
)
from kairo.shapes import Frozen

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)
Check = Callable[[OutT], Sequence[str]]

DISABLED = "models_disabled"
UNAVAILABLE = "model_unavailable"
OVER_BUDGET = "budget_exceeded"
WRONG_ROUTE = "invalid_route"


@dataclass(frozen=True)
class Told(Generic[OutT]):
    """A checked answer, who gave it, and how long that took in all, in milliseconds."""

    output: OutT
    model: str
    took_ms: int
    warnings: Sequence[str] = ()


class UnableToAsk(KairoError):
    """There is no usable answer; `code` says why, `took_ms` how long it took to find out."""

    def __init__(self, message: str, *, code: str, took_ms: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.took_ms = took_ms


class Asker(Protocol):
    def ask(
        self, call: LLMCall[InT, OutT], given: InT, *, check: Check[OutT], blame: Callable[[], str | None]
    ) -> Told[OutT]:
        """Return a checked answer. `blame` may name what was wrong with the answers that there were.

        Raises:
            UnableToAsk: there is none.
        """
        ...


class _Kept(Frozen):
    """What a step keeps of a question: the answer, or why there is none."""

    output: dict[str, JsonValue] | None = None
    model: str = ""
    answer_id: UUID | None = None
    warnings: list[str] = []
    failure: str = ""
    message: str = ""
    took_ms: int = 0


@dataclass
class PaidAsker:
    """Asks models within a job: what was asked once is neither asked nor paid again by a later attempt."""

    job: JobContext
    at: datetime
    models: Models | None = None
    answer_ids: dict[str, UUID | None] = field(default_factory=dict)

    def ask(
        self, call: LLMCall[InT, OutT], given: InT, *, check: Check[OutT], blame: Callable[[], str | None]
    ) -> Told[OutT]:
        """Return a checked answer; called outside any transaction. A failure is kept like an answer.

        Raises:
            UnableToAsk: there is none.
        """
        step = self.job.step(
            call.task,
            {"question": call.key(given)},
            lambda: self._paid(call, given, check, blame).model_dump(mode="json"),
        )
        kept = _Kept.model_validate(step)
        if kept.output is None:
            raise UnableToAsk(kept.message, code=kept.failure, took_ms=kept.took_ms)
        self.answer_ids[call.task] = kept.answer_id
        output = call.returns.model_validate(kept.output)
        return Told(output, kept.model, kept.took_ms, kept.warnings)

    def _paid(self, call: LLMCall[InT, OutT], given: InT, check: Check[OutT], blame: Callable[[], str | None]) -> _Kept:
        started = time.perf_counter()
        spender = Spender(tenant_id=self.job.tenant_id, run_id=self.job.run_id)
        try:
            answer = llm.ask(call, given, spender=spender, at=self.at, check=check, models=self.models)
        except (ModelUnavailable, BudgetExceeded, UnknownTask, InvalidRoute) as error:
            code = (blame() if isinstance(error, ModelUnavailable) else None) or _code(error)
            return _Kept(failure=code, message=error.message, took_ms=_since(started))
        with tenant_transaction(self.job.tenant_id):
            answer_id = llm_queries.kept_answer(call.key(given), run_id=self.job.run_id)
        return _Kept(
            output=answer.output.model_dump(mode="json"),
            model=answer.model,
            answer_id=answer_id,
            warnings=list(answer.warnings),
            took_ms=_since(started),
        )


@dataclass(frozen=True)
class RecordedAsker:
    """Answers what was recorded, word for word; a task without a recording had no answer then either."""

    recording: Sequence[RecordedCall]
    spender: Spender
    at: datetime

    def ask(
        self, call: LLMCall[InT, OutT], given: InT, *, check: Check[OutT], blame: Callable[[], str | None]
    ) -> Told[OutT]:
        """Return the recorded answer to the same question.

        Raises:
            UnableToAsk: none was recorded for the task.
            NotRecorded: one was, to another question or in another form.
        """
        if all(recorded.task != call.task for recorded in self.recording):
            raise UnableToAsk(f"No answer to {call.task} was recorded.", code=UNAVAILABLE)
        answer = replaying(self.recording).ask(call, given, spender=self.spender, at=self.at, check=check)
        return Told(answer.output, answer.model, 0)


def can_be_asked(task: str, *, tenant_id: UUID, models: Models | None = None) -> bool:
    """Say whether a model of a task's route could be asked here; nothing is asked, and no connection opened.

    Raises:
        UnableToAsk: the account's route cannot be used.
    """
    with tenant_transaction(tenant_id):
        try:
            return llm.can_be_asked(task, models=models)
        except (UnknownTask, InvalidRoute) as error:
            raise UnableToAsk(error.message, code=WRONG_ROUTE) from error


def _code(error: KairoError) -> str:
    if isinstance(error, ModelsDisabled):
        return DISABLED
    if isinstance(error, BudgetExceeded):
        return OVER_BUDGET
    return UNAVAILABLE if isinstance(error, ModelUnavailable) else WRONG_ROUTE


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
