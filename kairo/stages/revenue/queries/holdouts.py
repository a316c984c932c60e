"""Holdouts, with the lift that each shows beside the attributed figure."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.revenue.contracts.tracking import HoldoutDTO, HoldoutGroup
from kairo.stages.revenue.models.tracking import Conversion, Holdout
from kairo.stages.revenue.rules.reporting import lift

MOST_HOLDOUTS = 200


def holdouts(*, until: datetime, after: str | None = None, limit: int = 50) -> list[HoldoutDTO]:
    """List the account's holdouts by name; one that has not ended is told as of `until`."""
    found = Holdout.objects.order_by("name")
    if after is not None:
        found = found.filter(name__gt=after)
    return [holdout_of(row, until=until) for row in found[:limit]]


def holdout_of(row: Holdout, *, until: datetime) -> HoldoutDTO:
    """Return one holdout with its lift."""
    groups = {name: HoldoutGroup.model_validate(row.groups[name]) for name in ("shown", "held_out")}
    shown, held_out = groups["shown"], groups["held_out"]
    found = lift(shown.converted, shown.people, held_out.converted, held_out.people)
    conversions = Conversion.objects.filter(
        attributed=True, occurred_at__gte=row.started_at, occurred_at__lt=row.ended_at or until
    )
    if row.conversion_type is not None:
        conversions = conversions.filter(conversion_type=row.conversion_type)
    attributed = conversions.count()
    difference, low, high = found if found else (None, None, None)
    return HoldoutDTO(
        name=row.name,
        kind=row.kind,
        conversion_type=row.conversion_type,
        started_at=row.started_at,
        ended_at=row.ended_at,
        shown=shown,
        held_out=held_out,
        lift=difference,
        low=low,
        high=high,
        incremental=None if difference is None else difference * shown.people,
        attributed=attributed,
        says=_says(difference, low, high, shown.people, attributed),
    )


def _says(difference: float | None, low: float | None, high: float | None, people: int, attributed: int) -> str:
    if difference is None or low is None or high is None:
        return "One of the groups is empty: nothing can be told."
    sure = "" if low > 0 or high < 0 else " The interval holds zero: ads may have added nothing."
    return (
        f"Ads added {difference * people:,.0f} conversions ({low * people:,.0f} to {high * people:,.0f});"
        f" {attributed:,} are attributed.{sure}"
    )
