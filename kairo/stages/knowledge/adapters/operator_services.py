"""HTTP to services that the operator names in the environment: bounded in time and size, answers as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import urlencode

from pydantic import JsonValue

from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import Fetched, FetchError, FetchLimits

# The address comes from the operator's environment and from nobody else: a service of one's own is meant to be private.
OPERATORS_CLIENT = Client(GuardPolicy(allowed_networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))))
LARGEST_ANSWER_BYTES = 20_000_000
_SHOWN_CHARACTERS = 300
_SHORTEST_KEY = 6


class ServiceAway(Exception):
    """The service was not reached, was too slow, or did not answer JSON; the message is safe to show."""


@dataclass(frozen=True)
class ServiceAnswer:
    """What a service answered: its status, and the JSON of its body."""

    status: int
    document: JsonValue

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class OperatorService:
    """One service; `headers` hold its key, which no message of ours repeats."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    timeout_s: float
    client: Client = OPERATORS_CLIENT

    def get(self, path: str, query: list[tuple[str, str]]) -> ServiceAnswer:
        """Ask for a path.

        Raises:
            ServiceAway: no usable answer came.
        """
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: JsonValue) -> ServiceAnswer:
        """Send a document.

        Raises:
            ServiceAway: no usable answer came.
        """
        return self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> ServiceAnswer:
        limits = FetchLimits(
            max_bytes=LARGEST_ANSWER_BYTES,
            max_seconds=self.timeout_s,
            connect_s=min(5.0, self.timeout_s),
            read_s=self.timeout_s,
            max_redirects=0,
        )
        headers = {"accept": "application/json", **self.headers}
        if body is not None:
            headers["content-type"] = "application/json"
        try:
            answer = self.client.fetch(
                f"{self.base_url.rstrip('/')}{path}", method=method, headers=headers, body=body, limits=limits
            )
        except FetchError as error:
            raise ServiceAway(self.without_key(error.message)) from error
        return ServiceAnswer(answer.status, self._document(answer))

    def _document(self, answer: Fetched) -> JsonValue:
        try:
            document: JsonValue = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            if not answer.succeeded:
                return None
            raise ServiceAway("It answered something that is not JSON.") from error
        return document

    def without_key(self, text: str) -> str:
        """Return a text without the values of our own headers, short enough to be shown."""
        for value in self.headers.values():
            for secret in {value, value.rpartition(" ")[2]}:
                text = text.replace(secret, "[hidden]") if len(secret) >= _SHORTEST_KEY else text
        return " ".join(text.split())[:_SHOWN_CHARACTERS]
