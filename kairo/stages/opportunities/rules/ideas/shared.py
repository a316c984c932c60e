"""Phrases that several posts share: the thing that many show without asking or telling."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairo.stages.opportunities.rules.ideas.english_casing import Casing
from kairo.stages.opportunities.rules.ideas.english_cleaning import clean
from kairo.stages.opportunities.rules.ideas.english_grammar import is_mass, is_plural, plural_of
from kairo.stages.opportunities.rules.ideas.english_phrases import noun_phrase
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.lexicon.english import ADJECTIVES, ADVERBS, COMMUNITY_WORDS
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS, IRREGULAR_PASTS
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.stems import fold, is_content_word, is_generic, stem
from kairo.stages.opportunities.rules.voices import independent_voices

MIN_POSTS = 3
_ASKED_ALIKE = frozenset([Kind.CHOOSE, Kind.REMEDY, Kind.FIRST, Kind.TRY_OUT, Kind.FAVOURITE])
THEME_QUALITY = 0.1
"""A theme stands behind every idea that a single post spells out."""
MAX_SHARE = 0.3
"""A phrase in more posts than this names the whole field, not a topic in it."""
_EDGE_STOPS = COMMUNITY_WORDS | ADVERBS | frozenset(IRREGULAR_PASTS)


def shared_ideas(posts: Sequence[Post], casing: Casing) -> list[tuple[Idea, tuple[int, ...]]]:
    """Every phrase of two or three words in the headlines of at least three English posts, with their rows."""
    holders: dict[tuple[str, ...], list[int]] = {}
    surfaces: dict[tuple[str, ...], dict[str, int]] = {}
    for row, post in enumerate(posts):
        if post.language != "en":
            continue
        for key, surface in _phrases(casing.settle(clean(post.headline).text)).items():
            holders.setdefault(key, []).append(row)
            counts = surfaces.setdefault(key, {})
            counts[surface] = counts.get(surface, 0) + 1
    found = []
    for key, rows in sorted(holders.items()):
        if len(rows) < MIN_POSTS or len(rows) > max(MIN_POSTS, MAX_SHARE * len(posts)):
            continue
        if independent_voices([posts[row] for row in rows]) < MIN_POSTS:
            continue
        surface = max(sorted(surfaces[key]), key=lambda text: (surfaces[key][text], text.islower()))
        idea = _idea(surface, [posts[row] for row in rows])
        if idea is not None:
            found.append((idea, tuple(rows)))
    return found


def common_asks(ideas: Sequence[tuple[int, Idea]]) -> list[tuple[Idea, tuple[int, ...]]]:
    """What at least three English posts ask of one thing under different conditions, asked of the thing itself."""
    groups: dict[tuple[Kind, str], dict[int, Idea]] = {}
    for row, idea in ideas:
        head = _head(idea.core.slots.get("np", "")) if idea.kind in _ASKED_ALIKE and idea.post.language == "en" else ""
        if head and idea.sentence.is_headline:
            key = " ".join(stem(word) for word in fold(head).split())
            groups.setdefault((idea.kind, key), {}).setdefault(row, idea)
    found = []
    for _, alike in sorted(groups.items()):
        posts = [idea.post for idea in alike.values()]
        if len(alike) < MIN_POSTS or independent_voices(posts) < MIN_POSTS:
            continue
        lead = max(alike.values(), key=lambda idea: (idea.post.item.engagement_score, str(idea.post.item.id)))
        things = [_without_condition(idea.core.slots["np"]) for idea in alike.values()]
        phrase = min(things, key=lambda text: (len(text.split()), text))
        core = Core(lead.kind, {**lead.core.slots, "np": phrase}, lead.core.quality)
        found.append((Idea(core, lead.post, lead.sentence), tuple(alike)))
    return found


def _without_condition(phrase: str) -> str:
    return re.split(r" (?:for|on|in|with|from|that|to|without|under|at|after)\b", phrase)[0].strip(" ,")


def pillar_theme(name: str, posts: Sequence[Post]) -> Idea | None:
    """What a pillar's posts show together, under the pillar's own name; a name of one word is no theme yet."""
    phrase = noun_phrase(name[:1].lower() + name[1:], longest=5)
    if phrase is None or len(name.split()) < 2 or independent_voices(posts) < MIN_POSTS:
        return None
    if not (is_plural(phrase) or is_mass(phrase)):
        return None
    lead = max(posts, key=lambda post: (post.item.engagement_score, post.published_at, str(post.item.id)))
    return Idea(Core(Kind.SHARED, {"np": phrase}, THEME_QUALITY), lead, lead.sentences[0])


def _head(phrase: str) -> str:
    """The thing a noun phrase names, without its conditions: `a sunscreen for oily skin` names a sunscreen."""
    bare = re.sub(r"^(?:a|an|the|some|my) ", "", phrase, flags=re.IGNORECASE)
    bare = re.sub(r"^(?:\w+ )?(?:pair|pairs|set|kind|type|bottle|bag|box) of ", "", bare, flags=re.IGNORECASE)
    core = _without_condition(bare).split()
    head = core[-1] if core else ""
    return head if is_content_word(fold(head)) and not is_generic(fold(head)) else ""


def _idea(surface: str, posts: Sequence[Post]) -> Idea | None:
    phrase = noun_phrase(surface, longest=3)
    if phrase is None:
        return None
    lead = max(posts, key=lambda post: (post.item.engagement_score, post.published_at, str(post.item.id)))
    sentence = next(
        (s for s in lead.sentences if s.is_headline and surface.split()[0].lower() in s.text.lower()), lead.sentences[0]
    )
    quality = min(0.8, 0.56 + 0.04 * (len(posts) - MIN_POSTS))
    return Idea(Core(Kind.SHARED, {"np": plural_of(phrase)}, quality), lead, sentence)


def _phrases(text: str) -> dict[tuple[str, ...], str]:
    """Runs of two or three content words by their stems; the last must be able to end a noun phrase."""
    found: dict[tuple[str, ...], str] = {}
    words = [word.strip(".,!?:;\"“”()'") for word in text.split()]
    for size in (2, 3):
        for start in range(len(words) - size + 1):
            run = words[start : start + size]
            folded = [fold(word) for word in run]
            if all(is_content_word(word) and word not in _EDGE_STOPS for word in folded) and _is_named(folded):
                found.setdefault(tuple(stem(word) for word in folded), " ".join(run))
    return found


def _is_named(words: Sequence[str]) -> bool:
    opening, last = words[0], words[-1]
    if opening in BASE_VERBS and opening not in ADJECTIVES and len(words) < 2:
        return False
    return not is_generic(last) and last not in ADJECTIVES and any(not is_generic(word) for word in words)
