"""Figures of jobs for Prometheus; a job counts its stale releases, of which a checkpoint forgives the losses."""

from importlib import import_module

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from kairo.platform.telemetry.metrics import metric_function

_first = import_module("kairo.platform.jobs.migrations.0001_initial")

LOSES = "worker_losses = job.worker_losses + 1"
COUNTS = f"{LOSES}, stale_releases = job.stale_releases + 1"


def release_stale(body: str) -> str:
    """Return the statement that puts this text in the place of the function's."""
    return f"""
    CREATE OR REPLACE FUNCTION job_release_stale(lease interval, dead_worker text)
    RETURNS TABLE (id uuid, queue text) LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $body${body}$body$;
    """


JOBS = """
WITH every AS MATERIALIZED (
    SELECT kind, queue, state, attempts, stale_releases, available_at, created_at, started_at, finished_at FROM job
    UNION ALL
    SELECT kind, queue, state, attempts, stale_releases, available_at, created_at, started_at, finished_at
    FROM job_archive
),
waited AS MATERIALIZED (
    SELECT jsonb_build_object('queue', queue) AS labels, bucket, count(*)::float8 AS count, sum(seconds) AS seconds
    FROM (SELECT queue, seconds, metric_bucket(seconds, ARRAY[0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]) AS bucket
    FROM (
        -- The due time moves with each retry; before the first attempt has ended it is when the job could be taken.
        SELECT queue, greatest(extract(epoch FROM started_at - CASE WHEN attempts <= 1
            THEN least(greatest(created_at, available_at), started_at) ELSE created_at END), 0)::float8 AS seconds
        FROM every WHERE started_at IS NOT NULL
    ) AS waits) AS sorted
    GROUP BY queue, bucket
),
ran AS MATERIALIZED (
    SELECT jsonb_build_object('queue', queue) AS labels, bucket, count(*)::float8 AS count, sum(seconds) AS seconds
    FROM (SELECT queue, seconds, metric_bucket(seconds, ARRAY[0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600]) AS bucket
    FROM (SELECT queue, greatest(extract(epoch FROM finished_at - started_at), 0)::float8 AS seconds
          FROM every WHERE finished_at IS NOT NULL AND started_at IS NOT NULL) AS runs) AS sorted
    GROUP BY queue, bucket
),
answered AS MATERIALIZED (
    SELECT jsonb_build_object('command', kind, 'agent', '', 'node', '') AS labels, bucket,
           count(*)::float8 AS count, sum(seconds) AS seconds
    FROM (SELECT kind, seconds,
              metric_bucket(seconds, ARRAY[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 12, 20, 30, 60, 120, 300]) AS bucket
    FROM (SELECT kind, greatest(extract(epoch FROM finished_at - created_at), 0)::float8 AS seconds
          FROM every WHERE finished_at IS NOT NULL AND state <> 'cancelled') AS ended) AS sorted
    GROUP BY kind, bucket
)
SELECT 'kairo_job_queue_depth', jsonb_build_object('queue', queue), '', count(*)::float8
FROM every WHERE state = 'pending' GROUP BY queue
UNION ALL
SELECT 'kairo_jobs_running', jsonb_build_object('queue', queue), '', count(*)::float8
FROM every WHERE state = 'running' GROUP BY queue
UNION ALL
SELECT 'kairo_job_oldest_age_seconds', jsonb_build_object('queue', queue), '',
       max(extract(epoch FROM kairo_now() - available_at))::float8
FROM every WHERE state = 'pending' AND available_at <= kairo_now() GROUP BY queue
UNION ALL
SELECT 'kairo_jobs_ended', jsonb_build_object('queue', queue, 'kind', kind, 'state', state), '', count(*)::float8
FROM every WHERE state NOT IN ('pending', 'running') GROUP BY queue, kind, state
UNION ALL
SELECT 'kairo_job_attempts', jsonb_build_object('queue', queue, 'kind', kind), '', sum(attempts)::float8
FROM every GROUP BY queue, kind
UNION ALL
SELECT 'kairo_job_stale_releases', jsonb_build_object('queue', queue), '', sum(stale_releases)::float8
FROM every GROUP BY queue
UNION ALL
SELECT 'orchestrator_requests', jsonb_build_object('command', kind), '', count(*)::float8 FROM every GROUP BY kind
UNION ALL
SELECT 'kairo_job_wait_seconds', labels, bucket, count FROM waited
UNION ALL
SELECT 'kairo_job_wait_seconds', labels, 'sum', sum(seconds) FROM waited GROUP BY labels
UNION ALL
SELECT 'kairo_job_run_seconds', labels, bucket, count FROM ran
UNION ALL
SELECT 'kairo_job_run_seconds', labels, 'sum', sum(seconds) FROM ran GROUP BY labels
UNION ALL
SELECT 'orchestrator_latency_seconds', labels, bucket, count FROM answered
UNION ALL
SELECT 'orchestrator_latency_seconds', labels, 'sum', sum(seconds) FROM answered GROUP BY labels
"""


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0004_clock"),
        ("telemetry", "0002_metrics"),
    ]

    operations = [
        migrations.AddField("job", "stale_releases", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddField("archivedjob", "stale_releases", models.SmallIntegerField(db_default=0, default=0)),
        RunSQL(
            release_stale(_first.RELEASE_STALE.replace(LOSES, COUNTS)),
            release_stale(_first.RELEASE_STALE),
        ),
        *metric_function("job_metrics", JOBS),
    ]
