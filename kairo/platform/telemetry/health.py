"""How runs went: each with its health, which is computed from its events whenever it is asked for."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import Row, first_row, rows
from kairo.platform.telemetry.contracts import ObsHealth, RunDTO, RunNotFound

MAX_PAGE: Final = 200

# What an event may say of a detour: the board and the answer that they are degraded, a model call why another model was
# asked or that money ran short, an answer which agents were late or failed.
_DEGRADED = """
    coalesce(event.data->'degraded' NOT IN ('false', 'null', '[]', '{}', '""'), false)
    OR coalesce(event.data->>'fallback_reason', '') <> '' OR coalesce(event.data->>'budget_warning', '') <> ''
    OR coalesce(event.data->>'outcome', '') = 'over_budget'
    OR event.type = 'action' AND coalesce(event.data->'missing' NOT IN ('false', 'null', '[]', '{}'), false)
"""
_RUNS = f"""
SELECT run.id, run.kind, run.started_at, run.last_seq, told.health
FROM run CROSS JOIN LATERAL (
    SELECT CASE
        WHEN (array_agg(event.type ORDER BY event.seq DESC) FILTER (
                 WHERE event.type IN ('run_complete', 'run_fail')))[1] = 'run_fail'
             OR bool_or(event.data->>'state' = 'error') THEN 'failed'
        WHEN bool_or(event.type = 'run_fail') OR bool_or({_DEGRADED}) THEN 'degraded'
        ELSE 'ok' END AS health
    FROM run_event event WHERE event.tenant_id = run.tenant_id AND event.run_id = run.id
) AS told
WHERE run.tenant_id = %(tenant)s
"""  # noqa: S608
_ONE = f"{_RUNS} AND run.id = %(run)s"
_LISTED = f"""
{_RUNS}
  AND (%(kind)s::text IS NULL OR run.kind = %(kind)s)
  AND (%(health)s::text IS NULL OR told.health = %(health)s)
  AND (%(before)s::uuid IS NULL OR (run.started_at, run.id) < (
      SELECT started_at, id FROM run WHERE tenant_id = %(tenant)s AND id = %(before)s))
ORDER BY run.started_at DESC, run.id DESC LIMIT %(limit)s
"""  # noqa: S608


def run_summary(run_id: UUID) -> RunDTO:
    """Return a run with its health.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    row = first_row(_ONE, {"tenant": current_tenant(), "run": run_id})
    if row is None:
        raise RunNotFound(f"There is no run {run_id}.")
    return _to_contract(row)


def run_summaries(
    *, kind: str | None = None, health: ObsHealth | None = None, before: UUID | None = None, limit: int = 50
) -> list[RunDTO]:
    """List the tenant's runs, newest first, from the one that started before the run `before`."""
    parameters = {
        "tenant": current_tenant(),
        "kind": kind,
        "health": health,
        "before": before,
        "limit": max(1, min(limit, MAX_PAGE)),
    }
    return [_to_contract(row) for row in rows(_LISTED, parameters)]


def job_of_run(run_id: UUID) -> UUID | None:
    """Return the id of the job that works or worked on a run, or None where it was done without one."""
    row = first_row(
        "SELECT data->>'job_id' FROM run_event WHERE tenant_id = %s AND run_id = %s AND data ? 'job_id'"
        " ORDER BY seq LIMIT 1",
        [current_tenant(), run_id],
    )
    return UUID(row[0]) if row else None


def _to_contract(row: Row) -> RunDTO:
    run_id, kind, started_at, events, health = row
    return RunDTO(id=run_id, kind=kind, started_at=started_at, events=events, obs_health=ObsHealth(health))
