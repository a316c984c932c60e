"""How items speak of their subject: shares, what of it is liked or not, and the strongest words each way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kairo.stages.insights.contracts.agents import AgentItem, AspectSentiment, Keyphrase, Quote, Sentiment, Shares
from kairo.stages.insights.rules.keyphrases import chunks, parts
from kairo.stages.insights.rules.sentiment.features import Embed
from kairo.stages.insights.rules.sentiment.model import LABELS, Probabilities, probabilities

__all__ = ["LABELS", "read", "scores_of"]

MOST_ASPECTS = 8
MOST_QUOTES = 3
LONGEST_QUOTE = 240
LONGEST_TEXT = 4_000
_SURE = 0.5
"""A quote is shown only where the model leans to its side so far."""
_ASPECT_ITEMS = 2
_DOUBTED_ITEMS = 3
"""So many items' worth of doubt: a handful of posts says little of a subject, however clear each is."""
_CLAUSE = re.compile(r"[^.!?…。！？\n]+(?:[.!?…。！？]+[)(\"'»”]*|\n|$)")
_TURN = re.compile(
    r",?\s+(?=(?:but|however|although|though|yet|но|однако|зато|хотя)\s)|[;；]\s*|，(?=但)", re.IGNORECASE
)
_NEGATIVE, _NEUTRAL, _POSITIVE = range(3)


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of an item's text, letter by letter."""

    place: int
    text: str


def scores_of(
    texts: Sequence[str], languages: Sequence[str | None], embed: Embed
) -> list[tuple[str, dict[str, float]]]:
    """Return each text's label and the probabilities of all three labels, which add up to 1."""
    rows = probabilities(texts, languages, embed).round(4).tolist()
    return [(max(zip(row, LABELS, strict=True))[1], dict(zip(LABELS, row, strict=True))) for row in rows]


def read(items: Sequence[AgentItem], embed: Embed, *, aspects: Sequence[Keyphrase] = ()) -> Sentiment | None:
    """Return how the items speak, or None where there are none.

    `aspects` are keyphrases of the items; of each, only the clauses that hold it are read.
    """
    if not items:
        return None
    found = probabilities([item.text for item in items], [item.language for item in items], embed)
    clauses = [clause for place, item in enumerate(items) for clause in _clauses(place, item.text)]
    judged = probabilities(
        [clause.text for clause in clauses], [items[clause.place].language for clause in clauses], embed
    )
    doubt = len(items) / (len(items) + _DOUBTED_ITEMS)
    return Sentiment(
        shares=_shares(found),
        confidence=round(float(found.max(axis=1).mean()) * doubt, 4),
        aspects=tuple(_aspects(items, clauses, judged, aspects)),
        liked=_quotes(items, clauses, judged, found, _POSITIVE),
        disliked=_quotes(items, clauses, judged, found, _NEGATIVE),
    )


def _clauses(place: int, text: str) -> Iterator[_Clause]:
    for sentence in _CLAUSE.findall(text[:LONGEST_TEXT]):
        for piece in _TURN.split(sentence):
            if any(map(str.isalpha, piece)):
                yield _Clause(place, piece.strip())


def _shares(found: Probabilities) -> Shares:
    counts = np.bincount(found.argmax(axis=1), minlength=len(LABELS))
    positive, negative = (round(float(counts[label]) / len(found), 4) for label in (_POSITIVE, _NEGATIVE))
    return Shares(positive=positive, negative=negative, neutral=round(max(0.0, 1 - positive - negative), 4))


def _aspects(
    items: Sequence[AgentItem], clauses: Sequence[_Clause], judged: Probabilities, aspects: Sequence[Keyphrase]
) -> Iterator[AspectSentiment]:
    """Yield the aspects of which enough items speak, those with most items first."""
    keys = [_keys_of(clause.text, items[clause.place].language) for clause in clauses]
    for aspect in sorted(aspects, key=lambda phrase: -phrase.frequency)[:MOST_ASPECTS]:
        wanted = _keys_of(aspect.phrase, next((item.language for item in items if item.id in aspect.item_ids), None))
        longest = max(wanted, key=lambda key: (len(key), key), default=None)
        held = [place for place, found in enumerate(keys) if longest is not None and longest in found]
        holders = tuple(dict.fromkeys(items[clauses[place].place].id for place in held))
        if len(holders) >= _ASPECT_ITEMS:
            yield AspectSentiment(aspect=aspect.phrase, shares=_shares(judged[held]), item_ids=holders)


def _keys_of(text: str, language: str | None) -> set[tuple[str, ...]]:
    found = list(chunks(text, language))
    return {chunk.key for chunk in found} | {part.key for chunk in found for part in parts(chunk, language)}


def _quotes(
    items: Sequence[AgentItem], clauses: Sequence[_Clause], judged: Probabilities, found: Probabilities, side: int
) -> tuple[Quote, ...]:
    """Return the clauses that lean most to a side, one an item, of items that lean there as a whole."""
    ranked = sorted(range(len(clauses)), key=lambda place: (-judged[place, side], place))
    chosen: dict[int, Quote] = {}
    for place in ranked:
        clause, score = clauses[place], float(judged[place, side])
        if score < _SURE or len(chosen) == MOST_QUOTES:
            break
        leans = int(found[clause.place].argmax()) in (side, _NEUTRAL)
        repeated = any(clause.text in quote.text or quote.text in clause.text for quote in chosen.values())
        if clause.place not in chosen and len(clause.text) <= LONGEST_QUOTE and leans and not repeated:
            chosen[clause.place] = Quote(item_id=items[clause.place].id, text=clause.text, score=round(score, 4))
    return tuple(chosen.values())
