"""What the items of a window speak of: clusters by meaning and words, labelled, beside the window before.

Both windows are clustered together, so that a topic is the same topic in both. The same items give the same topics.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kairo.stages.insights.contracts.agents import AgentItem, Topic, TopicState
from kairo.stages.insights.rules.keyphrases import Embed
from kairo.stages.insights.rules.keyphrases.pool import Key, Pool
from kairo.stages.insights.rules.stems import folded, stem
from kairo.stages.insights.rules.stopwords import generic_words, phrase_ends

MOST_CLUSTERED = 1_500
"""Items that are compared each with each, evenly spread over time. The others join the topic they are nearest to."""
LONGEST_TEXT = 4_000
_ENOUGH_TO_CENTRE = 40
NEAR, NEAR_OF_FEW = 0.14, 0.25
"""Mean similarity (words and meaning, 0–1) within a topic: of centred vectors, and of the few that are not. Chosen on
CrisisLex (NMI), and by eye on posts of Reddit and of the demo brand."""
JOINS = 0.30
CLOSE_DAYS = 3.0
CLOSENESS = 0.25
"""What it adds to a similarity that two items are of the same hour, where that tells anything; after so many days it is
a third of that. Chosen on the events of 2012 of CrisisLex."""
ALIKE = 0.25
TELLS_FROM, TELLS_IN_FULL = 2.0, 5.0
"""So many times closer in time are items that are alike than any two, for closeness to count, and to count in full."""
GROWING, FADING = 1.5, 0.67
_FEWEST = 2
_LABEL_PHRASES = 2
_AS_TELLING = 0.5
_LABEL_SHARE = 0.15
_MOST_PHRASES = 200
_MEANING_SHARE = {"en": 0.5, "es": 0.3, "de": 0.3, "fr": 0.3, "it": 0.3, "pt": 0.3, "nl": 0.3}
_MEANING_SHARE_OF_OTHERS = 0.1
"""How much of a similarity is the vectors': they know English, and of scripts that are not Latin hardly anything."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_NOT_PROSE = re.compile(r"https?://\S+|(?<!\w)@\w+")

_DAY_S = 86_400

_Floats: TypeAlias = NDArray[np.float32]
_Days: TypeAlias = NDArray[np.float64]


def topics(items: Sequence[AgentItem], previous: Sequence[AgentItem], embed: Embed, k: int = 20) -> list[Topic]:
    """Return the topics of the items, the largest first, then those of the previous window that have gone."""
    everything = [*items, *previous]
    clusters = clusters_of(everything, embed)
    labels = labels_of(everything, clusters)
    keys: Counter[str] = Counter()
    found: list[Topic] = []
    for cluster, (key, label) in zip(clusters, labels, strict=True):
        keys[key] += 1
        now = [place for place in cluster if place < len(items)]
        before = len(cluster) - len(now)
        growth = growth_of(len(now), len(items), before, len(previous))
        found.append(
            Topic(
                key=key if keys[key] == 1 else f"{key}-{keys[key]}",
                label=label,
                size=len(now),
                growth=growth,
                state=state_of(len(now), before, growth),
                item_ids=tuple(everything[place].id for place in (now or cluster)),
            )
        )
    found.sort(key=lambda topic: (-topic.size, topic.key))
    return found[:k]


def clusters_of(items: Sequence[AgentItem], embed: Embed) -> list[list[int]]:
    """Return the places of items that speak of the same thing, the most typical first; the largest cluster first.

    An item that nothing is like is in no cluster.
    """
    if len(items) < _FEWEST:
        return []
    vectors = _vectors(items, embed)
    days = np.array([_moment(item) / _DAY_S for item in items])
    in_order = sorted(range(len(items)), key=lambda place: (days[place], place))
    compared = min(len(items), MOST_CLUSTERED)
    core = sorted(in_order[len(items) * number // compared] for number in range(compared))
    similarities = vectors[core] @ vectors[core].T
    closeness = _closeness_of(similarities, days[core])
    members = _linked(similarities + closeness * _close(days[core], days[core]) if closeness else similarities)
    clusters = [[core[place] for place in cluster] for cluster in members]
    _join(clusters, sorted(set(in_order) - set(core)), vectors, days, closeness)
    ranked = [_most_typical_first(cluster, vectors) for cluster in clusters if len(cluster) >= _FEWEST]
    return sorted(ranked, key=lambda cluster: (-len(cluster), min(cluster)))


def labels_of(items: Sequence[AgentItem], clusters: Sequence[Sequence[int]]) -> list[tuple[str, str]]:
    """Return each cluster's key and its label: the phrases that it uses and the others do not (c-TF-IDF)."""
    pools = [Pool.of([items[place] for place in cluster]) for cluster in clusters]
    counts = [_phrases(pool, len(cluster)) for pool, cluster in zip(pools, clusters, strict=True)]
    everywhere = Counter({key: 0 for found in counts for key in found})
    for found in counts:
        everywhere.update({key: count for key, (_, count) in found.items()})
    mean_size = sum(map(len, clusters)) / max(1, len(clusters))
    return [_label(found, everywhere, mean_size, len(cluster)) for found, cluster in zip(counts, clusters, strict=True)]


def _phrases(pool: Pool, size: int) -> dict[Key, tuple[str, int]]:
    """Return the phrases that enough of a topic's items hold, or all where none is held by two."""
    held = {candidate.key: (candidate.phrase, candidate.count) for candidate in pool.candidates(_MOST_PHRASES)}
    shared = {key: found for key, found in held.items() if found[1] >= max(_FEWEST, _LABEL_SHARE * size)}
    return shared or held


def _label(found: dict[Key, tuple[str, int]], everywhere: Counter[Key], mean_size: float, size: int) -> tuple[str, str]:
    def weight(key: Key) -> float:
        return found[key][1] / size * math.log1p(mean_size / everywhere[key]) * (1.3 if len(key) > 1 else 1.0)

    ranked = sorted(found, key=lambda key: (-weight(key), key))
    if not ranked:
        return "unnamed", "…"
    chosen = ranked[:1]
    for key in ranked[1:]:
        telling = weight(key) >= _AS_TELLING * weight(ranked[0])
        if telling and len(chosen) < _LABEL_PHRASES and not any(set(key) & set(other) for other in chosen):
            chosen.append(key)
    return "-".join(chosen[0]), ", ".join(found[key][0] for key in chosen)


def _vectors(items: Sequence[AgentItem], embed: Embed) -> _Floats:
    """Return meaning and words side by side, so that a dot product is a weighted mean of both similarities."""
    texts = [_NOT_PROSE.sub(" ", item.text[:LONGEST_TEXT]) for item in items]
    meaning = _centred(embed(texts))
    words = _tf_idf([_terms(text, item.language) for text, item in zip(texts, items, strict=True)])
    shares = [_MEANING_SHARE.get(item.language or "", _MEANING_SHARE_OF_OTHERS) for item in items]
    of_meaning = np.array(shares, dtype=np.float32).reshape(-1, 1)
    return np.hstack([meaning * np.sqrt(of_meaning), words * np.sqrt(1 - of_meaning)]).astype(np.float32)


def _centred(vectors: _Floats) -> _Floats:
    """Take away what all texts share: of one brand, all is about plants, and only the rest tells topics apart."""
    if len(vectors) < _ENOUGH_TO_CENTRE:
        return vectors
    apart = np.where(np.any(vectors, axis=1, keepdims=True), vectors - vectors.mean(axis=0), 0.0)
    lengths = np.linalg.norm(apart, axis=1, keepdims=True)
    unit: _Floats = np.divide(apart, lengths, out=np.zeros_like(apart), where=lengths > 0).astype(np.float32)
    return unit


def _terms(text: str, language: str | None) -> list[str]:
    """Return the stems that carry meaning; of Chinese its pairs of signs."""
    left_out = phrase_ends(language) | generic_words(language)
    words = [folded(word) for word in _WORD.findall(text) if not _HAN.search(word)]
    pairs = [run[at : at + 2] for run in _HAN.findall(text) for at in range(len(run) - 1)]
    return [stem(word, language) for word in words if word not in left_out] + pairs


def _tf_idf(documents: Sequence[Sequence[str]], most: int = 4_000) -> _Floats:
    """Return rows of length 1 over the terms that two documents share at least, the most frequent `most`."""
    shared = Counter(term for terms in documents for term in set(terms))
    known = sorted((term for term in shared if shared[term] > 1), key=lambda term: (-shared[term], term))[:most]
    column = {term: place for place, term in enumerate(known)}
    rows = np.zeros((len(documents), len(known)), dtype=np.float32)
    for row, terms in enumerate(documents):
        for term, count in Counter(terms).items():
            if term in column:
                rows[row, column[term]] = (1 + math.log(count)) * math.log(1 + len(documents) / shared[term])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: _Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _closeness_of(similarities: _Floats, days: _Days) -> float:
    """Return how much it tells here that two items are close in time: for an event much, for a brand's posts nothing.

    It is measured on the items themselves: how much closer in time are those that are alike anyway.
    """
    if np.count_nonzero(days) < _ENOUGH_TO_CENTRE:
        return 0.0
    upper = np.triu_indices(len(days), k=1)
    close, alike = _close(days, days)[upper], similarities[upper] >= ALIKE
    if np.count_nonzero(alike) < _ENOUGH_TO_CENTRE:
        return 0.0
    closer = float(close[alike].mean()) / max(float(close.mean()), 1e-9)
    told = math.log(max(closer, 1e-9) / TELLS_FROM) / math.log(TELLS_IN_FULL / TELLS_FROM)
    return CLOSENESS * min(1.0, max(0.0, told))


def _close(days: _Days, others: _Days) -> _Days:
    """Return for each pair 1 for the same moment, falling towards 0 with the days between; 0 for what has no date."""
    close: _Days = np.exp(-np.abs(days[:, None] - others[None, :]) / CLOSE_DAYS)
    return close * (days > 0)[:, None] * (others > 0)[None, :]


def _linked(similarities: _Floats | _Days) -> list[list[int]]:
    """Join what is near on average, bottom up."""
    from scipy.cluster.hierarchy import fcluster, linkage

    distances = np.clip(1.0 - similarities, 0.0, 2.0)
    condensed = distances[np.triu_indices(len(distances), k=1)]
    near = NEAR if len(distances) >= _ENOUGH_TO_CENTRE else NEAR_OF_FEW
    names = fcluster(linkage(condensed, method="average"), t=1.0 - near, criterion="distance")
    clusters: dict[int, list[int]] = {}
    for place, name in enumerate(names.tolist()):
        clusters.setdefault(name, []).append(place)
    return [cluster for cluster in clusters.values() if len(cluster) >= _FEWEST]


def _join(clusters: list[list[int]], places: Sequence[int], vectors: _Floats, days: _Days, closeness: float) -> None:
    """Let the items between join the topic whose mean they are near to."""
    if not clusters or not places:
        return
    means = np.stack([vectors[cluster].mean(axis=0) for cluster in clusters])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    near = vectors[list(places)] @ means.T
    if closeness:
        near += closeness * _close(days[list(places)], np.array([np.median(days[cluster]) for cluster in clusters]))
    for place, best, similarity in zip(places, near.argmax(axis=1).tolist(), near.max(axis=1).tolist(), strict=True):
        if similarity >= JOINS:
            clusters[best].append(place)


def _most_typical_first(cluster: Sequence[int], vectors: _Floats) -> list[int]:
    typical = vectors[list(cluster)] @ vectors[list(cluster)].mean(axis=0)
    order = np.lexsort((np.array(cluster), -typical.round(5)))
    return [cluster[place] for place in order.tolist()]


def _moment(item: AgentItem) -> float:
    return item.published_at.timestamp() if item.published_at else 0.0


def growth_of(now: int, items: int, before: int, previous: int) -> float | None:
    """Return the share of the items against the share before, 1 is unchanged; None: there were none before."""
    if not before:
        return None
    return round((now / max(1, items)) / (before / previous), 3)


def state_of(now: int, before: int, growth: float | None) -> TopicState:
    """Return how a topic of so many items stands against the window before; a change of a single item is none."""
    if growth is None:
        return TopicState.NEW
    if growth >= GROWING and now > before + 1:
        return TopicState.GROWING
    if growth <= FADING and (now < before - 1 or now == 0):
        return TopicState.FADING
    return TopicState.STEADY
