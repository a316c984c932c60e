"""What the ten gates say of a brand's items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.sql import rows
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.contracts import EvidenceItemDTO, GateReport, GateThresholds, MediaType
from kairo.stages.evidence.queries.brand_items import WINDOW, EvidenceWindow, window_parameters
from kairo.stages.evidence.rules.gates import GateItem, judge

# What the gates look at and nothing else, in the order of GateItem's fields: neither texts nor vectors travel.
# A post without words of its own is normalised by its transcript, hence both conditions of has_text.
_GATE_ITEMS = f"""
SELECT item.platform, item.published_at,
       item.text_content <> '' AND COALESCE(normalized.normalized_text, '') <> '',
       length(COALESCE(normalized.normalized_text, '')),
       COALESCE(normalized.holds_real_content, false),
       item.media_type = '{MediaType.VIDEO}', COALESCE(item.transcript, '') <> '',
       item.author_ref, item.format_has_author, item.url,
       COALESCE(normalized.content_hash, ''), normalized.is_near_duplicate_of_id
FROM evidence_item item
LEFT JOIN normalized_evidence_item normalized
  ON normalized.tenant_id = item.tenant_id AND normalized.item_id = item.id
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.id IN ({WINDOW})
ORDER BY item.published_at DESC, item.id DESC
"""  # noqa: S608 - our own constants


def gate_thresholds(brand_id: UUID) -> GateThresholds:
    """Return what the gates ask of a brand: the defaults, its own platforms, and its own thresholds."""
    own = brands.brand_settings(brand_id).get("gates", {})
    platforms = brands.brand(brand_id).platforms
    return GateThresholds.model_validate({**(own if isinstance(own, dict) else {}), "platforms": platforms})


def gate_report(brand_id: UUID, window: EvidenceWindow) -> GateReport:
    """Judge a brand's items in the window by the ten gates, reading of each what they look at."""
    found = rows(_GATE_ITEMS, window_parameters(brand_id, window))
    return judge([GateItem(*row) for row in found], gate_thresholds(brand_id), as_of=window.as_of)


def judge_items(items: Sequence[EvidenceItemDTO], thresholds: GateThresholds, *, as_of: datetime) -> GateReport:
    """Judge items that were read already."""
    return judge([_gate_item(item) for item in items], thresholds, as_of=as_of)


def _gate_item(item: EvidenceItemDTO) -> GateItem:
    return GateItem(
        platform=item.platform,
        published_at=item.published_at,
        # A caption of invisible characters is no text.
        has_text=bool(item.text.strip() and item.normalized_text),
        text_length=len(item.normalized_text),
        holds_real_content=item.holds_real_content,
        is_video=item.media_type is MediaType.VIDEO,
        has_transcript=bool(item.transcript),
        author=item.author,
        format_has_author=item.format_has_author,
        url=item.url,
        content_hash=item.content_hash,
        near_duplicate_of=item.near_duplicate_of,
    )
