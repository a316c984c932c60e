"""Packages in each of their states, for whoever looks at pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.stages.brands.models import Brand
from kairo.stages.content import operations
from kairo.stages.content.contracts import PackageStatus, VariantStatus
from kairo.stages.opportunities.contracts import Channel
from tests.factories.boards import make_brand, make_item, make_opportunity
from tests.factories.packages import VariantFields, make_package, make_variant, package_made, variants_made

ASKED = "Why does nobody mention descaling in the manual?"
ANSWERED = "Citric acid, warm water, two cycles. That is it."
LONG = "An ode to the kettle. " * 30


def stage_packages(tenant: UUID, *, at: datetime) -> dict[str, str]:
    """Make a brand with packages and return the paths of their pages."""
    brand = make_brand(tenant, slug="kettle", name="Kettle Tea", is_synthetic=True)
    asked = make_item(tenant, brand_id=brand.id, text=ASKED, author_ref="mira")
    answered = make_item(tenant, brand_id=brand.id, text=ANSWERED, author_ref="sam", platform="tiktok")
    cites = [(asked, ASKED), (answered, ANSWERED)]
    channels = [Channel.INSTAGRAM, Channel.X, Channel.LINKEDIN, Channel.EMAIL, Channel.BLOG, Channel.META_ADS]
    full, bare, failed, working, waiting = (
        make_opportunity(tenant, brand_id=brand.id, cites=cites, suggested_channels=channels) for _ in range(5)
    )
    written = package_made(tenant, brand_id=brand.id, opportunity_id=full)
    variants = variants_made(tenant, package_id=written.id)
    prefix = "/b/kettle/packages"
    failing = package_made(tenant, brand_id=brand.id, opportunity_id=failed).id
    under_way = package_made(tenant, brand_id=brand.id, opportunity_id=working).id
    _ask(tenant, failing, state=JobState.FAILED, error="No model answered variants. openai:gpt-4o: timed_out", at=at)
    _ask(tenant, under_way, state=JobState.RUNNING, error=None, at=at)
    with tenant_transaction(tenant):
        operations.request_package(brand_id=brand.id, opportunity_id=waiting, at=at)
        Brand.objects.filter(id=brand.id).update(taboos=["ode"])
    return {
        "packages": prefix,
        "packages-none": "/b/orchard/packages",
        "package": f"{prefix}/{written.id}",
        "package-states": f"{prefix}/{_states(tenant, brand.id, asked, at=at)}",
        "package-bare": f"{prefix}/{package_made(tenant, brand_id=brand.id, opportunity_id=bare).id}",
        "package-failed": f"{prefix}/{failing}",
        "package-writing": f"{prefix}/{under_way}",
        "package-making": f"/b/kettle/opportunities/{waiting}/package",
        "versions": f"{prefix}/{written.id}/variants/{variants[0].id}/versions",
    }


def _ask(tenant: UUID, package_id: UUID, *, state: JobState, error: str | None, at: datetime) -> None:
    with tenant_transaction(tenant):
        job = operations.request_variants(package_id=package_id)
        progress = {"step": "variants", "done": 2, "total": 6, "note": "linkedin"}
        Job.objects.filter(id=job.id).update(
            state=state, attempts=1, error=error, progress=progress, started_at=at, finished_at=at if error else None
        )


def _states(tenant: UUID, brand_id: UUID, item_id: UUID, *, at: datetime) -> UUID:
    """Make a package whose texts stand in every state, one of them against what the brand never says."""
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id, status=PackageStatus.APPROVED)
    claim: dict[str, JsonValue] = {"text": "Nine of ten kettles are never cleaned.", "status": "to_check"}
    day = timedelta(days=1)

    linked = f"{claim['text']}\n\nhttps://lantern.example/a #tea"
    given: list[VariantFields] = [
        {"channel": Channel.LINKEDIN, "status": VariantStatus.APPROVED, "body": linked, "claims": [claim]},
        {"channel": Channel.X, "status": VariantStatus.REJECTED},
        {"channel": Channel.INSTAGRAM, "status": VariantStatus.SCHEDULED, "scheduled_publish_at": at + day},
        {"channel": Channel.TIKTOK, "status": VariantStatus.MISSED, "scheduled_publish_at": at - day},
        {"channel": Channel.BLOG, "status": VariantStatus.PUBLISHED, "published_at": at - day},
        {"channel": Channel.EMAIL, "status": VariantStatus.ARCHIVED},
    ]
    for fields in given:
        told: VariantFields = {"body": LONG, **fields}
        make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, **told)
    return package_id
