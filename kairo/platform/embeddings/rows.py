"""What embedders share: texts without words, and rows of length 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST_TEXT = 20_000
"""Characters that are read of one text: its vector has settled long before."""


def worded_places(texts: Sequence[str]) -> list[int]:
    """List which texts hold a letter or digit."""
    return [place for place, text in enumerate(texts) if any(map(str.isalnum, text[:LONGEST_TEXT]))]


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def batches(
    places: Sequence[int], texts: Sequence[str], *, most_texts: int, most_characters: int
) -> Iterator[list[int]]:
    """Cut places into batches of so many texts and about so many characters."""
    batch: list[int] = []
    characters = 0
    for place in places:
        characters += min(len(texts[place]), LONGEST_TEXT)
        batch.append(place)
        if len(batch) == most_texts or characters >= most_characters:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
