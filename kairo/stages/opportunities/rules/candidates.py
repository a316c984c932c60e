"""Candidates for the board: every idea with its fit, its cluster, and the posts that speak about the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.rules.fit import (
    Embed,
    Fit,
    Profile,
    Vectors,
    brand_words,
    fit_of,
    settled,
)
from kairo.stages.opportunities.rules.ideas.english_casing import learn_casing
from kairo.stages.opportunities.rules.ideas.names import name_of, shared_names
from kairo.stages.opportunities.rules.ideas.reader import ideas_by_post, phrase_of
from kairo.stages.opportunities.rules.ideas.shapes import Idea, Kind
from kairo.stages.opportunities.rules.ideas.shared import THEME_QUALITY, common_asks, pillar_theme, shared_ideas
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS
from kairo.stages.opportunities.rules.reach import MIN_FIT, Reach, reach_of
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.stems import stem
from kairo.stages.opportunities.rules.topics import (
    Rarity,
    TopicIndex,
    clusters_of,
    key_stems,
    likeness,
    topic_label,
)

MAX_CITED = 12
SURELY_FITS = 0.6
SURELY_ON_TOPIC = 0.72
"""From here a post speaks about the topic itself, and could not lead another opportunity beside it."""
SAME_KEYS = 0.6
COUNTED_KINDS = frozenset([Kind.NAMES, Kind.SHARED])
_TOLD_ALIKE = frozenset(
    [Kind.FIRST, Kind.TRIAL, Kind.MAKING, Kind.REVIEW, Kind.REMEDY, Kind.BEFORE_AFTER, Kind.TROUBLE]
)
_VERB_STEMS = frozenset(stem(verb) for verb in BASE_VERBS)
MANY_ALIKE = 3
THEME_WAITS = 0.3
_NEEDS_MORE = frozenset(
    [
        Kind.CHOOSE,
        Kind.HOW_TO,
        Kind.REMEDY,
        Kind.EXPLAIN,
        Kind.OPINION,
        Kind.REVIEW,
        Kind.TRY_OUT,
        Kind.SUBJECT,
    ]
)


@dataclass(frozen=True)
class Candidate:
    """An idea that may become an opportunity. `strength` orders candidates before they are scored in full."""

    idea: Idea
    cluster: int
    fit: Fit
    keys: frozenset[str]
    label: str
    lead: int
    topic: tuple[int, ...]
    core_topic: frozenset[int]
    strength: float

    @property
    def is_group(self) -> bool:
        """Whether the idea is that of several posts together, which its title may count."""
        return self.idea.kind in COUNTED_KINDS


@dataclass(frozen=True)
class Field:
    """The evidence as the synthesizer sees it: the posts that reach the brand, their clusters, and every candidate.

    Row i of `clusters` and of `fits` belongs to post i.
    """

    posts: tuple[Post, ...]
    profile: Profile
    rarity: Rarity
    clusters: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    stems_of_all: tuple[frozenset[str], ...]
    fits: tuple[Fit, ...]

    def topic_of(self, candidate: Candidate, taken: frozenset[int]) -> list[Post]:
        """The posts that speak about a candidate's topic, its own first, then the surest; `taken` rows are left out."""
        if candidate.is_group:
            # A title that counts its posts cites them all, whoever else cites them too.
            return [
                self.posts[row] for row in (candidate.lead, *(row for row in candidate.topic if row != candidate.lead))
            ]
        others = [row for row in candidate.topic if row != candidate.lead and row not in taken]
        return [self.posts[candidate.lead], *(self.posts[row] for row in others[: MAX_CITED - 1])]

    def row_of(self, post: Post) -> int:
        return next(row for row, known in enumerate(self.posts) if known is post)

    def are_one_topic(self, one: Candidate, other: Candidate) -> bool:
        """Whether two candidates speak about the same thing: each other's posts, or the same telling words."""
        if one.cluster == other.cluster or one.lead in other.core_topic or other.lead in one.core_topic:
            return True
        if (
            len(set(one.topic) & set(other.topic)) * 2 > min(len(one.topic), len(other.topic))
            and one.is_group
            and other.is_group
        ):
            return True
        shared = sum(self.rarity.of(key) for key in sorted(one.keys & other.keys))
        smaller = min(sum(self.rarity.of(key) for key in sorted(keys)) for keys in (one.keys, other.keys))
        return shared >= SAME_KEYS * smaller > 0


def survey(
    evidence: Sequence[EvidenceItemDTO],
    vectors: Vectors,
    brand: BrandSnapshotDTO,
    embed: Embed,
    as_of: datetime,
    compiled: CompiledProfile | None = None,
) -> Field | None:
    """Read the evidence, hold it against the brand, and list the candidates, strongest first."""
    reach = reach_of(evidence, vectors, brand, embed, compiled)
    if reach is None:
        return None
    clusters = clusters_of(likeness(reach.posts, reach.vectors, reach.rarity))
    found = _found_in(reach, brand, embed)
    acts = _acts(found)
    index = TopicIndex(reach.posts, reach.headlines, reach.rarity)
    candidates = [_candidate(raw, reach, clusters[raw.row], index, acts, as_of) for raw in found]
    return Field(
        posts=reach.posts,
        profile=reach.profile,
        rarity=reach.rarity,
        clusters=tuple(clusters),
        candidates=tuple(sorted(candidates, key=_order)),
        stems_of_all=tuple(post.stems for post in reach.everybody),
        fits=reach.fits,
    )


@dataclass(frozen=True)
class _Found:
    """An idea as it was found: its post's row, its topic words with their vector, and the rows of a group idea."""

    idea: Idea
    row: int
    phrase: str
    vector: Vectors
    group: tuple[int, ...] | None


def _found_in(reach: Reach, brand: BrandSnapshotDTO, embed: Embed) -> list[_Found]:
    """Every idea in the posts, those of several posts together first."""
    casing = learn_casing(reach.everybody, brand_words(brand))
    row_of = {id(post): row for row, post in enumerate(reach.posts)}
    ideas: list[tuple[Idea, tuple[int, ...] | None]] = []
    ideas += [*shared_names(reach.posts), *shared_ideas(reach.posts, casing)]
    single = [(row, idea) for row, found in enumerate(ideas_by_post(reach.posts, casing)) for idea in found]
    ideas += common_asks(single)
    ideas += _themes(reach)
    ideas += [(idea, None) for _, idea in single]
    phrases = [phrase_of(idea) for idea, _ in ideas]
    if not phrases:
        return []
    languages = [idea.post.language for idea, _ in ideas]
    vectors = settled(np.asarray(embed(phrases), dtype=np.float32), languages, reach.common)
    return [
        _Found(idea, row_of[id(idea.post)], phrases[place], vectors[place], group)
        for place, (idea, group) in enumerate(ideas)
    ]


def _names_a_thing(phrase: str) -> bool:
    """Whether a phrase carries a name or a model: a capital or a digit."""
    return any(word[:1].isupper() or any(letter.isdigit() for letter in word) for word in phrase.split())


def _themes(reach: Reach) -> list[tuple[Idea, tuple[int, ...]]]:
    """One idea for each pillar whose own words stand in several English posts: it helps where no post says more."""
    themes = []
    for pillar in reach.profile.pillars:
        rows = [
            row
            for row, fit in enumerate(reach.fits)
            if fit.pillar == pillar.name and fit.value >= SURELY_FITS and reach.posts[row].language == "en"
        ][:MAX_CITED]
        idea = pillar_theme(pillar.name, [reach.posts[row] for row in rows])
        themes += [(idea, tuple(rows))] if idea is not None else []
    return themes


def _candidate(
    found: _Found, reach: Reach, number: int, index: TopicIndex, acts: dict[tuple[str, str], list[int]], as_of: datetime
) -> Candidate:
    idea, keys, post = found.idea, key_stems(found.phrase), found.idea.post
    own = fit_of(reach.profile, headline=found.phrase, everything=post.headline, vectors=found.vector[np.newaxis, :])
    says_it_itself = idea.sentence.is_headline or name_of(post) is not None
    fit = _joint_fit(own, reach.fits[found.row], is_headline=says_it_itself)
    if idea.kind is Kind.SUBJECT and not own.matched:
        # A thing that is only named should be named in the brand's own words.
        fit = replace(fit, value=0.5 * fit.value if _names_a_thing(found.phrase) else 0.0)
    surely = index.on(keys, found.vector, post.language)
    topic = _with_same_act([row for _, row in surely], acts, idea, keys, reach.rarity)
    core = tuple(row for sure, row in surely if sure >= SURELY_ON_TOPIC)
    if found.group is not None:
        is_counted = idea.kind in COUNTED_KINDS
        topic = found.group if is_counted else tuple(dict.fromkeys([*found.group, *topic]))
        core = found.group
    strength = _strength(idea, fit, [reach.posts[row] for row in topic], as_of)
    return Candidate(
        idea=idea,
        cluster=number,
        fit=fit,
        keys=keys,
        label=topic_label(found.phrase, keys, reach.rarity),
        lead=found.row,
        topic=topic,
        core_topic=frozenset(core),
        strength=round(strength - _vagueness(idea, keys, reach.profile, is_group=found.group is not None), 5),
    )


def _acts(found: Sequence[_Found]) -> dict[tuple[str, str], list[int]]:
    """The rows of posts that do the same with the same telling word: all first pairs, all trials of one thing."""
    rows: dict[tuple[str, str], list[int]] = {}
    for raw in found:
        if raw.idea.kind not in _TOLD_ALIKE or not raw.idea.sentence.is_headline:
            continue
        for key in sorted(key_stems(raw.phrase) - _VERB_STEMS):
            held = rows.setdefault((raw.idea.kind.value, key), [])
            held += [] if raw.row in held else [raw.row]
    return rows


def _with_same_act(
    rows: Sequence[int], acts: dict[tuple[str, str], list[int]], idea: Idea, keys: frozenset[str], rarity: Rarity
) -> tuple[int, ...]:
    """The rows on a topic and of posts that do the same with its rarest shared word; where many do, theirs alone."""
    shared = [key for key in sorted(keys) if len(acts.get((idea.kind.value, key), ())) > 1]
    if not shared:
        return tuple(rows)
    alike = acts[(idea.kind.value, max(shared, key=rarity.of))]
    return tuple(dict.fromkeys(alike if len(alike) >= MANY_ALIKE else [*rows, *alike]))


def _joint_fit(own: Fit, through_post: Fit, *, is_headline: bool) -> Fit:
    """The fit of an idea: its own words first, its post's words behind them; a sentence of the body fits by itself."""
    value = max(0.65 * own.value + 0.35 * through_post.value, 0.6 * through_post.value)
    if not is_headline:
        value = 0.75 * own.value + 0.25 * through_post.value if own.value >= MIN_FIT else 0.0
    chosen = own if own.pillar is not None and own.value >= MIN_FIT else through_post
    return Fit(
        value=min(1.0, value),
        pillar=chosen.pillar,
        persona=through_post.persona,
        matched=tuple(dict.fromkeys([*own.matched, *through_post.matched])),
        meaning=max(own.meaning, through_post.meaning),
        audience=max(own.audience, through_post.audience),
        audience_words=through_post.audience_words,
        parts=_joint_parts(own, through_post),
    )


def _joint_parts(own: Fit, through_post: Fit) -> tuple[tuple[str, float], ...]:
    """Tell what of the compiled profile speaks for an idea and for its post, each once, at its most."""
    parts: dict[str, float] = {}
    for name, value in [*own.parts, *through_post.parts]:
        parts[name] = max(value, parts.get(name, value))
    return tuple(parts.items())


def _strength(idea: Idea, fit: Fit, topic: Sequence[Post], as_of: datetime) -> float:
    """How promising an idea is before it is scored: fit, cleanness, how many speak of it, how lately, how loudly."""
    engagement = min(1.0, max(0.0, idea.post.item.engagement_score))
    support = 1.0 - 0.6 ** max(0, len(topic) - 1)
    newest = max((post.published_at for post in topic), default=idea.post.published_at)
    fresh = 0.5 ** (max(0.0, (max(newest, idea.post.published_at) - as_of).total_seconds() / -86_400) / 12.0)
    return round(
        float(0.36 * fit.value + 0.34 * idea.core.quality + 0.07 * engagement + 0.14 * support + 0.12 * fresh), 5
    )


def _order(candidate: Candidate) -> tuple[float, float, str, int, str]:
    post = candidate.idea.post
    return (
        -candidate.strength,
        -post.published_at.timestamp(),
        str(post.item.id),
        candidate.idea.sentence.order,
        candidate.idea.kind.value,
    )


def _vagueness(idea: Idea, keys: frozenset[str], profile: Profile, *, is_group: bool) -> float:
    """What an idea loses when its only telling word is the brand's own keyword: `a routine` is no topic yet."""
    if idea.core.quality <= THEME_QUALITY:
        return THEME_WAITS
    if is_group or len(keys) > 1 or idea.kind not in _NEEDS_MORE:
        return 0.0
    own = {stem for pillar in profile.pillars for term in pillar.terms if term.is_own for stem in term.stems}
    return 0.15 if keys <= own else 0.05
