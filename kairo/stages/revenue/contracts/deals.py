"""Deals as CRMs tell of them, what they count, and what came in from HubSpot."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from kairo.errors import Invalid, NotFound, TooLarge, Unauthenticated, Unavailable
from kairo.moments import Moment
from kairo.shapes import Frozen, Strict
from kairo.stages.revenue.contracts.stages import Currency, Money, PositiveMoney, ProbabilitySource

MOST_DEALS = 1_000
MOST_EVENTS = 100
HUBSPOT = "hubspot"
PROCESS_HUBSPOT = "process_hubspot_deal_change"
AGGREGATE_PIPELINE = "aggregate_crm_pipeline_values"
# PostgreSQL keeps no NUL in a text, and half a surrogate pair is no character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _id_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("the text holds NUL or half a character")
    return text


RecordTime = Moment
OutsideId = Annotated[
    str,
    BeforeValidator(_id_text),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_storable),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
IdempotencyKey = Annotated[str, StringConstraints(max_length=200)]


class DealOutcome(StrEnum):
    WON = "won"
    LOST = "lost"
    OPEN = "open"


class StageAt(Frozen):
    """A stage that a deal came to, and when."""

    stage: OutsideId
    at: RecordTime


class DealRecord(Frozen):
    """A deal as a CRM tells it. Unknown fields are passed over.

    `modified_at` says as of when the record speaks; without it, its newest time does.
    """

    deal_id: OutsideId
    ad_id: OutsideId | None = None
    click_id: OutsideId | None = None
    pipeline: OutsideId | None = None
    stage: OutsideId
    stage_history: list[StageAt] = Field(default=[], max_length=500)
    amount: PositiveMoney | None = None
    currency: Currency | None = None
    created_at: RecordTime
    closed_at: RecordTime | None = None
    modified_at: RecordTime | None = None
    outcome: DealOutcome | None = None


class DealsIn(Frozen):
    """Up to 1,000 deals of one CRM. Each is judged by itself: one that is refused does not hold up the others."""

    source: OutsideId
    deals: list[dict[str, JsonValue]] = Field(
        max_length=MOST_DEALS,
        description="deal_id, stage, created_at; optional: ad_id, click_id, pipeline, stage_history [{stage, at}],"
        " amount, currency, closed_at, modified_at, outcome (won, lost, open)",
    )
    idempotency_key: IdempotencyKey | None = None


class DealRefused(Frozen):
    """Why a deal was not taken: its place among those sent, and what to mend."""

    index: int
    deal_id: str | None = None
    field: str
    message: str


class DealsTaken(Frozen):
    """What became of a batch; every deal is counted once, in one of the three or under `errors`."""

    ingested: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[DealRefused] = []


class DealDTO(Frozen):
    """A deal as its log tells it. `synthetic_revenue` is what it counts now; null where nobody can say."""

    id: UUID
    source: str
    deal_id: str
    ad_id: str | None = None
    click_id: str | None = None
    pipeline: str
    stage: str | None = None
    outcome: DealOutcome
    amount: Money | None = None
    currency: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: str | None = None
    is_deleted: bool = False
    synthetic_revenue: Money | None = None
    synthetic_currency: str | None = None
    steps: list[StageAt] = []


class ChangeReason(StrEnum):
    """How a change of stage moves what a deal counts."""

    FIRST_STAGE = "first_stage"
    ADVANCED = "advanced"
    FELL_BACK = "fell_back"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    DELETED = "deleted"
    AMOUNT_MISSING = "amount_missing"
    CURRENCIES_DIFFER = "currencies_differ"


class StageChange(Frozen):
    """A deal that moves from a stage to another. Without `deal_value` a known deal's own amount is taken."""

    deal_id: OutsideId
    stage_from: OutsideId | None = None
    stage_to: OutsideId
    deal_value: PositiveMoney | None = None
    currency: Currency | None = None
    pipeline: OutsideId | None = None
    source: OutsideId | None = None
    idempotency_key: IdempotencyKey | None = None


class StageChangeValue(Frozen):
    """What the deal counts in its new stage, and by how much that moves what it counted before.

    `confidence` from 0 to 1 says how much stands behind the figure: 1 is cash, 0 is nothing.
    """

    deal_id: str
    synthetic_revenue: Money | None
    delta: Money | None
    currency: str
    confidence: float
    reason: ChangeReason
    probability: float | None = None
    probability_source: ProbabilitySource | None = None
    explanation: str


class AdRoasRequest(Frozen):
    """`window` is a number of days (30d), hours (48h), weeks (4w) or "all"; it ends at `as_of`, else now."""

    ad_id: OutsideId
    window: Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,3}[hdw]|all)$")] = "30d"
    as_of: RecordTime | None = None


class CurrencyRevenue(Frozen):
    """Revenue in one currency; it is never added to that of another."""

    currency: str
    synthetic_revenue: Money
    cash_revenue: Money


class AdRoasDTO(Frozen):
    """What an ad's deals came to count within the window, beside what was spent on it.

    `synthetic_revenue` is the sum of what each step of each deal added or took away; a return is how many times the
    spend came back. Both returns are null without spend in this currency, and `reason` says why: no_spend_known,
    nothing_spent, spend_in_other_currency; else it is ok, or no_deals.
    """

    ad_id: str
    window: str
    currency: str
    deals: int
    spend: Money | None
    synthetic_revenue: Money
    cash_revenue: Money
    pipeline_roas: float | None
    cash_roas: float | None
    other_currencies: list[CurrencyRevenue] = []
    unvalued_deals: int = 0
    reason: str


class HubSpotEvent(Frozen):
    """One event as HubSpot sends it; what it does not name is passed over. `occurred_at` is in milliseconds."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    event_id: Annotated[int, Field(ge=0, lt=2**63)] = 0
    subscription_id: Annotated[int, Field(ge=0, lt=2**63)] = 0
    subscription_type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    object_type_id: Annotated[str, StringConstraints(max_length=50)] | None = None
    portal_id: Annotated[int, Field(ge=0, lt=2**63)]
    object_id: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    occurred_at: Annotated[int, Field(ge=946_684_800_000, lt=4_102_444_800_000)]
    property_name: Annotated[str, StringConstraints(max_length=200)] | None = None
    property_value: str | None = None
    primary_object_id: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    merged_object_ids: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(max_length=100)] = []
    new_object_id: Annotated[int, Field(ge=0, lt=2**63)] | None = None


class SignedRequest(Frozen):
    """What a signature is over. `headers` have lower-case names; `body` is as it came, byte for byte."""

    method: str
    uri: str
    body: bytes
    headers: dict[str, str]


class EventsTaken(Frozen):
    """How many events were stored, known already, or of no concern to deals."""

    stored: int = 0
    known: int = 0
    ignored: int = 0
    job_id: UUID | None = None


class EventProcessed(Frozen):
    """What one event did; `deals` are those that it touched, as they stand now."""

    result: str
    deals: list[DealDTO] = []


class ProcessDealChange(Frozen):
    """The message to bring deals up to date with their log; `events` are stored first, if any came along."""

    events: list[dict[str, JsonValue]] = []
    deal_ids: list[str] = []


class AggregatePipeline(Frozen):
    """The message to pull what has changed in the CRM. `full` reads everything again."""

    full: bool = False


class LearnStages(Frozen):
    """The message to learn stage probabilities, where deals have closed since the last time."""


class RevalueDeals(Frozen):
    """The message to count every deal anew, after stages or probabilities have changed."""


class HubSpotConnection(Strict):
    """What a portal is connected with. Secrets that are left out stay as they are."""

    portal_id: Annotated[int, Field(ge=1, lt=2**63)]
    access_token: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    client_secret: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    hubspot_ad_id_property: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,99}$")] = "ad_id"
    is_active: bool = True


class HubSpotConnectionDTO(Frozen):
    """A connected portal; of its secrets only whether they are there is told."""

    portal_id: int | None
    has_access_token: bool
    has_client_secret: bool
    hubspot_ad_id_property: str
    is_active: bool
    from_environment: bool = False
    synced_until: datetime | None = None


class SyncReport(Frozen):
    """What a pull has read and changed."""

    pages: int = 0
    read: int = 0
    ingested: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    ads: int = 0
    waited_s: float = 0.0
    synced_until: datetime | None = None


class DealNotFound(NotFound):
    code = "deal_not_found"


class ConnectionNotFound(NotFound):
    code = "connection_not_found"


class AmbiguousDeal(Invalid):
    """Several CRMs have a deal of this id."""

    code = "ambiguous_deal"


class UntrustedWebhook(Unauthenticated):
    """A webhook that was not shown to come from HubSpot just now."""


class TooManyEvents(TooLarge):
    code = "too_many_events"


class HubSpotMissing(Unavailable):
    """HubSpot's client is not installed."""

    code = "hubspot_missing"
    retryable = False


class HubSpotAway(Unavailable):
    """HubSpot cannot be asked now."""

    code = "hubspot_away"


class HubSpotRefused(Invalid):
    """HubSpot does not take our credentials or our question."""

    code = "hubspot_refused"


class UnreadableDeals(Invalid):
    """The file of deals cannot be read."""

    code = "unreadable_file"
