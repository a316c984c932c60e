"""Reading settings, budgets and attempts, inside the tenant's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Sum
from pydantic import ValidationError

from kairo.errors import FieldError
from kairo.platform.llm.contracts import (
    MICRODOLLARS_PER_CENT,
    BudgetState,
    CallDTO,
    Caps,
    CapScope,
    InvalidCaps,
    Outcome,
    RecordedCall,
    Spender,
    UsageDTO,
)
from kairo.platform.llm.models import LlmAnswer, LlmBudget, LlmCall, LlmSettings
from kairo.platform.llm.records import recorded_calls
from kairo.platform.llm.rules import caps_for
from kairo.platform.telemetry.metrics import Sample, samples
from kairo.shapes import Frozen

MAX_PAGE = 500


class AccountSettings(Frozen):
    """What holds for an account: its caps in cents, its own routes, for how many days answers are kept."""

    caps: Caps = Caps()
    routes: dict[str, list[str]] = {}
    keep_days: int = 30


def account_settings() -> AccountSettings:
    """Return the running tenant's settings; what it has not set is the default."""
    row = LlmSettings.objects.first()
    if row is None:
        return AccountSettings()
    return AccountSettings(caps=checked_caps(row.caps), routes=row.routes, keep_days=row.keep_days)


def checked_caps(values: dict[str, int]) -> Caps:
    """Read caps in cents.

    Raises:
        InvalidCaps: an unknown cap, or not a number of cents.
    """
    try:
        return Caps.model_validate(values)
    except ValidationError as error:
        problems = tuple(FieldError(str(one["loc"][0]), one["msg"]) for one in error.errors())
        told = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        raise InvalidCaps(
            f"These caps cannot be used: {told}. There are {', '.join(Caps.model_fields)}, in whole cents.",
            errors=problems,
        ) from error


def budgets(*, scopes: frozenset[CapScope] = frozenset(CapScope), limit: int = 50) -> list[BudgetState]:
    """List the newest budgets that something was spent from."""
    rows = LlmBudget.objects.filter(scope__in=sorted(scopes)).order_by("-made_at", "-id")[
        : max(1, min(limit, MAX_PAGE))
    ]
    return [_state(row) for row in rows]


def command_budget(run_id: UUID) -> BudgetState:
    """Return how much of its cap a command has used: near its end the caller asks for less."""
    row = LlmBudget.objects.filter(scope=CapScope.COMMAND, key=str(run_id)).first()
    if row is not None:
        return _state(row)
    cap = account_settings().caps.command * MICRODOLLARS_PER_CENT
    return BudgetState(
        scope=CapScope.COMMAND,
        key=str(run_id),
        limit_microdollars=cap,
        spent_microdollars=0,
        reserved_microdollars=0,
        used_share=0.0,
    )


def used_share(spender: Spender, *, at: datetime) -> float:
    """Return how full the fullest of the caps is that this spender's next attempt is paid from, 0–1."""
    caps = caps_for(spender, account_settings().caps, at=at)
    keys = [key for _, key, _ in caps]
    known = {(row.scope, row.key): row for row in LlmBudget.objects.filter(key__in=keys)}
    shares = []
    for scope, key, cap in caps:
        row = known.get((scope.value, key))
        used = row.spent_microdollars + row.reserved_microdollars if row else 0
        shares.append(used / cap if cap else 0.0)
    return max(shares)


def calls_of_run(run_id: UUID) -> list[CallDTO]:
    """List the attempts of a run in their order."""
    return [row.to_contract() for row in LlmCall.objects.filter(run_id=run_id).order_by("id")[:MAX_PAGE]]


def costs_of_runs(run_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return what each of these runs has spent, in millionths of a dollar; runs without a call are left out."""
    found = LlmCall.objects.filter(run_id__in=run_ids).values("run_id").annotate(cost=Sum("cost_microdollars"))
    return {row["run_id"]: row["cost"] for row in found.order_by()}


def usage_since(since: datetime) -> list[UsageDTO]:
    """Add up the attempts since a moment by task, model and outcome, the dearest first."""
    found = (
        LlmCall.objects.filter(at__gte=since)
        .values("task", "model", "outcome", "from_cache")
        .annotate(
            calls=Count("id"),
            sum_in=Sum("tokens_in"),
            sum_out=Sum("tokens_out"),
            cost=Sum("cost_microdollars"),
            spent_ms=Sum("latency_ms"),
        )
        .order_by("-cost", "task", "model", "outcome")
    )
    return [
        UsageDTO(
            task=row["task"],
            model=row["model"],
            outcome=Outcome(row["outcome"]),
            from_cache=row["from_cache"],
            calls=row["calls"],
            tokens_in=row["sum_in"],
            tokens_out=row["sum_out"],
            cost_microdollars=row["cost"],
            latency_ms=row["spent_ms"],
        )
        for row in found
    ]


def recording_of(run_id: UUID) -> list[RecordedCall]:
    """List the answers that are kept of a run, to be replayed."""
    return recorded_calls(run_id)


def kept_answer(key: str, *, run_id: UUID) -> UUID | None:
    """Return under which id the newest answer to a question is kept, a run's own before others'; None: none is."""
    found = LlmAnswer.objects.filter(key=key).values_list("run_id", "id").order_by("-id")[:MAX_PAGE]
    ids = [answer_id for own, answer_id in found if own == run_id] or [answer_id for _, answer_id in found]
    return ids[0] if ids else None


def recorded_answers(answer_ids: Sequence[UUID]) -> list[RecordedCall]:
    """Return these kept answers in the order of their ids; those that are not kept any more are left out."""
    return [answer.to_recorded() for answer in LlmAnswer.objects.filter(id__in=answer_ids).order_by("id")]


def metric_samples(*, of_all: bool) -> list[Sample]:
    """Return calls, tokens, costs, fallbacks and budgets: of all accounts, or of the running one."""
    return samples("llm_metrics", of_all=of_all)


def _state(row: LlmBudget) -> BudgetState:
    used = row.spent_microdollars + row.reserved_microdollars
    return BudgetState(
        scope=CapScope(row.scope),
        key=row.key,
        limit_microdollars=row.cap_microdollars,
        spent_microdollars=row.spent_microdollars,
        reserved_microdollars=row.reserved_microdollars,
        used_share=used / row.cap_microdollars if row.cap_microdollars else 1.0,
    )
