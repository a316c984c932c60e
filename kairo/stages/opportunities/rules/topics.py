"""Topics in the evidence: clusters of posts on one thing, and which posts speak about a given idea."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.stems import content_stems, is_generic, words_of

Vectors = NDArray[np.float32]

JOIN_AT = (0.34, 0.38, 0.42, 0.46)
"""Mean likeness at which two groups are one topic; little evidence is cut finer, to keep enough topics apart."""
ENOUGH_CLUSTERS = 24
MEANING_SHARE = 0.5
ON_TOPIC = 0.5
LONE_WORD = 0.45
"""Where a headline shares one word or none, the post must hold this part of the topic's weight,"""
LONE_MEANING = 0.4
"""and the headline must be this near in meaning: `mineral make-up` is not on `mineral oil`."""


class Rarity:
    """How rare each stem is among the posts: the rarer, the more it says about a topic."""

    def __init__(self, posts: Sequence[Post]) -> None:
        self._posts = len(posts)
        self._counts = Counter(stem for post in posts for stem in post.stems)

    def of(self, stem: str) -> float:
        return math.log((self._posts + 2.0) / (self._counts[stem] + 1.0)) + 0.1

    def posts_with(self, stem: str) -> int:
        return self._counts[stem]


def likeness(posts: Sequence[Post], vectors: Vectors, rarity: Rarity) -> Vectors:
    """How alike any two posts are, by meaning and by the rare words they share; 0 to 1."""
    stems = sorted({stem for post in posts for stem in post.stems})
    column = {stem: place for place, stem in enumerate(stems)}
    weights = np.zeros((len(posts), len(stems)), dtype=np.float32)
    for row, post in enumerate(posts):
        for stem in post.stems:
            weights[row, column[stem]] = rarity.of(stem) * (1.0 if stem in post.headline_stems else 0.35)
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    weights = np.divide(weights, lengths, out=np.zeros_like(weights), where=lengths > 0)
    lexical = weights @ weights.T
    meaning = np.clip(vectors @ vectors.T, 0.0, 1.0)
    mixed = MEANING_SHARE * meaning + (1.0 - MEANING_SHARE) * np.sqrt(np.clip(lexical, 0.0, 1.0))
    return np.asarray(np.round(mixed, 5), dtype=np.float32)


def clusters_of(alike: Vectors) -> list[int]:
    """The cluster of each post, at the coarsest cut that leaves enough clusters apart."""
    for join_at in JOIN_AT:
        owner = cluster(alike, join_at=join_at)
        if len(set(owner)) >= min(ENOUGH_CLUSTERS, 0.9 * len(owner)):
            return owner
    return owner


def cluster(alike: Vectors, *, join_at: float) -> list[int]:
    """The cluster of each post, by average linkage; a cluster is named by its first post's row."""
    count = len(alike)
    sums = alike.astype(np.float64).copy()
    np.fill_diagonal(sums, -np.inf)
    sizes = np.ones(count)
    owner = list(range(count))
    for _ in range(max(0, count - 1)):
        one, other = divmod(int(np.argmax(sums)), count)
        if sums[one, other] < join_at:
            break
        one, other = min(one, other), max(one, other)
        merged = (sums[one] * sizes[one] + sums[other] * sizes[other]) / (sizes[one] + sizes[other])
        sums[one], sums[:, one] = merged, merged
        sums[one, one] = -np.inf
        sums[other], sums[:, other] = -np.inf, -np.inf
        sizes[one] += sizes[other]
        owner = [one if place == other else place for place in owner]
    return owner


def key_stems(phrase: str) -> frozenset[str]:
    """The stems by which a phrase's topic is recognised in other posts."""
    meant = frozenset(content_stems(" ".join(word for word in words_of(phrase) if not is_generic(word))))
    return meant or frozenset(content_stems(phrase))


def topic_label(phrase: str, keys: frozenset[str], rarity: Rarity) -> str:
    """The run of words in a phrase that best names its topic, as written."""
    words = phrase.split()
    weights = [max((rarity.of(key) for key in keys & set(content_stems(word))), default=0.0) for word in words]
    best, named = 0.0, ""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + 3) + 1):
            run = weights[start:end]
            # Of equally rare runs the first names the thing, the later ones where and how.
            worth = sum(run) * 0.85**start if min(run) > 0 else 0.0
            if worth > best + 1e-9:
                best, named = worth, " ".join(words[start:end])
    return named.strip(".,;:!?\"“”'()") or phrase


class TopicIndex:
    """Finds the posts on a topic: by the weight of the topic's words that they hold, and by nearness in meaning."""

    def __init__(self, posts: Sequence[Post], headlines: Vectors, rarity: Rarity) -> None:
        self._posts = posts
        self._headlines = headlines
        self._rarity = rarity
        self._rows: dict[str, list[int]] = {}
        for row, post in enumerate(posts):
            for stem in post.stems:
                self._rows.setdefault(stem, []).append(row)

    def on(self, keys: frozenset[str], vector: Vectors, language: str) -> list[tuple[float, int]]:
        """How surely each post speaks about the topic, surest first; only those that do."""
        weights = {key: self._rarity.of(key) for key in sorted(keys)}
        total = sum(weights.values()) or 1.0
        shared: dict[int, list[str]] = {}
        for key in sorted(keys):
            for row in self._rows.get(key, ()):
                shared.setdefault(row, []).append(key)
        found = []
        for row, held in shared.items():
            post = self._posts[row]
            if post.language != language:
                continue
            in_post = sum(weights[key] for key in held) / total
            in_head = sum(weights[key] for key in held if key in post.headline_stems) / total
            meaning = max(0.0, float(self._headlines[row] @ vector))
            in_headline = [key for key in held if key in post.headline_stems]
            is_lone = len(keys) > 1 and len(in_headline) < 2
            if is_lone and (meaning < LONE_MEANING or in_post < LONE_WORD):
                continue
            if len(keys) == 1 and not in_headline:
                continue
            sure = 0.55 * in_head + 0.25 * in_post + 0.45 * meaning
            if sure >= ON_TOPIC:
                found.append((round(sure, 5), row))
        return sorted(found, key=lambda entry: (-entry[0], entry[1]))
