"""The chain from a post to the money that came of it, over HTTP."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, ClicksBefore

router = Router(tags=["lineage"])


@router.get("/lineage/{node_kind}/{path:node_id}", response={200: ChainDTO, **PROBLEMS})
def get_lineage(
    request: HttpRequest,
    node_kind: ChainKind,
    node_id: str,
    source: Annotated[str | None, Query(max_length=200, description="The CRM of a deal")] = None,
    clicks_before: Annotated[
        str | None, Query(max_length=400, description="Look for clicks that led to nothing from here on back")
    ] = None,
) -> ChainDTO:
    """Return what a thing came from and what came of it: posts, texts, ads, clicks, conversions, deals and revenue.

    Ads, clicks, conversions and deals are named by the ids that they have outside. At most 50 things of a kind are
    listed; `revenue` counts all. It is null as long as no ad, conversion or deal belongs to the chain. Clicks of ads
    that led to nothing are looked for among 50,000 clicks of the account at a time, the newest first:
    `clicks_looked_at` says how far, and what to give as `clicks_before` to look further back; any moment will do.
    """
    before = None if clicks_before is None else ClicksBefore.read(clicks_before)
    return operations.follow(kind=node_kind, object_id=node_id, source=source, clicks_before=before, at=now())
