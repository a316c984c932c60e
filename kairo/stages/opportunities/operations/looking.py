"""What a person does at the board: looks at it, and asks for a new one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.operations import enqueue
from kairo.stages.brands import queries as brands
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import (
    ExternalSignalBundleDTO,
    GenerateBoard,
    Generator,
    RegenerateResponseDTO,
)
from kairo.stages.opportunities.models import BoardCache, OpportunitiesJob

GENERATE = "opportunities.generate"


def open_today(*, brand_id: UUID, at: datetime) -> queries.TodayLook:
    """Return a brand's board; the first look at a brand with enough evidence starts its first run, once.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    look = queries.look_at_today(brand_id, at=at)
    if not look.first_run_due:
        return look
    job = _enqueue(GenerateBoard(brand_id=brand_id))
    return queries.TodayLook(board=queries.generating_board(brand_id, job_id=job.id, previous=None))


def regenerate(
    *,
    brand_id: UUID,
    as_of: datetime | None = None,
    generator: Generator = Generator.AUTO,
    signals: ExternalSignalBundleDTO | None = None,
) -> RegenerateResponseDTO:
    """Ask for a new board and drop the cached one; while a job is under way, that job is the answer.

    `signals` are taken in place of those that would be read.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    job = _enqueue(GenerateBoard(brand_id=brand_id, as_of=as_of, generator=generator, signals=signals))
    BoardCache.objects.filter(key=queries.board_cache_key(brand_id)).delete()
    return RegenerateResponseDTO(job_id=job.id, poll_url=f"/api/jobs/{job.id}")


def _enqueue(message: GenerateBoard) -> JobDTO:
    job = enqueue(
        GENERATE,
        message,
        dedupe_key=queries.board_job_key(message.brand_id),
        result_url=f"/api/brands/{message.brand_id}/today",
    )
    OpportunitiesJob.objects.get_or_create(
        job_id=job.id, defaults={"brand_id": message.brand_id, "as_of": message.as_of}
    )
    return job
