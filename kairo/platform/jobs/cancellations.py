"""Telling the kind of a job that one of its jobs is being cancelled, in the transaction that cancels it."""

from __future__ import annotations

from django.db import DatabaseError, transaction
from pydantic import ValidationError

from kairo.platform.jobs.contracts import JobCancellation
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.registry import UnknownJobKind, job_kind
from kairo.platform.telemetry.context import logger

log = logger(__name__)


def tell_cancelled(job: Job) -> None:
    """Have the job's kind do what belongs to a cancellation; the job is cancelled even where that fails."""
    try:
        kind = job_kind(job.kind)
        if kind.when_cancelled is None:
            return
        payload = kind.payload.model_validate(job.payload)
        with transaction.atomic():
            kind.when_cancelled(payload, JobCancellation(job_id=job.id, kind=job.kind, run_id=job.run_id))
    except (UnknownJobKind, ValidationError) as error:
        log.error("job_cancellation_untold", job_id=str(job.id), reason=type(error).__name__)
    except DatabaseError:
        raise
    except Exception as error:
        log.error("job_cancellation_handler_failed", job_id=str(job.id), exc_info=error)
