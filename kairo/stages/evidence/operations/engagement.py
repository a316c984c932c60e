"""How an item's engagement compares with what its platform's newest posts got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.platform.database.sql import rows
from kairo.stages.evidence.contracts import Counts
from kairo.stages.evidence.rules.engagement import engagement_scores, raw_engagement

REFERENCE_ITEMS = 5000
"""So many of a platform's newest items are what an item's engagement is compared with."""

_REFERENCE = """
SELECT newest.published_at, latest.view_count, latest.like_count, latest.comment_count, latest.share_count
FROM (
  SELECT id, published_at FROM evidence_item
  WHERE tenant_id = (SELECT %(tenant)s::uuid) AND platform = %(platform)s AND published_at IS NOT NULL
  ORDER BY published_at DESC LIMIT %(limit)s
) newest
JOIN LATERAL (
  SELECT view_count, like_count, comment_count, share_count FROM evidence_sighting sighting
  WHERE sighting.tenant_id = (SELECT %(tenant)s::uuid) AND sighting.item_id = newest.id ORDER BY seen_at DESC LIMIT 1
) latest ON true
"""

Measured = tuple[str, datetime | None, Counts]
"""An item's platform, its date and its counts."""
_Floats = NDArray[np.float64]


class RecentEngagement:
    """The raw engagement of each platform's newest items: read once, then grown by the batches that are stored."""

    def __init__(self, tenant_id: UUID) -> None:
        self._tenant_id = tenant_id
        self._known: dict[str, tuple[_Floats, _Floats]] = {}

    def scores(self, batch: Sequence[Measured]) -> list[float]:
        """Return the percentile, 0–1, of each item of a batch that is stored already, itself among the compared."""
        raw = raw_engagement([counts for _, _, counts in batch])
        dates = np.array([at.timestamp() if at else np.nan for _, at, _ in batch])
        platforms = np.array([platform for platform, _, _ in batch])
        scores = np.empty(len(batch))
        for platform in sorted(set(platforms)):
            ours = platforms == platform
            scores[ours] = engagement_scores(raw[ours], self._reference(platform, dates[ours], raw[ours]))
        return [float(score) for score in scores]

    def _reference(self, platform: str, dates: _Floats, raw: _Floats) -> _Floats:
        if platform in self._known:
            known_dates, known_raw = self._known[platform]
            dated = ~np.isnan(dates)
            all_dates = np.concatenate([known_dates, dates[dated]])
            newest = np.argsort(-all_dates, kind="stable")[:REFERENCE_ITEMS]
            self._known[platform] = all_dates[newest], np.concatenate([known_raw, raw[dated]])[newest]
        else:
            self._known[platform] = self._stored(platform)
        return self._known[platform][1]

    def _stored(self, platform: str) -> tuple[_Floats, _Floats]:
        found = rows(_REFERENCE, {"tenant": self._tenant_id, "platform": platform, "limit": REFERENCE_ITEMS})
        dates = np.array([row[0].timestamp() for row in found], dtype=np.float64)
        return dates, raw_engagement([Counts(*row[1:]) for row in found])
