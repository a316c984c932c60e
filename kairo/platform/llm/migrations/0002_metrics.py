"""Figures of model calls and budgets for Prometheus."""

from django.db import migrations

from kairo.platform.telemetry.metrics import metric_function

CALLS = """
WITH asked AS MATERIALIZED (
    SELECT id, task, model, outcome, attempt, fallback_reason, tokens_in, tokens_out, cost_microdollars, latency_ms,
           from_cache, at, NOT from_cache AND outcome NOT IN ('unpriced', 'over_budget', 'resting') AS was_asked
    FROM llm_call
),
summed AS (
    SELECT jsonb_build_object('model', model, 'task', task) AS labels, sum(tokens_in)::float8 AS tokens_in,
           sum(tokens_out)::float8 AS tokens_out, sum(cost_microdollars)::float8 / 10000 AS cost_cents,
           count(*) FILTER (WHERE outcome IN ('ok', 'wrong_shape'))::float8 AS answers,
           count(*) FILTER (WHERE outcome = 'ok')::float8 AS valid
    FROM asked WHERE was_asked GROUP BY model, task
),
timed AS MATERIALIZED (
    SELECT jsonb_build_object('model', model, 'task', task) AS labels, bucket, count(*)::float8 AS count,
           sum(seconds) AS seconds
    FROM (SELECT model, task, latency_ms::float8 / 1000 AS seconds,
              metric_bucket(latency_ms::float8 / 1000, ARRAY[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30]) AS bucket
          FROM asked WHERE was_asked) AS sorted
    GROUP BY model, task, bucket
),
lately AS (
    SELECT model, outcome, row_number() OVER (PARTITION BY model ORDER BY id DESC) AS place
    FROM asked WHERE was_asked AND at > now() - interval '1 hour'
),
shares AS (
    -- The fullest budget of each scope is told: it is the one that will refuse first.
    SELECT DISTINCT ON (scope) scope, (spent_microdollars + reserved_microdollars)::float8 / 10000 AS used,
           cap_microdollars::float8 / 10000 AS cap
    FROM llm_budget WHERE made_at > now() - CASE scope WHEN 'tenant' THEN interval '31 days' ELSE interval '1 day' END
    ORDER BY scope, (spent_microdollars + reserved_microdollars)::float8 / greatest(cap_microdollars, 1) DESC, id
)
SELECT 'kairo_llm_calls', jsonb_build_object('model', model, 'task', task, 'outcome', outcome), '', count(*)::float8
FROM asked WHERE NOT from_cache GROUP BY model, task, outcome
UNION ALL
SELECT 'kairo_llm_tokens', labels || '{"direction": "in"}', '', tokens_in FROM summed
UNION ALL
SELECT 'kairo_llm_tokens', labels || '{"direction": "out"}', '', tokens_out FROM summed
UNION ALL
SELECT 'kairo_llm_cost_cents', labels, '', cost_cents FROM summed
UNION ALL
SELECT 'kairo_llm_answers', labels, '', answers FROM summed
UNION ALL
SELECT 'kairo_llm_answers_valid', labels, '', valid FROM summed
UNION ALL
SELECT 'kairo_llm_schema_pass_ratio', labels, '', valid / answers FROM summed WHERE answers > 0
UNION ALL
SELECT 'orchestrator_fallback', jsonb_build_object('task', task, 'reason', fallback_reason), '', count(*)::float8
FROM asked WHERE fallback_reason <> '' GROUP BY task, fallback_reason
UNION ALL
SELECT 'orchestrator_cache_requests', '{"cache": "model"}', '',
       (count(*) FILTER (WHERE from_cache OR attempt = 1))::float8 FROM asked
UNION ALL
SELECT 'orchestrator_cache_hits', '{"cache": "model"}', '', (count(*) FILTER (WHERE from_cache))::float8 FROM asked
UNION ALL
SELECT 'kairo_model_available', jsonb_build_object('model', model), '',
       CASE WHEN bool_or(outcome IN ('ok', 'wrong_shape', 'refused', 'too_long')) THEN 1 ELSE 0 END::float8
FROM lately WHERE place <= 3 GROUP BY model
UNION ALL
SELECT 'orchestrator_budget_used_cents', jsonb_build_object('scope', scope), '', used FROM shares
UNION ALL
SELECT 'orchestrator_budget_limit_cents', jsonb_build_object('scope', scope), '', cap FROM shares
UNION ALL
SELECT 'kairo_llm_latency_seconds', labels, bucket, count FROM timed
UNION ALL
SELECT 'kairo_llm_latency_seconds', labels, 'sum', sum(seconds) FROM timed GROUP BY labels
"""


class Migration(migrations.Migration):

    dependencies = [
        ("llm", "0001_calls"),
        ("telemetry", "0002_metrics"),
    ]

    operations = [*metric_function("llm_metrics", CALLS)]
