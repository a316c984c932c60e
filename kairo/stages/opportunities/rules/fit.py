"""How far a post or an idea overlaps with a brand: by words and by meaning, never through a taboo."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.brands.contracts import BrandSnapshotDTO, PersonaDTO, PillarDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.rules.compiled_profile import Phrase, keyword_weights, neighbour_taboos, phrases_of
from kairo.stages.opportunities.rules.lexicon.chinese import FUNCTION_LETTERS, STOP_PHRASES
from kairo.stages.opportunities.rules.lexicon.english import ADJECTIVES, ADVERBS
from kairo.stages.opportunities.rules.reading import language_of
from kairo.stages.opportunities.rules.stems import (
    all_stems,
    content_stems,
    fold,
    han_letters,
    has_han,
    is_content_word,
    is_generic,
    stem,
    words_of,
)
from kairo.stages.opportunities.rules.taboos import Taboo, compile_taboos, taboos_in

Vectors = NDArray[np.float32]
Common = dict[str, Vectors]
Embed = Callable[[Sequence[str]], Vectors]

SEEN_BY_LETTERS = ("ru", "zh")
NEAR = 0.30
"""Cosine from which a text counts as near the brand in meaning alone, with the static embedder."""
FAR = 0.12
"""Cosine under which meaning adds nothing."""
CLOSE = 0.52
"""Cosine from which meaning adds no more."""


@dataclass(frozen=True)
class Term:
    """One word or phrase that stands for a part of the brand.

    `weight` is 1 for a keyword the brand chose itself; with a compiled profile, 1 on average over its posts.
    """

    text: str
    stems: tuple[str, ...]
    weight: float
    needle: str
    glued: str
    is_han: bool
    is_own: bool = False


@dataclass(frozen=True)
class Aspect:
    """A pillar, a persona or the positioning, with the terms and the vector that stand for it."""

    name: str
    terms: tuple[Term, ...]
    vector: Vectors
    rank: int = 99
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a brand speaks about and to whom, in a form that texts can be held against."""

    pillars: tuple[Aspect, ...]
    personas: tuple[Aspect, ...]
    positioning: Aspect | None
    whole: Aspect
    taboos: tuple[Taboo, ...]
    is_compiled: bool = False


@dataclass(frozen=True)
class Fit:
    """How one text fits: 0-1, through which pillar and persona, and by which of the brand's own words.

    `parts`, told where the brand's profile was compiled: the positioning's cosine, and the keywords and phrases hit.
    """

    value: float
    pillar: str | None
    persona: str | None
    matched: tuple[str, ...]
    meaning: float
    audience: float
    audience_words: tuple[str, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()


def profile_of(
    brand: BrandSnapshotDTO, embed: Embed, common: Common, compiled: CompiledProfile | None = None
) -> Profile:
    """Turn a brand's snapshot, and its compiled profile where there is one, into aspects.

    `common` goes out of its vectors as out of the evidence's.
    """
    taboos = (*compile_taboos(brand.taboos), *neighbour_taboos(brand.taboos, compiled))
    weights, phrases = keyword_weights(compiled), phrases_of(brand, compiled)
    pillars = [pillar for pillar in brand.pillars if pillar.is_active]
    described = [_pillar_text(pillar) for pillar in pillars] + [_persona_text(persona) for persona in brand.personas]
    described.append(brand.positioning or "")
    described.append(" ".join([brand.positioning or "", *(_pillar_text(pillar) for pillar in pillars)]))
    vectors = settled(np.asarray(embed(described), dtype=np.float32), [language_of(text) for text in described], common)
    pillar_aspects = [
        Aspect(pillar.name, _pillar_terms(pillar, taboos, weights), vectors[row], pillar.priority_rank or 99)
        for row, pillar in enumerate(pillars)
    ]
    persona_aspects = [
        Aspect(
            persona.name,
            _loose_terms(_persona_text(persona), taboos, 0.38),
            vectors[len(pillars) + row],
            phrases=phrases.get(persona.id, ()),
        )
        for row, persona in enumerate(brand.personas)
    ]
    positioning = None
    if words_of(brand.positioning or ""):
        positioning = Aspect("positioning", _loose_terms(brand.positioning or "", taboos, 0.5), vectors[-2])
    whole = Aspect("brand", (), vectors[-1])
    is_compiled = compiled is not None
    return Profile(tuple(pillar_aspects), tuple(persona_aspects), positioning, whole, taboos, is_compiled)


def has_context(brand: BrandSnapshotDTO) -> bool:
    """Whether the brand says anything about itself: a pillar, a persona, a positioning or a keyword."""
    return bool(
        any(pillar.is_active and words_of(_pillar_text(pillar)) for pillar in brand.pillars)
        or any(words_of(_persona_text(persona)) for persona in brand.personas)
        or words_of(brand.positioning or "")
    )


def common_parts(vectors: Vectors, languages: Sequence[str]) -> Common:
    """The mean direction of the Chinese and of the Russian texts, held back where few texts make it unsure.

    The static embedder sees these letter by letter: any two texts are alike to it until their common part goes.
    """
    parts: Common = {}
    for language in SEEN_BY_LETTERS:
        rows = [row for row, own in enumerate(languages) if own == language and np.any(vectors[row] != 0)]
        if rows:
            mean = vectors[rows].mean(axis=0) * (len(rows) / (len(rows) + 2.0))
            parts[language] = np.asarray(mean, dtype=np.float32)
    return parts


def settled(vectors: Vectors, languages: Sequence[str], common: Common) -> Vectors:
    """Vectors of length one, without the common part of their language; a zero row stays zero."""
    moved = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    for row, language in enumerate(languages):
        if language in common and np.any(moved[row] != 0):
            moved[row] -= common[language]
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 1e-6), dtype=np.float32)


def fit_of(profile: Profile, *, headline: str, everything: str, vectors: Vectors) -> Fit:
    """Hold one text against the brand. `vectors` are its rows (the phrase, the post), as `settled` gives them."""
    head, body = _Words.of(headline), _Words.of(everything)
    pillars = [_aspect_fit(pillar, head, body, vectors) for pillar in profile.pillars]
    personas = [_aspect_fit(persona, head, body, vectors) for persona in profile.personas]
    best = max(range(len(pillars)), key=lambda row: (pillars[row].value, pillars[row].meaning), default=None)
    heard = _phrases_heard(profile, everything, body, vectors)
    who = max(
        range(len(personas)),
        key=lambda row: (max(personas[row].value, heard[row].value), personas[row].meaning),
        default=None,
    )
    through_pillar = pillars[best] if best is not None else None
    positioned = _aspect_fit(profile.positioning, head, body, vectors) if profile.positioning else None
    as_a_whole = _aspect_fit(profile.whole, head, body, vectors)
    chosen = personas[who] if who is not None else None
    spoken = heard[who] if who is not None else None
    others = [part for part in (positioned, chosen, as_a_whole) if part is not None]
    value = through_pillar.value if through_pillar else 0.0
    # A pillar says what the brand talks about; positioning and personas stand in where none answers, and add a little.
    value = max([min(1.0, value + 0.08 * sum(part.value for part in others)), *(0.85 * part.value for part in others)])
    matched = [word for part in (through_pillar, *others) if part is not None for word in part.words]
    is_near = through_pillar is not None and (through_pillar.value > 0 or through_pillar.meaning >= FAR)
    return Fit(
        value=value,
        pillar=profile.pillars[best].name if best is not None and is_near else None,
        persona=profile.personas[who].name if who is not None else None,
        matched=tuple(dict.fromkeys(matched)),
        meaning=max([as_a_whole.meaning, *(part.meaning for part in pillars)]),
        audience=max((part.value for part in (chosen, spoken) if part is not None), default=0.0),
        audience_words=tuple(word for part in (spoken, chosen) if part is not None for word in part.words),
        parts=_told_parts(profile, through_pillar, positioned, spoken),
    )


def _phrases_heard(profile: Profile, everything: str, body: _Words, vectors: Vectors) -> list[_AspectFit]:
    """Hold a text against the phrases of each persona; the best heard counts, all that are heard are told."""
    if not any(persona.phrases for persona in profile.personas):
        return [_AspectFit(0.0, 0.0, ())] * len(profile.personas)
    # Chinese is read by letter pairs; elsewhere the stems are there already, and a phrase has telling ones only.
    stems = frozenset(content_stems(everything) if has_han(everything) else body.joined.split())
    found = []
    for persona in profile.personas:
        heard = [(phrase.heard_in(stems, vectors), phrase.text) for phrase in persona.phrases]
        heard = sorted((entry for entry in heard if entry[0] > 0), key=lambda entry: (-entry[0], entry[1]))
        found.append(_AspectFit(max((value for value, _ in heard), default=0.0), 0.0, tuple(text for _, text in heard)))
    return found


def _told_parts(
    profile: Profile, pillar: _AspectFit | None, positioned: _AspectFit | None, heard: _AspectFit | None
) -> tuple[tuple[str, float], ...]:
    """Tell what of the compiled profile speaks for a text; nothing where none was compiled."""
    if not profile.is_compiled:
        return ()
    parts = [("positioning", round(positioned.meaning, 2))] if positioned is not None else []
    parts += [(f"keyword: {term.text}", round(term.weight, 2)) for term in (pillar.terms if pillar else ())]
    if heard is not None:
        parts += [(f"persona: {phrase}", round(heard.value, 2)) for phrase in heard.words]
    return tuple(parts)


def carries_taboo(profile: Profile, text: str) -> bool:
    return bool(taboos_in(text, profile.taboos))


@dataclass(frozen=True)
class _Words:
    folded: str
    joined: str
    glued: str

    @classmethod
    def of(cls, text: str) -> _Words:
        stems = all_stems(text)
        return cls(fold(text), f" {' '.join(stems)} ", f" {' '.join(words_of(text))} ")

    def has(self, term: Term) -> bool:
        if term.is_han:
            return term.needle in self.folded
        # `cold brew` is also written `coldbrew`, in hashtags above all.
        return term.needle in self.joined or (len(term.stems) > 1 and term.glued in self.glued)

    def count(self, term: Term) -> int:
        return (self.folded if term.is_han else self.joined).count(term.needle)


@dataclass(frozen=True)
class _AspectFit:
    value: float
    meaning: float
    words: tuple[str, ...]
    terms: tuple[Term, ...] = ()


def _aspect_fit(aspect: Aspect, head: _Words, body: _Words, vectors: Vectors) -> _AspectFit:
    meaning = float(np.max(vectors @ aspect.vector)) if vectors.size else 0.0
    near = min(1.0, max(0.0, (meaning - FAR) / (CLOSE - FAR)))
    in_head = [term for term in aspect.terms if head.has(term)]
    in_body = [term for term in aspect.terms if term not in in_head and body.has(term)]
    lexical = max((term.weight for term in in_head), default=0.0)
    weaker = max((term.weight * (0.5 if body.count(term) > 1 else 0.35) for term in in_body), default=0.0)
    lexical = max(lexical, weaker) + 0.1 * (len(in_head) > 1) + 0.05 * (len(in_body) > 1)
    by_meaning = 0.6 * near if meaning >= NEAR else 0.0
    value = max(0.7 * lexical + 0.3 * near, by_meaning) if lexical > 0 else by_meaning
    hit = (*in_head, *in_body)
    return _AspectFit(min(1.0, value), meaning, tuple(term.text for term in hit), hit)


def _pillar_text(pillar: PillarDTO) -> str:
    return " ".join([pillar.name, *pillar.keywords, pillar.description])


def _persona_text(persona: PersonaDTO) -> str:
    return " ".join([persona.role or "", persona.summary, *persona.priorities, *persona.pains])


def _pillar_terms(
    pillar: PillarDTO, taboos: Sequence[Taboo], weights: Mapping[tuple[UUID, str], float]
) -> tuple[Term, ...]:
    """The pillar's own keywords first; its name and description carry it where it has none."""
    chosen = [
        _term(keyword, weights.get((pillar.id, keyword.strip()), 1.0), is_own=True)
        for keyword in pillar.keywords
        if words_of(keyword) and not taboos_in(keyword, taboos)
    ]
    named = _loose_terms(pillar.name, taboos, 0.55 if chosen else 1.0, is_own=not chosen)
    described = _loose_terms(pillar.description, taboos, 0.35 if chosen else 0.6)
    terms: dict[tuple[str, ...], Term] = {}
    for term in [*chosen, *named, *described]:
        terms.setdefault(term.stems, term)
    return tuple(terms.values())


def _loose_terms(text: str, taboos: Sequence[Taboo], weight: float, *, is_own: bool = False) -> tuple[Term, ...]:
    """The content words of a free text, each as a term; Chinese runs give their telling pieces."""
    terms: list[Term] = []
    for word in dict.fromkeys(words_of(text)):
        if taboos_in(word, taboos):
            continue
        if han_letters(word):
            terms += [_term(part, weight * 0.9) for part in _han_parts(word)]
        elif is_content_word(word) and not is_generic(word) and len(word) > 2 and word not in ADJECTIVES | ADVERBS:
            terms.append(_term(word, weight, is_own=is_own))
    return tuple(terms)


def _han_parts(word: str) -> list[str]:
    """The telling pieces of a Chinese run: cut at its function letters, long pieces also as letter pairs."""
    parts: list[str] = []
    for piece in re.split(f"[{FUNCTION_LETTERS}]", word):
        if 2 <= len(piece) <= 4:
            parts.append(piece)
        if len(piece) >= 4:
            parts += [piece[start : start + 2] for start in range(len(piece) - 1)]
    return [part for part in dict.fromkeys(parts) if part not in STOP_PHRASES]


def _term(text: str, weight: float, *, is_own: bool = False) -> Term:
    words = words_of(text)
    stems = tuple(stem(word) for word in words)
    is_han = han_letters(text) > 0
    needle = fold(text.strip()) if is_han else f" {' '.join(stems)} "
    return Term(text.strip(), stems, weight, needle, f" {''.join(words)} ", is_han, is_own)


def brand_words(brand: BrandSnapshotDTO) -> list[str]:
    """Every text in which the brand writes of itself, for learning how it cases its words."""
    texts = [brand.positioning or ""]
    texts += [text for pillar in brand.pillars for text in (*pillar.keywords, pillar.description)]
    texts += [text for persona in brand.personas for text in (persona.summary, *persona.priorities, *persona.pains)]
    return [text for text in texts if text]
