"""The source material of a brand: passages of its documents, and the best of its evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.graph import SourceType

MOST_PASSAGES = 400
MOST_EVIDENCE = 200
MOST_CHARACTERS = 2_000
"""So much of an item's text is material: the start of a transcript tells what it is about."""
_FEWEST_CHARACTERS = 20
_HOWEVER_OLD_DAYS = 100 * 365
"""What is known of a brand does not grow stale as a suggestion to publish does: its newest posts, however old."""

# Each document gives its first passages before any gives its later ones: a long one does not crowd out the others.
_PASSAGES = """
SELECT passage.id, passage.text, COALESCE(passage.title, document.title), document.url, passage.language
FROM knowledge_passage passage
JOIN knowledge_document document ON document.tenant_id = passage.tenant_id AND document.id = passage.document_id
WHERE document.tenant_id = (SELECT %(tenant)s::uuid) AND document.brand_id = %(brand)s
ORDER BY passage.position, document.id
LIMIT %(most)s
"""


def materials(
    brand_id: UUID, *, as_of: datetime, most_passages: int = MOST_PASSAGES, most_evidence: int = MOST_EVIDENCE
) -> tuple[Passage, ...]:
    """Return what a brand's knowledge can be gathered from, in the same order each time; empty where there is nothing.

    First passages of documents, then the brand's newest evidence: originals that hold words of their own, those that
    moved people most first.

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    brands.brand(brand_id)
    found = rows(_PASSAGES, {"tenant": current_tenant(), "brand": brand_id, "most": most_passages})
    passages = [
        Passage(source_type=SourceType.DOCUMENT, source_id=row[0], text=row[1], title=row[2], url=row[3], lang=row[4])
        for row in found
    ]
    return (*passages, *_best_evidence(brand_id, as_of=as_of, most=most_evidence))


def _best_evidence(brand_id: UUID, *, as_of: datetime, most: int) -> list[Passage]:
    window = replace(evidence.evidence_window(brand_id, as_of=as_of), days=_HOWEVER_OLD_DAYS)
    items = [
        item
        for item in evidence.brand_evidence(brand_id, window).items
        if item.holds_real_content and item.near_duplicate_of is None and len(_said(item)) >= _FEWEST_CHARACTERS
    ]
    items.sort(key=lambda item: (-item.engagement_score, -_age(item), item.id))
    return [
        Passage(
            source_type=SourceType.EVIDENCE,
            source_id=item.id,
            text=_said(item)[:MOST_CHARACTERS],
            title=item.title,
            url=item.url,
            lang=item.language,
        )
        for item in items[:most]
    ]


def _said(item: EvidenceItemDTO) -> str:
    """Return what an item says as it was stored: its text, or its transcript where it has no text."""
    return item.text.strip() or (item.transcript or "").strip()


def _age(item: EvidenceItemDTO) -> float:
    return item.published_at.timestamp() if item.published_at else 0.0
