"""Figures of answers for Prometheus."""

from django.db import migrations

from kairo.platform.telemetry.metrics import metric_function

ANSWERS = """
WITH asked AS MATERIALIZED (
    SELECT mode, state, uses, evidence_coverage, error_json->>'code' AS code,
           jsonb_array_length(coalesce(response_json->'insights', '[]'))::float8 AS insights
    FROM analysis
),
given AS (
    SELECT jsonb_build_object('mode', mode) AS labels, insights, evidence_coverage,
           metric_bucket(insights, ARRAY[1, 2, 3, 4, 5, 6, 8, 10]) AS insights_bucket,
           metric_bucket(evidence_coverage, ARRAY[0.5, 0.8, 0.9, 0.95, 0.99, 1]) AS coverage_bucket
    FROM asked WHERE state = 'ready'
)
SELECT 'kairo_analyses', jsonb_build_object('mode', mode, 'state', state, 'code', coalesce(code, '')), '',
       count(*)::float8
FROM asked GROUP BY mode, state, code
UNION ALL
SELECT 'orchestrator_cache_requests', '{"cache": "analysis"}', '', coalesce(sum(uses), 0)::float8 FROM asked
UNION ALL
SELECT 'orchestrator_cache_hits', '{"cache": "analysis"}', '', coalesce(sum(uses - 1), 0)::float8 FROM asked
UNION ALL
SELECT 'kairo_insights_per_response', labels, insights_bucket, count(*)::float8 FROM given
GROUP BY labels, insights_bucket
UNION ALL
SELECT 'kairo_insights_per_response', labels, 'sum', sum(insights) FROM given GROUP BY labels
UNION ALL
SELECT 'kairo_evidence_coverage', labels, coverage_bucket, count(*)::float8 FROM given
WHERE evidence_coverage IS NOT NULL GROUP BY labels, coverage_bucket
UNION ALL
SELECT 'kairo_evidence_coverage', labels, 'sum', sum(evidence_coverage) FROM given
WHERE evidence_coverage IS NOT NULL GROUP BY labels
"""


class Migration(migrations.Migration):

    dependencies = [
        ("insights", "0002_answers"),
        ("telemetry", "0002_metrics"),
    ]

    operations = [*metric_function("answer_metrics", ANSWERS)]
