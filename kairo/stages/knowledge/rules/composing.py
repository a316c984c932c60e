"""Items composed from source material alone: each is a span of a passage, with what other sources say to it.

Nothing is worded anew except the frame around the spans, so that nothing can be invented. The same material, items and
seed give the same items.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.gathers import LONGEST_SUMMARY, Citation, ItemDraft
from kairo.stages.knowledge.rules.gather_words import content_stems, language_of
from kairo.stages.knowledge.rules.relevance import RELEVANT, Aspects, Told, Vectors, relevance, told_by
from kairo.stages.knowledge.rules.sentences import Sentence

ITEMS_AN_ITERATION = 8
MOST_ASPECTS_AN_ITEM = 3
MOST_CORROBORATIONS = 2
LONGEST_SPAN = 420
SURE = 0.38
"""From here on a sentence is taken for an aspect: higher than what counts as covering it, since there is a choice."""
_ELSEWHERE = 0.7
"""What the relevance of a sentence counts in a department, where another one is nearer to it."""
_OWN_HEADING = 0.3
_AT_HOME = 1.3
"""What it counts under a heading that names the department."""
_LEANS_ON = re.compile(
    r"(?:this|these|those|that|it|they|so|because|therefore|instead|for example|it['’]s"
    r"|это|эти|этот|эта|они|он|она|оно|поэтому|потому|например|вместо)\b",
    re.IGNORECASE,
)
"""A sentence that begins so says little without the one before it."""
_SAME_STATEMENT = 0.86
_RELATED = 0.62
_LEAST_SHARED_STEMS = 2
_SPECIFIC = 0.08
_NOISE = 1e-4
_SUMMARY = 160
_FRAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "also": "Another source adds: “{text}”",
        "from": "{aspects}. From {title}.",
        "and": "Said by {count} sources.",
    },
    "ru": {
        "also": "Другой источник добавляет: «{text}»",
        "from": "{aspects}. Из: {title}.",
        "and": "Источников: {count}.",
    },
}
_UNTITLED = {"en": "a post", "ru": "поста"}


@dataclass(frozen=True)
class Candidate:
    """A sentence that may become an item: where it stands, and what it is compared by."""

    passage: int
    sentence: Sentence
    stems: frozenset[str]
    told: Told


@dataclass(frozen=True)
class Material:
    """All that items may be composed from; row i of `vectors` belongs to candidate i."""

    passages: Sequence[Passage]
    candidates: Sequence[Candidate]
    vectors: Vectors


@dataclass(frozen=True)
class Standing:
    """What there is already: how many items each aspect has, and which spans were used, by source."""

    counts: Mapping[str, int] = field(default_factory=dict)
    used: frozenset[tuple[UUID, str]] = frozenset()


def candidates_of(place: int, passage: Passage, sentences: Sequence[Sentence]) -> list[Candidate]:
    """Read the sentences of a passage; its title stands over those that have no heading of their own."""
    return [
        Candidate(place, one, content_stems(one.text), told_by(one.text, heading=one.heading or passage.title or ""))
        for one in sentences
    ]


def compose(
    material: Material,
    aspects: Aspects,
    scores: Vectors,
    standing: Standing,
    *,
    seed: str,
    wanted: int = ITEMS_AN_ITERATION,
) -> list[ItemDraft]:
    """Return up to `wanted` items, those first that the thinnest aspects need; none where nothing bears on any.

    `scores` is the relevance of each candidate to each aspect.
    """
    if not material.candidates or not aspects.topics:
        return []
    desk = _Desk(material, aspects, scores, _worth(material, scores, seed), dict(standing.counts))
    desk.set_aside(standing.used)
    desk.taken.update(at for at, one in enumerate(material.candidates) if _LEANS_ON.match(one.sentence.text))
    return list(_chosen(desk, wanted))


def scores_by_department(
    candidates: Sequence[Candidate], vectors: Vectors, departments: Sequence[tuple[str, Aspects]]
) -> list[Vectors]:
    """Return for each department, given by name, how far each sentence bears on its aspects.

    A sentence that another department is nearer to, by its own words or by the heading above it, counts less.
    """
    told = [one.told for one in candidates]
    scores = [relevance(aspects, told, vectors) for _, aspects in departments]
    if not candidates or not departments:
        return scores
    nearness = np.stack([one.max(axis=1) if one.shape[1] else np.zeros(len(told)) for one in scores], axis=1)
    headed = np.array([[_heads(name, one) for name, _ in departments] for one in candidates])
    nearest = (nearness + _OWN_HEADING * headed).max(axis=1, keepdims=True)
    is_home = nearness + _OWN_HEADING * headed >= nearest - 1e-6
    weights = np.where(is_home, np.where(headed > 0, _AT_HOME, 1.0), _ELSEWHERE).astype(np.float32)
    return [np.minimum(one * weights[:, at : at + 1], 1.0) for at, one in enumerate(scores)]


def _heads(name: str, candidate: Candidate) -> bool:
    """Whether the heading above a sentence names a department."""
    first = name.lower().split()[0]
    return first[:12] in candidate.told.above


@dataclass
class _Desk:
    material: Material
    aspects: Aspects
    scores: Vectors
    worth: NDArray[np.float64]
    counts: dict[str, int]
    taken: set[int] = field(default_factory=set)
    quoted: set[int] = field(default_factory=set)

    def set_aside(self, used: frozenset[tuple[UUID, str]]) -> None:
        """Take out every sentence that stands in a span that was used."""
        spans: dict[UUID, list[str]] = {}
        for source_id, quote in used:
            spans.setdefault(source_id, []).append(quote)
        for place, one in enumerate(self.material.candidates):
            source_id = self.material.passages[one.passage].source_id
            if any(one.sentence.text in quote for quote in spans.get(source_id, ())):
                self.take(place)
                self.quoted.add(place)

    def take(self, place: int) -> None:
        """Take a sentence, and with it whatever says the same."""
        similar = self.material.vectors @ self.material.vectors[place]
        self.taken.add(place)
        self.taken.update(int(other) for other in np.flatnonzero(similar >= _SAME_STATEMENT))

    def best_for(self, aspect: int) -> int | None:
        """Return the free sentence that bears most on an aspect, or None where none does."""
        order = np.argsort(-self.worth[:, aspect], kind="stable")
        for place in map(int, order):
            if self.worth[place, aspect] < SURE:
                return None
            if place not in self.taken and self.scores[place, aspect] >= SURE:
                return place
        return None

    def names(self, place: int) -> tuple[str, ...]:
        """List the aspects that a sentence bears on, the nearest first."""
        row = self.scores[place]
        order = [int(at) for at in np.argsort(-row, kind="stable") if row[at] >= RELEVANT]
        return tuple(self.aspects.topics[at].name for at in order[:MOST_ASPECTS_AN_ITEM])

    def draft(self, place: int) -> ItemDraft:
        """Write the item of a sentence."""
        one = self.material.candidates[place]
        passage = self.material.passages[one.passage]
        span = self._span(place)
        others = self._corroborations(place)
        joined = {place + 1} if span != one.sentence.text else set()
        self.quoted.update({place, *others} | joined)
        for other in (*others, *joined):
            self.take(other)
        frame = _FRAMES[language_of(span)]
        parts = [_flat(span), *(frame["also"].format(text=_flat(text)) for text, same in others.values() if not same)]
        names = self.names(place)
        context = frame["from"].format(
            aspects=", ".join(names), title=f"“{passage.title}”" if passage.title else _UNTITLED[language_of(span)]
        )
        if others:
            context = f"{context} {frame['and'].format(count=len(others) + 1)}"
        return ItemDraft(
            content="\n".join(parts),
            summary=shortened(_flat(span), _SUMMARY),
            context=context[:600],
            citations=(
                _citation(passage, span),
                *(_citation(self._passage(at), text) for at, (text, _) in others.items()),
            ),
            aspects=names,
        )

    def _passage(self, place: int) -> Passage:
        return self.material.passages[self.material.candidates[place].passage]

    def _span(self, place: int) -> str:
        one = self.material.candidates[place]
        text = self.material.passages[one.passage].text
        following = self._following(place)
        if following is None or not _LEANS_ON.match(following.sentence.text):
            return one.sentence.text
        joined = text[one.sentence.start : following.sentence.end]
        return joined if len(joined) <= LONGEST_SPAN and "\n\n" not in joined else one.sentence.text

    def _following(self, place: int) -> Candidate | None:
        if place + 1 >= len(self.material.candidates):
            return None
        one, after = self.material.candidates[place], self.material.candidates[place + 1]
        near = after.passage == one.passage and after.sentence.heading == one.sentence.heading
        return after if near and after.sentence.start - one.sentence.end <= 3 else None

    def _corroborations(self, place: int) -> dict[int, tuple[str, bool]]:
        """Find what other sources say to it: by place, the sentence, and whether it says the very same."""
        one = self.material.candidates[place]
        source_id = self.material.passages[one.passage].source_id
        similar = self.material.vectors @ self.material.vectors[place]
        found: dict[int, tuple[str, bool]] = {}
        sources = {source_id}
        for other in map(int, np.argsort(-similar, kind="stable")):
            if similar[other] < _RELATED or len(found) == MOST_CORROBORATIONS:
                break
            candidate = self.material.candidates[other]
            other_source = self.material.passages[candidate.passage].source_id
            if (
                other in self.quoted
                or other_source in sources
                or len(candidate.stems & one.stems) < _LEAST_SHARED_STEMS
            ):
                continue
            sources.add(other_source)
            found[other] = (candidate.sentence.text, bool(similar[other] >= _SAME_STATEMENT))
        return found


def _chosen(desk: _Desk, wanted: int) -> Iterator[ItemDraft]:
    """Yield items round by round, for the aspect with the fewest items first."""
    exhausted: set[int] = set()
    for _ in range(wanted):
        open_aspects = [at for at in range(len(desk.aspects.topics)) if at not in exhausted]
        place = None
        while open_aspects and place is None:
            aspect = min(open_aspects, key=lambda at: (desk.counts.get(desk.aspects.topics[at].name, 0), at))
            place = desk.best_for(aspect)
            if place is None:
                exhausted.add(aspect)
                open_aspects.remove(aspect)
        if place is None:
            return
        desk.take(place)
        for name in desk.names(place):
            desk.counts[name] = desk.counts.get(name, 0) + 1
        yield desk.draft(place)


def shortened(text: str, limit: int = LONGEST_SUMMARY) -> str:
    """Cut a text to a length at a word, and show that it goes on."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return f"{cut[: space if space > limit // 2 else len(cut)].rstrip(' ,;:—–-')}…"


def _citation(passage: Passage, quote: str) -> Citation:
    return Citation(
        source_type=passage.source_type,
        source_id=passage.source_id,
        quote=quote,
        title=passage.title,
        url=passage.url,
    )


def _worth(material: Material, scores: Vectors, seed: str) -> NDArray[np.float64]:
    """Return the order of preference: relevance, then what is specific; the seed decides between equals."""
    specific = np.array([any(map(str.isdigit, one.sentence.text)) for one in material.candidates], dtype=np.float64)
    noise = np.array([_noise(seed, one.sentence.text) for one in material.candidates])
    worth: NDArray[np.float64] = scores.astype(np.float64) + (_SPECIFIC * specific + _NOISE * noise)[:, None]
    return worth


def _noise(seed: str, text: str) -> float:
    digest = hashlib.blake2b(f"{seed}\n{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _flat(text: str) -> str:
    return " ".join(text.split())
