"""Holdouts, with the lift that each shows beside the attributed figure."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from kairo.stages.revenue.contracts.tracking import HoldoutDTO, HoldoutGroup
from kairo.stages.revenue.models.tracking import Conversion, Holdout
from kairo.stages.revenue.rules.reporting import lift


def holdouts(*, until: datetime, after: str | None = None, limit: int = 50) -> list[HoldoutDTO]:
    """List the account's holdouts by name, in one query; one that has not ended is told as of `until`."""
    found = Holdout.objects.order_by("name")
    if after is not None:
        found = found.filter(name__gt=after)
    return _told(found[:limit], until=until)


def holdout(name: str, *, until: datetime) -> HoldoutDTO:
    """Return the holdout of a name, which must be there."""
    [found] = _told(Holdout.objects.filter(name=name), until=until)
    return found


def _told(found: QuerySet[Holdout], *, until: datetime) -> list[HoldoutDTO]:
    meanwhile = Conversion.objects.filter(
        attributed=True,
        occurred_at__gte=OuterRef("started_at"),
        occurred_at__lt=Coalesce(OuterRef("ended_at"), Value(until)),
        conversion_type=Coalesce(OuterRef("conversion_type"), F("conversion_type")),
    )
    counted = meanwhile.order_by().values("tenant_id").annotate(counted=Count("id")).values("counted")
    return [_holdout(row, attributed or 0) for row, attributed in _counted(found, Subquery(counted))]


def _counted(found: QuerySet[Holdout], counted: Subquery) -> list[tuple[Holdout, int | None]]:
    return [(row, row.attributed_meanwhile) for row in found.annotate(attributed_meanwhile=counted)]


def _holdout(row: Holdout, attributed: int) -> HoldoutDTO:
    groups = {name: HoldoutGroup.model_validate(row.groups[name]) for name in ("shown", "held_out")}
    shown, held_out = groups["shown"], groups["held_out"]
    found = lift(shown.converted, shown.people, held_out.converted, held_out.people)
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
