"""Where an opportunity is best published: by what the idea is, how its evidence was made, where the persona listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kairo.stages.brands.contracts import PersonaDTO
from kairo.stages.evidence.contracts import MediaType
from kairo.stages.opportunities.contracts import Channel, LearningSummaryDTO
from kairo.stages.opportunities.rules.ideas.shapes import Kind
from kairo.stages.opportunities.rules.reading import Post

_EXPLAINING = {
    Channel.BLOG: 1.0,
    Channel.YOUTUBE: 0.9,
    Channel.INSTAGRAM: 0.6,
    Channel.EMAIL: 0.5,
    Channel.LINKEDIN: 0.4,
}
_SHOWING = {Channel.INSTAGRAM: 1.0, Channel.TIKTOK: 0.95, Channel.YOUTUBE: 0.7, Channel.BLOG: 0.3}
_ASKING = {Channel.INSTAGRAM: 0.9, Channel.X: 0.8, Channel.LINKEDIN: 0.5, Channel.BLOG: 0.6, Channel.EMAIL: 0.4}
_WEIGHING = {Channel.YOUTUBE: 1.0, Channel.BLOG: 0.95, Channel.LINKEDIN: 0.5, Channel.X: 0.4}
_TELLING = {Channel.TIKTOK: 1.0, Channel.INSTAGRAM: 0.9, Channel.EMAIL: 0.4, Channel.X: 0.5}
_SELLING = {Channel.EMAIL: 1.0, Channel.META_ADS: 0.8, Channel.INSTAGRAM: 0.7}

_BY_KIND: dict[Kind, dict[Channel, float]] = {
    **dict.fromkeys(
        (Kind.HOW_TO, Kind.HOW_MANY, Kind.DEFINE, Kind.EXPLAIN, Kind.WHY, Kind.LIST, Kind.CLAIM), _EXPLAINING
    ),
    **dict.fromkeys((Kind.TRIAL, Kind.BEFORE_AFTER, Kind.MAKING, Kind.RECIPE, Kind.SUBJECT, Kind.SHARED), _SHOWING),
    **dict.fromkeys((Kind.ASK, Kind.IS_IT_FINE, Kind.OPINION, Kind.FAVOURITE, Kind.OPEN_QUESTION), _ASKING),
    **dict.fromkeys((Kind.VERSUS, Kind.REVIEW, Kind.TRY_OUT, Kind.CHOOSE, Kind.NAMES), _WEIGHING),
    **dict.fromkeys((Kind.TIP, Kind.IF_THEN, Kind.STORY, Kind.FIRST, Kind.TROUBLE, Kind.REMEDY), _TELLING),
    Kind.SALE: _SELLING,
}
_BY_MEDIA: dict[MediaType, dict[Channel, float]] = {
    MediaType.VIDEO: {Channel.TIKTOK: 0.5, Channel.YOUTUBE: 0.5, Channel.INSTAGRAM: 0.3},
    MediaType.IMAGE: {Channel.INSTAGRAM: 0.45, Channel.TIKTOK: 0.15},
    MediaType.CAROUSEL: {Channel.INSTAGRAM: 0.6},
    MediaType.TEXT: {Channel.BLOG: 0.25, Channel.X: 0.1, Channel.EMAIL: 0.1},
    MediaType.LINK: {Channel.LINKEDIN: 0.3, Channel.X: 0.2, Channel.BLOG: 0.15},
}
SUGGESTED = 3
USED_ALREADY = 0.07


def rank_channels(
    kind: Kind,
    posts: Sequence[Post],
    persona: PersonaDTO | None,
    learning: LearningSummaryDTO,
    used: Mapping[Channel, int],
) -> list[Channel]:
    """The best channels for an idea, best first; a channel the board already uses much gives way to a near second."""
    scores = {channel: _BY_KIND[kind].get(channel, 0.0) for channel in Channel}
    for post in posts:
        for channel, weight in _BY_MEDIA[post.item.media_type].items():
            scores[channel] += weight / len(posts)
        native = _channel_named(post.item.platform)
        if native is not None:
            scores[native] += 0.6 / len(posts)
    for name, bias in sorted(persona.channel_biases.items()) if persona is not None else []:
        preferred = _channel_named(name)
        if preferred is not None:
            scores[preferred] += max(-1.0, min(1.0, bias))
    for channel, effect in channel_effects(learning).items():
        scores[channel] += 0.5 * effect
    for channel, times in used.items():
        scores[channel] -= USED_ALREADY * times if scores[channel] > 0 else 0.0
    order = list(Channel)
    ranked = sorted(order, key=lambda channel: (-round(scores[channel], 6), order.index(channel)))
    return [channel for channel in ranked if scores[channel] > 0][:SUGGESTED] or ranked[:1]


def channel_effects(learning: LearningSummaryDTO) -> dict[Channel, float]:
    """What was learned of channels, as effects between -1 and 1."""
    effects: dict[Channel, float] = {}
    for entry in learning.top_performing_channels:
        channel = _channel_named(str(entry.get("channel", "")))
        effect = entry.get("effect", entry.get("score"))
        if channel is not None and isinstance(effect, int | float):
            effects[channel] = max(-1.0, min(1.0, float(effect)))
    return effects


def _channel_named(name: str) -> Channel | None:
    folded = name.strip().lower().replace(" ", "_")
    aliases = {"twitter": "x", "facebook": "meta_ads", "newsletter": "email"}
    folded = aliases.get(folded, folded)
    return Channel(folded) if folded in set(Channel) else None
