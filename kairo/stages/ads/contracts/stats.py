"""What an ad did in one hour or on one day, as its platform counts it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kairo.shapes import Frozen


class Granularity(StrEnum):
    """How long a row of figures lasts; both may be known of one day, and the day then counts."""

    HOUR = "hour"
    DAY = "day"


class AdStatDTO(Frozen):
    """The figures of one ad from `starts_at` on; money is in `currency`, in its main unit."""

    ad_id: str
    granularity: Granularity
    starts_at: datetime
    impressions: int
    clicks: int
    spend: Decimal
    conversions: int
    cash_revenue: Decimal
    currency: str


class AdTotals(Frozen):
    """The sums of one ad in one currency over a span of time; `first_at` is when its first figures begin."""

    ad_id: str
    currency: str
    impressions: int
    clicks: int
    spend: Decimal
    conversions: int
    cash_revenue: Decimal
    first_at: datetime
