"""Any endpoint that speaks OpenAI's embeddings protocol: POST {url}/embeddings with {model, input[]}."""

from __future__ import annotations

import json
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings.contracts import MAX_DIMENSION, EmbedderRefused, EmbedderUnavailable
from kairo.platform.embeddings.rows import LONGEST_TEXT, batches, unit_rows, worded_places
from kairo.platform.outbound.client import Client, configured_client
from kairo.platform.outbound.contracts import Fetched, FetchError, FetchLimits, UnsafeAddress
from kairo.platform.outbound.rules import TRANSIENT, asked_delay_s

_BATCH_TEXTS = 96
_BATCH_CHARACTERS = 200_000
_LIMITS = FetchLimits(max_bytes=60_000_000, max_seconds=60.0, read_s=50.0, max_redirects=0)
ATTEMPTS = 3
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 10.0
"""Whoever is asked to wait longer says so to the job, which comes back later; nobody sleeps through it."""
_SHOWN_CHARACTERS = 200


class EndpointEmbedder:
    """A model behind an address. Its dimension is what the first answer has; an answer of another one is refused."""

    def __init__(
        self,
        model: str,
        *,
        url: str,
        key: str = "",
        client: Client | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._url = f"{url.rstrip('/')}/embeddings"
        self._headers = {"content-type": "application/json", "accept": "application/json"}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        self._client = client
        self._wait = wait
        self._dimension = 0
        self._settling = threading.Lock()

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self.embed(["dimension"])
        return self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of length 1; a text without a letter or digit gives a row of zeros, and is not sent.

        Raises:
            EmbedderUnavailable: the endpoint is away or asks for patience; `retry_after_s` says how long, if it does.
            EmbedderRefused: it refuses the key, the model or the texts, or answers no vectors.
        """
        places = worded_places(texts)
        if not places:
            return np.zeros((len(texts), self.dimension), dtype=np.float32)
        found = [
            (part, self._ask([texts[place][:LONGEST_TEXT] for place in part]))
            for part in batches(places, texts, most_texts=_BATCH_TEXTS, most_characters=_BATCH_CHARACTERS)
        ]
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for part, vectors in found:
            rows[part] = unit_rows(vectors)
        return rows

    def _ask(self, texts: Sequence[str]) -> NDArray[np.float32]:
        body = json.dumps({"model": self._model, "input": list(texts), "encoding_format": "float"}).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._vectors(self._answer(body), len(texts))
            except EmbedderUnavailable as error:
                delay_s = error.retry_after_s if error.retry_after_s is not None else _backoff_s(attempt)
                if not error.retryable or attempt == ATTEMPTS or delay_s > LONGEST_WAIT_S:
                    raise
                self._wait(delay_s)
        raise AssertionError("the last attempt returns or raises")

    def _answer(self, body: bytes) -> Fetched:
        client = self._client or configured_client()
        try:
            answer = client.fetch(self._url, method="POST", headers=self._headers, body=body, limits=_LIMITS)
        except UnsafeAddress as error:
            raise EmbedderRefused(f"The embedder's address may not be asked: {error.message}") from error
        except FetchError as error:
            raise EmbedderUnavailable(f"The embedder {self.name} is away: {error.message}") from error
        if answer.status in TRANSIENT:
            raise EmbedderUnavailable(
                f"The embedder {self.name} answered {answer.status}: try again later.",
                retry_after_s=asked_delay_s(answer.headers.get("retry-after"), at=datetime.now(UTC)),
            )
        if not answer.succeeded:
            raise EmbedderRefused(f"The embedder {self.name} answered {answer.status}: {_reason(answer)}")
        return answer

    def _vectors(self, answer: Fetched, count: int) -> NDArray[np.float32]:
        try:
            parsed = json.loads(answer.body)["data"]
            ordered = sorted(parsed, key=lambda entry: int(entry["index"]))
            vectors = np.asarray([entry["embedding"] for entry in ordered], dtype=np.float32)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise EmbedderRefused(f"The embedder {self.name} did not answer a list of vectors.") from error
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise EmbedderRefused(f"The embedder {self.name} did not answer one vector for each of {count} texts.")
        self._settle_dimension(vectors.shape[1])
        return vectors

    def _settle_dimension(self, dimension: int) -> None:
        with self._settling:
            if not 1 <= dimension <= MAX_DIMENSION:
                raise EmbedderRefused(f"{self.name} answers {dimension} numbers a text; {MAX_DIMENSION} can be stored.")
            if self._dimension and self._dimension != dimension:
                raise EmbedderRefused(f"{self.name} answered {dimension} numbers a text, and {self._dimension} before.")
            self._dimension = dimension


def _backoff_s(attempt: int) -> float:
    return FIRST_WAIT_S * math.pow(2, attempt - 1) * (1 + random.random() / 2)  # noqa: S311 - spreads load, no secret


def _reason(answer: Fetched) -> str:
    """Return what the endpoint says is wrong, as far as it is readable."""
    text = answer.body[: _SHOWN_CHARACTERS * 4].decode("utf-8", "replace")
    return " ".join(text.split())[:_SHOWN_CHARACTERS] or "it gives no reason."
