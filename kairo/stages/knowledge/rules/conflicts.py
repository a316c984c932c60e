"""Statements that cannot both hold: the same thing with another figure, or once affirmed and once denied."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from kairo.stages.knowledge.rules.gather_words import content_stems, words_of
from kairo.stages.knowledge.rules.relevance import Vectors

_ABOUT_THE_SAME = 0.55
_SHARED = 0.5
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATIONS = frozenset(
    {
        "not",
        "no",
        "never",
        "none",
        "nothing",
        "without",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "isn't",
        "aren't",
        "won't",
    }
    | {"не", "нет", "никогда", "без", "нельзя"}
)


def conflicting(texts: Sequence[str], similar: Vectors) -> list[tuple[int, int, str]]:
    """List pairs of places that contradict each other, with the reason; `similar` are the cosines of the texts."""
    stems = [content_stems(text) for text in texts]
    found = []
    for one in range(len(texts)):
        for other in map(int, np.flatnonzero(similar[one] >= _ABOUT_THE_SAME)):
            if other > one and (reason := _reason(texts[one], texts[other], stems[one], stems[other])):
                found.append((one, other, reason))
    return found


def _reason(one: str, other: str, ours: frozenset[str], theirs: frozenset[str]) -> str:
    plain_ours, plain_theirs = _plain(ours), _plain(theirs)
    if not plain_ours or not plain_theirs:
        return ""
    shared = len(plain_ours & plain_theirs) / min(len(plain_ours), len(plain_theirs))
    if shared < _SHARED:
        return ""
    figures, others = set(_FIGURE.findall(one)), set(_FIGURE.findall(other))
    if figures and others and not figures & others and shared >= 0.6:
        return f"figures differ: {', '.join(sorted(figures))} against {', '.join(sorted(others))}"
    if _is_denied(one) != _is_denied(other) and shared >= 0.7:
        return "one affirms what the other denies"
    return ""


def _plain(stems: frozenset[str]) -> frozenset[str]:
    return frozenset(stem for stem in stems if not any(map(str.isdigit, stem)))


def _is_denied(text: str) -> bool:
    return bool(_NEGATIONS & set(words_of(text)))
