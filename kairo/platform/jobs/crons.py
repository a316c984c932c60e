"""Work that comes round by the clock: each kind's due times become jobs of every tenant, once across all workers."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from kairo.platform.database.sql import rows
from kairo.platform.jobs.registry import job_kind


@dataclass(frozen=True)
class Cron:
    """A kind of job that is due at every multiple of so many minutes since 1970, UTC."""

    kind: str
    minutes: int
    payload: BaseModel


_CRONS: dict[str, Cron] = {}


def every(kind: str, *, minutes: int, payload: BaseModel) -> None:
    """Have a kind's work done for each tenant every so many minutes; 1440 is midnight UTC.

    A tenant's first time is the next one. A due time is passed over while the job of an earlier one is live; of
    several that no worker was there for, the last one counts.
    """
    if minutes < 1:
        raise ValueError(f"{kind!r} cannot come round every {minutes} minutes.")
    cron = Cron(kind, minutes, payload)
    if _CRONS.setdefault(kind, cron) != cron:
        raise ValueError(f"{kind!r} comes round in two ways.")


def fire_due_crons() -> list[str]:
    """Enqueue what has come due and nobody has enqueued yet; return the queues of the new jobs."""
    if not _CRONS:
        return []
    crons = list(_CRONS.values())
    kinds = [job_kind(cron.kind) for cron in crons]
    parameters = [
        [cron.kind for cron in crons],
        [kind.queue.value for kind in kinds],
        [cron.minutes for cron in crons],
        [cron.payload.model_dump_json() for cron in crons],
        [kind.time_limit_s for kind in kinds],
        [kind.max_attempts for kind in kinds],
    ]
    fired = rows("SELECT queue FROM job_fire_due_crons(%s, %s, %s, %s::jsonb[], %s, %s)", parameters)
    return [queue for (queue,) in fired]
