"""Reads of evidence: the door of the stage. Nothing here writes or reaches the network."""

from kairo.stages.evidence.queries.arrivals import (
    ArrivedItem,
    arrivals,
    arrived_items,
    brand_items_among,
    last_arrival,
    published_items,
)
from kairo.stages.evidence.queries.authors import author, stored_texts
from kairo.stages.evidence.queries.brand_items import (
    BrandEvidence,
    EvidenceWindow,
    brand_evidence,
    count_brand_items,
    evidence_of,
    evidence_window,
    item,
    items,
    items_by_id,
)
from kairo.stages.evidence.queries.captures import (
    declared_surfaces,
    import_run,
    listened_until,
    metric_samples,
    rejections,
    surface,
    surfaces,
    upload_of,
)
from kairo.stages.evidence.queries.gates import gate_report, gate_thresholds, judge_items
from kairo.stages.evidence.queries.search import search_corpus
from kairo.stages.evidence.queries.volume import volume

__all__ = [
    "ArrivedItem",
    "BrandEvidence",
    "EvidenceWindow",
    "arrivals",
    "arrived_items",
    "author",
    "brand_evidence",
    "brand_items_among",
    "count_brand_items",
    "declared_surfaces",
    "evidence_of",
    "evidence_window",
    "gate_report",
    "gate_thresholds",
    "import_run",
    "item",
    "items",
    "items_by_id",
    "judge_items",
    "last_arrival",
    "listened_until",
    "metric_samples",
    "published_items",
    "rejections",
    "search_corpus",
    "stored_texts",
    "surface",
    "surfaces",
    "upload_of",
    "volume",
]
