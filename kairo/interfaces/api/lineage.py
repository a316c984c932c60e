"""The chain from a post to what came of it, over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.content import queries
from kairo.stages.content.contracts import LineageDTO, LineageKind

router = Router(tags=["lineage"])


@router.get("/lineage/{node_kind}/{node_id}", response={200: LineageDTO, **PROBLEMS})
def get_lineage(request: HttpRequest, node_kind: LineageKind, node_id: UUID) -> LineageDTO:
    """Return what a post, an opportunity, a package or a variant came from, and what came of it.

    At most 50 things of a kind are listed. `revenue` is null as long as no revenue is tracked.
    """
    return queries.lineage(node_kind, node_id, at=now())
