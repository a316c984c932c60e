"""The due times that have been seen to, and the function that sees to them."""

import django.db.models.deletion
from django.db import migrations, models

import kairo.platform.database.ids
import kairo.platform.database.sessions
from kairo.platform.database.rls import isolate, lookup_function

# uuid7, as the product makes them: lists of jobs are in the order of their ids.
UUID7 = """
encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
), 52, 1), 53, 1), 'hex')::uuid
"""
# Workers that come at the same moment wait for each other at the row of the tenant's kind; only the first moves it on.
FIRE = f"""
WITH cron AS (
    SELECT *, date_bin(make_interval(mins => every_min), now(), 'epoch') AS due_at
    FROM unnest(kinds, queues, minutes, payloads, time_limits, tries)
        AS cron (kind, queue, every_min, payload, time_limit_s, max_attempts)
),
behind AS (
    SELECT tenant.id AS tenant_id, cron.kind, cron.due_at
    FROM cron CROSS JOIN tenant LEFT JOIN job_cron AS seen ON seen.tenant_id = tenant.id AND seen.kind = cron.kind
    WHERE seen.due_at IS NULL OR seen.due_at < cron.due_at
),
reached AS (
    INSERT INTO job_cron AS seen (id, tenant_id, kind, due_at)
    SELECT {UUID7}, tenant_id, kind, due_at FROM behind ORDER BY tenant_id, kind
    ON CONFLICT (tenant_id, kind) DO UPDATE SET due_at = excluded.due_at, fired_at = now()
        WHERE seen.due_at < excluded.due_at
    RETURNING seen.tenant_id, seen.kind, seen.fired_at
),
wanted AS (
    INSERT INTO job (
        id, tenant_id, kind, queue, priority, payload, dedupe_key, state, max_attempts, time_limit_s, run_id
    )
    SELECT {UUID7}, reached.tenant_id, cron.kind, cron.queue, 5, cron.payload, 'cron:' || cron.kind, 'pending',
           cron.max_attempts, cron.time_limit_s, {UUID7}
    FROM reached JOIN cron ON cron.kind = reached.kind WHERE reached.fired_at IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING job.queue
)
SELECT queue FROM wanted
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CronTime",
            fields=[
                ("id", models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("due_at", models.DateTimeField()),
                ("fired_at", models.DateTimeField(null=True)),
                ("tenant", models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.tenant")),
            ],
            options={"db_table": "job_cron", "abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="crontime",
            constraint=models.UniqueConstraint(fields=("tenant", "kind"), name="job_cron_once"),
        ),
        *isolate("job_cron"),
        lookup_function(
            "job_fire_due_crons",
            "kinds text[], queues text[], minutes integer[], payloads jsonb[], time_limits integer[], tries integer[]",
            "TABLE (queue text)",
            FIRE,
        ),
    ]
