"""How the queues stand, and what failed, as views: each reader sees the jobs of their own account."""

from django.db import migrations

from kairo.platform.database.roles import APP_ROLE

VIEWS = f"""
CREATE VIEW v_job_queue_health WITH (security_invoker = true) AS
  SELECT tenant_id, queue,
         count(*) FILTER (WHERE state = 'pending') AS pending,
         count(*) FILTER (WHERE state = 'pending' AND available_at <= kairo_now()) AS due,
         count(*) FILTER (WHERE state = 'running') AS running,
         count(*) FILTER (WHERE state = 'failed' AND finished_at > kairo_now() - interval '1 day') AS failed_today,
         count(*) FILTER (WHERE finished_at > kairo_now() - interval '1 day') AS ended_today,
         count(*) FILTER (WHERE worker_losses > 0 AND state IN ('pending', 'running')) AS lost_a_worker,
         extract(epoch FROM kairo_now() - min(available_at) FILTER (WHERE state = 'pending'
           AND available_at <= kairo_now()))::double precision AS oldest_due_s,
         percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - created_at)::double precision)
           FILTER (WHERE started_at > kairo_now() - interval '1 day') AS wait_p95_s
  FROM job GROUP BY tenant_id, queue;
CREATE VIEW v_failed_jobs WITH (security_invoker = true) AS
  SELECT tenant_id, id, kind, queue, attempts, max_attempts, worker_losses, error, run_id, created_at, started_at,
         finished_at, false AS archived
  FROM job WHERE state = 'failed'
  UNION ALL
  SELECT tenant_id, id, kind, queue, attempts, max_attempts, worker_losses, error, run_id, created_at, started_at,
         finished_at, true
  FROM job_archive WHERE state = 'failed';
GRANT SELECT ON v_job_queue_health, v_failed_jobs TO {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_fleet")]

    operations = [migrations.RunSQL(VIEWS, "DROP VIEW v_job_queue_health, v_failed_jobs")]
