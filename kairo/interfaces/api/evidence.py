"""Evidence over HTTP: items, and what the gates say of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.moments import Moment
from kairo.interfaces.api.paging import Limit, Page
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import EvidenceItemDTO, GateReport

router = Router(tags=["evidence"])


@router.get("/brands/{brand_id}/evidence", response={200: Page[EvidenceItemDTO], **PROBLEMS})
def list_evidence(
    request: HttpRequest,
    brand_id: UUID,
    platform: str | None = None,
    lang: str | None = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[EvidenceItemDTO]:
    """List a brand's items, newest first."""
    items = queries.items(brand_id, platform=platform, language=lang, after=cursor, limit=limit + 1)
    following = str(items[limit - 1].id) if len(items) > limit else None
    return Page(items=items[:limit], next_cursor=following)


@router.get("/evidence/{item_id}", response={200: EvidenceItemDTO, **PROBLEMS})
def get_item(request: HttpRequest, item_id: UUID) -> EvidenceItemDTO:
    """Return one item."""
    return queries.item(item_id)


@router.get("/brands/{brand_id}/gates", response={200: GateReport, **PROBLEMS})
def get_gates(request: HttpRequest, brand_id: UUID, as_of: Moment | None = None) -> GateReport:
    """Judge the brand's evidence by the ten gates, as of a moment (now by default)."""
    window = queries.evidence_window(brand_id, as_of=as_of or timezone.now())
    return queries.gate_report(brand_id, window)
