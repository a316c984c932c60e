"""What ads tells other stages: the records of campaigns and ads, whose ids are free strings from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from kairo.errors import Invalid
from kairo.shapes import Frozen

MOST_RECORDS = 1_000

OutsideId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class UnreadableAdFile(Invalid):
    code = "unreadable_ad_file"


class Lenient(BaseModel):
    """A record from another system: fields that Kairo does not know are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CampaignDraft(Lenient):
    """A campaign as it comes; what is left out stays as it was."""

    campaign_id: OutsideId
    name: Name | None = None
    platform: Word | None = None
    status: Word | None = None
    objective: Word | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)] | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class AdDraft(Lenient):
    """An ad as it comes; its campaign and ad set need not be known."""

    ad_id: OutsideId
    campaign_id: OutsideId | None = None
    ad_set_id: OutsideId | None = None
    ad_set_name: Name | None = None
    platform: Word | None = None
    platform_ad_id: OutsideId | None = None
    name: Name | None = None
    status: Word | None = None
    landing_url: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    variant_id: UUID | None = None
    package_id: UUID | None = None
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class CampaignBatch(Lenient):
    """Up to 1,000 campaigns; each is judged by itself."""

    campaigns: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_RECORDS)]


class AdBatch(Lenient):
    """Up to 1,000 ads; each is judged by itself."""

    ads: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_RECORDS)]


class CampaignDTO(Frozen):
    campaign_id: str
    name: str
    platform: str
    status: str
    objective: str
    currency: str | None
    created_at: datetime
    updated_at: datetime


class AdDTO(Frozen):
    ad_id: str
    campaign_id: str | None
    ad_set_id: str | None
    platform: str
    platform_ad_id: str | None
    name: str
    status: str
    landing_url: str | None
    variant_id: UUID | None
    package_id: UUID | None
    created_at: datetime
    updated_at: datetime


class RecordError(Frozen):
    """Why a record of a batch was refused."""

    code: str
    message: str


class StoredRecord(Frozen):
    """What became of one record of a batch: `id` is the outside id, `status` created, updated, unchanged or refused."""

    id: str | None
    status: str
    error: RecordError | None = None


class StoredRecords(Frozen):
    """One entry a record, in the order sent."""

    results: list[StoredRecord]
