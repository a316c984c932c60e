"""Structured logs: one JSON object a line on standard error, with the run's id and without secrets."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

import structlog
from django.utils.module_loading import import_string

Mask: TypeAlias = Callable[[str], str]

_SECRET_NAMES = re.compile(
    r"token|ticket|secret|password|authorization|cookie|api_?key|signature|dsn|database_url", re.IGNORECASE
)
# Each alternative's group is what may be read; what follows it is hidden.
_SECRET_VALUES = re.compile(
    r"""
    (kairo_[a-z]+_)[A-Za-z0-9_\-]{8,}                                   # our own tokens
    | (\b(?:whsec_|sk-|pat-[a-z0-9]+-|AIza|EAA))[A-Za-z0-9_\-+/=]{16,}  # keys of others, known by how they begin
    | (/bot)\d+:[A-Za-z0-9_\-]+                                           # a Telegram bot's token, part of its paths
    | ((?i:bearer\s|authorization:\s*\w+\s))[A-Za-z0-9._~+/=\-]{8,}
    | (://[^:/@\s]*:)\S{1,300}(?=@)                                     # the password of an address
    | ((?i:\b(?:token|ticket|password|secret|api_?key|access_token|client_secret|kairo_session|csrftoken)=)
       (?:kairo_[a-z]+_)?)
      (?:'(?:[^'\\]|\\.)*'|[^&;,\s"']+)                                # as a parameter, or in a connection string
    """,
    re.VERBOSE,
)
_HIDDEN = "[hidden]"


def hide_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of telling names, and tokens and passwords inside any text, at any depth."""
    return _masked(event, mask_secrets)


def hide_persons(mask: Mask) -> Callable[[object, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    """Return a processor that replaces what identifies a person as `mask` does, at any depth."""
    return lambda _, __, event: _masked(event, mask)


def _masked(event: MutableMapping[str, Any], mask: Mask) -> MutableMapping[str, Any]:
    for name, value in event.items():
        event[name] = _masked_value(name, value, mask)
    return event


def _masked_value(name: str, value: Any, mask: Mask) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAMES.search(name):
        return _HIDDEN
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(key): _masked_value(str(key), part, mask) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked_value("", part, mask) for part in value]
    shown = repr(value)
    masked = mask(shown)
    return value if masked == shown else masked


def mask_secrets(text: str) -> str:
    """Replace tokens, keys and passwords within a text, also in addresses and connection strings."""
    return _SECRET_VALUES.sub(lambda match: next(group for group in match.groups() if group) + _HIDDEN, text)


def configure_logging(options: Mapping[str, str]) -> None:
    """Send the logs of Kairo and of its libraries through the same processors.

    `options` holds the level, and under `mask` the path of the function that hides persons: what identifies one is
    known by a package above this one.
    """
    hiding = [hide_secrets, *([hide_persons(import_string(options["mask"]))] if "mask" in options else [])]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        *hiding,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": options.get("level", "INFO")},
            "loggers": {
                "django.server": {"level": "WARNING"},
                # It tells of every request with its whole address.
                "httpx": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                # Its lines hold whole addresses, with what stands behind the question mark.
                "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True},
                "uvicorn": {"handlers": [], "propagate": True},
                "django.db.backends": {"level": "INFO"},
            },
        }
    )
