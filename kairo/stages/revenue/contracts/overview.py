"""What the account's revenue looks like at a glance, and one conversion in full."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from kairo.errors import NotFound
from kairo.shapes import Frozen
from kairo.stages.revenue.contracts.deals import DealOutcome
from kairo.stages.revenue.contracts.stages import Money
from kairo.stages.revenue.contracts.tracking import CandidateDTO


class ConversionNotFound(NotFound):
    code = "conversion_not_found"


class MoneyDTO(Frozen):
    """A sum in one currency; it is never added to that of another."""

    currency: str
    amount: Money


class DayOfLayers(Frozen):
    """The conversions of one day of the reader's zone, by the layer that found their ad."""

    day: date
    layer_1: int = 0
    layer_2: int = 0
    layer_3: int = 0
    unattributed: int = 0

    @property
    def count(self) -> int:
        return self.layer_1 + self.layer_2 + self.layer_3 + self.unattributed


class LayerTotal(Frozen):
    """What one layer found; `mean_confidence` is what share of it is right by its own word."""

    layer: int
    conversions: int
    share: float
    mean_confidence: float
    values: list[MoneyDTO]


class ReasonTotal(Frozen):
    """The conversions that were credited to nobody for one reason."""

    reason: str
    conversions: int
    share: float
    values: list[MoneyDTO]


class AttributionOverview(Frozen):
    """What became of the conversions of a window of time; `recovered` were found without the click's own id.

    `values` is what the attributed ones were worth. A share is of all conversions of the window, from 0 to 1; None
    where there are none.
    """

    from_at: datetime
    to_at: datetime
    conversions: int
    attributed: int
    recovered: int
    attributed_share: float | None
    recovered_share: float | None
    values: list[MoneyDTO]
    days: list[DayOfLayers]
    layers: list[LayerTotal]
    reasons: list[ReasonTotal]


class StageTotal(Frozen):
    """The deals that stand in one stage. `amount` is what they count now; None where nobody can say."""

    pipeline: str
    stage: str | None
    outcome: DealOutcome
    deals: int
    currency: str | None
    amount: Money | None


class AdTotal(Frozen):
    """What one ad is credited with by the last click, in one currency."""

    ad_id: str
    conversions: int
    currency: str
    value: Money


class CampaignActivityDTO(Frozen):
    """What a campaign did and what came of it, in one currency, over all time.

    A return is None where nothing was spent in this currency.
    """

    campaign_id: str
    name: str
    platform: str
    status: str
    ads: int
    currency: str | None
    impressions: int
    clicks: int
    spend: Money
    conversions: int
    deals: int
    cash_revenue: Money
    synthetic_revenue: Money
    cash_roas: float | None
    pipeline_roas: float | None
    platform_cash: Money
    """What the platform itself claims to have brought; it is part of no return."""


class ListedConversion(Frozen):
    """One conversion of a list."""

    id: UUID
    conversion_id: str
    conversion_type: str
    value: Money
    currency: str
    occurred_at: datetime
    attributed: bool
    layer: int | None
    method: str | None
    confidence: float
    reason: str | None
    ad_id: str | None


class AttemptDTO(Frozen):
    """One attempt to find a conversion's ad."""

    attempted_at: datetime
    layers_tried: list[int]
    attributed: bool
    method: str | None
    reason: str | None
    confidence: float
    candidates: int
    milliseconds: float
    weights_version: int


class ConversionDTO(ListedConversion):
    """A conversion in full: the clicks that came into question, and each attempt, the newest first."""

    click_id: str | None
    clicked_at: datetime | None
    candidates: list[CandidateDTO]
    attempts: list[AttemptDTO]


class ConversionsAfter(NamedTuple):
    """Behind which conversion a page of a list begins."""

    occurred_at: datetime
    id: UUID
