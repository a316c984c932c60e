"""Reads of brands."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from pydantic import ValidationError

from kairo.errors import FieldError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.lookups import tenants
from kairo.stages.brands.contracts import (
    AmbiguousBrand,
    BrandDTO,
    BrandFile,
    BrandFileBrand,
    BrandFilePattern,
    BrandFilePersona,
    BrandFilePillar,
    BrandNotFound,
    BrandSettings,
    BrandSettingsDTO,
    GateSettings,
    InvalidBrandSettings,
    PatternTemplateDTO,
    PersonaDTO,
    PillarDTO,
)
from kairo.stages.brands.models import Brand, ContentPillar, PatternTemplate, Persona


def brand(brand_id: UUID) -> BrandDTO:
    """Return a brand of the running tenant.

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    row = Brand.objects.filter(id=brand_id).first()
    if row is None:
        raise BrandNotFound("There is no such brand.")
    return row.to_contract()


def brands(*, with_archived: bool = False) -> list[BrandDTO]:
    """List the running tenant's brands by slug."""
    found = Brand.objects.order_by("slug")
    if not with_archived:
        found = found.filter(archived_at=None)
    return [row.to_contract() for row in found]


def locate_brand(slug: str, *, tenant_slug: str | None = None) -> tuple[UUID, UUID]:
    """Return (tenant id, brand id) of a slug, over all tenants: for the operator's commands.

    Raises:
        BrandNotFound: no tenant has such a brand.
        AmbiguousBrand: several have one, and no tenant was named.
    """
    everywhere = rows("SELECT tenant_id, tenant_slug, brand_id FROM brands_by_slug(%s)", [slug])
    found = [row for row in everywhere if tenant_slug in (None, row[1])]
    if not found:
        raise BrandNotFound(f"There is no brand {slug!r}. `kairo brand list` shows the brands there are.")
    if len(found) > 1:
        names = ", ".join(row[1] for row in found)
        raise AmbiguousBrand(f"Several tenants have a brand {slug!r} ({names}): name one with --tenant.")
    return found[0][0], found[0][2]


def all_brands(*, tenant_slug: str | None = None) -> list[tuple[str, BrandDTO]]:
    """List (tenant slug, brand) over all tenants: for the operator's commands."""
    listed: list[tuple[str, BrandDTO]] = []
    for tenant in tenants():
        if tenant_slug in (None, tenant.slug):
            with tenant_transaction(tenant.id):
                listed += [(tenant.slug, found) for found in brands(with_archived=True)]
    return listed


def personas(brand_id: UUID) -> list[PersonaDTO]:
    """List a brand's personas by name."""
    return [row.to_contract() for row in Persona.objects.filter(brand_id=brand_id, archived_at=None).order_by("name")]


def pillars(brand_id: UUID) -> list[PillarDTO]:
    """List a brand's pillars, those that matter most first."""
    found = ContentPillar.objects.filter(brand_id=brand_id, archived_at=None)
    return [row.to_contract() for row in sorted(found, key=lambda row: (row.priority_rank or 1_000_000, row.name))]


def patterns(brand_id: UUID) -> list[PatternTemplateDTO]:
    """List a brand's pattern templates by name."""
    found = PatternTemplate.objects.filter(brand_id=brand_id, archived_at=None).order_by("name")
    return [row.to_contract() for row in found]


def brand_file(brand_id: UUID, *, tenant_slug: str) -> BrandFile:
    """Return a brand in the form for people, without its surfaces (those are the evidence stage's).

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    found = brand(brand_id)
    head = BrandFileBrand(**found.model_dump(include=set(BrandFileBrand.model_fields)))
    return BrandFile(
        tenant=tenant_slug,
        brand=head,
        personas=[BrandFilePersona(**part.model_dump(exclude={"id"})) for part in personas(brand_id)],
        pillars=[BrandFilePillar(**part.model_dump(exclude={"id"})) for part in pillars(brand_id)],
        patterns=[
            BrandFilePattern(**part.model_dump(include=set(BrandFilePattern.model_fields)))
            for part in patterns(brand_id)
        ],
    )


def brand_settings(brand_id: UUID) -> dict[str, object]:
    """Return the thresholds that a brand sets for itself, by setting name; empty where all defaults hold."""
    row = Brand.objects.filter(id=brand_id).values_list("settings", flat=True).first()
    return dict(row or {})


def settings_of(brand_id: UUID) -> BrandSettingsDTO:
    """Return what a brand may set, as it holds, beside the defaults.

    Raises:
        BrandNotFound: not there, or somebody else's.
        InvalidBrandSettings: what is stored cannot be used.
    """
    brand(brand_id)
    own = {name: value for name, value in brand_settings(brand_id).items() if name in BrandSettings.model_fields}
    settings, defaults = checked_settings(own), BrandSettings()
    return BrandSettingsDTO(
        brand_id=brand_id, settings=settings, defaults=defaults, changed=sorted(_changed(settings, defaults))
    )


def checked_settings(values: dict[str, object]) -> BrandSettings:
    """Read settings; those that are left out are the defaults.

    Raises:
        InvalidBrandSettings: names each that is unknown or out of its bounds.
    """
    try:
        return BrandSettings.model_validate(values)
    except ValidationError as error:
        problems = tuple(
            FieldError(".".join(map(str, one["loc"])) or "evidence_max_items", one["msg"].removeprefix("Value error, "))
            for one in error.errors()
        )
        told = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        raise InvalidBrandSettings(f"These settings cannot be used: {told}.", errors=problems) from error


def _changed(settings: BrandSettings, defaults: BrandSettings) -> Iterator[str]:
    for name in BrandSettings.model_fields:
        own, default = getattr(settings, name), getattr(defaults, name)
        if isinstance(own, GateSettings):
            yield from (
                f"{name}.{gate}" for gate in GateSettings.model_fields if getattr(own, gate) != getattr(default, gate)
            )
        elif own != default:
            yield name
