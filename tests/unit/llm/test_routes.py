"""Routes, names of models and prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from kairo.platform.llm.contracts import InvalidRoute, UnknownTask, Usage
from kairo.platform.llm.ports import ModelRequest, Speaker, Turn
from kairo.platform.llm.prices import most_usage, price_of
from kairo.platform.llm.routes import ModelName, model_named, route_of, routes_file

TASKS = "keyphrase_mining", "sentiment", "topics", "expansion", "synthesis", "scoring", "packages", "variants", "judge"


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_models_with_a_price(task: str) -> None:
    route = route_of(task)

    assert route.models
    assert all(price_of(model, Usage(tokens_in=1_000, tokens_out=1_000)) for model in route.models)
    assert route.deadline_s > route.timeout_s


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("fast", ModelName("openai", "gpt-4o-mini")),
        ("heavy", ModelName("openai", "gpt-4o")),
        ("claude_fast", ModelName("anthropic", "claude-haiku-4-5")),
        ("gemini-2.5-pro", ModelName("gemini", "gemini-2.5-pro")),
        ("openrouter:openai/gpt-4o-mini", ModelName("openrouter", "openai/gpt-4o-mini")),
        ("local:qwen3:8b", ModelName("local", "qwen3:8b")),
    ],
)
def test_a_name_tells_who_is_asked(name: str, model: ModelName) -> None:
    assert model_named(name) == model


@pytest.mark.parametrize("name", ["llama", "local:", "nobody:model", ""])
def test_a_name_that_tells_nobody_is_refused(name: str) -> None:
    with pytest.raises(InvalidRoute, match="PROVIDER:NAME"):
        model_named(name)


def test_an_account_has_routes_of_its_own() -> None:
    route = route_of("scoring", {"scoring": ["local:small", "fast", "local:small"]})

    assert [str(model) for model in route.models] == ["local:small", "openai:gpt-4o-mini"]


def test_an_unknown_task_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownTask, match="keyphrase_mining"):
        route_of("poetry")


def test_a_file_of_routes_that_cannot_be_used_says_where(tmp_path: Path) -> None:
    path = tmp_path / "routes.yaml"
    path.write_text("defaults: {timeout_s: 0}\nmodels: {}\ntasks: {scoring: {models: []}}\n")

    with pytest.raises(InvalidRoute, match=r"defaults\.timeout_s.*tasks\.scoring\.models"):
        routes_file(path)


@pytest.mark.parametrize(
    ("name", "usage", "microdollars"),
    [
        ("openai:gpt-4o-mini", Usage(tokens_in=1_000, tokens_out=100), 210),
        ("openai:gpt-4o-mini", Usage(tokens_in=1, tokens_out=0), 1),
        ("anthropic:claude-haiku-4-5", Usage(tokens_in=1_000, tokens_out=1_000), 6_000),
        ("local:anything", Usage(tokens_in=10**6, tokens_out=10**6), 0),
        ("openai:nobody-knows-this-one", Usage(tokens_in=1, tokens_out=1), None),
    ],
)
def test_prices_are_rounded_up_and_never_guessed(name: str, usage: Usage, microdollars: int | None) -> None:
    assert price_of(model_named(name), usage) == microdollars


@pytest.mark.parametrize("text", ["word " * 1_000, "слово " * 1_000, "語" * 1_000, "😀" * 1_000])
def test_the_estimate_lies_above_a_token_for_each_word(text: str) -> None:
    request = ModelRequest(model="m", system="", turns=(Turn(Speaker.USER, text),), schema={}, max_output_tokens=50)

    usage = most_usage(request, schema_bytes=0)

    assert usage.tokens_in > 1_000
    assert usage.tokens_out == 50
