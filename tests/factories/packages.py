"""Packages and variants, made the way the product makes them, or written straight into the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import (
    ContentPackageDTO,
    ExecutionEventBatch,
    ExecutionEventInput,
    ExecutionEventType,
    PackageStatus,
    VariantDTO,
    VariantStatus,
)
from kairo.stages.content.models import ContentPackage, PackageCitation, Variant, VariantCitation, VariantVersion
from kairo.stages.opportunities.contracts import Channel
from tests.factories.board_jobs import run

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class VariantFields(TypedDict, total=False):
    channel: Channel
    status: VariantStatus
    title: str
    body: str
    call_to_action: str
    claims: list[dict[str, JsonValue]]
    proposed_at: datetime
    scheduled_publish_at: datetime
    published_at: datetime


def package_made(tenant: UUID, *, brand_id: UUID, opportunity_id: UUID) -> ContentPackageDTO:
    """Ask for a package and work until its job has ended."""
    with tenant_transaction(tenant):
        asked = operations.request_package(brand_id=brand_id, opportunity_id=opportunity_id, at=NOON)
    if asked.job is not None:
        run(tenant_id=tenant, job_id=asked.job.id)
    with tenant_transaction(tenant):
        package = queries.package_of(opportunity_id)
    assert package is not None
    return package


def variants_made(tenant: UUID, *, package_id: UUID) -> list[VariantDTO]:
    """Ask for variants and work until their job has ended."""
    with tenant_transaction(tenant):
        job = operations.request_variants(package_id=package_id)
    run(tenant_id=tenant, job_id=job.id)
    with tenant_transaction(tenant):
        return queries.variants(package_id).variants


def make_package(tenant: UUID, *, brand_id: UUID, item_id: UUID, status: PackageStatus = PackageStatus.DRAFT) -> UUID:
    """Make a package of nothing but a title, which stands on one item."""
    with tenant_transaction(tenant):
        package = ContentPackage.objects.create(
            brand_id=brand_id,
            title="Descale in five minutes",
            status=status,
            channels=[Channel.LINKEDIN],
            created_at=NOON,
            updated_at=NOON,
        )
        PackageCitation.objects.create(package=package, item_id=item_id, position=0)
    return package.id


def make_variant(
    tenant: UUID, *, brand_id: UUID, package_id: UUID, item_id: UUID, **fields: Unpack[VariantFields]
) -> UUID:
    """Make a variant with its first version; it cites one item."""
    given: dict[str, object] = {
        "channel": Channel.LINKEDIN,
        "body": "Somebody asked: “How do I descale my machine?”",
        "call_to_action": "How do you do it?",
        **fields,
    }
    with tenant_transaction(tenant):
        variant = Variant.objects.create(
            brand_id=brand_id, package_id=package_id, created_at=NOON, updated_at=NOON, **given
        )
        VariantCitation.objects.create(variant=variant, item_id=item_id)
        VariantVersion.objects.create(
            variant=variant, version=1, body=variant.body, claims=variant.claims, saved_by="test", saved_at=NOON
        )
    return variant.id


def make_event(tenant: UUID, *, variant_id: UUID) -> UUID:
    """Make one view of a variant."""
    event = ExecutionEventInput(event_type=ExecutionEventType.VIEW, occurred_at=NOON)
    with tenant_transaction(tenant):
        taken = operations.take_events(variant_id=variant_id, batch=ExecutionEventBatch(events=[event]), at=NOON)
    return taken.events[0].id
