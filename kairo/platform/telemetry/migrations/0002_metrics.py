"""Figures of runs for Prometheus, and the index that finds the few events that they are made of."""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from kairo.platform.telemetry.metrics import metric_function

BUCKET = """
CREATE FUNCTION metric_bucket(measured float8, bounds float8[]) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
    -- width_bucket puts what equals a bound above it, Prometheus below: a trillionth less lies where it should.
    SELECT coalesce(bounds[1 + width_bucket(measured - abs(measured) * 1e-12, bounds)]::text, '+Inf')
$body$;
"""

RUNS = """
WITH told AS (
    SELECT event.type, event.data, coalesce(event.data->>'command', run.kind) AS command
    FROM run_event event JOIN run ON run.tenant_id = event.tenant_id AND run.id = event.run_id
    WHERE event.type IN ('run_complete', 'run_fail', 'action')
),
took AS (
    SELECT command, key AS agent, '' AS node, value::float8 / 1000 AS seconds
    FROM told, jsonb_each_text(data->'agents_ms')
    WHERE type = 'action' AND jsonb_typeof(data->'agents_ms') = 'object'
    UNION ALL
    SELECT command, '', key, value::float8 / 1000
    FROM told, jsonb_each_text(data->'nodes_ms')
    WHERE type = 'run_complete' AND jsonb_typeof(data->'nodes_ms') = 'object'
),
timed AS MATERIALIZED (
    SELECT jsonb_build_object('command', command, 'agent', agent, 'node', node) AS labels, bucket,
           count(*)::float8 AS count, sum(seconds) AS seconds
    FROM (SELECT *, metric_bucket(seconds, ARRAY[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 12, 20, 30, 60, 120, 300]) AS bucket
          FROM took) AS sorted
    GROUP BY command, agent, node, bucket
)
SELECT 'orchestrator_errors', jsonb_build_object('command', command, 'code', coalesce(data->>'code', 'unknown')), '',
       count(*)::float8
FROM told WHERE type = 'run_fail' AND data->>'retry_at' IS NULL GROUP BY 2
UNION ALL
SELECT 'kairo_gate_failures', jsonb_build_object('code', coalesce(data->>'code', 'unknown')), '', count(*)::float8
FROM run_event WHERE type = 'gate' AND data->>'verdict' = 'failed' GROUP BY 2
UNION ALL
SELECT 'orchestrator_latency_seconds', labels, bucket, count FROM timed
UNION ALL
SELECT 'orchestrator_latency_seconds', labels, 'sum', sum(seconds) FROM timed GROUP BY labels
"""


class Migration(migrations.Migration):

    dependencies = [
        ("telemetry", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="runevent",
            index=models.Index(
                condition=models.Q(("type__in", ["action", "gate", "run_complete", "run_fail"])),
                fields=["tenant_id", "type"],
                name="run_event_measured",
            ),
        ),
        RunSQL(BUCKET, "DROP FUNCTION metric_bucket(float8, float8[])"),
        *metric_function("run_metrics", RUNS),
    ]
