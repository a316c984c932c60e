"""The shapes of asking a model: who pays, what an attempt came to, what an answer brings along, why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from kairo.errors import Conflict, Invalid, KairoError, TooMany, Unavailable
from kairo.shapes import Frozen, Strict

MICRODOLLARS_PER_CENT = 10_000
"""Money is counted in whole millionths of a dollar: a call to a small model costs a fraction of a cent."""

OutT = TypeVar("OutT", bound=BaseModel)


class Outcome(StrEnum):
    """What one attempt at one model came to."""

    OK = "ok"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    """The provider does not take the key, the model's name or the request."""
    BROKEN = "broken"
    """The answer is not in the provider's own form."""
    CUT = "cut"
    """The connection broke in the middle of the answer."""
    TOO_LONG = "too_long"
    """The answer was not at its end when the allowed length was used up."""
    REFUSED = "refused"
    """The model says that it will not answer."""
    WRONG_SHAPE = "wrong_shape"
    """The answer does not fit the output type, or did not pass the caller's check."""
    UNPRICED = "unpriced"
    OVER_BUDGET = "over_budget"
    RESTING = "resting"
    """Not asked: the model failed too often just now."""
    LOST = "lost"
    """The process ended between reserving the money and settling it."""


TRANSIENT = frozenset({Outcome.TIMED_OUT, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.CUT})
"""What the same request may overcome in a moment."""
NOT_ASKED = frozenset({Outcome.UNPRICED, Outcome.OVER_BUDGET, Outcome.RESTING})
"""Outcomes without a request."""


class CapScope(StrEnum):
    """What a budget caps; the order is the order in which their rows are locked."""

    COMMAND = "command"
    USER = "user"
    DAY = "day"
    TENANT = "tenant"


class Spender(Frozen):
    """Who pays for a call: all calls of one command share its run, and so its cap."""

    tenant_id: UUID
    run_id: UUID
    user_id: UUID | None = None


class Caps(Strict):
    """What may be spent, in cents: for a command, by a user and by the account in a day, by the account in a month."""

    command: int = Field(50, ge=0, le=1_000_000)
    user: int = Field(500, ge=0, le=10_000_000)
    day: int = Field(1_000, ge=0, le=10_000_000)
    tenant: int = Field(20_000, ge=0, le=100_000_000)


class Usage(Frozen):
    """Tokens as the provider counts them; thinking counts as output, since it is billed so."""

    tokens_in: int = Field(0, ge=0)
    tokens_out: int = Field(0, ge=0)


class BudgetState(Frozen):
    """One cap and what is left of it, in millionths of a dollar; `key` says of which command, user, day or month."""

    scope: CapScope
    key: str
    limit_microdollars: int
    spent_microdollars: int
    reserved_microdollars: int
    used_share: float


class CallDTO(Frozen):
    """One attempt as it was written down."""

    id: UUID
    run_id: UUID
    task: str
    model: str
    prompt: str
    attempt: int
    outcome: Outcome
    fallback_reason: str = ""
    detail: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_microdollars: int = 0
    latency_ms: int = 0
    from_cache: bool = False
    at: datetime


class UsageDTO(Frozen):
    """What a task came to on a model, attempts of one outcome added up; `latency_ms` is the sum."""

    task: str
    model: str
    outcome: Outcome
    from_cache: bool
    calls: int
    tokens_in: int
    tokens_out: int
    cost_microdollars: int
    latency_ms: int


class RecordedCall(Frozen):
    """A question and its accepted answer, kept word for word."""

    key: str
    task: str
    prompt: str
    model: str
    inputs: dict[str, JsonValue]
    reply: str


@dataclass(frozen=True)
class Answer(Generic[OutT]):
    """A checked answer. `cost_microdollars` covers every attempt that led to it; `warnings` are for who reads it."""

    output: OutT
    model: str
    prompt: str
    cost_microdollars: int = 0
    latency_ms: int = 0
    attempts: int = 0
    from_cache: bool = False
    fallback_reason: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def cost_cents(self) -> float:
        return self.cost_microdollars / MICRODOLLARS_PER_CENT


class ModelUnavailable(Unavailable):
    """No model of the route gave a usable answer; what serves without a model still does."""

    code = "MODEL_UNAVAILABLE"


class ModelsBusy(ModelUnavailable):
    """Every model that was asked wants patience: too many requests. `after_s` is what it asked for, None: unsaid."""

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class ModelsDisabled(ModelUnavailable):
    """No model may be asked here: LLM_DISABLED is set, or no model of the route has its key."""

    retryable = False


class BudgetExceeded(TooMany):
    """The next attempt could cost more than a cap allows."""

    code = "BUDGET_EXCEEDED"
    retryable = False

    def __init__(self, message: str, *, scope: CapScope, retry_after_s: int) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.scope = scope


class UnknownTask(Invalid):
    """No route has this name."""

    code = "unknown_task"


class InvalidRoute(Invalid):
    """A route names a model that cannot be told to any provider, or a number that makes no sense."""

    code = "invalid_route"


class InvalidCaps(Invalid):
    """A cap is not a number of cents."""

    code = "invalid_caps"


class InvalidPrompt(KairoError):
    """A prompt file and its call do not fit together: a mistake in our code."""

    code = "invalid_prompt"


class NotRecorded(Conflict):
    """A replay was asked something that its recording does not hold."""

    code = "not_recorded"
