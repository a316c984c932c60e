"""Texts as the linear model reads them: hashed n-grams of words and letters, judging words, and the text's vector.

The training script and the product share this module, so that both read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.rules.sentiment.wording import is_denial, judging_features, normalised, tokens_of

Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]

BITS = 16
BUCKETS = 1 << BITS
"""Of the words; the letters have as many behind them."""
_DENIAL_REACHES = 3
_LETTERS = (3, 4, 5)
_LONGEST_TEXT = 4_000
_BASE = np.uint64(1_000_003)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)
DENSE_SCALE = 3.0
JUDGING_SCALE = 0.5


@dataclass(frozen=True)
class Features:
    """`ngrams[i]` are the buckets of text i, once each, `values[i]` their weights; `dense` holds one row a text."""

    ngrams: list[NDArray[np.int64]]
    values: list[NDArray[np.float32]]
    dense: NDArray[np.float32]


def features_of(texts: Sequence[str], embed: Embed) -> Features:
    """Read texts; one without a word gives zeros."""
    read = [text[:_LONGEST_TEXT] for text in texts]
    spelled = [normalised(text) for text in read]
    tokens = [tokens_of(text) for text in spelled]
    judging = np.array([judging_features(*pair) for pair in zip(read, tokens, strict=True)], dtype=np.float32)
    vectors = embed(read) * DENSE_SCALE
    pairs = [_ngrams(text, words) for text, words in zip(spelled, tokens, strict=True)]
    dense = np.hstack([vectors, judging.reshape(len(texts), -1) * JUDGING_SCALE])
    return Features([buckets for buckets, _ in pairs], [values for _, values in pairs], dense.astype(np.float32))


def _ngrams(text: str, tokens: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    words, letters = _word_buckets(tokens), _letter_buckets(f" {text} ")
    values = [np.full(len(found), 1 / np.sqrt(max(1, len(found))), dtype=np.float32) for found in (words, letters)]
    return np.concatenate([words, letters + BUCKETS]), np.concatenate(values)


def _word_buckets(tokens: Sequence[str]) -> NDArray[np.int64]:
    marked: list[str] = []
    denied = 0
    for token in tokens:
        marked.append(f"{token}_denied" if denied and token[0].isalnum() else token)
        denied = 0 if token[0] in ".,!?" else max(0, denied - 1)
        denied = _DENIAL_REACHES if is_denial(token) else denied
    pairs = [f"{one} {other}" for one, other in pairwise(marked)]
    return np.unique(np.array([crc32(gram.encode()) >> (32 - BITS) for gram in [*marked, *pairs]], dtype=np.int64))


def _letter_buckets(text: str) -> NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    found: list[NDArray[np.uint64]] = []
    rolling = codes
    for length in range(2, _LETTERS[-1] + 1):
        rolling = rolling[: len(codes) - length + 1] * _BASE + codes[length - 1 :]
        if length in _LETTERS:
            found.append(((rolling ^ (rolling >> np.uint64(29))) * _SPREAD) >> _SHIFT)
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, dtype=np.int64)
