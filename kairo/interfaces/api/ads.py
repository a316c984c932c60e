"""Campaigns and ads over HTTP: records under the ids of their platforms."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status

from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts import (
    AdBatch,
    AdDraft,
    AdDTO,
    CampaignBatch,
    CampaignDraft,
    CampaignDTO,
    StoredRecords,
)

router = Router(tags=["ads"])

Cursor = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("/campaigns", response={200: Page[CampaignDTO], **PROBLEMS})
def list_campaigns(request: HttpRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Page[CampaignDTO]:
    """List the account's campaigns by their ids."""
    found = queries.campaigns(after=cursor, limit=limit + 1)
    following = found[limit - 1].campaign_id if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post("/campaigns", response={200: CampaignDTO | StoredRecords, 201: CampaignDTO, **PROBLEMS})
def save_campaigns(
    request: HttpRequest, body: CampaignBatch | CampaignDraft
) -> Status[CampaignDTO] | Status[StoredRecords]:
    """Store a campaign, or up to 1,000 under `campaigns`; what is known is changed where it says something new."""
    if isinstance(body, CampaignBatch):
        return Status(200, operations.record_campaigns(records=body.campaigns, at=now()))
    campaign, created = operations.save_campaign(draft=body, at=now())
    return Status(201 if created else 200, campaign)


@router.get("/ads", response={200: Page[AdDTO], **PROBLEMS})
def list_ads(
    request: HttpRequest,
    campaign_id: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Page[AdDTO]:
    """List the account's ads, or those of a campaign, by their ids."""
    found = queries.ads(campaign_id=campaign_id, after=cursor, limit=limit + 1)
    following = found[limit - 1].ad_id if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post("/ads", response={200: AdDTO | StoredRecords, 201: AdDTO, **PROBLEMS})
def save_ads(request: HttpRequest, body: AdBatch | AdDraft) -> Status[AdDTO] | Status[StoredRecords]:
    """Store an ad, or up to 1,000 under `ads`; what is known is changed where it says something new."""
    if isinstance(body, AdBatch):
        return Status(200, operations.record_ads(records=body.ads, at=now()))
    ad, created = operations.save_ad(draft=body, at=now())
    return Status(201 if created else 200, ad)
