"""Conversions as a list, and one of them in full."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from kairo.stages.revenue.contracts.overview import (
    AttemptDTO,
    ConversionDTO,
    ConversionNotFound,
    ConversionsAfter,
    ListedConversion,
)
from kairo.stages.revenue.contracts.tracking import CandidateDTO
from kairo.stages.revenue.models.tracking import AttributionAttempt, Conversion

MOST_ATTEMPTS = 50
_LISTED = tuple(ListedConversion.model_fields)


def conversions(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    layer: int | None = None,
    reason: str | None = None,
    ad_id: str | None = None,
    after: ConversionsAfter | None = None,
    limit: int = 50,
) -> list[ListedConversion]:
    """List conversions, the newest first, of a window, a layer, an ad, or those that a reason left uncredited."""
    found = Conversion.objects.order_by("-occurred_at", "-id")
    if since is not None:
        found = found.filter(occurred_at__gt=since)
    if until is not None:
        found = found.filter(occurred_at__lte=until)
    if layer is not None:
        found = found.filter(layer=layer)
    if reason is not None:
        found = found.filter(attributed=False, reason=reason)
    if ad_id is not None:
        found = found.filter(ad_id=ad_id)
    if after is not None:
        earlier = Q(occurred_at__lt=after.occurred_at) | Q(occurred_at=after.occurred_at, id__lt=after.id)
        found = found.filter(earlier, occurred_at__lte=after.occurred_at)
    return [ListedConversion.model_validate(row) for row in found.values(*_LISTED)[:limit]]


def conversion(conversion_id: str) -> ConversionDTO:
    """Return a conversion with the clicks that came into question and each attempt to find its ad; two queries.

    Raises:
        ConversionNotFound: not there, or somebody else's.
    """
    known = Conversion.objects.filter(conversion_id=conversion_id) if "\0" not in conversion_id else []
    row = next(iter(known), None)
    if row is None:
        raise ConversionNotFound(f"There is no conversion {conversion_id!r}.")
    attempts = AttributionAttempt.objects.filter(conversion_id=conversion_id).order_by("-attempted_at", "-id")
    return ConversionDTO(
        **{name: getattr(row, name) for name in _LISTED},
        click_id=row.attributed_click_id,
        clicked_at=row.clicked_at,
        candidates=[CandidateDTO.model_validate(one) for one in row.candidates],
        attempts=[_attempt(one) for one in attempts[:MOST_ATTEMPTS]],
    )


def _attempt(row: AttributionAttempt) -> AttemptDTO:
    return AttemptDTO(
        attempted_at=row.attempted_at,
        layers_tried=[int(layer) for layer in row.layers_tried.split(",") if layer],
        attributed=row.attributed,
        method=row.method,
        reason=row.reason,
        confidence=row.confidence,
        candidates=row.candidates,
        milliseconds=row.milliseconds,
        weights_version=row.weights_version,
    )
