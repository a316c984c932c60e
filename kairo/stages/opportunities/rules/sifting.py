"""Signals from outside held against the brand's compiled profile: what carries a taboo goes, the rest is weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.contracts import (
    CompetitorPostSignalDTO,
    ExternalSignalBundleDTO,
    SocialMomentSignalDTO,
    TrendSignalDTO,
    WebMentionSignalDTO,
)
from kairo.stages.opportunities.rules.fit import SEEN_BY_LETTERS, Embed, Fit, Profile, fit_of, profile_of, settled
from kairo.stages.opportunities.rules.reading import language_of
from kairo.stages.opportunities.rules.taboos import taboos_in

Signal = TrendSignalDTO | WebMentionSignalDTO | CompetitorPostSignalDTO | SocialMomentSignalDTO
SignalT = TypeVar("SignalT", TrendSignalDTO, WebMentionSignalDTO, CompetitorPostSignalDTO, SocialMomentSignalDTO)
LEAST_KEPT = 0.5
"""What is left of a signal's score where nothing in its words fits: its posts may still reach the brand."""
LONGEST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Dropped:
    """A signal that was left out, in its own words, and the taboo patterns in it."""

    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sifted:
    """The signals that are left, weighed, and those that were left out."""

    signals: ExternalSignalBundleDTO
    dropped: tuple[Dropped, ...] = ()


def sifted(
    signals: ExternalSignalBundleDTO, *, brand: BrandSnapshotDTO, compiled: CompiledProfile | None, embed: Embed
) -> Sifted:
    """Leave out the signals that carry a taboo and weigh the others by how they fit; without a profile all stay."""
    given = [*signals.trends, *signals.web_mentions, *signals.competitor_posts, *signals.social_moments]
    if compiled is None or not given:
        return Sifted(signals)
    profile = profile_of(brand, embed, {}, compiled)
    dropped: list[Dropped] = []

    def kept(listed: Sequence[SignalT], kind: str) -> list[SignalT]:
        stay = []
        for signal in listed:
            found = list(dict.fromkeys(term for text in _texts(signal) for term in taboos_in(text, profile.taboos)))
            if found:
                reasons = tuple(f"taboo: “{term}” in the {kind}" for term in found)
                dropped.append(Dropped(_texts(signal)[0][:LONGEST_TOLD], reasons))
            else:
                stay.append(signal)
        return stay

    trends, mentions = kept(signals.trends, "trend"), kept(signals.web_mentions, "web mention")
    posts, moments = kept(signals.competitor_posts, "competitor's post"), kept(signals.social_moments, "social moment")
    fits = _fits([*trends, *mentions, *moments], profile, embed)
    bundle = signals.model_copy(
        update={
            "trends": sorted((_weighed(one, next(fits)) for one in trends), key=_loudest),
            "web_mentions": [_weighed(one, next(fits)) for one in mentions],
            "competitor_posts": posts,
            "social_moments": [_hinted(one, next(fits)) for one in moments],
        }
    )
    return Sifted(bundle, tuple(dropped))


def _texts(signal: Signal) -> list[str]:
    match signal:
        case TrendSignalDTO():
            # Its snippet only counts posts.
            return [signal.topic]
        case WebMentionSignalDTO():
            return [signal.title, signal.snippet or ""]
        case CompetitorPostSignalDTO():
            return [signal.post_snippet or ""]
        case SocialMomentSignalDTO():
            return [signal.description]


def _fits(listed: Sequence[Signal], profile: Profile, embed: Embed) -> Iterator[Fit]:
    texts = [" ".join(_texts(one)) for one in listed]
    languages = [language_of(text) for text in texts]
    vectors = settled(np.asarray(embed(texts), dtype=np.float32), languages, {}) if texts else np.zeros((0, 1))
    for text, language, vector in zip(texts, languages, vectors, strict=True):
        # Without the evidence's common part any two texts are alike to an embedder that sees letters.
        rows = np.zeros((1, len(vector)), dtype=np.float32) if language in SEEN_BY_LETTERS else vector[np.newaxis, :]
        yield fit_of(profile, headline=text, everything=text, vectors=rows)


WeighedT = TypeVar("WeighedT", TrendSignalDTO, WebMentionSignalDTO)


def _weighed(signal: WeighedT, fit: Fit) -> WeighedT:
    weight = LEAST_KEPT + (1 - LEAST_KEPT) * min(1.0, fit.value)
    return signal.model_copy(update={"relevance_score": round(signal.relevance_score * weight, 1)})


def _hinted(signal: SocialMomentSignalDTO, fit: Fit) -> SocialMomentSignalDTO:
    words = ", ".join(fit.matched[:3])
    hint = f"brand fit {fit.value:.2f}{f': {words}' if words else ''}"
    return signal.model_copy(update={"relevance_hint": hint})


def _loudest(trend: TrendSignalDTO) -> tuple[float, str]:
    return (-trend.relevance_score, trend.topic)
