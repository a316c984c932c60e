"""The environment, read once at start, typed and checked; business thresholds are not here but in the database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kairo.errors import FieldError, Invalid


class InvalidEnvironment(Invalid):
    """An environment variable has a value that cannot be used."""

    code = "invalid_environment"


class JobsEngine(StrEnum):
    EMBEDDED = "embedded"
    CELERY = "celery"


class SignalsMode(StrEnum):
    INGESTION = "ingestion"
    FIXTURES = "fixtures"


class Environment(BaseModel):
    """Every variable that Kairo reads: its name, its default and what it is for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    KAIRO_DATA_DIR: Path | None = Field(None, description="Where data lives; the same as --data-dir")
    DATABASE_URL: str | None = Field(None, description="A PostgreSQL server to use instead of the embedded one")
    KAIRO_OWNER_DATABASE_URL: str | None = Field(
        None, description="The same database for migrations, where it is reached another way (behind pgbouncer)"
    )
    KAIRO_JOBS_ENGINE: JobsEngine = Field(JobsEngine.EMBEDDED, description="What runs jobs: embedded workers or celery")
    REDIS_URL: Annotated[str, StringConstraints(pattern=r"^(redis|rediss|unix)://")] | None = Field(
        None, description="A Redis on whose channels the events of gathers are published too: redis://host:6379/0"
    )
    CELERY_BROKER_URL: str | None = Field(
        None, description="For celery: where messages go, redis://HOST/N or amqp://USER:PASSWORD@HOST/VHOST"
    )
    KAIRO_JOB_LEASE_S: float = Field(
        60, ge=0.5, description="Seconds without a heartbeat after which a job is released"
    )
    KAIRO_JOB_ARCHIVE_AFTER_DAYS: float = Field(7, ge=0, description="Days after which an ended job is archived")
    KAIRO_CRONS: bool = Field(True, description="Workers enqueue what comes round by the clock; false: others do")
    KAIRO_VIRTUAL_CLOCK: bool = Field(
        False, description="For simulations: due times follow a clock that `kairo simulate clock` moves"
    )
    KAIRO_OBS_ENABLED: bool = Field(False, description="Also write run events as JSONL files")
    KAIRO_OBS_DIR: Path = Field(Path("var/obs"), description="Where the JSONL files of runs go")
    KAIRO_INTERNAL_ADMIN_TOKEN: str | None = Field(None, description="Opens internal pages; unset: they are not there")
    KAIRO_SECRET_KEY: str | None = Field(
        None, description="Signs sessions; made and kept in the data directory if unset"
    )
    KAIRO_ALLOWED_HOSTS: str = Field("localhost,127.0.0.1,[::1]", description="Host names served, with commas between")
    KAIRO_HTTPS: bool = Field(False, description="Served behind TLS: cookies are sent over HTTPS only")
    KAIRO_TRUSTED_PROXIES: int = Field(
        0, ge=0, le=10, description="How many proxies in front add to X-Forwarded-For; 0: the header is not believed"
    )
    KAIRO_MAX_REQUEST_MB: int = Field(210, ge=1, description="Larger requests, files included, are refused unread")
    KAIRO_OUTBOUND_NETWORKS: str = Field(
        "", description="Private networks that feeds and webhooks may reach, with commas between: 10.1.0.0/16"
    )
    TELEGRAM_BOT_TOKEN: str | None = Field(None, description="The Telegram bot's token, from @BotFather")
    KAIRO_TELEGRAM_API_URL: str = Field("https://api.telegram.org", description="A Bot API server of one's own")
    KAIRO_EMBEDDER: str = Field(
        "static", description="Makes vectors: static, sentence-transformers:MODEL or openai:MODEL"
    )
    KAIRO_EMBEDDINGS_URL: str = Field(
        "https://api.openai.com/v1", description="Where an openai:MODEL embedder is asked, without /embeddings"
    )
    KAIRO_EMBEDDINGS_API_KEY: str | None = Field(None, description="The key of that endpoint, if it asks for one")
    EXTERNAL_SIGNALS_MODE: SignalsMode = Field(
        SignalsMode.INGESTION, description="Where a board's outside signals come from: ingestion (evidence) or fixtures"
    )
    EXTERNAL_SIGNALS_DIR: Path = Field(
        Path("var/signals"), description="For fixtures: a folder for each brand's slug, with its signals.json"
    )
    LLM_DISABLED: bool = Field(False, description="No model is asked: the local implementations serve")
    KAIRO_LLM_MODEL_FAST: str = Field("gpt-4o-mini", description="The model of quick tasks, as NAME or PROVIDER:NAME")
    KAIRO_LLM_MODEL_HEAVY: str = Field("gpt-4o", description="The model of writing tasks, as NAME or PROVIDER:NAME")
    OPENAI_API_KEY: str | None = Field(None, description="Pays for models of OpenAI")
    OPENAI_BASE_URL: str = Field("https://api.openai.com/v1", description="Where OpenAI is asked")
    ANTHROPIC_API_KEY: str | None = Field(None, description="Pays for models of Anthropic")
    ANTHROPIC_BASE_URL: str = Field("https://api.anthropic.com", description="Where Anthropic is asked")
    GEMINI_API_KEY: str | None = Field(None, description="Pays for models of Google")
    GEMINI_BASE_URL: str = Field("https://generativelanguage.googleapis.com", description="Where Gemini is asked")
    OPENROUTER_API_KEY: str | None = Field(None, description="Pays for models behind OpenRouter")
    OPENROUTER_BASE_URL: str = Field("https://openrouter.ai/api/v1", description="Where OpenRouter is asked")
    KAIRO_LLM_BASE_URL: str | None = Field(
        None, description="A server of one's own that speaks OpenAI's protocol; its models are local:NAME"
    )
    KAIRO_LLM_API_KEY: str | None = Field(None, description="The key of that server, if it asks for one")
    APIFY_TOKEN: str | None = Field(None, description="Pays for surfaces that actors of Apify read")
    BRAIN_SERVICE_BASE_URL: str | None = Field(
        None, description="A brain behind HTTP that gathers ask and fill; unset: this installation's own graph"
    )
    BRAIN_SERVICE_API_KEY: str | None = Field(None, description="The key of that brain, sent as Bearer")
    PAYLOAD_BASE_URL: str | None = Field(
        None, description="A Payload CMS that lists the departments; unset: each account's own list"
    )
    PAYLOAD_API_KEY: str | None = Field(None, description="An API key of a user of that CMS")
    HUBSPOT_ACCESS_TOKEN: str | None = Field(
        None, description="Reads the deals of HubSpot for the account that was made first, unless it has connected one"
    )
    HUBSPOT_CLIENT_SECRET: str | None = Field(
        None, description="Checks HubSpot's webhooks, for portals that were connected without a secret of their own"
    )
    KAIRO_HUBSPOT_API_URL: str = Field("https://api.hubapi.com", description="Where HubSpot is asked")
    KAIRO_META_API_URL: str = Field("https://graph.facebook.com", description="Where Meta's ads are asked")
    KAIRO_WEB: bool = Field(False, description="Set by the ASGI application for itself: connections come from a pool")
    KAIRO_LOG_LEVEL: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")


SECRETS = {
    "KAIRO_SECRET_KEY",
    "KAIRO_INTERNAL_ADMIN_TOKEN",
    "DATABASE_URL",
    "KAIRO_OWNER_DATABASE_URL",
    "REDIS_URL",
    "TELEGRAM_BOT_TOKEN",
    "KAIRO_EMBEDDINGS_API_KEY",
    "APIFY_TOKEN",
    "HUBSPOT_ACCESS_TOKEN",
    "HUBSPOT_CLIENT_SECRET",
    "BRAIN_SERVICE_API_KEY",
    "PAYLOAD_API_KEY",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "OPENROUTER_API_KEY",
    "KAIRO_LLM_API_KEY",
    "CELERY_BROKER_URL",
}


def parse_environment(variables: Mapping[str, str]) -> Environment:
    """Check the variables that Kairo knows; an empty one counts as unset.

    Raises:
        InvalidEnvironment: names each variable that cannot be used, and why.
    """
    known = {name: value for name, value in variables.items() if name in Environment.model_fields and value != ""}
    try:
        return Environment.model_validate(known)
    except ValidationError as error:
        problems = tuple(FieldError(str(item["loc"][0]), item["msg"]) for item in error.errors())
        lines = "\n".join(f"  {problem.field}: {problem.message}" for problem in problems)
        raise InvalidEnvironment(f"The environment cannot be used:\n{lines}", errors=problems) from error


@cache
def environment() -> Environment:
    """Return this process's environment; read at the first call."""
    return parse_environment(os.environ)
