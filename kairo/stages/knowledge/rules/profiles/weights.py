"""Weights of a brand's keywords and persona phrases: what their source is worth, less where every post says them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from kairo.stages.brands.contracts import PersonaDTO, PillarDTO
from kairo.stages.knowledge.contracts.profiles import (
    BrandIR,
    KeywordSource,
    PersonaSignal,
    PillarKeyword,
    PillarProfile,
    SignalKind,
)
from kairo.stages.knowledge.rules.profiles.words import (
    folded,
    has_han,
    stems_of,
    telling_stems,
    telling_words,
)

WORTH = {
    KeywordSource.KEYWORD: 1.0,
    KeywordSource.NAME: 0.55,
    KeywordSource.CATEGORY: 0.35,
    KeywordSource.DESCRIPTION: 0.35,
}
"""What the board gives the words of a pillar too: its own keywords before those of its name and description."""
LEAST_POSTS = 20
"""In fewer posts a share says nothing, and nothing is taken off."""
LEAST_LEFT = 0.6
"""What is left of a weight where every post says the word: it still tells that a post is the brand's."""
STEP = 0.05
MOST_SIGNALS = 200
MOST_KEYWORDS = 120
DRIFT = 0.1
"""From this change of one weight on a day's evidence makes a new profile."""


class Counted:
    """The brand's posts as sets of stems, for counting how many say a phrase."""

    def __init__(self, texts: Iterable[str]) -> None:
        # A Chinese phrase stands within a run of signs: it is looked for in what has no spaces.
        self._posts = [f" {' '.join(stems_of(text))} {folded(text) if has_han(text) else ''}" for text in texts]

    def __len__(self) -> int:
        return len(self._posts)

    def posts_with(self, phrase: str) -> int | None:
        """Count the posts that say a phrase; None where there are too few to count in."""
        if len(self._posts) < LEAST_POSTS:
            return None
        needle = folded(phrase.strip()) if has_han(phrase) else f" {' '.join(stems_of(phrase))} "
        return sum(needle in post for post in self._posts)

    def weight(self, worth: float, posts: int | None) -> float:
        """Return a weight in steps of 0.05: all of `worth` for what no post says, 0.6 of it for what all say."""
        if posts is None:
            return worth
        rarity = math.log((len(self._posts) + 1) / (posts + 1)) / math.log(len(self._posts) + 1)
        return stepped(worth * (LEAST_LEFT + (1 - LEAST_LEFT) * rarity))


def stepped(weight: float) -> float:
    return round(round(weight / STEP) * STEP, 2)


def pillar_profiles(pillars: Sequence[PillarDTO], counted: Counted) -> tuple[PillarProfile, ...]:
    """Weigh the words of each active pillar: its keywords, then those of its name, category and description."""
    return tuple(
        PillarProfile(
            pillar_id=pillar.id,
            name=pillar.name,
            priority_rank=pillar.priority_rank,
            keywords=_keywords(pillar, counted),
        )
        for pillar in pillars
        if pillar.is_active
    )


def _keywords(pillar: PillarDTO, counted: Counted) -> tuple[PillarKeyword, ...]:
    named = [(term, KeywordSource.KEYWORD) for term in pillar.keywords if stems_of(term)]
    for text, source in (
        (pillar.name, KeywordSource.NAME),
        (pillar.category or "", KeywordSource.CATEGORY),
        (pillar.description, KeywordSource.DESCRIPTION),
    ):
        named += [(word, source) for word in telling_words(text)]
    found: dict[tuple[str, ...], PillarKeyword] = {}
    for term, source in named[:MOST_KEYWORDS]:
        posts = counted.posts_with(term)
        keyword = PillarKeyword(
            term=term.strip(), source=source, weight=counted.weight(WORTH[source], posts), posts=posts
        )
        found.setdefault(stems_of(term), keyword)
    return tuple(sorted(found.values(), key=lambda one: (-one.weight, one.term)))


def persona_signals(personas: Sequence[PersonaDTO], counted: Counted) -> tuple[PersonaSignal, ...]:
    """Turn what personas want and what troubles them into phrases, each weighed by its rarest word."""
    named = [
        (persona, kind, phrase)
        for persona in personas
        for kind, phrases in ((SignalKind.PRIORITY, persona.priorities), (SignalKind.PAIN, persona.pains))
        for phrase in phrases
        if telling_stems(phrase)
    ]
    return tuple(
        PersonaSignal(
            persona_id=persona.id,
            persona=persona.name,
            kind=kind,
            phrase=phrase.strip(),
            weight=max(counted.weight(1.0, counted.posts_with(word)) for word in telling_words(phrase)),
            stems=telling_stems(phrase),
        )
        for persona, kind, phrase in named[:MOST_SIGNALS]
    )


def has_drifted(before: BrandIR, after: BrandIR) -> bool:
    """Tell whether the weights of two profiles of the same brand differ by enough to matter."""
    one, other = _weights(before), _weights(after)
    return one.keys() != other.keys() or any(abs(one[key] - other[key]) >= DRIFT - 1e-9 for key in one)


def _weights(ir: BrandIR) -> dict[tuple[str, ...], float]:
    weights: dict[tuple[str, ...], float] = {
        ("pillar", str(pillar.pillar_id), keyword.source, keyword.term): keyword.weight
        for pillar in ir.pillars
        for keyword in pillar.keywords
    }
    for one in ir.persona_signals:
        weights["persona", str(one.persona_id), one.kind, one.phrase] = one.weight
    return weights
