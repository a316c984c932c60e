"""The default embedder: means of token vectors, with the weights that ship inside the wheel of wordllama."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH_TEXTS = 512
_BATCH_CHARACTERS = 200_000
"""Bounds what the tokenizer holds at a time, also where long transcripts lie among posts."""
_LONGEST_TEXT = 20_000
"""Characters that are read of one text: its mean has settled long before."""


class StaticEmbedder:
    """A 256-dimensional embedder of English first; other languages fall into letters and bytes and embed more coarsely.

    The weights are read at the first use, once for all threads.
    """

    name = "static"
    dimension = 256

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._model: tuple[Tokenizer, NDArray[np.float32]] | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of length 1; a text without a letter or digit gives a row of zeros."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        worded = [place for place, text in enumerate(texts) if any(map(str.isalnum, text[:_LONGEST_TEXT]))]
        for places in _batches(worded, texts):
            rows[places] = self._mean_vectors([texts[place][:_LONGEST_TEXT] for place in places])
        return rows

    def _mean_vectors(self, texts: list[str]) -> NDArray[np.float32]:
        tokenizer, vectors = self._loaded()
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        # One sum a text: five times as fast as reduceat over the batch, and no text is padded to the longest.
        sums = np.stack([vectors[encoding.ids].sum(axis=0) for encoding in encodings])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        unit: NDArray[np.float32] = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        return unit

    def _loaded(self) -> tuple[Tokenizer, NDArray[np.float32]]:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = _load_weights()
        return self._model


@cache
def default_embedder() -> StaticEmbedder:
    """Return the one embedder of this process."""
    return StaticEmbedder()


def _batches(places: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    batch: list[int] = []
    characters = 0
    for place in places:
        characters += min(len(texts[place]), _LONGEST_TEXT)
        batch.append(place)
        if len(batch) == _BATCH_TEXTS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _load_weights() -> tuple[Tokenizer, NDArray[np.float32]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    from wordllama import WordLlama

    # Importing wordllama configures the root logger; that is for the application alone to decide.
    root.handlers[:], root.level = handlers, level
    package = find_spec("wordllama")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("wordllama has no folder to read its weights from")
    model: Any = WordLlama.load(cache_dir=Path(package.origin).parent, disable_download=True)
    # wordllama pads a batch to its longest text, which takes gigabytes where one transcript lies among posts.
    model.tokenizer.no_padding()
    vectors: NDArray[np.float32] = model.embedding
    return model.tokenizer, vectors
