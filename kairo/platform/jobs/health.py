"""How an account's queues stand, read from the view that SQL readers have as well."""

from __future__ import annotations

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.shapes import Frozen

_HEALTH = """
SELECT queue, pending, due, running, failed_today, ended_today, lost_a_worker, oldest_due_s, wait_p95_s
FROM v_job_queue_health WHERE tenant_id = %s ORDER BY queue
"""


class QueueHealth(Frozen):
    """One queue of an account. `oldest_due_s`: for how long its oldest due job has waited; `wait_p95_s`: of a day."""

    queue: str
    pending: int
    due: int
    running: int
    failed_today: int
    ended_today: int
    lost_a_worker: int
    oldest_due_s: float | None
    wait_p95_s: float | None


def queue_health() -> list[QueueHealth]:
    """List the queues that hold jobs of the account."""
    names = list(QueueHealth.model_fields)
    found = rows(_HEALTH, [current_tenant()])
    return [QueueHealth.model_validate(dict(zip(names, row, strict=True))) for row in found]
