"""Asking for an answer: the cache, then each model of the route within one deadline, one retry and one repair each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, cast

from django.db import connection
from pydantic import BaseModel

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags.contracts import DegradationLevel
from kairo.platform.flags.queries import degradation_level
from kairo.platform.llm.attempts import Asked, Check, Question, Trail, Verdict, attempt, read_answer
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import (
    TRANSIENT,
    Answer,
    BudgetExceeded,
    CapScope,
    ModelsBusy,
    ModelsDisabled,
    ModelUnavailable,
    NotRecorded,
    Outcome,
    RecordedCall,
    Spender,
)
from kairo.platform.llm.ports import ModelProvider, ModelRequest, Speaker, Turn
from kairo.platform.llm.prompts import complaint, new_nonce
from kairo.platform.llm.queries import account_settings
from kairo.platform.llm.records import AttemptRecord, kept_reply, write_down
from kairo.platform.llm.routes import ModelName, Route, RoutesFile, route_of, routes_file
from kairo.platform.llm.rules import (
    LEAST_ATTEMPT_S,
    MOST_TOKENS_DEGRADED,
    WARNING_SHARE,
    until_renewed_s,
    wait_before_retry_s,
)

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)
_HOUR_S = 3600.0


def accepts_all(_: BaseModel) -> Sequence[str]:
    """Have nothing to say against an answer."""
    return ()


@dataclass(frozen=True)
class Models:
    """The models that can be asked from here, by provider; `replayed` answers instead of them where it is given."""

    providers: Mapping[str, ModelProvider]
    routes: RoutesFile = field(default_factory=routes_file)
    replayed: Mapping[str, RecordedCall] | None = None
    wait: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    luck: Callable[[], float] = field(default=random.random)

    def ask(
        self,
        call: LLMCall[InT, OutT],
        given: InT,
        *,
        spender: Spender,
        at: datetime,
        check: Check[OutT] = accepts_all,
        only: ModelName | None = None,
    ) -> Answer[OutT]:
        """Return a checked answer to a typed question, as `operations.ask` says; `only` asks this one model."""
        if self.replayed is not None:
            return self._replay(call, given, check)
        if connection.in_atomic_block:
            # The money set aside would be unseen by others, and given back if the caller's work fails after the call.
            raise RuntimeError("A model is asked outside tenant_transaction(…): its costs commit by themselves.")
        with tenant_transaction(spender.tenant_id):
            account = account_settings()
            level = degradation_level()
        route = route_of(call.task, account.routes, file=self.routes)
        route = self._reachable(replace(route, models=(only,)) if only else route, level)
        question = Question(
            call=cast("LLMCall[BaseModel, OutT]", call),
            given=given,
            key=call.key(given),
            spender=spender,
            at=at,
            check=check,
            caps=account.caps,
            keep_days=account.keep_days,
            routes=self.routes,
        )
        return self._from_cache(question, route) or self._from_route(question, route)

    def _reachable(self, route: Route, level: DegradationLevel) -> Route:
        models = tuple(model for model in route.models if model.provider in self.providers)
        if not models:
            raise ModelsDisabled(
                f"No model can be asked for {route.task}: set the key of a provider, or KAIRO_LLM_BASE_URL, and leave"
                " LLM_DISABLED unset. `kairo models list` shows what is missing."
            )
        if level >= DegradationLevel.HARD:
            longest = min(route.max_output_tokens, MOST_TOKENS_DEGRADED)
            return replace(route, models=models[1:] or models, max_output_tokens=longest)
        return replace(route, models=models)

    def _from_cache(self, question: Question[OutT], route: Route) -> Answer[OutT] | None:
        if not route.cache_hours or not question.keep_days:
            return None
        with tenant_transaction(question.spender.tenant_id):
            models = [str(model) for model in route.models]
            kept = kept_reply(question.key, models=models, not_older_than_s=route.cache_hours * _HOUR_S)
            read = read_answer(kept[1], question.call.returns, question.check) if kept else None
            if kept is None or read is None or read.output is None:
                return None
            write_down(
                AttemptRecord(
                    run_id=question.spender.run_id,
                    task=route.task,
                    model=kept[0],
                    prompt=question.call.loaded.label,
                    attempt=0,
                    outcome=Outcome.OK,
                    from_cache=True,
                )
            )
        return Answer(output=read.output, model=kept[0], prompt=question.call.loaded.label, from_cache=True)

    def _from_route(self, question: Question[OutT], route: Route) -> Answer[OutT]:
        trail, ends_at = Trail(), self.seconds() + route.deadline_s
        for model in route.models:
            verdict = self._from_model(question, route, model, trail, ends_at)
            if verdict.output is not None:
                return Answer(
                    output=verdict.output,
                    model=str(model),
                    prompt=question.call.loaded.label,
                    cost_microdollars=trail.cost_microdollars,
                    latency_ms=trail.latency_ms,
                    attempts=trail.attempts,
                    fallback_reason=trail.fallback_reason,
                    warnings=_warnings(trail),
                )
            trail.failures.append((model, verdict.outcome, "; ".join(verdict.problems)))
            if verdict.outcome is Outcome.RATE_LIMITED and verdict.retry_after_s is not None:
                trail.patience_s = max(trail.patience_s or 0.0, verdict.retry_after_s)
        raise _no_answer(route, trail, question.at)

    def _from_model(
        self, question: Question[OutT], route: Route, model: ModelName, trail: Trail, ends_at: float
    ) -> Verdict[OutT]:
        """Ask one model until it answers or has had its one retry and its one repair."""
        request = _request(question, route, model)
        may_retry = may_repair = True
        while True:
            left_s = ends_at - self.seconds()
            if left_s < LEAST_ATTEMPT_S:
                return Verdict(Outcome.TIMED_OUT, problems=("The time for the whole call is over.",))
            asked = Asked(model, self.providers[model.provider], min(route.timeout_s, left_s))
            verdict = attempt(question, asked, request, trail, seconds=self.seconds)
            if verdict.outcome is Outcome.WRONG_SHAPE and may_repair:
                may_repair, request = False, _with_complaint(request, verdict)
                continue
            if verdict.outcome not in TRANSIENT or not may_retry:
                return verdict
            wait_s = wait_before_retry_s(verdict.retry_after_s, left_s=ends_at - self.seconds(), luck=self.luck())
            if wait_s is None:
                return verdict
            may_retry = False
            self.wait(wait_s)

    def _replay(self, call: LLMCall[InT, OutT], given: InT, check: Check[OutT]) -> Answer[OutT]:
        found = (self.replayed or {}).get(call.key(given))
        if found is None:
            raise NotRecorded(
                f"The recording holds no answer of {call.loaded.label} to this input: the prompt, the output's shape or"
                " what came before it has changed since."
            )
        read = read_answer(found.reply, call.returns, check)
        if read.output is None:
            raise NotRecorded(
                f"The recorded answer of {found.prompt} does not fit any more: {'; '.join(read.problems)}"
            )
        return Answer(output=read.output, model=found.model, prompt=found.prompt, from_cache=True)


def replaying(recording: Sequence[RecordedCall]) -> Models:
    """Return models that answer what was recorded, word for word, and open no connection."""
    return Models(providers={}, replayed={call.key: call for call in recording})


def _request(question: Question[OutT], route: Route, model: ModelName) -> ModelRequest:
    nonce = new_nonce(question.given)
    system, user = question.call.loaded.rendered(question.given, nonce=nonce)
    return ModelRequest(
        model=model.name,
        system=system,
        turns=(Turn(Speaker.USER, user),),
        schema=question.call.schema,
        max_output_tokens=route.max_output_tokens,
        nonce=nonce,
    )


def _with_complaint(request: ModelRequest, verdict: Verdict[OutT]) -> ModelRequest:
    turns = (Turn(Speaker.MODEL, verdict.reply), Turn(Speaker.USER, complaint(verdict.problems)))
    return replace(request, turns=(*request.turns, *turns))


def _warnings(trail: Trail) -> tuple[str, ...]:
    near = [scope for scope, used in trail.used.items() if used >= WARNING_SHARE]
    return tuple(f"budget_{scope.value}_{round(trail.used[scope] * 100)}_percent" for scope in near)


def _no_answer(route: Route, trail: Trail, at: datetime) -> ModelUnavailable | BudgetExceeded:
    if trail.over is not None:
        return BudgetExceeded(
            f"The budget does not allow another attempt at {route.task}: the {_SPOKEN[trail.over]} is used up."
            " Raise it with `kairo models budget`, or wait until it begins anew.",
            scope=trail.over,
            retry_after_s=until_renewed_s(trail.over, at=at),
        )
    told = "; ".join(f"{model}: {outcome.value} ({detail})" for model, outcome, detail in trail.failures)
    outcomes = {outcome for _, outcome, _ in trail.failures}
    if Outcome.RATE_LIMITED in outcomes and outcomes <= {Outcome.RATE_LIMITED, Outcome.RESTING}:
        return ModelsBusy(f"Every model of {route.task} asks for patience. {told}", after_s=trail.patience_s)
    return ModelUnavailable(f"No model answered {route.task}. {told}")


_SPOKEN = {
    CapScope.COMMAND: "cap of this command",
    CapScope.USER: "cap of this user for the day",
    CapScope.DAY: "account's cap for the day",
    CapScope.TENANT: "account's cap for the month",
}
