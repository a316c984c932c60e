"""Figures of captures for Prometheus: by platform and kind of surface, since its key names somebody's market."""

from django.db import migrations

from kairo.platform.telemetry.metrics import metric_function

CAPTURES = """
WITH summed AS (
    SELECT jsonb_build_object('platform', surface.platform, 'surface_type', surface.surface_type) AS labels,
           count(*)::float8 AS runs, sum(run.item_count)::float8 AS items, sum(run.new_count)::float8 AS new,
           sum(run.rejected_count)::float8 AS rejected,
           count(*) FILTER (WHERE run.status = 'failed')::float8 AS failed
    FROM capture_run run
    JOIN surface ON surface.tenant_id = run.tenant_id AND surface.id = run.surface_id
    GROUP BY surface.platform, surface.surface_type
)
SELECT 'kairo_capture_runs', labels, '', runs FROM summed
UNION ALL
SELECT 'kairo_capture_items', labels, '', items FROM summed
UNION ALL
SELECT 'kairo_capture_new_items', labels, '', new FROM summed
UNION ALL
SELECT 'kairo_capture_rejected_records', labels, '', rejected FROM summed
UNION ALL
SELECT 'kairo_capture_errors', labels, '', failed FROM summed
"""


class Migration(migrations.Migration):

    dependencies = [
        ("evidence", "0005_live_capture"),
        ("telemetry", "0002_metrics"),
    ]

    operations = [*metric_function("capture_metrics", CAPTURES)]
