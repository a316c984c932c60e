"""The outside world's signals that a brand's evidence carries, by the role of the surface they were seen on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kairo.stages.evidence.contracts import EvidenceItemDTO, SurfaceRole
from kairo.stages.insights.contracts.trends import TrendCandidateDTO, TrendStatus
from kairo.stages.opportunities.contracts import (
    CompetitorPostSignalDTO,
    ExternalSignalBundleDTO,
    SocialMomentSignalDTO,
    TrendSignalDTO,
    WebMentionSignalDTO,
)

SNIPPET_CHARACTERS = 200
MOST_SIGNALS_A_KIND = 20


def signals_from_evidence(
    items: Sequence[EvidenceItemDTO],
    *,
    brand_id: UUID,
    as_of: datetime,
    trends: Sequence[TrendCandidateDTO] = (),
) -> ExternalSignalBundleDTO:
    """Sort a brand's items into the bundle by the roles of the surfaces that they were seen on.

    Competitor posts, mentions, and of the market its most engaging moments and the trends that its posts make. The
    brand's own posts are no signal from outside.
    """
    of_market = {item.id for item in items if SurfaceRole.MARKET in item.roles}
    loudest = sorted(items, key=lambda item: (-item.engagement_score, item.platform, item.platform_item_id))
    by_role = {role: [item for item in loudest if role in item.roles][:MOST_SIGNALS_A_KIND] for role in SurfaceRole}
    return ExternalSignalBundleDTO(
        brand_id=brand_id,
        fetched_at=as_of,
        trends=[_trend(trend, as_of=as_of) for trend in trends if _is_now(trend) and of_market & set(trend.item_ids)][
            :MOST_SIGNALS_A_KIND
        ],
        web_mentions=[_mention(item) for item in by_role[SurfaceRole.MENTION]],
        competitor_posts=[_competitor_post(item) for item in by_role[SurfaceRole.COMPETITOR]],
        social_moments=[
            _moment(item, item.published_at, as_of=as_of)
            for item in by_role[SurfaceRole.MARKET]
            if item.published_at is not None
        ],
    )


def _snippet(item: EvidenceItemDTO) -> str:
    return (item.title or item.text or item.transcript or "")[:SNIPPET_CHARACTERS]


def _is_now(trend: TrendCandidateDTO) -> bool:
    """Whether a trend still rises; what fades is no reason to act today."""
    return trend.status in (TrendStatus.EMERGING, TrendStatus.ACTIVE)


def _trend(trend: TrendCandidateDTO, *, as_of: datetime) -> TrendSignalDTO:
    return TrendSignalDTO(
        id=trend.id,
        topic=trend.label,
        source=", ".join(trend.platforms),
        relevance_score=trend.trend_score,
        recency_days=round(max((as_of - (trend.peak_at or trend.detected_at)) / timedelta(days=1), 0.0), 2),
        snippet=f"{len(trend.item_ids)} posts by {trend.authors} authors",
        item_ids=trend.item_ids,
    )


def _mention(item: EvidenceItemDTO) -> WebMentionSignalDTO:
    return WebMentionSignalDTO(
        id=item.id,
        title=_snippet(item),
        source=item.platform,
        url=item.url,
        snippet=_snippet(item),
        published_at=item.published_at,
        relevance_score=round(100 * item.engagement_score, 1),
    )


def _competitor_post(item: EvidenceItemDTO) -> CompetitorPostSignalDTO:
    return CompetitorPostSignalDTO(
        id=item.id,
        competitor_name=item.author or item.platform,
        channel=item.platform,
        post_url=item.url,
        post_snippet=_snippet(item),
        engagement_hint=f"louder than {item.engagement_score:.0%} of its platform's recent posts",
        published_at=item.published_at,
    )


def _moment(item: EvidenceItemDTO, published_at: datetime, *, as_of: datetime) -> SocialMomentSignalDTO:
    return SocialMomentSignalDTO(
        id=item.id,
        description=_snippet(item),
        channel=item.platform,
        recency_hours=round((as_of - published_at).total_seconds() / 3600, 1),
        url=item.url,
    )
