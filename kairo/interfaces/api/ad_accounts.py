"""Accounts of ad platforms and figures of ads over HTTP."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status

from kairo.interfaces.api.actors import require_owner, role_of
from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts import StoredRecords
from kairo.stages.ads.contracts.accounts import AccountConnection, AdAccountDTO
from kairo.stages.ads.contracts.figures import StatBatch, StatDraft
from kairo.stages.ads.contracts.stats import AdStatDTO

OWNERS_ONLY = "Only an owner may connect other services."

router = Router(tags=["ads"])

Cursor = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("/ads/accounts", response={200: Page[AdAccountDTO], **PROBLEMS})
def list_ad_accounts(request: HttpRequest, cursor: Cursor | None = None, limit: Limit = 50) -> Page[AdAccountDTO]:
    """List the connected accounts of ad platforms by their ids; tokens are not told."""
    found = queries.accounts(after=cursor, limit=limit + 1)
    following = found[limit - 1].account_id if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post("/ads/accounts", response={200: AdAccountDTO, 201: AdAccountDTO, **PROBLEMS})
def connect_ad_account(request: HttpRequest, body: AccountConnection) -> Status[AdAccountDTO]:
    """Connect an account of an ad platform, or change how; an owner may. A token that is left out stays as it is."""
    require_owner(request, otherwise=OWNERS_ONLY)
    account, created = operations.connect_account(connection=body, at=now())
    return Status(201 if created else 200, account)


@router.delete("/ads/accounts/{account_id}", response={204: None, **PROBLEMS})
def disconnect_ad_account(request: HttpRequest, account_id: str) -> Status[None]:
    """Forget an account and its token; its campaigns, ads and figures stay."""
    operations.disconnect_account(account_id=account_id, role=role_of(request))
    return Status(204, None)


@router.post("/ads/stats", response={200: AdStatDTO | StoredRecords, 201: AdStatDTO, **PROBLEMS})
def save_ad_stats(request: HttpRequest, body: StatBatch | StatDraft) -> Status[AdStatDTO] | Status[StoredRecords]:
    """Store what an ad did in an hour or on a day, or up to 1,000 rows under `stats`; the newest figures count."""
    if isinstance(body, StatBatch):
        return Status(200, operations.record_stats(records=body.stats, at=now()))
    stat, created = operations.save_stat(draft=body, at=now())
    return Status(201 if created else 200, stat)
