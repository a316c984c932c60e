"""Compiled profiles and approved texts, as compiling and content store them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.profiles import ApprovedText, BrandIR


def approved_texts(count: int, *, at: datetime, text: str, channel: str = "instagram") -> list[ApprovedText]:
    """Build so many approved texts of the same words."""
    return [
        ApprovedText(source=f"test:{number}", channel=channel, text=text, approved_at=at) for number in range(count)
    ]


def compile_now(tenant_id: UUID, brand_id: UUID, *, as_of: datetime | None = None) -> BrandIR:
    """Compile a brand's profile and return the newest one."""
    with tenant_transaction(tenant_id):
        asked = operations.request_compile(brand_id=brand_id, as_of=as_of)
    run_job_by_id(asked.id)
    with tenant_transaction(tenant_id):
        return queries.profile(brand_id).profile


def make_profile(tenant_id: UUID, brand_id: UUID, *, at: datetime) -> BrandIR:
    """Hand one approved text down and compile the brand's profile."""
    with tenant_transaction(tenant_id):
        operations.take_approved_texts(brand_id=brand_id, texts=approved_texts(1, at=at, text="We keep it short."))
    return compile_now(tenant_id, brand_id)
