"""Which models answer a task: routes.yaml, an account's own routes over it, and what this installation can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings
from pydantic import Field, ValidationError

from kairo.errors import FieldError
from kairo.platform.llm.contracts import InvalidRoute, UnknownTask
from kairo.shapes import Strict

ROUTES_FILE = Path(__file__).with_name("routes.yaml")
PROVIDERS = ("openai", "anthropic", "gemini", "openrouter", "local")
_BY_PREFIX = (("claude", "anthropic"), ("gemini", "gemini"), ("gpt", "openai"), ("o1", "openai"), ("o3", "openai"))
_MAX_MODELS = 8


class _Limits(Strict):
    timeout_s: float = Field(gt=0, le=600)
    deadline_s: float = Field(gt=0, le=3600)
    max_output_tokens: int = Field(ge=1, le=100_000)
    cache_hours: float = Field(ge=0, le=24 * 90)


class _Task(Strict):
    models: list[str] = Field(min_length=1, max_length=_MAX_MODELS)
    timeout_s: float | None = Field(None, gt=0, le=600)
    deadline_s: float | None = Field(None, gt=0, le=3600)
    max_output_tokens: int | None = Field(None, ge=1, le=100_000)
    cache_hours: float | None = Field(None, ge=0, le=24 * 90)


class DeclaredPrice(Strict):
    """Dollars for a million tokens."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


class RoutesFile(Strict):
    """routes.yaml, checked."""

    defaults: _Limits
    models: dict[str, str]
    tasks: dict[str, _Task]
    prices: dict[str, DeclaredPrice] = {}


@dataclass(frozen=True)
class ModelName:
    """A model and who is asked for it."""

    provider: str
    name: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


@dataclass(frozen=True)
class Route:
    """A task's models in the order in which they are asked, and what one call of it may take."""

    task: str
    models: tuple[ModelName, ...]
    timeout_s: float
    deadline_s: float
    max_output_tokens: int
    cache_hours: float


@cache
def routes_file(path: Path = ROUTES_FILE) -> RoutesFile:
    """Read the file of routes.

    Raises:
        InvalidRoute: it cannot be used; names each place.
    """
    try:
        return RoutesFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = tuple(FieldError(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        lines = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        raise InvalidRoute(f"{path.name} cannot be used: {lines}", errors=problems) from error


def route_of(
    task: str, overrides: Mapping[str, Sequence[str]] | None = None, *, file: RoutesFile | None = None
) -> Route:
    """Return a task's route; `overrides` are the account's own models by task.

    Raises:
        UnknownTask: no route has this name.
        InvalidRoute: a model of it cannot be told to any provider.
    """
    known = file or routes_file()
    found = known.tasks.get(task)
    if found is None:
        raise UnknownTask(f"There is no task {task!r}. There are: {', '.join(known.tasks)}.")
    own = found.model_dump(exclude={"models"}, exclude_none=True)
    limits = known.defaults.model_copy(update=own)
    names = (overrides or {}).get(task) or found.models
    return Route(
        task=task,
        models=tuple(dict.fromkeys(model_named(name, file=known) for name in names)),
        timeout_s=limits.timeout_s,
        deadline_s=limits.deadline_s,
        max_output_tokens=limits.max_output_tokens,
        cache_hours=limits.cache_hours,
    )


def model_named(name: str, *, file: RoutesFile | None = None) -> ModelName:
    """Read a model's name: PROVIDER:NAME, a name of routes.yaml, `fast`, `heavy`, or a name that tells its maker.

    Raises:
        InvalidRoute: it tells no provider.
    """
    known = file or routes_file()
    by_setting = {"fast": settings.KAIRO_LLM_MODEL_FAST, "heavy": settings.KAIRO_LLM_MODEL_HEAVY}
    full = by_setting.get(name) or known.models.get(name) or name
    provider, _, model = full.partition(":")
    if provider in PROVIDERS and model.strip():
        return ModelName(provider, model.strip())
    maker = next((maker for prefix, maker in _BY_PREFIX if full.startswith(prefix)), None)
    if maker is None:
        message = f"{full!r} tells no provider: write it as PROVIDER:NAME, with one of {', '.join(PROVIDERS)}."
        raise InvalidRoute(message, errors=(FieldError("models", message),))
    return ModelName(maker, full)


def declared_price(model: ModelName, *, file: RoutesFile | None = None) -> DeclaredPrice | None:
    """Return the price that routes.yaml declares for a model or for all of its provider, or None."""
    prices = (file or routes_file()).prices
    return prices.get(str(model)) or prices.get(f"{model.provider}:*")
