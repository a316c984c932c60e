"""A small typed call, and models that ask the scripted servers of a test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.llm.asking import Models
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import Spender
from kairo.platform.llm.ports import ModelProvider
from kairo.platform.llm.prompts import Evidence, EvidenceText
from kairo.platform.llm.providers.anthropic import VERSION, Messages
from kairo.platform.llm.providers.gemini import GenerateContent
from kairo.platform.llm.providers.openai import ChatCompletions
from kairo.platform.llm.providers.posting import Endpoint
from kairo.platform.llm.routes import routes_file
from kairo.platform.outbound.client import Client
from kairo.shapes import Frozen, Strict
from tests.integration.outbound.servers import LOOPBACK, Site

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = "sk-secret-of-the-tests"
ROUTES = routes_file(HERE / "model_routes.yaml")
GOOD = '{"mood": "good", "post_ids": ["p1"]}'


class PostsAbout(Frozen):
    subject: str
    posts: Evidence


class Mood(Strict):
    mood: Literal["good", "bad"]
    post_ids: list[str]


def mood_call(task: str) -> LLMCall[PostsAbout, Mood]:
    """Return the call under a route of tests."""
    return LLMCall(
        task=task, folder=HERE / "model_prompts", prompt="mood.md", version=1, takes=PostsAbout, returns=Mood
    )


def posts(*texts: str, subject: str = "sunscreen") -> PostsAbout:
    """Return the call's input with these posts, numbered p1, p2, …"""
    items = tuple(EvidenceText(id=f"p{number}", text=text) for number, text in enumerate(texts, 1))
    return PostsAbout(subject=subject, posts=Evidence(items=items))


def spender(tenant_id: UUID, *, run_id: UUID | None = None, user_id: UUID | None = None) -> Spender:
    """Return who pays, with a command of its own unless one is given."""
    return Spender(tenant_id=tenant_id, run_id=run_id or new_id(), user_id=user_id)


class Waits(list[float]):
    """The waits that were asked for, in place of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def provider_at(url: str) -> ModelProvider:
    """Return a provider that speaks OpenAI's protocol with a server on this machine."""
    return ChatCompletions(Endpoint(url, {}, Client(LOOPBACK)))


def models_at(
    *,
    openai: Site | None = None,
    anthropic: Site | None = None,
    gemini: Site | None = None,
    local: Site | None = None,
    waits: Waits | None = None,
) -> Models:
    """Return models of which each provider is asked at a site; nobody really waits between attempts."""
    client = Client(LOOPBACK)
    providers: dict[str, ModelProvider] = {}
    if openai:
        endpoint = Endpoint(openai.url("/v1"), {"authorization": f"Bearer {KEY}"}, client)
        providers["openai"] = ChatCompletions(endpoint, length_field="max_completion_tokens")
    if anthropic:
        headers = {"x-api-key": KEY, "anthropic-version": VERSION}
        providers["anthropic"] = Messages(Endpoint(anthropic.url(""), headers, client))
    if gemini:
        providers["gemini"] = GenerateContent(Endpoint(gemini.url(""), {"x-goog-api-key": KEY}, client))
    if local:
        providers["local"] = provider_at(local.url("/v1"))
    kept = waits if waits is not None else Waits()
    return Models(providers=providers, routes=ROUTES, wait=kept, luck=lambda: 0.0)
