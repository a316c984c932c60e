"""Changes of what runs on an ad platform: wanted, checked, carried out and written down.

Budgets and bids are whole numbers of the currency's smallest units wherever they are values of a change; thresholds
that people set are in the account's main unit.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from kairo.errors import Conflict, Invalid, NotFound
from kairo.shapes import Frozen, Strict
from kairo.stages.ads.contracts import OutsideId
from kairo.stages.ads.contracts.platforms import EntityType

RUN_DUE = "ads.run_due"
AUTO_APPROVED = "auto"
"""Who has approved what lies within the limit for approval without a person."""

MOST_PROPOSED = 500

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
LandingUrl = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2_000)]
Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=4)]


class ChangeNotFound(NotFound):
    code = "ad_change_not_found"


class UnknownAdEntity(Invalid):
    """Kairo has no record of what is to be changed, or does not know in which account it runs."""

    code = "unknown_ad_entity"


class ChangeNotAllowed(Conflict):
    """The status of the change does not lead to the one that is wanted."""

    code = "ad_change_not_allowed"


class OpenChangeExists(Conflict):
    """Something of this kind is already on its way for this entity."""

    code = "open_ad_change_exists"


class KeyUsedOtherwise(Conflict):
    """The idempotency key stands for another change."""

    code = "idempotency_key_used"


class ChangeType(StrEnum):
    BUDGET = "budget"
    PAUSE = "pause"
    RESUME = "resume"
    BID = "bid"
    CREATE = "create"


class ChangeStatus(StrEnum):
    """How far a change is. Open are the first four; of one entity and type one change at most is open."""

    PENDING = "pending"
    APPROVED = "approved"
    CLAIMED = "claimed"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled_back"


class ChangeSource(StrEnum):
    OPTIMISER = "optimiser"
    PERSON = "person"


class HistoryEvent(StrEnum):
    """What a row of the history tells."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WAITING = "waiting"
    REFUSED = "refused"
    DRY_RUN = "dry_run"
    EXECUTING = "executing"
    READ_BACK = "read_back"
    DONE = "done"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    SETTINGS = "settings"
    KILL_SWITCH = "kill_switch"


class CheckName(StrEnum):
    """What is looked at before a change is carried out, in this order."""

    KILL_SWITCH = "kill_switch"
    APPROVAL = "approval"
    AS_DECIDED = "as_decided"
    MARKET_HOURS = "market_hours"
    DECISION_STEP = "decision_step"
    VELOCITY = "velocity"
    DAILY_CAP = "daily_cap"
    SPEND_CAP = "spend_cap"
    ACCOUNT_RATE = "account_rate"
    PLATFORM_RATE = "platform_rate"
    PLATFORM_USAGE = "platform_usage"
    PLATFORM_ANSWER = "platform_answer"


class SafetyCheck(Frozen):
    """What one check found: the numbers that it compared, and the same in words."""

    name: CheckName
    passed: bool
    numbers: dict[str, JsonValue] = {}
    says: str


def _without_offset(told: time) -> time:
    if told.tzinfo is not None:
        raise ValueError("is by the clock of the ad account: leave the offset out")
    return told


AccountTime = Annotated[time, AfterValidator(_without_offset)]


class MarketHours(Strict):
    """When changes may be made, by the clock of the ad account; Monday is 0. `until` itself is outside."""

    from_time: AccountTime = time(8)
    until_time: AccountTime = time(20)
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] = [0, 1, 2, 3, 4]

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> MarketHours:
        if self.from_time >= self.until_time:
            raise ValueError("from_time has to come before until_time")
        return self


class AdSafetySettings(Strict):
    """Within which bounds changes are carried out. Money is in the main unit of each account's own currency."""

    execution: bool = False
    """Off: changes are planned and written down as they would be made, and the platform is only read."""
    auto_approve_limit: Money | None = None
    """A change of a budget by at most this much needs no person; None: every change needs one. Pausing moves 0."""
    auto_approve_types: list[ChangeType] = [ChangeType.BUDGET, ChangeType.PAUSE]
    fuzzy_share: Annotated[float, Field(ge=0, le=0.5)] = 0.02
    """Up to which share of its step a budget falls short of what was approved, so that accounts do not move alike."""
    jitter_min_s: Annotated[float, Field(ge=0, le=3_600)] = 3.0
    jitter_max_s: Annotated[float, Field(ge=0, le=3_600)] = 18.0
    changes_per_hour: Annotated[int, Field(ge=1, le=15)] = 15
    """Of one account."""
    budget_changes_per_hour: Annotated[int, Field(ge=1, le=4)] = 4
    """Of one ad set or campaign: Meta takes no more than four."""
    velocity_share: Share = 0.20
    velocity_hours: Annotated[float, Field(ge=1, le=168)] = 6.0
    daily_share: Share = 0.50
    largest_step_share: Share = 0.50
    """How far one decision may move a budget, up or down."""
    largest_step_up_share: Share = 0.20
    """How far a recommendation may raise a budget at once."""
    drift_share: Share = 0.10
    """How far a budget may have moved on the platform since a change was decided."""
    account_spend_cap: Money | None = None
    """Spend of a day, in one account, that no raise may lead past; None: no cap."""
    market_hours: MarketHours | None = None
    slow_at_percent: Annotated[float, Field(ge=1, le=75)] = 75.0
    stop_at_percent: Annotated[float, Field(ge=1, le=95)] = 95.0
    slow_gap_s: Annotated[float, Field(ge=1, le=3_600)] = 60.0
    """What lies between two changes of an account whose allowance is nearly used up."""
    expires_after_hours: Annotated[float, Field(ge=1, le=720)] = 48.0

    @model_validator(mode="after")
    def _bounds_in_order(self) -> AdSafetySettings:
        if self.jitter_min_s > self.jitter_max_s:
            raise ValueError("jitter_min_s may not exceed jitter_max_s")
        if self.slow_at_percent > self.stop_at_percent:
            raise ValueError("slow_at_percent may not exceed stop_at_percent")
        return self


class KillSwitchDTO(Frozen):
    """Whether all changes of the account are stopped, why, and by whom."""

    on: bool = False
    reason: str = ""
    changed_by: str | None = None
    changed_at: datetime | None = None


class KillSwitchInput(Strict):
    on: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""

    @model_validator(mode="after")
    def _says_why(self) -> KillSwitchInput:
        if self.on and not self.reason:
            raise ValueError("say in `reason` why everything is to stop")
        return self


class RejectInput(Strict):
    reason: Reason = "rejected"


class RollbackInput(Strict):
    reason: Reason = "rolled back"


class ChangeDraft(Strict):
    """A change that is wanted of a campaign, an ad set or an ad.

    `requested_value` is a whole number of the currency's smallest units for budgets and bids (12000 is 120.00 EUR,
    12000 is 12,000 JPY), and is left out for pausing and resuming. `current_value` is what whoever decided believed.
    """

    ad_entity_type: EntityType
    ad_entity_id: OutsideId
    change_type: ChangeType
    requested_value: Annotated[int, Field(strict=True, ge=1, le=10**13)] | None = None
    current_value: Annotated[int, Field(strict=True, ge=1, le=10**13)] | None = None
    reason: Reason
    account_id: OutsideId | None = None
    idempotency_key: IdempotencyKey | None = None

    @model_validator(mode="after")
    def _names_its_value(self) -> ChangeDraft:
        needs_value = self.change_type in (ChangeType.BUDGET, ChangeType.BID)
        if self.change_type is ChangeType.CREATE:
            raise ValueError("ads are created from approved variants: send variant_ids, ad_set_id and link_url")
        if needs_value and self.requested_value is None:
            raise ValueError("name requested_value, in the currency's smallest units")
        if not needs_value and (self.requested_value, self.current_value) != (None, None):
            raise ValueError("pausing and resuming take no values")
        if self.change_type is ChangeType.BUDGET and self.ad_entity_type is EntityType.AD:
            raise ValueError("a single ad has no budget: change that of its ad set or campaign")
        return self


class ChangeBatch(Strict):
    changes: Annotated[list[ChangeDraft], Field(min_length=1, max_length=MOST_PROPOSED)]


class NewAdsDraft(Strict):
    """Ads that are to be made, paused, in an ad set: one from each approved variant."""

    variant_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    ad_set_id: OutsideId
    link_url: LandingUrl
    reason: Reason = "New ads from approved variants."
    image_hash: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    account_id: OutsideId | None = None


class BudgetWish(Frozen):
    """What an optimiser would give an ad a day, in the main unit; `pause` asks to stop the ad instead."""

    ad_id: str
    current_budget: Decimal
    recommended_budget: Decimal
    reason: str
    pause: bool = False


class AdChangeDTO(Frozen):
    """A change and how far it is. Values as in ChangeDraft; `*_text` say them for people.

    `executed_value` is what the platform was last told, `held_by` the check that the change waits for, and `says` tells
    why it waits or how it ended.
    """

    id: UUID
    account_id: str
    ad_entity_type: EntityType
    ad_entity_id: str
    change_type: ChangeType
    current_value: JsonValue = None
    requested_value: JsonValue = None
    executed_value: JsonValue = None
    currency: str
    current_text: str = ""
    requested_text: str = ""
    reason: str
    source: ChangeSource
    status: ChangeStatus
    proposed_by: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    attempts: int = 0
    not_before: datetime | None = None
    expires_at: datetime
    idempotency_key: str | None = None
    rolls_back_id: UUID | None = None
    dry_run_at: datetime | None = None
    held_by: CheckName | None = None
    says: str = ""
    created_at: datetime
    updated_at: datetime


class LeftOut(Frozen):
    """What did not become a change, and why."""

    id: str
    code: str
    message: str


class ProposedChanges(Frozen):
    """Changes that were proposed now or before, and what was left out, in the order given."""

    changes: list[AdChangeDTO] = []
    left_out: list[LeftOut] = []


class ChangeHistoryDTO(Frozen):
    """One line of the history, which nobody can change: what was, what is, who, why, the checks and the answer."""

    id: UUID
    change_id: UUID | None
    account_id: str | None
    ad_entity_type: EntityType | None
    ad_entity_id: str | None
    change_type: ChangeType | None
    currency: str | None
    event: HistoryEvent
    status: ChangeStatus | None
    execution_id: UUID | None
    before: JsonValue = None
    after: JsonValue = None
    before_text: str = ""
    after_text: str = ""
    who: str
    why: str
    checks: list[SafetyCheck] = []
    response: dict[str, JsonValue] = {}
    at: datetime


class RunDue(Frozen):
    """Asks a worker to carry out what is due."""


class RunReport(Frozen):
    """How often each event happened while what was due was carried out."""

    counts: dict[str, int] = {}
