"""The score of an opportunity, 0-100: six parts, each with its value, its weight and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kairo.stages.opportunities.contracts import (
    MOST_LEARNED_POINTS,
    Channel,
    LearningSummaryDTO,
    OpportunityType,
    ScorePart,
)
from kairo.stages.opportunities.rules.fit import Fit
from kairo.stages.opportunities.rules.learned import Levels, learned_points
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.timing import Pulse
from kairo.stages.opportunities.rules.wording.shapes import Wording

NEUTRAL = 50.0
WEIGHTS = {
    "relevance": 0.25,
    "timeliness": 0.16,
    "evidence_strength": 0.20,
    "audience_fit": 0.09,
    "feasibility": 0.10,
    # From the neutral middle to either end: all that learning may move.
    "learned": MOST_LEARNED_POINTS / NEUTRAL,
}
Facts = dict[str, str | int | float]


@dataclass(frozen=True)
class Measured:
    """What scoring looks at."""

    fit: Fit
    pulse: Pulse
    voices: int
    posts: Sequence[Post]
    quote_characters: int
    quotes: int
    quality: float
    channel: Channel
    has_signal: bool
    type: OpportunityType | None = None


def score_parts(measured: Measured, learning: LearningSummaryDTO, wording: Wording) -> dict[str, ScorePart]:
    """Score each part and say why."""
    values = {
        "relevance": _relevance(measured, wording),
        "timeliness": _timeliness(measured, wording),
        "evidence_strength": _evidence_strength(measured, wording),
        "audience_fit": _audience_fit(measured, wording),
        "feasibility": _feasibility(measured, wording),
    }
    parts = {
        name: ScorePart(value=round(min(100.0, max(0.0, value)), 1), weight=WEIGHTS[name], reason=reason)
        for name, (value, reason) in values.items()
    }
    parts["relevance"] = parts["relevance"].model_copy(update={"parts": dict(measured.fit.parts)})
    return {**parts, "learned": _learned(measured, learning, wording)}


def total(parts: dict[str, ScorePart]) -> float:
    """The weighted sum of the parts, 0-100."""
    return round(sum(part.value * part.weight for part in parts.values()), 1)


def strongest_and_weakest(parts: dict[str, ScorePart]) -> tuple[str, str]:
    """The parts that lift and hold back the score most; what was not learned yet is neither."""
    named = [name for name in parts if name != "learned" or parts[name].value != NEUTRAL]
    ordered = sorted(named, key=lambda name: (-parts[name].value, name))
    return ordered[0], ordered[-1]


def _relevance(measured: Measured, wording: Wording) -> tuple[float, str]:
    fit = measured.fit
    value = 100.0 * min(1.0, fit.value)
    if not fit.matched:
        return value, wording.reason("relevance_meaning", {"meaning": round(fit.meaning, 2)})
    facts: Facts = {"words": ", ".join(fit.matched[:4]), "meaning": round(fit.meaning, 2)}
    return value, wording.reason("relevance", facts)


def _timeliness(measured: Measured, wording: Wording) -> tuple[float, str]:
    pulse = measured.pulse
    fresh = 0.5 ** (pulse.age_days / 10.0)
    rise = (pulse.recent + 0.5) / (pulse.recent + pulse.before + 1.0)
    value = 100.0 * (0.55 * fresh + 0.45 * rise) + (10.0 if measured.has_signal else 0.0)
    facts: Facts = {
        "age": round(pulse.age_days, 1),
        "recent": pulse.recent,
        "span": pulse.span_days,
        "before": pulse.before,
    }
    return value, wording.reason("timeliness_signal" if measured.has_signal else "timeliness", facts)


def _evidence_strength(measured: Measured, wording: Wording) -> tuple[float, str]:
    voices = 1.0 - 0.62 * 0.72 ** (measured.voices - 1)
    engagement = sum(post.item.engagement_score for post in measured.posts) / len(measured.posts)
    facts: Facts = {
        "voices": measured.voices,
        "posts": len(measured.posts),
        "quotes": measured.quotes,
        "engagement": round(100 * engagement),
    }
    return 100.0 * (0.7 * voices + 0.3 * min(1.0, max(0.0, engagement))), wording.reason("evidence_strength", facts)


def _audience_fit(measured: Measured, wording: Wording) -> tuple[float, str]:
    fit = measured.fit
    if fit.persona is None:
        return NEUTRAL, wording.reason("audience_fit_none", {})
    value = 35.0 + 65.0 * min(1.0, fit.audience)
    if not fit.audience_words:
        return value, wording.reason(
            "audience_fit_meaning", {"persona": fit.persona, "meaning": round(fit.audience, 2)}
        )
    facts: Facts = {
        "persona": fit.persona,
        "words": ", ".join(fit.audience_words[:3]),
        "meaning": round(fit.audience, 2),
    }
    return value, wording.reason("audience_fit", facts)


def _feasibility(measured: Measured, wording: Wording) -> tuple[float, str]:
    material = min(1.0, measured.quote_characters / 400.0)
    facts: Facts = {"quality": round(measured.quality, 2), "length": measured.quote_characters}
    return 100.0 * (0.65 * min(1.0, measured.quality) + 0.35 * material), wording.reason("feasibility", facts)


def _learned(measured: Measured, learning: LearningSummaryDTO, wording: Wording) -> ScorePart:
    """Fifty is neutral. The points of all effects add up to what the part moves the score by."""
    weight = WEIGHTS["learned"]
    levels = Levels(
        pillar=measured.fit.pillar,
        persona=measured.fit.persona,
        channel=measured.channel,
        type=measured.type,
        platforms=[post.item.platform for post in measured.posts],
    )
    points = learned_points(learning, levels)
    if not points:
        return ScorePart(value=NEUTRAL, weight=weight, reason=wording.reason("learned_none", {}))
    moved = sum(points.values())
    strongest = sorted(points.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
    facts: Facts = {
        "effect": f"{moved:+.1f}",
        "sources": ", ".join(f"{name} {worth:+.1f}" for (_, name), worth in strongest),
    }
    return ScorePart(
        # To two decimals, so that value and effects tell the same sum.
        value=round(NEUTRAL + moved / weight, 2),
        weight=weight,
        reason=wording.reason("learned", facts),
        effects={f"{dimension}: {name}": worth for (dimension, name), worth in strongest},
    )
