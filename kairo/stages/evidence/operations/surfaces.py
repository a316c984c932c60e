"""Surfaces: the places that a brand listens to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.errors import FieldError
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import BrandFileSurface
from kairo.stages.evidence import queries
from kairo.stages.evidence.adapters.live.registry import unreadable_place
from kairo.stages.evidence.contracts import (
    InvalidSurface,
    SurfaceChange,
    SurfaceDraft,
    SurfaceDTO,
    SurfaceExists,
    SurfaceRole,
    SurfaceType,
)
from kairo.stages.evidence.models import Surface

# What was worked out for another cadence, or before a pause, does not hold any more.
_DUE_AT_ONCE = {"next_due_at": None}


def declare_surfaces(*, brand_id: UUID, surfaces: Sequence[BrandFileSurface]) -> int:
    """Make or update the surfaces that a brand file names; returns how many are new or changed.

    Surfaces that the file leaves out stay: what was captured on them is the brand's evidence.

    Raises:
        InvalidSurface: a type or role that there is not, or a key that its source cannot read.
    """
    return sum(_declare(brand_id, place, surface) for place, surface in enumerate(surfaces))


def _declare(brand_id: UUID, place: int, surface: BrandFileSurface) -> bool:
    try:
        surface_type, role = SurfaceType(surface.surface_type), SurfaceRole(surface.role)
    except ValueError as error:
        known = f"surface_type: {', '.join(SurfaceType)}; role: {', '.join(SurfaceRole)}"
        problem = FieldError(f"surfaces.{place}", str(error))
        raise InvalidSurface(
            f"Surface {place + 1} of the file: {error}. Known are {known}.", errors=(problem,)
        ) from error
    problem_with_key = unreadable_place(surface.platform, surface_type, surface.surface_key)
    if problem_with_key:
        problem = FieldError(f"surfaces.{place}.surface_key", problem_with_key)
        raise InvalidSurface(f"Surface {place + 1} of the file: {problem_with_key}.", errors=(problem,))
    wanted = {"role": role, "cadence_minutes": surface.cadence_minutes, "is_active": surface.is_active}
    row, created = Surface.objects.get_or_create(
        brand_id=brand_id,
        platform=surface.platform,
        surface_type=surface_type,
        surface_key=surface.surface_key,
        defaults=wanted,
    )
    if created:
        return True
    changed = any(getattr(row, name) != value for name, value in wanted.items())
    if changed:
        Surface.objects.filter(id=row.id).update(**wanted, **_DUE_AT_ONCE)
    return changed


def add_surface(*, brand_id: UUID, draft: SurfaceDraft) -> SurfaceDTO:
    """Make a surface of a brand.

    Raises:
        BrandNotFound: no such brand of this tenant.
        InvalidSurface: it is of type import, which only an import makes, or its key is none that its source reads.
        SurfaceExists: the brand listens to this place already.
    """
    brands.brand(brand_id)
    if draft.surface_type is SurfaceType.IMPORT:
        problem = FieldError("surface_type", "import is made by an import alone")
        raise InvalidSurface("A surface of type import is made by importing a file.", errors=(problem,))
    reason = unreadable_place(draft.platform, draft.surface_type, draft.surface_key)
    if reason:
        raise InvalidSurface(f"This place cannot be read: {reason}.", errors=(FieldError("surface_key", reason),))
    named = draft.model_dump(include={"platform", "surface_type", "surface_key"})
    row, created = Surface.objects.get_or_create(
        brand_id=brand_id, **named, defaults=draft.model_dump(exclude=set(named))
    )
    if not created:
        raise SurfaceExists(f"The brand has this surface already: {row.id}.")
    return queries.surface(brand_id, row.id)


def change_surface(*, brand_id: UUID, surface_id: UUID, change: SurfaceChange) -> SurfaceDTO:
    """Change what a surface stands for, how often it is read, or whether it is.

    Raises:
        BrandNotFound, SurfaceNotFound: not there, or somebody else's.
    """
    brands.brand(brand_id)
    queries.surface(brand_id, surface_id)
    wanted: dict[str, object] = change.model_dump(exclude_none=True)
    if change.cadence_minutes or change.is_active:
        wanted |= _DUE_AT_ONCE
    if wanted:
        Surface.objects.filter(id=surface_id).update(**wanted)
    return queries.surface(brand_id, surface_id)


def import_surface(*, brand_id: UUID, platform: str, file_name: str, role: SurfaceRole | None) -> UUID:
    """Return the surface of an imported file; files of one name are one surface, seen again and again."""
    row, _ = Surface.objects.get_or_create(
        brand_id=brand_id,
        platform=platform,
        surface_type=SurfaceType.IMPORT,
        surface_key=file_name,
        defaults={"role": role or SurfaceRole.MARKET},
    )
    if role is not None and row.role != role:
        Surface.objects.filter(id=row.id).update(role=role)
    return row.id
