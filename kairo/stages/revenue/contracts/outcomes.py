"""What ads came to, and the versions of what was learned, as later stages read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue

from kairo.shapes import Frozen


class AdDeals(Frozen):
    """An ad's deals in one currency: how many count something, what they count together, how many were won."""

    ad_id: str
    currency: str
    deals: int
    synthetic_revenue: Decimal
    won: int


class LearnedVersion(Frozen):
    """One version; `pipeline` is empty where there is one for the whole account."""

    pipeline: str = ""
    version: int
    artifact: dict[str, JsonValue]
    metrics: dict[str, JsonValue] = {}
    trained_until: datetime
    created_at: datetime
