"""The environment, read once at start, typed and checked; business thresholds are not here but in the database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kairo.errors import FieldError, Invalid


class InvalidEnvironment(Invalid):
    """An environment variable has a value that cannot be used."""

    code = "invalid_environment"


class JobsEngine(StrEnum):
    EMBEDDED = "embedded"
    CELERY = "celery"


class Environment(BaseModel):
    """Every variable that Kairo reads: its name, its default and what it is for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    KAIRO_DATA_DIR: Path | None = Field(None, description="Where data lives; the same as --data-dir")
    DATABASE_URL: str | None = Field(None, description="A PostgreSQL server to use instead of the embedded one")
    KAIRO_OWNER_DATABASE_URL: str | None = Field(
        None, description="The same database for migrations, where it is reached another way (behind pgbouncer)"
    )
    KAIRO_JOBS_ENGINE: JobsEngine = Field(JobsEngine.EMBEDDED, description="What runs jobs: embedded workers or celery")
    KAIRO_JOB_LEASE_S: float = Field(
        60, ge=0.5, description="Seconds without a heartbeat after which a job is released"
    )
    KAIRO_JOB_ARCHIVE_AFTER_DAYS: float = Field(7, ge=0, description="Days after which an ended job is archived")
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
    KAIRO_MAX_REQUEST_MB: int = Field(100, ge=1, description="Larger requests, files included, are refused unread")
    KAIRO_OUTBOUND_NETWORKS: str = Field(
        "", description="Private networks that feeds and webhooks may reach, with commas between: 10.1.0.0/16"
    )
    KAIRO_WEB: bool = Field(False, description="Set by the ASGI application for itself: connections come from a pool")
    KAIRO_LOG_LEVEL: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")


SECRETS = {"KAIRO_SECRET_KEY", "KAIRO_INTERNAL_ADMIN_TOKEN", "DATABASE_URL", "KAIRO_OWNER_DATABASE_URL"}


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
