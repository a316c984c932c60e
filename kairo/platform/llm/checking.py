"""Looking at the models of this installation: which could be asked, at what price, and whether they really answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kairo.errors import KairoError
from kairo.platform.llm.asking import Models
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import Spender, Usage
from kairo.platform.llm.prices import price_of
from kairo.platform.llm.prompts import OWN_PROMPTS
from kairo.platform.llm.routes import ModelName, route_of
from kairo.shapes import Frozen

_SAMPLE_TOKENS = 10_000
"""Few enough for the price of usual questions: very long ones cost more at some providers."""
_WORD = "evergreen"


class ModelStatus(Frozen):
    """A model of a route. Prices are dollars for a million tokens; None where nobody knows one."""

    model: str
    has_provider: bool
    dollars_in: float | None
    dollars_out: float | None

    @property
    def is_ready(self) -> bool:
        return self.has_provider and self.dollars_in is not None


class RouteStatus(Frozen):
    """A task with its models in the order in which they are asked."""

    task: str
    timeout_s: float
    deadline_s: float
    models: list[ModelStatus]


class ModelCheck(Frozen):
    """Whether a model answered, how fast, and what it cost."""

    model: str
    answered: bool
    latency_ms: int = 0
    cost_cents: float = 0.0
    detail: str = ""


class _Word(Frozen):
    word: str


CHECK: LLMCall[_Word, _Word] = LLMCall(
    task="check", folder=OWN_PROMPTS, prompt="check.md", version=1, takes=_Word, returns=_Word
)


def route_statuses(models: Models, overrides: Mapping[str, Sequence[str]] | None = None) -> list[RouteStatus]:
    """List every task with its models as they stand; no connection is opened."""
    found = [route_of(task, overrides, file=models.routes) for task in models.routes.tasks]
    return [
        RouteStatus(
            task=route.task,
            timeout_s=route.timeout_s,
            deadline_s=route.deadline_s,
            models=[_status(models, model) for model in route.models],
        )
        for route in found
    ]


def check_models(
    models: Models, *, spender: Spender, at: datetime, overrides: Mapping[str, Sequence[str]] | None = None
) -> list[ModelCheck]:
    """Ask each model that has a provider for one word, and say what came of it; it is paid like any other call.

    A small model may give another word back: it answers, and the detail says so.
    """
    routes = [route_of(task, overrides, file=models.routes) for task in models.routes.tasks]
    wanted = dict.fromkeys(model for route in routes for model in route.models if model.provider in models.providers)
    return [_checked(models, model, spender, at) for model in wanted]


def _status(models: Models, model: ModelName) -> ModelStatus:
    # Millionths of a dollar a token are dollars a million tokens.
    dollars_in = price_of(model, Usage(tokens_in=_SAMPLE_TOKENS), file=models.routes)
    dollars_out = price_of(model, Usage(tokens_out=_SAMPLE_TOKENS), file=models.routes)
    return ModelStatus(
        model=str(model),
        has_provider=model.provider in models.providers,
        dollars_in=None if dollars_in is None else dollars_in / _SAMPLE_TOKENS,
        dollars_out=None if dollars_out is None else dollars_out / _SAMPLE_TOKENS,
    )


def _checked(models: Models, model: ModelName, spender: Spender, at: datetime) -> ModelCheck:
    try:
        answer = models.ask(CHECK, _Word(word=_WORD), spender=spender, at=at, only=model)
    except KairoError as error:
        return ModelCheck(model=str(model), answered=False, detail=error.message)
    word = answer.output.word.strip()
    return ModelCheck(
        model=str(model),
        answered=True,
        latency_ms=answer.latency_ms,
        cost_cents=answer.cost_cents,
        detail="" if word.lower() == _WORD else f"asked for {_WORD}, it said {word[:40]!r}",
    )
