"""Brands for each state of the Brain page: what the screenshots show and the layout tests walk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.knowledge import operations
from kairo.stages.knowledge.contracts.gathers import GatherState
from tests.factories.boards import make_brand
from tests.factories.knowledge_pages import contradicting, evaluated, known, staged_gather, upload

REMEDIATION = (
    "There is nothing to gather from: upload a document (Markdown, PDF or text) about the brand, or import posts."
)


def stage_knowledge(tenant: UUID, *, at: datetime) -> dict[str, str]:
    """Make a brand for each state of the Brain page and return the paths."""
    done = make_brand(tenant, slug="willow", name="Willow Books", is_synthetic=True)
    document_id = _known_well(tenant, done, at=at)
    live = make_brand(tenant, slug="ferry", name="Ferry Bikes", is_synthetic=True)
    upload(tenant, live.id, at=at, name="ferry.md")
    staged_gather(tenant, live.id, at=timezone.now())
    known(tenant, live.id, "Commuters ask whether a folded bike fits under a desk.")
    failed = make_brand(tenant, slug="kiln", name="Kiln Ceramics", is_synthetic=True)
    staged_gather(tenant, failed.id, at=at, state=GatherState.FAILED, error="The brain was away during four attempts.")
    thin = make_brand(tenant, slug="tarn", name="Tarn Swimwear", is_synthetic=True)
    staged_gather(
        tenant, thin.id, at=at, state=GatherState.INSUFFICIENT_EVIDENCE, iterations=0, items_created=0,
        duplicates=0, remediation=REMEDIATION,
    )  # fmt: skip
    return {
        "brain": "/b/willow/knowledge",
        "brain-live": "/b/ferry/knowledge",
        "brain-none": "/b/orchard/knowledge",
        "brain-failed": "/b/kiln/knowledge",
        "brain-thin": "/b/tarn/knowledge",
        "statements": "/b/willow/knowledge/statements",
        "documents": "/b/willow/knowledge/documents",
        "document": f"/b/willow/knowledge/documents/{document_id}",
    }


def _known_well(tenant: UUID, brand: BrandDTO, *, at: datetime) -> UUID:
    document = upload(tenant, brand.id, at=at, name="northwind-brand-book.md")
    staged_gather(tenant, brand.id, at=at, state=GatherState.COMPLETED, iterations=19)
    evaluated(tenant, brand.id, at=at, gaps=["Buying habits: no statement covers it.", "Objections: one statement."])
    removed, *_ = known(
        tenant,
        brand.id,
        "Readers come back for staff picks, not for discounts.",
        "People who brew at home care about water, grind and freshness.",
        "Every bag carries its roast date, and regulars plan by it.",
    )
    contradicting(tenant, brand.id, "A bag keeps its taste for a year.", "Opened, a bag loses its taste in two weeks.")
    with tenant_transaction(tenant):
        operations.remove_statement(brand_id=brand.id, statement_id=removed, by=brand.id, at=at)
    return document.id
