"""Surfaces: the places that a brand listens to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.errors import FieldError
from kairo.stages.brands.contracts import BrandFileSurface
from kairo.stages.evidence.contracts import InvalidSurface, SurfaceRole, SurfaceType
from kairo.stages.evidence.models import Surface


def declare_surfaces(*, brand_id: UUID, surfaces: Sequence[BrandFileSurface]) -> int:
    """Make or update the surfaces that a brand file names; returns how many are new or changed.

    Surfaces that the file leaves out stay: what was captured on them is the brand's evidence.

    Raises:
        InvalidSurface: a type or role that there is not.
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
        Surface.objects.filter(id=row.id).update(**wanted)
    return changed


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
