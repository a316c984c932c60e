"""Reads of packages and variants. Nothing here writes, calls a model or reaches the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from kairo.stages.content.contracts import (
    ContentPackageDTO,
    ExecutionEventDTO,
    ExportedFile,
    ExportFormat,
    PackageNotFound,
    VariantDTO,
    VariantListDTO,
    VariantNotFound,
    VariantStatus,
    VariantVersionDTO,
)
from kairo.stages.content.models import (
    ContentPackage,
    ExecutionEvent,
    PackageCitation,
    Variant,
    VariantVersion,
)
from kairo.stages.content.rules.exporting import exported


def package_work_key(opportunity_id: UUID) -> str:
    """Return the key under which at most one live job makes an opportunity's package."""
    return f"content_package:v1:{opportunity_id}"


def variants_work_key(package_id: UUID) -> str:
    """Return the key under which at most one live job makes a package's variants."""
    return f"content_variants:v1:{package_id}"


def package(package_id: UUID) -> ContentPackageDTO:
    """Return a package.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    row = ContentPackage.objects.filter(id=package_id).first()
    if row is None:
        raise PackageNotFound("There is no such package.")
    return _shown([row])[0]


def package_of(opportunity_id: UUID) -> ContentPackageDTO | None:
    """Return the package that was made of an opportunity, if there is one."""
    return next(iter(_shown(ContentPackage.objects.filter(origin_opportunity_id=opportunity_id))), None)


def packages(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[ContentPackageDTO]:
    """List a brand's packages, newest first, from the one before `before`."""
    found = ContentPackage.objects.filter(brand_id=brand_id).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    return _shown(found[:limit])


def variants(package_id: UUID) -> VariantListDTO:
    """Return a package's variants, in the order of its channels.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    row = ContentPackage.objects.filter(id=package_id).first()
    if row is None:
        raise PackageNotFound("There is no such package.")
    places = {channel: place for place, channel in enumerate(row.channels)}
    found = sorted(
        Variant.objects.filter(package_id=package_id),
        key=lambda one: (places.get(one.channel, len(places)), one.channel),
    )
    return VariantListDTO(package_id=package_id, variants=[one.to_contract() for one in found], count=len(found))


def export(package_id: UUID, form: ExportFormat) -> ExportedFile:
    """Return a package with its variants as a file.

    Raises:
        PackageNotFound: not there, or somebody else's.
    """
    return exported(package(package_id), variants(package_id).variants, form)


def variant(variant_id: UUID) -> VariantDTO:
    """Return a variant.

    Raises:
        VariantNotFound: not there, or somebody else's.
    """
    row = Variant.objects.filter(id=variant_id).first()
    if row is None:
        raise VariantNotFound("There is no such variant.")
    return row.to_contract()


def versions(variant_id: UUID, *, before: int | None = None, limit: int = 50) -> list[VariantVersionDTO]:
    """List a variant's texts as they were saved, newest first.

    Raises:
        VariantNotFound: not there, or somebody else's.
    """
    found = VariantVersion.objects.filter(variant_id=variant_id).order_by("-version")
    if before is not None:
        found = found.filter(version__lt=before)
    listed = [row.to_contract() for row in found[:limit]]
    if not listed:
        variant(variant_id)
    return listed


def published_texts(brand_id: UUID, *, since: datetime | None = None, limit: int = 200) -> list[VariantDTO]:
    """List a brand's variants that are out, newest first."""
    found = Variant.objects.filter(brand_id=brand_id, status=VariantStatus.PUBLISHED).order_by("-published_at")
    if since is not None:
        found = found.filter(published_at__gte=since)
    return [row.to_contract() for row in found[:limit]]


def execution_events(
    brand_id: UUID, *, variant_ids: Collection[UUID] | None = None, since: datetime | None = None, limit: int = 1000
) -> list[ExecutionEventDTO]:
    """List what happened to a brand's variants, newest first."""
    found = ExecutionEvent.objects.filter(brand_id=brand_id).order_by("-occurred_at", "-id")
    if variant_ids is not None:
        found = found.filter(variant_id__in=variant_ids)
    if since is not None:
        found = found.filter(occurred_at__gte=since)
    return [row.to_contract() for row in found[:limit]]


def _shown(rows: Iterable[ContentPackage]) -> list[ContentPackageDTO]:
    found = list(rows)
    cited: dict[UUID, list[UUID]] = defaultdict(list)
    citations = PackageCitation.objects.filter(package_id__in=[row.id for row in found]).order_by("position")
    for package_id, item_id in citations.values_list("package_id", "item_id"):
        cited[package_id].append(item_id)
    return [row.to_contract(evidence_ids=cited[row.id]) for row in found]
