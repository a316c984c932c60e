"""One attempt at one model: money is set aside, the question asked, the answer judged, and all of it written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm.budgets import Attempted, OverCap, Reservation, reserve, settle
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import Caps, CapScope, Outcome, RecordedCall, Spender, Usage
from kairo.platform.llm.ports import AttemptFailed, ModelProvider, ModelReply, ModelRequest
from kairo.platform.llm.prices import most_usage, price_of
from kairo.platform.llm.records import AttemptRecord, keep, last_attempts, write_down
from kairo.platform.llm.routes import ModelName, RoutesFile
from kairo.platform.llm.rules import WARNING_SHARE, caps_for, is_refusal, is_resting, unfenced

OutT = TypeVar("OutT", bound=BaseModel)
Check = Callable[[OutT], Sequence[str]]
_MOST_PROBLEMS = 8
_REPEATS_MARKS = "the whole answer: it repeats the marks around the evidence"


class Resting(Exception):
    """The model failed too often just now to be asked."""


@dataclass(frozen=True)
class Question(Generic[OutT]):
    """A call with its inputs, who pays for it, and what an answer must stand up to."""

    call: LLMCall[BaseModel, OutT]
    given: BaseModel
    key: str
    spender: Spender
    at: datetime
    check: Check[OutT]
    caps: Caps
    keep_days: int
    routes: RoutesFile


@dataclass(frozen=True)
class Verdict(Generic[OutT]):
    """What an attempt came to: an output, or what was wrong."""

    outcome: Outcome
    output: OutT | None = None
    reply: str = ""
    usage: Usage | None = None
    problems: tuple[str, ...] = ()
    retry_after_s: float | None = None
    may_be_billed: bool = False
    latency_ms: int = 0


@dataclass
class Trail:
    """What has been tried so far for one question."""

    attempts: int = 0
    cost_microdollars: int = 0
    latency_ms: int = 0
    failures: list[tuple[ModelName, Outcome, str]] = field(default_factory=list)
    over: CapScope | None = None
    patience_s: float | None = None
    used: dict[CapScope, float] = field(default_factory=dict)

    @property
    def fallback_reason(self) -> str:
        """Return why the last model was left for the next one, such as "openai:gpt-4o timed_out"."""
        return f"{self.failures[-1][0]} {self.failures[-1][1].value}" if self.failures else ""


@dataclass(frozen=True)
class Asked:
    """One model as it is asked in one attempt."""

    model: ModelName
    provider: ModelProvider
    within_s: float


def attempt(
    question: Question[OutT], asked: Asked, request: ModelRequest, trail: Trail, *, seconds: Callable[[], float]
) -> Verdict[OutT]:
    """Ask a model once, if there is money for it, and leave the record of that."""
    trail.attempts += 1
    schema_bytes = len(json.dumps(request.schema, ensure_ascii=False).encode())
    worst = price_of(asked.model, most_usage(request, schema_bytes=schema_bytes), file=question.routes)
    if worst is None:
        return _not_asked(question, asked, trail, Outcome.UNPRICED, "No price is known for it: declare one.")
    try:
        reservation = _reserved(question, asked, trail, worst)
    except OverCap as error:
        trail.over = error.scope
        return _not_asked(question, asked, trail, Outcome.OVER_BUDGET, f"It may cost more than the {error.scope} cap.")
    except Resting:
        return _not_asked(question, asked, trail, Outcome.RESTING, "It failed too often just now.")
    began = seconds()
    verdict = _judged(question, asked, request, began, seconds)
    cost = _cost(question, asked.model, verdict, worst)
    trail.cost_microdollars += cost
    trail.latency_ms += verdict.latency_ms
    _settled(question, asked, trail, verdict, reservation, cost)
    return verdict


def read_answer(text: str, returns: type[OutT], check: Check[OutT]) -> Verdict[OutT]:
    """Read a model's words as the output type and put them to the caller's check."""
    try:
        output = returns.model_validate_json(unfenced(text))
    except ValidationError as error:
        if is_refusal(text):
            return Verdict(Outcome.REFUSED, reply=text, problems=("The model declined.",))
        return Verdict(Outcome.WRONG_SHAPE, reply=text, problems=_problems(error))
    problems = tuple(check(output))
    if problems:
        return Verdict(Outcome.WRONG_SHAPE, reply=text, problems=problems[:_MOST_PROBLEMS])
    return Verdict(Outcome.OK, output=output, reply=text)


def _reserved(question: Question[OutT], asked: Asked, trail: Trail, worst: int) -> Reservation:
    spender = question.spender
    attempted = Attempted(
        run_id=spender.run_id,
        task=question.call.task,
        model=str(asked.model),
        prompt=question.call.loaded.label,
        attempt=trail.attempts,
    )
    caps = caps_for(spender, question.caps, at=question.at)
    with tenant_transaction(spender.tenant_id):
        recent, is_being_tried = last_attempts(attempted.model)
        if is_resting(recent, is_being_tried=is_being_tried):
            raise Resting
        reservation = reserve(attempted, caps, amount=worst, lasts_s=asked.within_s)
    trail.used = reservation.used
    return reservation


def _judged(
    question: Question[OutT], asked: Asked, request: ModelRequest, began: float, seconds: Callable[[], float]
) -> Verdict[OutT]:
    try:
        reply: ModelReply = asked.provider.answer(request, within_s=asked.within_s)
    except AttemptFailed as error:
        return Verdict(
            error.outcome,
            usage=error.usage,
            problems=(error.detail,),
            retry_after_s=error.retry_after_s,
            may_be_billed=error.may_be_billed,
            latency_ms=_since(began, seconds),
        )
    latency_ms = _since(began, seconds)
    if request.nonce and request.nonce in reply.text:
        read: Verdict[OutT] = Verdict(Outcome.WRONG_SHAPE, problems=(_REPEATS_MARKS,))
    else:
        read = read_answer(reply.text, question.call.returns, question.check)
    return Verdict(
        read.outcome,
        output=read.output,
        reply=reply.text,
        usage=reply.usage,
        problems=read.problems,
        may_be_billed=True,
        latency_ms=latency_ms,
    )


def _cost(question: Question[OutT], model: ModelName, verdict: Verdict[OutT], worst: int) -> int:
    """Return what an attempt is counted with: what the provider says, else its worst case if it may have worked."""
    if verdict.usage is not None:
        cost = price_of(model, verdict.usage, file=question.routes)
        return worst if cost is None else cost
    return worst if verdict.may_be_billed else 0


def _settled(
    question: Question[OutT], asked: Asked, trail: Trail, verdict: Verdict[OutT], reservation: Reservation, cost: int
) -> None:
    call = question.call
    full = [scope.value for scope, used in reservation.used.items() if used >= WARNING_SHARE]
    recorded = AttemptRecord(
        run_id=question.spender.run_id,
        task=call.task,
        model=str(asked.model),
        prompt=call.loaded.label,
        attempt=trail.attempts,
        outcome=verdict.outcome,
        usage=verdict.usage or Usage(),
        cost_microdollars=cost,
        latency_ms=verdict.latency_ms,
        detail="; ".join(verdict.problems),
        fallback_reason=trail.fallback_reason,
        budget_warning=", ".join(full),
    )
    with tenant_transaction(question.spender.tenant_id):
        settle(reservation, cost=cost)
        write_down(recorded)
        if verdict.outcome is Outcome.OK and question.keep_days:
            _keep(question, str(asked.model), verdict.reply)


def _keep(question: Question[OutT], model: str, reply: str) -> None:
    call = question.call
    kept = RecordedCall(key=question.key, task=call.task, prompt=call.loaded.label, model=model, inputs={}, reply=reply)
    inputs_json = question.given.model_dump_json()
    keep(new_id(), question.spender.run_id, kept, inputs_json=inputs_json, days=question.keep_days)


def _not_asked(question: Question[OutT], asked: Asked, trail: Trail, outcome: Outcome, detail: str) -> Verdict[OutT]:
    recorded = AttemptRecord(
        run_id=question.spender.run_id,
        task=question.call.task,
        model=str(asked.model),
        prompt=question.call.loaded.label,
        attempt=trail.attempts,
        outcome=outcome,
        detail=detail,
        fallback_reason=trail.fallback_reason,
    )
    with tenant_transaction(question.spender.tenant_id):
        write_down(recorded)
    return Verdict(outcome, problems=(detail,))


def _problems(error: ValidationError) -> tuple[str, ...]:
    found = error.errors(include_url=False, include_input=False)
    return tuple(
        f"{'.'.join(map(str, one['loc'])) or 'the whole answer'}: {one['msg']}" for one in found[:_MOST_PROBLEMS]
    )


def _since(began: float, seconds: Callable[[], float]) -> int:
    return max(0, round((seconds() - began) * 1000))
