"""Which providers this installation can ask: those with a key, and a server of its own with an address."""

from __future__ import annotations

from ipaddress import ip_network

from django.conf import settings

from kairo.platform.llm.asking import Models
from kairo.platform.llm.ports import ModelProvider
from kairo.platform.llm.providers.anthropic import VERSION, Messages
from kairo.platform.llm.providers.gemini import GenerateContent
from kairo.platform.llm.providers.openai import ChatCompletions
from kairo.platform.llm.providers.posting import Endpoint
from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.client import Client

# The addresses come from the operator's environment and from nobody else: a server of one's own is meant to be private.
_OPERATORS_CLIENT = Client(GuardPolicy(allowed_networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))))


def configured_models() -> Models:
    """Return the models that this installation may ask: none with LLM_DISABLED."""
    return Models(providers={} if settings.LLM_DISABLED else _providers())


def _providers() -> dict[str, ModelProvider]:
    found: dict[str, ModelProvider] = {}
    if settings.OPENAI_API_KEY:
        found["openai"] = ChatCompletions(
            _bearer(settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY), length_field="max_completion_tokens"
        )
    if settings.ANTHROPIC_API_KEY:
        headers = {"x-api-key": settings.ANTHROPIC_API_KEY, "anthropic-version": VERSION}
        found["anthropic"] = Messages(Endpoint(settings.ANTHROPIC_BASE_URL, headers, _OPERATORS_CLIENT))
    if settings.GEMINI_API_KEY:
        headers = {"x-goog-api-key": settings.GEMINI_API_KEY}
        found["gemini"] = GenerateContent(Endpoint(settings.GEMINI_BASE_URL, headers, _OPERATORS_CLIENT))
    if settings.OPENROUTER_API_KEY:
        found["openrouter"] = ChatCompletions(_bearer(settings.OPENROUTER_BASE_URL, settings.OPENROUTER_API_KEY))
    if settings.KAIRO_LLM_BASE_URL:
        found["local"] = ChatCompletions(_bearer(settings.KAIRO_LLM_BASE_URL, settings.KAIRO_LLM_API_KEY))
    return found


def _bearer(url: str, key: str | None) -> Endpoint:
    return Endpoint(url, {"authorization": f"Bearer {key}"} if key else {}, _OPERATORS_CLIENT)
