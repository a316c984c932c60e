"""One POST to a provider, and what its failures mean; the same for every wire format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.ports import AttemptFailed
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import (
    Fetched,
    FetchError,
    FetchLimits,
    FetchTimedOut,
    FetchTooLarge,
    UnsafeAddress,
)
from kairo.platform.outbound.rules import TRANSIENT, asked_delay_s

_LARGEST_ANSWER_BYTES = 5_000_000
_CONNECT_S = 5.0
_SHOWN_CHARACTERS = 200
_RATE_LIMITED = 429
_SHORTEST_KEY = 12
_OVERLOADED = 529
"""Anthropic's word for "too busy just now"."""


@dataclass(frozen=True)
class Endpoint:
    """Where a provider is asked, and the headers that it wants, its key among them."""

    url: str
    headers: Mapping[str, str]
    client: Client


def posted(endpoint: Endpoint, path: str, body: Mapping[str, JsonValue], *, within_s: float) -> dict[str, JsonValue]:
    """Send a request and return the JSON object of its answer.

    Raises:
        AttemptFailed: there is none.
    """
    limits = FetchLimits(
        max_bytes=_LARGEST_ANSWER_BYTES,
        max_seconds=within_s,
        connect_s=min(_CONNECT_S, within_s),
        read_s=within_s,
        max_redirects=0,
    )
    headers = {"content-type": "application/json", "accept": "application/json", **endpoint.headers}
    try:
        answer = endpoint.client.fetch(
            f"{endpoint.url.rstrip('/')}{path}",
            method="POST",
            headers=headers,
            body=json.dumps(body, ensure_ascii=False).encode(),
            limits=limits,
        )
    except FetchTimedOut as error:
        raise AttemptFailed(Outcome.TIMED_OUT, error.message, may_be_billed=True) from error
    except (UnsafeAddress, FetchTooLarge) as error:
        raise AttemptFailed(Outcome.REJECTED, error.message, may_be_billed=True) from error
    except FetchError as error:
        # Where no connection was made the cause is the system's; nobody has worked for that.
        if isinstance(error.__cause__, OSError):
            raise AttemptFailed(Outcome.UNREACHABLE, error.message) from error
        raise AttemptFailed(Outcome.CUT, error.message, may_be_billed=True) from error
    return _document(_accepted(answer, endpoint))


def _accepted(answer: Fetched, endpoint: Endpoint) -> Fetched:
    if answer.succeeded:
        return answer
    detail = f"The provider answered {answer.status}: {_without_keys(_reason(answer), endpoint)}"
    if answer.status not in TRANSIENT | {_OVERLOADED}:
        raise AttemptFailed(Outcome.REJECTED, detail)
    outcome = Outcome.RATE_LIMITED if answer.status == _RATE_LIMITED else Outcome.SERVER_ERROR
    delay_s = asked_delay_s(answer.headers.get("retry-after"), at=datetime.now(UTC))
    raise AttemptFailed(outcome, detail, retry_after_s=delay_s)


def _document(answer: Fetched) -> dict[str, JsonValue]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise AttemptFailed(Outcome.BROKEN, "The provider's answer is not JSON.", may_be_billed=True) from error
    if not isinstance(document, dict):
        raise AttemptFailed(Outcome.BROKEN, "The provider's answer is not a JSON object.", may_be_billed=True)
    return document


def _reason(answer: Fetched) -> str:
    text = answer.body[: _SHOWN_CHARACTERS * 4].decode("utf-8", "replace")
    return " ".join(text.split())[:_SHOWN_CHARACTERS] or "it gives no reason."


def _without_keys(text: str, endpoint: Endpoint) -> str:
    """Return the text without the values of our own headers: some providers repeat the key that they refuse."""
    for value in endpoint.headers.values():
        secret = value.removeprefix("Bearer ")
        text = text.replace(secret, "[hidden]") if len(secret) >= _SHORTEST_KEY else text
    return text
