"""What beat does every few seconds: free what silent workers hold, enqueue what comes round, ring for what is due."""

from __future__ import annotations

from django.conf import settings

from kairo.platform.jobs.claims import release_stale
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.crons import fire_due_crons
from kairo.platform.jobs.fleet.bell import ring_for_due
from kairo.platform.jobs.fleet.sightings import note_beat
from kairo.platform.telemetry.context import logger

log = logger(__name__)
QUEUES = tuple(queue.value for queue in Queue)


def ring_due() -> str:
    """Look over the table once, and say in one line what was found.

    Raises:
        django.db.OperationalError: the database is away.
    """
    note_beat()
    released = release_stale()
    for job_id, _ in released:
        log.warning("job_released", job_id=str(job_id), reason="its worker went silent")
    fired = fire_due_crons() if settings.KAIRO_CRONS else []
    sent = ring_for_due(QUEUES)
    return f"released {len(released)}, enqueued {len(fired)} by the clock, sent {sent} messages"
