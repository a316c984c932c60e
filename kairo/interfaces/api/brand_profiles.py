"""The compiled profile of a brand over HTTP: what boards and texts take from it, with the reasons."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.interfaces.api.waiting import accepted_or_awaited
from kairo.platform.jobs.contracts import JobAcceptedDTO, JobDTO, JobState
from kairo.platform.tenancy.contracts import Principal
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.profiles import BrandProfileDTO

router = Router(tags=["brands"])

Wait = Annotated[float, Query(ge=0, le=20, description="Seconds to wait for the profile; it may come sooner, or not")]
Version = Annotated[int | None, Query(ge=1, le=2_147_483_647, description="An earlier version; the newest by default")]
URGENT = 3


@router.post("/brands/{brand_id}/compile", response={200: BrandProfileDTO, 202: JobAcceptedDTO, **PROBLEMS})
def compile_profile(request: HttpRequest, brand_id: UUID, wait: Wait = 0) -> HttpResponse:
    """Compile the brand's profile: the profile if it is ready within `wait` seconds, else its job.

    While a compile is live, that one is the answer. Unchanged inputs make no new version. It is also compiled by itself
    whenever the brand or its approved texts change.
    """
    principal: Principal = request.auth  # type: ignore[attr-defined]
    job = operations.request_compile(brand_id=brand_id, priority=URGENT)
    return accepted_or_awaited(
        tenant_id=principal.tenant_id, job_id=job.id, wait_s=wait, look=lambda seen: _found(brand_id, seen)
    )


@router.get("/brands/{brand_id}/profile", response={200: BrandProfileDTO, **PROBLEMS})
def get_profile(request: HttpRequest, brand_id: UUID, version: Version = None) -> BrandProfileDTO:
    """Return the brand's compiled profile, and whether the brand has changed since."""
    return queries.profile(brand_id, version=version)


def _found(brand_id: UUID, job: JobDTO) -> HttpResponse | None:
    if job.state is not JobState.SUCCEEDED:
        return None
    body = queries.profile(brand_id).model_dump_json()
    return HttpResponse(body, content_type="application/json; charset=utf-8")
