"""Completing several jobs of one tenant in one statement: without database effects there is nothing between them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings

from kairo.platform.database.ids import new_id
from kairo.platform.database.sql import rows
from kairo.platform.jobs.attempts import FinishedAttempt
from kairo.platform.jobs.endings import told_at_the_end
from kairo.platform.jobs.fences import impatient_transaction
from kairo.platform.telemetry.doorbell import ring_after_commit

# The events are numbered as telemetry's `record` numbers them; jobs of one run take their places one after the other.
# Runs are locked in the order of their ids: two workers whose jobs share runs must not wait for each other.
_COMPLETE = """
WITH finished AS (
    SELECT * FROM unnest(
        %(jobs)s::uuid[], %(tokens)s::bigint[], %(states)s::text[], %(outcomes)s::jsonb[], %(urls)s::text[],
        %(begun)s::boolean[], %(start_ids)s::uuid[], %(end_ids)s::uuid[], %(facts)s::jsonb[]
    ) WITH ORDINALITY AS finished (job_id, token, state, outcome, result_url, begun, start_id, end_id, facts, place)
),
completed AS (
    UPDATE job SET state = finished.state, outcome = finished.outcome, finished_at = clock_timestamp(),
        result_url = coalesce(finished.result_url, job.result_url),
        locked_by = NULL, locked_at = NULL, heartbeat_at = NULL
    FROM finished
    WHERE job.tenant_id = %(tenant)s AND job.id = finished.job_id AND job.lock_token = finished.token
      AND job.locked_by = %(worker)s AND job.state = 'running' AND job.cancel_requested_at IS NULL
    RETURNING job.run_id, job.kind, job.attempts, finished.*
),
event AS (
    SELECT run_id, kind, id, type, data, row_number() OVER (PARTITION BY run_id ORDER BY place, type DESC) AS number
    FROM (
        SELECT run_id, kind, place, start_id AS id, 'run_start' AS type,
               jsonb_build_object('job_id', job_id, 'attempt', attempts) AS data
        FROM completed WHERE NOT begun
        UNION ALL
        SELECT run_id, kind, place, end_id, 'run_complete',
               jsonb_build_object('job_id', job_id, 'state', completed.state) || completed.facts
        FROM completed
    ) AS told
),
place AS (
    INSERT INTO run (id, tenant_id, kind, last_seq)
    SELECT run_id, %(tenant)s, min(kind), count(*) FROM event GROUP BY run_id ORDER BY run_id
    ON CONFLICT (id) DO UPDATE SET last_seq = run.last_seq + excluded.last_seq
    RETURNING id, last_seq
),
told AS (
    INSERT INTO run_event (id, tenant_id, run_id, seq, type, data)
    SELECT event.id, %(tenant)s, run_id, last_seq - count(*) OVER (PARTITION BY run_id) + number, type, data
    FROM event JOIN place ON place.id = event.run_id
)
SELECT job_id FROM completed
"""


def may_wait(finished: FinishedAttempt) -> bool:
    """Whether a completion can be written together with others: nothing else belongs into its transaction."""
    return finished.completion.effects is None and not settings.KAIRO_OBS_ENABLED


def complete_together(finished: Sequence[FinishedAttempt]) -> set[UUID]:
    """Complete jobs of one tenant and worker, and return those whose fence stood and whom nobody had cancelled."""
    fence = finished[0].attempt.job.fence
    with impatient_transaction(fence.tenant_id):
        completed = rows(_COMPLETE, {"tenant": fence.tenant_id, "worker": fence.worker, **_columns(finished)})
        ring_after_commit(*(entry.attempt.job.run_id for entry in finished))
    return {job_id for (job_id,) in completed}


def _columns(finished: Sequence[FinishedAttempt]) -> Mapping[str, list[object]]:
    jobs = [entry.attempt.job for entry in finished]
    completions = [entry.completion for entry in finished]
    return {
        "jobs": [job.id for job in jobs],
        "tokens": [job.fence.lock_token for job in jobs],
        "states": [completion.state.value for completion in completions],
        "outcomes": [json.dumps(dict(completion.outcome)) for completion in completions],
        "urls": [completion.result_url for completion in completions],
        "begun": [entry.begun for entry in finished],
        "start_ids": [new_id() for _ in finished],
        "end_ids": [new_id() for _ in finished],
        "facts": [
            json.dumps(told_at_the_end(entry.attempt.job.kind, entry.completion, entry.steps_ms)) for entry in finished
        ],
    }
