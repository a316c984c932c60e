"""The words that the static embedder knows as a whole, with their vectors: for looking up what is near a word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings.choosing import embedder_named
from kairo.platform.embeddings.static import StaticEmbedder


@dataclass(frozen=True)
class WordVectors:
    """Lower-case Latin words, and a row of length 1 for each."""

    words: tuple[str, ...]
    vectors: NDArray[np.float32]


@cache
def static_vocabulary() -> WordVectors:
    """Return the whole words of the static embedder's vocabulary, about nine thousand.

    A word that it reads in pieces is not among them: the mean of its pieces is near many words that only look alike.
    """
    embedder = embedder_named(StaticEmbedder.name)
    if not isinstance(embedder, StaticEmbedder):
        raise TypeError(f"{embedder.name} keeps no vocabulary.")
    words = embedder.whole_words()
    return WordVectors(words, embedder.embed(words))
