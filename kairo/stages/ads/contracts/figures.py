"""Figures of ads as they come from a platform, a file or another system."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints

from kairo.stages.ads.contracts import MOST_RECORDS, Lenient, OutsideId
from kairo.stages.ads.contracts.stats import Granularity

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
QUARTER_MINUTES = 15
_MOST = 10**13


def _text(value: Any) -> Any:
    # A number would be taken for seconds since 1970, or for milliseconds, by its size.
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "-" not in value):
        raise ValueError("give a date, or a date and time like 2026-06-01T12:00:00Z")
    return value


def _begin(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST_YEAR < aware.year < LATEST_YEAR:
        raise ValueError("give a moment of the years 2001 to 2099")
    if aware.minute % QUARTER_MINUTES or aware.second or aware.microsecond:
        raise ValueError("give when the hour or the day begins")
    return aware.astimezone(UTC)


def _four_places(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


Count = Annotated[int, Field(ge=0, lt=_MOST)]
Amount = Annotated[Decimal, Field(ge=0, lt=_MOST, allow_inf_nan=False), AfterValidator(_four_places)]


class StatDraft(Lenient):
    """What an ad did in the hour or on the day that begins at `starts_at`; its newest figures replace the older."""

    ad_id: OutsideId
    granularity: Granularity = Granularity.DAY
    starts_at: Annotated[datetime, BeforeValidator(_text), AfterValidator(_begin)]
    impressions: Count = 0
    clicks: Count = 0
    spend: Amount = Decimal(0)
    conversions: Count = 0
    cash_revenue: Amount = Decimal(0)
    currency: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{3}$", to_upper=True)]
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class StatBatch(Lenient):
    """Up to 1,000 rows of figures; each is judged by itself."""

    stats: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_RECORDS)]
