"""The trained linear model of sentiment: weights as bytes beside this module, read at the first use; numpy alone.

scripts/train_sentiment.py makes the file; docs/models/sentiment.md is its card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.rules.sentiment.features import Embed, Features, features_of
from kairo.stages.insights.rules.sentiment.wording import JUDGING_FEATURES, UNJUDGED

WEIGHTS = Path(__file__).parent / "weights.npz"
LABELS = ("negative", "neutral", "positive")
_BATCH = 512

Probabilities: TypeAlias = NDArray[np.float64]
_Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """Weights of n-grams as signed bytes with a scale each column, of the dense features as they are, and a base."""

    ngrams: NDArray[np.int8]
    scales: _Floats
    dense: _Floats
    base: _Floats

    def margins(self, features: Features) -> _Floats:
        """Return one row a text, one column an output."""
        sums = np.stack(
            [
                values @ self.ngrams[buckets].astype(np.float32)
                for buckets, values in zip(features.ngrams, features.values, strict=True)
            ]
        )
        margins: _Floats = sums * self.scales + features.dense @ self.dense + self.base
        return margins


def probabilities(texts: Sequence[str], languages: Sequence[str | None], embed: Embed) -> Probabilities:
    """Return how likely each text is negative, neutral, positive: one row a text, each adding up to 1.

    Russian, and other Cyrillic text, is read by the Russian model; everything else by the one of tweets.
    """
    found = np.zeros((len(texts), len(LABELS)))
    for start in range(0, len(texts), _BATCH):
        batch = slice(start, start + _BATCH)
        features = features_of(texts[batch], embed)
        russian = np.array([_is_russian(*pair) for pair in zip(texts[batch], languages[batch], strict=True)])
        rows = np.where(russian[:, None], _russian(features), _of_tweets(features))
        found[batch] = rows
    return found


def polarity_features(margin: _Floats) -> _Floats:
    """Return what the second step reads of the first one's margin: itself, its size, and itself bounded."""
    flat = margin.reshape(-1, 1)
    return np.hstack([flat, np.abs(flat), np.tanh(flat)]).astype(np.float32)


def by_margin(margin: _Floats, neutral_within: _Floats, *, sharpness: float) -> Probabilities:
    """Turn the margin of a model of two classes into three: near zero is neutral, as far as `neutral_within`."""
    logits = sharpness * np.stack([-margin, neutral_within, margin], axis=1)
    return _softmax(logits.astype(np.float64))


def _of_tweets(features: Features) -> Probabilities:
    polar = polarity_features(_part("polar").margins(features)[:, 0])
    wider = Features(features.ngrams, features.values, np.hstack([features.dense, polar]))
    return _softmax(_part("tweets").margins(wider).astype(np.float64))


def _russian(features: Features) -> Probabilities:
    within, within_unjudged, sharpness = _stored()["russian.rule"].tolist()
    unjudged = features.dense[:, UNJUDGED - JUDGING_FEATURES] > 0
    neutral_within = np.where(unjudged, within_unjudged, within).astype(np.float32)
    return by_margin(_part("russian").margins(features)[:, 0], neutral_within, sharpness=sharpness)


def _is_russian(text: str, language: str | None) -> bool:
    if language is not None:
        return language in ("ru", "uk", "be", "bg")
    return any("\u0400" <= letter <= "\u04ff" for letter in text[:200])


def _softmax(logits: Probabilities) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return shares


@cache
def _part(name: str) -> Linear:
    stored = _stored()
    return Linear(
        ngrams=stored[f"{name}.ngrams"].astype(np.int8),
        scales=stored[f"{name}.scales"],
        dense=stored[f"{name}.dense"],
        base=stored[f"{name}.base"],
    )


@cache
def _stored() -> dict[str, NDArray[np.float32]]:
    with np.load(WEIGHTS, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) if file[name].dtype == np.float16 else file[name] for name in file}
