"""Clicks, conversions and what became of them: the shapes that come in and go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints

from kairo.errors import Invalid
from kairo.moments import Moment
from kairo.shapes import Frozen, Strict

MOST_RECORDS = 1_000


class NothingToErase(Invalid):
    code = "nothing_to_erase"


class UnsafeTarget(Invalid):
    """A short link may only lead to a page on the web."""

    code = "unsafe_target"


class HoldoutKind(StrEnum):
    USER_SPLIT = "user_split"
    GEO = "geo"


class CreditModel(StrEnum):
    """Who of a person's clicks gets how much of a conversion."""

    LAST_CLICK = "last_click"
    FIRST_CLICK = "first_click"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION_BASED = "position_based"
    MARKOV = "markov"


def _with_a_time(value: Any) -> Any:
    # A day alone would be its midnight: no click or conversion is known by its day.
    if isinstance(value, str) and not ("T" in value or " " in value or "t" in value):
        raise ValueError("give a date and time like 2026-06-01T12:00:00Z")
    return value


At = Annotated[Moment, BeforeValidator(_with_a_time)]
OutsideId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
PlatformId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]


class VisitInput(BaseModel):
    """What may be known of a visitor. Unknown fields are passed over, and empty ones are taken for missing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    click_id: OutsideId | None = None
    fbclid: PlatformId | None = None
    gclid: PlatformId | None = None
    email_sha256: Annotated[str, StringConstraints(max_length=100)] | None = None
    phone_sha256: Annotated[str, StringConstraints(max_length=100)] | None = None
    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    phone: Annotated[str, StringConstraints(max_length=50)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=500)] | None = None
    ip: Annotated[str, StringConstraints(max_length=60)] | None = None
    user_agent: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    screen: ShortText | None = None
    timezone: ShortText | None = None
    language: ShortText | None = None
    consent: bool | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class ClickInput(VisitInput):
    """A click on an ad; without an id of its own it is given one."""

    ad_id: OutsideId
    campaign_id: OutsideId | None = None
    utm: (
        Annotated[Mapping[ShortText, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=30)] | None
    ) = None
    landing_url: Url | None = None
    clicked_at: At


class Landing(VisitInput):
    """A page view, as the script tells it."""

    ad_id: OutsideId | None = None
    campaign_id: OutsideId | None = None
    landing_url: Url | None = None


class ConversionInput(VisitInput):
    """Something that a buyer did. `value` is in units of `currency`."""

    conversion_id: OutsideId
    conversion_type: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = "purchase"
    value: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4, allow_inf_nan=False)] = Decimal(0)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)] = "USD"
    occurred_at: At


class ClickBatch(BaseModel):
    """Up to 1,000 clicks, each as for `track-click`; each is judged by itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    clicks: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_RECORDS)]
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class ConversionBatch(BaseModel):
    """Up to 1,000 conversions, each as for `attribute-conversion`; each is judged by itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    conversions: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_RECORDS)]
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class RecordError(Frozen):
    """Why one record of a batch was refused."""

    code: str
    message: str


class TrackedClick(Frozen):
    """A stored click: until `expires_at` a conversion can be credited to it."""

    click_id: str
    expires_at: datetime


class RefusedRecord(Frozen):
    """A record that could not be taken; the others of its batch were."""

    error: RecordError


class TrackedClicks(Frozen):
    """One entry a record, in the order sent."""

    results: list[TrackedClick | RefusedRecord]


class CandidateDTO(Frozen):
    """A click that might have led to a conversion, with its share of the probability."""

    click_id: str
    ad_id: str
    clicked_at: datetime
    probability: float


class AttributionDTO(Frozen):
    """What became of a conversion; `reason` says why it is credited to nobody."""

    conversion_id: str
    attributed: bool
    method: str | None = None
    layer: int | None = None
    confidence: float = 0.0
    ad_id: str | None = None
    click_id: str | None = None
    clicked_at: datetime | None = None
    reason: str | None = None
    candidates: list[CandidateDTO] = []


class Attributions(Frozen):
    """One entry a record, in the order sent."""

    results: list[AttributionDTO | RefusedRecord]


class AttributionSettings(Strict):
    """How conversions are credited. Windows are in days before the conversion; `window_days_by_type` goes first."""

    window_days: Annotated[float, Field(gt=0, le=90)] = 7.0
    window_days_by_type: Annotated[dict[str, Annotated[float, Field(gt=0, le=90)]], Field(max_length=50)] = {}
    credit_model: CreditModel = CreditModel.LAST_CLICK
    probability_threshold: Annotated[float, Field(ge=0.5, le=1.0)] = 0.70
    shared_degree_cap: Annotated[int, Field(ge=1, le=100)] = 3
    device_retention_days: Annotated[int, Field(ge=1, le=400)] = 90
    """How long addresses' keys and devices are kept; what is older is left with its ids alone."""

    def window_for(self, conversion_type: str) -> float:
        """Return the window of a type of conversion, in days."""
        return self.window_days_by_type.get(conversion_type, self.window_days)

    @property
    def longest_window_days(self) -> float:
        return max([self.window_days, *self.window_days_by_type.values()])


class LinkDraft(Strict):
    """A short link to be made for an ad."""

    ad_id: OutsideId
    target_url: Url
    campaign_id: OutsideId | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class LinkDTO(Frozen):
    code: str
    path: str
    ad_id: str
    campaign_id: str | None
    target_url: str


class SiteDraft(Strict):
    """A website that is to carry the script."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class SiteDTO(Frozen):
    """A website's key, and the line that belongs into its pages."""

    key: str
    name: str
    snippet: str


class EraseRequest(Strict):
    """Whose rows are to go; one of them at least."""

    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    phone: Annotated[str, StringConstraints(max_length=50)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=500)] | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class ErasedPerson(Frozen):
    """What an erasure removed, and how many conversions of others were credited anew without it."""

    clicks: int
    conversions: int
    recomputed: int
    others: dict[str, int] = {}


class LayerShare(Frozen):
    layer: int
    conversions: int
    share: float
    value: Decimal
    mean_confidence: float


class AdCredit(Frozen):
    """What an ad is credited with by the model that was asked for; shares of conversions add up."""

    ad_id: str
    conversions: float
    value: Decimal


class ModelledRest(Frozen):
    """How many unattributed conversions are thought to come from ads all the same: an aggregate, credited to no ad."""

    expected: float
    low: float
    high: float


class AttributionReport(Frozen):
    """What was attributed in a window of time. It says attributed, not incremental: a holdout tells what ads add."""

    window: str
    from_at: datetime
    to_at: datetime
    conversions: int
    attributed: int
    attributed_share: float
    estimated_precision: float | None
    layers: list[LayerShare]
    unattributed: dict[str, int]
    credit_model: CreditModel
    ads: list[AdCredit]
    modelled: ModelledRest
    weights_version: int
    says: str


class ValidationReport(Frozen):
    """What layers 2 and 3 recover of conversions whose click is known, when they do not see its id."""

    pairs: int
    recovered: int
    right: int
    recall: float
    precision: float | None
    by_layer: dict[str, int]
    says: str


ReportWindow = Literal["1d", "7d", "28d", "90d", "all"]


class LearnWeights(Strict):
    """Learn from what is known up to a moment of the records' own time."""

    until: datetime


class ForgetDevices(Strict):
    """Forget the devices of visits that are older than the account keeps them."""


class HoldoutGroup(Strict):
    """Part of a holdout: how many people there are, and how many of them converted meanwhile."""

    people: Annotated[int, Field(ge=1, le=10**12)]
    converted: Annotated[int, Field(ge=0, le=10**12)]


class HoldoutDraft(Strict):
    """A holdout: who was shown ads, and who was not, by users or by places."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    kind: HoldoutKind
    conversion_type: Annotated[str, StringConstraints(max_length=100)] | None = None
    started_at: At
    ended_at: At | None = None
    shown: HoldoutGroup
    held_out: HoldoutGroup
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class HoldoutDTO(Frozen):
    """A holdout with the lift that it shows, beside what was attributed meanwhile.

    `lift` is the difference in the share of people who convert, with an interval of 95 %; `incremental` is what that
    makes of the people who were shown ads.
    """

    name: str
    kind: HoldoutKind
    conversion_type: str | None
    started_at: datetime
    ended_at: datetime | None
    shown: HoldoutGroup
    held_out: HoldoutGroup
    lift: float | None
    low: float | None
    high: float | None
    incremental: float | None
    attributed: int
    says: str
