"""What every embedder offers. The name and the dimension are stored beside each vector, so that vectors never mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kairo.errors import FieldError, Invalid, Unavailable

MAX_DIMENSION = 3_500
"""What fits into one page of the database; PostgreSQL keeps a vector where its row is."""


class EmbedderUnavailable(Unavailable):
    """The embedder cannot be asked at the moment, or is not installed here."""

    code = "embedder_unavailable"

    def __init__(self, message: str, *, retryable: bool = True, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class EmbedderNotInstalled(EmbedderUnavailable):
    """The embedder's extra is not installed; the message says how to install it."""

    code = "embedder_not_installed"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class EmbedderRefused(EmbedderUnavailable):
    """The endpoint does not take what it is sent (a key, a model), or answers something that is no list of vectors."""

    code = "embedder_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class UnknownEmbedder(Invalid):
    """No embedder has this name."""

    code = "unknown_embedder"

    def __init__(self, name: str) -> None:
        message = (
            f"{name!r} is no embedder: write static, sentence-transformers:MODEL, or openai:MODEL with"
            " KAIRO_EMBEDDINGS_URL."
        )
        super().__init__(message, errors=(FieldError("KAIRO_EMBEDDER", message),))


class Embedder(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of length 1; a text without words gives a row of zeros, never NaN.

        Raises:
            EmbedderUnavailable: it needs something that is away or not installed; the static one never does.
        """
        ...
