"""Sources that contradict each other: the same subject, one praises it, another complains, both strongly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from kairo.stages.insights.contracts.agents import AgentItem, AspectSentiment, Quote, Sentiment, Shares
from kairo.stages.insights.rules.stopwords import generic_subjects

Names: TypeAlias = Callable[[str, str], bool]
Named: TypeAlias = Callable[[str, Iterable[str]], Sequence[str]]
Judge: TypeAlias = Callable[[Sequence[str], Sequence[str | None]], Sequence[Mapping[str, float]]]

LONGEST_TEXT = 4_000
LONGEST_QUOTE = 240
VOICES_KEPT = 3
_SENTENCE = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]*")
MOST_GENERIC_SENTENCES = 40
MIN_STRENGTH = 0.7
"""How sure the sentiment of each side must be, 0–1: beside it stands the probability that the model gives."""
MAX_ONE_SIDED = 0.85
"""Above this share of one side the few others are exceptions, and no conflict."""


@dataclass(frozen=True)
class Contradiction:
    """Two items of different people about one subject, and how what is said of it divides."""

    subject: str
    praising: Quote
    complaining: Quote
    praise: float
    complaints: float
    item_count: int

    @property
    def item_ids(self) -> tuple[UUID, UUID]:
        return self.praising.item_id, self.complaining.item_id


def find_contradictions(sentiment: Sentiment, items: Sequence[AgentItem], *, names: Names) -> list[Contradiction]:
    """List the subjects on which sources contradict each other, the most divided first.

    `names(text, subject)` says whether a text speaks of the subject in any inflection.
    """
    authors = {item.id: item.author for item in items}
    found = [
        contradiction
        for aspect in sentiment.aspects
        if (contradiction := _of_aspect(aspect, sentiment, authors, names)) is not None
    ]
    # A subject of its own says more than one that fits any market, however many posts name that.
    return sorted(
        found,
        key=lambda one: (
            one.subject in generic_subjects(),
            -min(one.praise, one.complaints) * one.item_count,
            one.subject,
        ),
    )


def with_voices_on_aspects(
    sentiment: Sentiment, items: Sequence[AgentItem], *, names: Names, judge: Judge
) -> Sentiment:
    """Return the sentiment with the strongest words each way on every aspect that is both praised and blamed.

    `judge` gives the probability of each mood for texts and their languages.
    """
    sentences = [
        (aspect.aspect, item, sentence)
        for aspect in sentiment.aspects
        if aspect.shares.positive and aspect.shares.negative
        for item in items
        if item.id in set(aspect.item_ids)
        for sentence in _sentences_on(aspect.aspect, item.text, names)
    ]
    judged = judge([text for _, _, text in sentences], [item.language for _, item, _ in sentences])
    liked: dict[str, list[Quote]] = defaultdict(list)
    disliked: dict[str, list[Quote]] = defaultdict(list)
    for (aspect, item, text), scores in zip(sentences, judged, strict=True):
        for mood, voices in (("positive", liked), ("negative", disliked)):
            if scores[mood] >= MIN_STRENGTH:
                voices[aspect].append(Quote(item_id=item.id, text=text, score=scores[mood]))
    return sentiment.model_copy(
        update={
            "liked": (*sentiment.liked, *_strongest(liked)),
            "disliked": (*sentiment.disliked, *_strongest(disliked)),
        }
    )


def with_generic_subjects(
    sentiment: Sentiment, items: Sequence[AgentItem], *, names: Names, named: Named, judge: Judge
) -> Sentiment:
    """Return the sentiment with the generic subjects of which items speak both well and badly.

    `named` lists those of the terms that a text names; what has an aspect of its own already is left out.
    """
    known = {aspect.aspect.casefold() for aspect in sentiment.aspects}
    speaking: dict[str, list[AgentItem]] = defaultdict(list)
    for item in items:
        for subject in named(item.text[:LONGEST_TEXT], sorted(generic_subjects() - known)):
            speaking[subject].append(item)
    aspects, liked, disliked = list(sentiment.aspects), list(sentiment.liked), list(sentiment.disliked)
    for subject, holders in sorted(speaking.items()):
        sentences = [(item, text) for item in holders for text in _sentences_on(subject, item.text, names)]
        sentences = sentences[:MOST_GENERIC_SENTENCES]
        judged = judge([text for _, text in sentences], [item.language for item, _ in sentences])
        moods = [max(scores, key=lambda mood: scores[mood]) for scores in judged]
        if not {"positive", "negative"} <= set(moods):
            continue
        aspects.append(_divided(subject, [item.id for item, _ in sentences], moods))
        for mood, voices in (("positive", liked), ("negative", disliked)):
            told = [
                Quote(item_id=item.id, text=text, score=scores[mood])
                for (item, text), scores in zip(sentences, judged, strict=True)
                if scores[mood] >= MIN_STRENGTH
            ]
            voices += _strongest({subject: told})
    return sentiment.model_copy(update={"aspects": tuple(aspects), "liked": tuple(liked), "disliked": tuple(disliked)})


def _divided(subject: str, item_ids: Sequence[UUID], moods: Sequence[str]) -> AspectSentiment:
    positive, negative = (round(moods.count(mood) / len(moods), 4) for mood in ("positive", "negative"))
    shares = Shares(positive=positive, negative=negative, neutral=round(max(0.0, 1 - positive - negative), 4))
    return AspectSentiment(aspect=subject, shares=shares, item_ids=tuple(dict.fromkeys(item_ids)))


def _sentences_on(aspect: str, text: str, names: Names) -> list[str]:
    found = [piece.strip() for piece in _SENTENCE.findall(text[:LONGEST_TEXT])]
    return [piece for piece in found if 0 < len(piece) <= LONGEST_QUOTE and names(piece, aspect)]


def _strongest(voices: Mapping[str, Sequence[Quote]]) -> Iterator[Quote]:
    for quotes in voices.values():
        yield from sorted(quotes, key=lambda quote: (-quote.score, quote.text))[:VOICES_KEPT]


def _of_aspect(
    aspect: AspectSentiment,
    sentiment: Sentiment,
    authors: dict[UUID, str | None],
    names: Names,
) -> Contradiction | None:
    voiced = aspect.shares.positive + aspect.shares.negative
    if not voiced or max(aspect.shares.positive, aspect.shares.negative) / voiced > MAX_ONE_SIDED:
        return None
    praise = _strong(sentiment.liked, aspect, names)
    complaints = _strong(sentiment.disliked, aspect, names)
    for liked in praise:
        for disliked in complaints:
            if _are_two_people(liked, disliked, authors):
                return Contradiction(
                    subject=aspect.aspect,
                    praising=liked,
                    complaining=disliked,
                    praise=aspect.shares.positive,
                    complaints=aspect.shares.negative,
                    item_count=len(aspect.item_ids),
                )
    return None


def _strong(quotes: Sequence[Quote], aspect: AspectSentiment, names: Names) -> list[Quote]:
    """List the quotes on the aspect that are strong enough, the strongest first."""
    of_aspect = set(aspect.item_ids)
    told = [
        quote
        for quote in quotes
        if quote.item_id in of_aspect and abs(quote.score) >= MIN_STRENGTH and names(quote.text, aspect.aspect)
    ]
    return sorted(told, key=lambda quote: -abs(quote.score))


def _are_two_people(one: Quote, other: Quote, authors: dict[UUID, str | None]) -> bool:
    if one.item_id == other.item_id:
        return False
    first, second = authors.get(one.item_id), authors.get(other.item_id)
    return first is None or second is None or first != second
