"""What became of conversions."""

from __future__ import annotations

from collections.abc import Sequence

from kairo.stages.revenue.contracts.tracking import AttributionDTO, CandidateDTO
from kairo.stages.revenue.models.tracking import Conversion


def attributions(conversion_ids: Sequence[str]) -> dict[str, AttributionDTO]:
    """Return what became of those conversions that are stored, by their ids."""
    if not conversion_ids:
        return {}
    found = Conversion.objects.filter(conversion_id__in=list(conversion_ids))
    return {row.conversion_id: _attribution(row) for row in found}


def _attribution(row: Conversion) -> AttributionDTO:
    return AttributionDTO(
        conversion_id=row.conversion_id,
        attributed=row.attributed,
        method=row.method,
        layer=row.layer,
        confidence=row.confidence,
        ad_id=row.ad_id,
        click_id=row.attributed_click_id,
        clicked_at=row.clicked_at,
        reason=row.reason,
        candidates=[CandidateDTO.model_validate(one) for one in row.candidates],
    )
