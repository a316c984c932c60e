"""How much texts repeat each other: exact copies, and pairs that share most of their character 3-grams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from kairo.stages.evidence.rules.signatures import signature_bands_of


def exact_repeat_share(texts: Sequence[str]) -> float:
    """Return the share of texts that an earlier one has already said, letter by letter."""
    return sum(count - 1 for count in Counter(texts).values()) / len(texts)


def near_repeats(texts: Sequence[str], *, threshold: float = 0.8) -> list[tuple[int, int]]:
    """Return for each text that nearly repeats an earlier one the places of both.

    Pairs are found by bands of their signatures (999 of 1,000 at a similarity of 0.8) and then measured.
    """
    grams = [{text[at : at + 3] for at in range(max(1, len(text) - 2))} for text in texts]
    index: dict[int, list[int]] = defaultdict(list)
    found = []
    for place, bands in enumerate(signature_bands_of(texts)):
        earlier = {other for band in bands for other in index[band]}
        similar = (other for other in sorted(earlier) if jaccard(grams[place], grams[other]) >= threshold)
        if (first := next(similar, None)) is not None:
            found.append((first, place))
        for band in bands:
            index[band].append(place)
    return found


def jaccard(one: set[str], other: set[str]) -> float:
    """Return the share of all members that both sets have."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
