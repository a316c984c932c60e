"""The default embedder: means of token vectors, with the weights that ship inside the wheel of wordllama."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings.rows import LONGEST_TEXT, batches, unit_rows, worded_places

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH_TEXTS = 512
_BATCH_CHARACTERS = 200_000
"""Bounds what the tokenizer holds at a time, also where long transcripts lie among posts."""
_WORD_BEGINS = "\u2581"
"""How the tokenizer marks a token that begins a word."""


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
        for places in batches(worded_places(texts), texts, most_texts=_BATCH_TEXTS, most_characters=_BATCH_CHARACTERS):
            rows[places] = self._mean_vectors([texts[place][:LONGEST_TEXT] for place in places])
        return rows

    def whole_words(self) -> tuple[str, ...]:
        """List the lower-case Latin words that are one token each, in alphabetical order."""
        tokenizer, _ = self._loaded()
        begun = [token[1:] for token in tokenizer.get_vocab() if token.startswith(_WORD_BEGINS)]
        return tuple(sorted(word for word in begun if word.isascii() and word.isalpha() and word.islower()))

    def _mean_vectors(self, texts: list[str]) -> NDArray[np.float32]:
        tokenizer, vectors = self._loaded()
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        # One sum a text: five times as fast as reduceat over the batch, and no text is padded to the longest.
        return unit_rows(np.stack([vectors[encoding.ids].sum(axis=0) for encoding in encodings]))

    def _loaded(self) -> tuple[Tokenizer, NDArray[np.float32]]:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = _load_weights()
        return self._model


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
    # It cuts no text into words before it looks for tokens: its cache would keep ten thousand whole posts, 90 MB that
    # hardly ever meet again.
    model.tokenizer.model._resize_cache(0)
    vectors: NDArray[np.float32] = model.embedding
    return model.tokenizer, vectors
