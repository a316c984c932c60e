"""What a creative is worth, which nobody is told: part of it lies in its words, part in itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import exp, sqrt
from zlib import crc32

import numpy as np

from kairo.sandbox.ad_market.params import Params

_WORD = re.compile(r"[^\W\d_]{4,}")
_CLICKS, _LEADS, _OWN = 1, 2, 3


@dataclass(frozen=True)
class Quality:
    """How much more often than a middling creative it is clicked, and its clicks become leads."""

    clicks: float
    leads: float


def quality_of(text: str, *, seed: int, params: Params) -> Quality:
    """Return a creative's hidden quality; the same words and seed give the same."""
    return Quality(
        clicks=exp(params.click_spread * _score(text, seed, _CLICKS, params)),
        leads=exp(params.lead_spread * _score(text, seed, _LEADS, params)),
    )


def _score(text: str, seed: int, side: int, params: Params) -> float:
    words = sorted(set(_WORD.findall(text.casefold())))
    liked = [_draw(seed, side, crc32(word.encode())) for word in words]
    worded = sum(liked) / sqrt(len(liked)) if liked else 0.0
    own = _draw(seed, side + _OWN, crc32(text.encode()))
    return sqrt(params.worded_share) * worded + sqrt(1 - params.worded_share) * own


def _draw(*key: int) -> float:
    return float(np.random.default_rng(key).standard_normal())
