"""Which runs jobs are still adding to."""

from __future__ import annotations

from uuid import UUID

from kairo.platform.jobs.models import Job
from kairo.platform.jobs.rules import LIVE


def is_worked_on(run_id: UUID) -> bool:
    """Tell whether a job of the run is pending or running, inside the tenant's transaction."""
    return Job.objects.filter(run_id=run_id, state__in=sorted(LIVE)).exists()
