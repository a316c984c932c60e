"""Clusters, their activity over time, and the trends that come of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from kairo.errors import Invalid, NotFound
from kairo.shapes import Frozen


class ClusterNotFound(NotFound):
    code = "cluster_not_found"


class InvalidReplay(Invalid):
    """A stretch of time that cannot be replayed."""

    code = "invalid_replay"


class ClusterKeyType(StrEnum):
    """By what the items of a cluster belong together."""

    HASHTAG = "hashtag"
    AUDIO = "audio"
    KEYPHRASE = "keyphrase"
    SEMANTIC = "semantic"


class LinkRole(StrEnum):
    """An item has one primary cluster, what it is about above all, and any number of secondary ones."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Granularity(StrEnum):
    HOUR = "hour"
    DAY = "day"


class TrendStatus(StrEnum):
    """The life of a candidate; all but stale ones are open."""

    EMERGING = "emerging"
    ACTIVE = "active"
    FADING = "fading"
    STALE = "stale"


class TrendWindow(StrEnum):
    """How far back a reader looks."""

    DAY = "24h"
    THREE_DAYS = "3d"
    WEEK = "1w"
    MONTH = "1m"

    @property
    def hours(self) -> int:
        return {"24h": 24, "3d": 72, "1w": 168, "1m": 720}[self.value]


class SeriesPoint(Frozen):
    """How many items a cluster got in the hour that begins at `at`."""

    at: datetime
    count: int = Field(ge=0)


class TrendCandidateDTO(Frozen):
    """A cluster whose activity rises faster than its own past explains.

    `velocity` is in items an hour gained over a day, `acceleration` the change of that over a day; `surprise` is minus
    the logarithm to base 10 of how probable the count is; the four shares and `trend_score`'s parts lie in 0–1.
    """

    id: UUID
    label: str
    cluster_key_type: ClusterKeyType
    status: TrendStatus
    trend_score: float = Field(ge=0, le=100)
    velocity: float
    acceleration: float
    surprise: float = Field(ge=0)
    breadth: float = Field(ge=0, le=1)
    novelty: float = Field(ge=0, le=1)
    authors: int = Field(ge=0)
    platforms: list[str]
    item_ids: list[UUID]
    detected_at: datetime
    peak_at: datetime | None = None
    series: list[SeriesPoint]
    cluster_id: UUID
    engagement: float = Field(ge=0, le=1)
    score_parts: dict[str, float] = {}


class BucketDTO(Frozen):
    """A cluster's activity in one hour or day, from the items that fall into it alone.

    `velocity` is how much the smoothed rate changed from its beginning to its end, in items a bucket; `acceleration`
    is the change of that. `engagement` is the sum of its items' percentiles, 0–1 each.
    """

    at: datetime
    count: int
    authors: int
    engagement: float
    velocity: float
    acceleration: float


class ClusterDTO(Frozen):
    """What belongs together, its life by the day, its newest items, and the candidates that it has been."""

    id: UUID
    key_type: ClusterKeyType
    key: str
    label: str
    platforms: list[str]
    first_at: datetime
    last_at: datetime
    items: int
    item_ids: list[UUID]
    days: list[BucketDTO]
    hours: list[BucketDTO]
    candidates: list[TrendCandidateDTO]


class TrendOpening(Frozen):
    """The moment at which a cluster became a candidate, and the items that made it one."""

    cluster: str
    label: str
    opened_at: datetime
    trend_score: float
    item_ids: list[UUID]


class ScoreReport(Frozen):
    """What a look at the clusters changed."""

    looked_at: int
    opened: int
    open: int


class AggregateReport(Frozen):
    """What came of items that were not in clusters yet."""

    items: int
    clusters: int
    """Clusters that got items."""
    links: int


class SweepTrends(Frozen):
    """The message that asks for a look at open candidates: time passes for them without new items too."""
