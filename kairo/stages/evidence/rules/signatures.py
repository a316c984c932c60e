"""MinHash signatures of character 3-grams, folded into bands: texts that share a band are worth comparing.

The bands are stored (a PostgreSQL bigint[] under a GIN index), so every constant here is part of the stored format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kairo.stages.evidence.rules.text import matching_words

WHOLE_BANDS = 16
HEAD_BANDS = 4
ROWS = 4
HEAD_CHARACTERS = 48
"""A cut-off copy shares its first words with the whole one, however much is missing after them."""
_MOST_CHARACTERS = 4_000
_BATCH_CHARACTERS = 40_000
_SEED = 20_240_607

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_ONE = np.uint64(0xBF58476D1CE4E5B9)
_MIX_TWO = np.uint64(0x94D049BB133111EB)

_Words = NDArray[np.uint64]


def signature_bands(text: str) -> list[int]:
    """Return the bands of one normalised text; none where it has no word."""
    return signature_bands_of([text])[0]


def signature_bands_of(texts: Sequence[str]) -> list[list[int]]:
    """Return, for each normalised text, 20 signed 64-bit bands: 16 of the whole text, 4 of its first words.

    Equal in every process and on every machine. Two texts with Jaccard similarity s share a band of the whole with
    probability 1 - (1 - s⁴)¹⁶: 0.999 at 0.8, 0.89 at 0.6, 0.03 at 0.2.
    """
    bands: list[list[int]] = [[] for _ in texts]
    spelled = ((place, " ".join(matching_words(text))[:_MOST_CHARACTERS]) for place, text in enumerate(texts))
    for batch in _batches((place, words) for place, words in spelled if words):
        places = [place for place, _ in batch]
        for place, row in zip(places, _bands([words for _, words in batch]).tolist(), strict=True):
            bands[place] = row
    return bands


def _batches(spelled: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    characters = 0
    for place, words in spelled:
        batch.append((place, words))
        characters += len(words)
        if characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _bands(texts: Sequence[str]) -> NDArray[np.int64]:
    """Hash every 3-gram once, permute the hashes 80 ways and keep each way's least one in each text."""
    codes = np.frombuffer("".join(f" {text} " for text in texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter((len(text) + 2 for text in texts), dtype=np.intp, count=len(texts))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    grams = _mixed(codes[:-2] << np.uint64(42) | codes[1:-1] << np.uint64(21) | codes[2:])
    whole = _least_hashes(grams, starts, lengths - 2, _PERMUTATIONS[: WHOLE_BANDS * ROWS])
    heads = np.minimum(lengths - 2, HEAD_CHARACTERS)
    head = _least_hashes(grams, starts, heads, _PERMUTATIONS[WHOLE_BANDS * ROWS :])
    return _folded(np.vstack([whole, head])).T.view(np.int64)


def _least_hashes(grams: _Words, starts: NDArray[np.intp], counts: NDArray[np.intp], permutations: _Words) -> _Words:
    """Return a row a permutation and a column a text: the least permuted hash of the text's first `counts` 3-grams."""
    firsts = np.cumsum(counts) - counts
    own = grams[np.repeat(starts - firsts, counts) + np.arange(counts.sum())]
    least = np.empty((len(permutations), len(starts)), dtype=np.uint64)
    for row, multiplier in enumerate(permutations):
        # An odd multiplier permutes the 64-bit numbers; of mixed hashes, the order after it is as good as random.
        least[row] = np.minimum.reduceat(own * multiplier, firsts)
    return least


def _folded(hashes: _Words) -> _Words:
    """Fold each four rows into one band that also knows its number, so that equal rows of two bands stay apart."""
    rows = hashes.reshape(-1, ROWS, hashes.shape[1])
    bands = np.repeat(np.arange(1, len(rows) + 1, dtype=np.uint64)[:, None], rows.shape[2], axis=1)
    for row in range(ROWS):
        bands = _mixed(bands ^ rows[:, row])
    return bands


def _mixed(numbers: _Words) -> _Words:
    """Scatter 64-bit numbers (splitmix64)."""
    mixed = numbers + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_ONE
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_TWO
    return mixed ^ (mixed >> np.uint64(31))


_PERMUTATIONS = _mixed(np.arange(_SEED, _SEED + (WHOLE_BANDS + HEAD_BANDS) * ROWS, dtype=np.uint64)) | np.uint64(1)
