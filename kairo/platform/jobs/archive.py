"""Moving jobs that ended long ago out of the hot table."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute, rows
from kairo.platform.jobs.models import ArchivedJob
from kairo.platform.jobs.rules import ENDED

_COLUMNS = ", ".join(field.column for field in ArchivedJob._meta.concrete_fields)
_CHOOSE = """
SELECT id FROM job WHERE tenant_id = %s AND state = ANY (%s) AND finished_at < now() - %s
ORDER BY finished_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
_MOVE = f"""
WITH moved AS (DELETE FROM job WHERE tenant_id = %s AND id = ANY (%s) RETURNING {_COLUMNS})
INSERT INTO job_archive ({_COLUMNS}) SELECT {_COLUMNS} FROM moved
"""  # noqa: S608


def archive_batch(tenant_id: UUID, *, ended_before: timedelta, size: int) -> int:
    """Move up to `size` jobs that ended longer ago than this, and return how many; in a transaction of its own.

    Their kept steps and effects go: they serve later attempts, and an archived job has none.
    """
    with tenant_transaction(tenant_id):
        ended = sorted(state.value for state in ENDED)
        chosen = [job_id for (job_id,) in rows(_CHOOSE, [tenant_id, ended, ended_before, size])]
        execute("DELETE FROM job_step WHERE tenant_id = %s AND job_id = ANY (%s)", [tenant_id, chosen])
        execute("DELETE FROM job_effect WHERE tenant_id = %s AND job_id = ANY (%s)", [tenant_id, chosen])
        execute(_MOVE, [tenant_id, chosen])
    return len(chosen)


def forget_messages(tenant_id: UUID, *, older_than: timedelta) -> int:
    """Forget which messages of other producers became jobs longer ago than this, and return how many there were.

    A message comes twice within seconds or hours, by a broker or by who sends it; not after its job is in the archive.
    """
    with tenant_transaction(tenant_id):
        statement = "DELETE FROM job_message WHERE tenant_id = %s AND created_at < now() - %s"
        return execute(statement, [tenant_id, older_than])
