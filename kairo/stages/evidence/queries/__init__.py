"""Reads of evidence: the door of the stage. Nothing here writes or reaches the network."""

from kairo.stages.evidence.queries.brand_items import (
    BrandEvidence,
    EvidenceWindow,
    brand_evidence,
    count_brand_items,
    evidence_window,
    gate_report,
    gate_thresholds,
    item,
    items,
    judge_items,
)
from kairo.stages.evidence.queries.captures import declared_surfaces, import_run, rejections, surface, surfaces

__all__ = [
    "BrandEvidence",
    "EvidenceWindow",
    "brand_evidence",
    "count_brand_items",
    "declared_surfaces",
    "evidence_window",
    "gate_report",
    "gate_thresholds",
    "import_run",
    "item",
    "items",
    "judge_items",
    "rejections",
    "surface",
    "surfaces",
]
