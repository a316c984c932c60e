"""The embedder behind an address, against a real HTTP server on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import numpy as np
import pytest

from kairo.platform.embeddings.contracts import EmbedderRefused, EmbedderUnavailable
from kairo.platform.embeddings.endpoint import ATTEMPTS, EndpointEmbedder
from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.client import Client

Answer = tuple[int, dict[str, str], bytes]
LOCAL = Client(policy=GuardPolicy(allowed_networks=(ip_network("127.0.0.0/8"),)))


@dataclass
class Endpoint:
    """A server of embeddings: it answers what `script` says first, then two numbers a text."""

    url: str = ""
    script: list[Answer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    answer: Callable[[list[str]], bytes] = lambda texts: vectors([[3.0, 4.0] for _ in texts])


def vectors(rows: list[list[float]]) -> bytes:
    found = [{"index": place, "embedding": row} for place, row in enumerate(rows)]
    return json.dumps({"data": list(reversed(found))}).encode()


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            endpoint.asked.append(asked | {"path": self.path})
            endpoint.keys.append(self.headers["authorization"])
            scripted = endpoint.script.pop(0) if endpoint.script else (200, {}, endpoint.answer(asked["input"]))
            status, headers, body = scripted
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1/"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    offered = Endpoint()
    with serving(offered):
        yield offered


def embedder(endpoint: Endpoint, waited: list[float] | None = None, **changes: object) -> EndpointEmbedder:
    wait = (waited if waited is not None else []).append
    return EndpointEmbedder("tiny", url=endpoint.url, client=LOCAL, wait=wait, **changes)  # type: ignore[arg-type]


def test_texts_become_rows_of_length_one_in_their_order(endpoint: Endpoint) -> None:
    endpoint.answer = lambda texts: vectors([[len(text), 0.0] if text == "one" else [0.0, 2.0] for text in texts])

    rows = embedder(endpoint, key="secret").embed(["one", "", "three", "🔥"])

    assert rows.tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    assert [(asked["path"], asked["model"], asked["input"]) for asked in endpoint.asked] == [
        ("/v1/embeddings", "tiny", ["one", "three"])
    ]
    assert endpoint.keys == ["Bearer secret"]


def test_many_texts_go_in_batches(endpoint: Endpoint) -> None:
    rows = embedder(endpoint).embed([f"text {number}" for number in range(250)])

    assert rows.shape == (250, 2)
    assert [len(asked["input"]) for asked in endpoint.asked] == [96, 96, 58]


def test_its_dimension_is_what_it_answers(endpoint: Endpoint) -> None:
    tiny = embedder(endpoint)

    assert (tiny.name, tiny.dimension) == ("openai:tiny", 2)
    assert np.array_equal(tiny.embed(["", "!"]), np.zeros((2, 2), dtype=np.float32))


def test_it_is_asked_again_after_the_pause_that_it_asks_for(endpoint: Endpoint) -> None:
    waited: list[float] = []
    endpoint.script = [(429, {"retry-after": "2"}, b"slow down"), (503, {}, b"")]

    rows = embedder(endpoint, waited).embed(["hello"])

    assert rows.shape == (1, 2)
    assert waited[0] == 2.0
    assert 0 < waited[1] <= 2


def test_a_long_pause_is_left_to_who_asked(endpoint: Endpoint) -> None:
    waited: list[float] = []
    endpoint.script = [(429, {"retry-after": "120"}, b"")]

    with pytest.raises(EmbedderUnavailable) as refusal:
        embedder(endpoint, waited).embed(["hello"])

    assert (refusal.value.retryable, refusal.value.retry_after_s, waited) == (True, 120.0, [])


def test_it_is_given_up_after_a_few_attempts(endpoint: Endpoint) -> None:
    endpoint.script = [(500, {}, b"")] * 10

    with pytest.raises(EmbedderUnavailable, match="answered 500"):
        embedder(endpoint).embed(["hello"])

    assert len(endpoint.asked) == ATTEMPTS


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"error": "no such key"}', "no such key"),
        (404, b"no such model", "no such model"),
        (200, b"<html>", "did not answer a list"),
        (200, b"{}", "did not answer a list"),
        (200, b'{"data": 7}', "did not answer a list"),
        (200, b'{"data": []}', "one vector for each"),
        (200, vectors([[1.0, 2.0], [3.0, 4.0]]), "one vector for each"),
        (200, b'{"data": [{"index": 0, "embedding": [1, NaN]}]}', "one vector for each"),
        (200, vectors([[1.0] * 4000]), "4000 numbers"),
    ],
)
def test_what_it_refuses_or_gets_wrong_is_told_at_once(endpoint: Endpoint, status: int, body: bytes, said: str) -> None:
    endpoint.script = [(status, {}, body)]

    with pytest.raises(EmbedderRefused, match=said) as refusal:
        embedder(endpoint).embed(["hello"])

    assert not refusal.value.retryable
    assert len(endpoint.asked) == 1


def test_vectors_of_another_dimension_never_mix(endpoint: Endpoint) -> None:
    tiny = embedder(endpoint)
    tiny.embed(["hello"])
    endpoint.script = [(200, {}, vectors([[1.0, 2.0, 3.0]]))]

    with pytest.raises(EmbedderRefused, match="3 numbers a text, and 2 before"):
        tiny.embed(["again"])


def test_nobody_there_is_told_as_such() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gone = EndpointEmbedder("tiny", url=f"http://127.0.0.1:{port}", client=LOCAL, wait=lambda _: None)

    with pytest.raises(EmbedderUnavailable, match="is away"):
        gone.embed(["hello"])


def test_an_address_inside_is_refused_unless_the_installation_opens_it(endpoint: Endpoint) -> None:
    guarded = EndpointEmbedder("tiny", url=endpoint.url, client=Client(policy=GuardPolicy()))

    with pytest.raises(EmbedderRefused, match="may not be asked"):
        guarded.embed(["hello"])

    assert endpoint.asked == []
