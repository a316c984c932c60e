"""Asking models, setting what may be spent on them, and clearing up after attempts that nobody finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models.functions import Now
from pydantic import BaseModel

from kairo.errors import FieldError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm.asking import Models, accepts_all
from kairo.platform.llm.attempts import Check
from kairo.platform.llm.budgets import settle_lost
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.configured import configured_models
from kairo.platform.llm.contracts import Answer, Caps, CapScope, InvalidCaps, Outcome, Spender
from kairo.platform.llm.models import LlmAnswer, LlmBudget, LlmSettings
from kairo.platform.llm.queries import account_settings, checked_caps
from kairo.platform.llm.records import AttemptRecord, write_down
from kairo.platform.llm.routes import RoutesFile, model_named, route_of

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)
COMMAND_BUDGETS_KEPT = timedelta(days=7)
MOST_KEEP_DAYS = 365


def ask(
    call: LLMCall[InT, OutT],
    given: InT,
    *,
    spender: Spender,
    at: datetime,
    check: Check[OutT] = accepts_all,
    models: Models | None = None,
) -> Answer[OutT]:
    """Return a model's checked answer to a typed question.

    `check` lists what is wrong with an output that has the right shape (an id that is cited and does not exist); the
    model is told once. `at` decides which day pays. Called outside any transaction, since it takes seconds.

    Raises:
        ModelsDisabled: no model may be asked here; no connection was opened.
        ModelUnavailable: none of the route's models gave a usable answer within the deadline.
        BudgetExceeded: the next attempt could cost more than a cap allows.
        UnknownTask, InvalidRoute, InvalidPrompt: mistakes in the call or in the account's routes.
    """
    return (models or configured_models()).ask(call, given, spender=spender, at=at, check=check)


def can_be_asked(task: str, *, models: Models | None = None) -> bool:
    """Say whether a model of a task's route could be asked here; no connection is opened. In the tenant's transaction.

    Raises:
        UnknownTask, InvalidRoute: mistakes in the task or in the account's routes.
    """
    here = models or configured_models()
    route = route_of(task, account_settings().routes, file=here.routes)
    return any(model.provider in here.providers for model in route.models)


def set_caps(values: dict[str, int], *, at: datetime) -> Caps:
    """Change some of the account's caps, in cents; they hold from the next attempt on.

    Raises:
        InvalidCaps: an unknown cap, or not a number of cents.
    """
    caps = checked_caps(account_settings().caps.model_dump() | values)
    LlmSettings.objects.update_or_create(defaults={"caps": caps.model_dump(), "changed_at": at})
    return caps


def set_route(task: str, names: Sequence[str], *, at: datetime, file: RoutesFile | None = None) -> tuple[str, ...]:
    """Have a task answered by these models in this order; without any, by those of the file of routes again.

    Raises:
        UnknownTask: no such task.
        InvalidRoute: a name tells no provider.
    """
    routes = {name: list(models) for name, models in account_settings().routes.items() if name != task}
    chosen = {task: [str(model_named(name, file=file)) for name in names]} if names else {}
    route = route_of(task, chosen, file=file)
    LlmSettings.objects.update_or_create(defaults={"routes": routes | chosen, "changed_at": at})
    return tuple(map(str, route.models))


def set_keep_days(days: int, *, at: datetime) -> int:
    """Keep answers for so many days; with 0 none is kept, and so none comes from the cache.

    Raises:
        InvalidCaps: not between 0 and a year.
    """
    if not 0 <= days <= MOST_KEEP_DAYS:
        message = f"Answers are kept for 0 to {MOST_KEEP_DAYS} days, not for {days}."
        raise InvalidCaps(message, errors=(FieldError("keep_days", message),))
    LlmSettings.objects.update_or_create(defaults={"keep_days": days, "changed_at": at})
    return days


def forget_answers() -> int:
    """Delete every answer that is kept for the account, with its inputs: they hold words of people."""
    deleted, _ = LlmAnswer.objects.all().delete()
    return deleted


def sweep(tenant_id: UUID, *, limit: int = 500) -> int:
    """Settle what crashed attempts left reserved and return how many, one transaction each; delete what has expired."""
    lost = 0
    while lost < limit and _settle_one(tenant_id):
        lost += 1
    with tenant_transaction(tenant_id):
        LlmAnswer.objects.filter(expires_at__lt=Now()).delete()
        old = LlmBudget.objects.filter(scope=CapScope.COMMAND, made_at__lt=Now() - COMMAND_BUDGETS_KEPT)
        old.filter(reserved_microdollars=0).delete()
    return lost


def _settle_one(tenant_id: UUID) -> bool:
    with tenant_transaction(tenant_id):
        found = settle_lost(limit=1)
        for row in found:
            write_down(
                AttemptRecord(
                    run_id=row.run_id,
                    task=row.task,
                    model=row.model,
                    prompt=row.prompt,
                    attempt=row.attempt,
                    outcome=Outcome.LOST,
                    cost_microdollars=row.amount_microdollars,
                    detail="Its process ended before the answer was paid; counted with its worst case.",
                )
            )
    return bool(found)
