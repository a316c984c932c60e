"""What a fleet that works by messages asks of the table: what is due, this one job, and who was seen of the fleet."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import kairo.platform.database.ids
import kairo.platform.database.sessions
from kairo.platform.database.rls import isolate, lookup_function
from kairo.platform.database.roles import APP_ROLE

_first = import_module("kairo.platform.jobs.migrations.0001_initial")

# The claim's own choice, fair between tenants and within their caps, up to where it takes rows.
_CHOICE, _ = _first.CLAIM.split("    taken AS (", 1)
_CHOICE = _CHOICE.replace(_first.NO_WAIT, "").replace("available_at <= now()", "available_at <= kairo_now()")
# A message brings one job: one that has lost workers takes no others with it.
_CHOICE = _CHOICE.replace(" AND (place = 1 OR (worker_losses = 0 AND first_losses = 0))", "")
_CHOICE = _CHOICE.replace("first_at <= now()", "first_at <= kairo_now()").rstrip().removesuffix(",")
DUE = f"""{_CHOICE}
    SELECT chosen.id FROM chosen ORDER BY chosen.place LIMIT wanted;
END
"""
DUE_ARGUMENTS = "queues text[], kinds text[], wanted integer, tenant_cap integer, last_turn bigint"
DUE_SIGNATURE = "text[], text[], integer, integer, bigint"
CLAIM_BY_MESSAGE = f"""
#variable_conflict use_column
BEGIN
    {_first.NO_WAIT}
    RETURN QUERY
    WITH taken AS (
        SELECT job.id FROM job JOIN tenant ON tenant.id = job.tenant_id
        WHERE job.id = wanted AND job.state = 'pending' AND job.available_at <= kairo_now() AND job.kind = ANY (kinds)
          AND coalesce((tenant.settings ->> 'running_jobs')::integer, tenant_cap)
              > (SELECT count(*) FROM job AS busy WHERE busy.tenant_id = job.tenant_id AND busy.state = 'running')
        FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE job SET {_first.CLAIM_VALUES} FROM taken WHERE job.id = taken.id RETURNING {_first.CLAIMED_COLUMNS};
END
"""
# Of no tenant: whether this installation has a beat. Reached through its functions alone.
FLEET = f"""
CREATE TABLE job_fleet (role text PRIMARY KEY, seen_at timestamptz NOT NULL);
REVOKE ALL ON job_fleet FROM {APP_ROLE};
"""
SEEN = """
INSERT INTO job_fleet (role, seen_at) VALUES (who, now())
ON CONFLICT (role) DO UPDATE SET seen_at = excluded.seen_at
RETURNING role
"""
SILENT_S = "SELECT extract(epoch FROM now() - seen_at)::double precision FROM job_fleet WHERE role = who"


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_metrics")]

    operations = [
        migrations.CreateModel(
            name="TaskMessage",
            fields=[
                ("id", models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ("key", models.TextField()),
                ("job_id", models.UUIDField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("tenant", models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.tenant")),
            ],
            options={"db_table": "job_message", "abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="taskmessage",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="job_message_once"),
        ),
        *isolate("job_message"),
        lookup_function("job_due", DUE_ARGUMENTS, "TABLE (id uuid)", DUE, language="plpgsql"),
        migrations.RunSQL(
            # As for job_claim: the plan that holds for a full table.
            f"""
            ALTER FUNCTION job_due({DUE_SIGNATURE}) SET enable_seqscan = off;
            ALTER FUNCTION job_due({DUE_SIGNATURE}) SET enable_hashjoin = off;
            ALTER FUNCTION job_due({DUE_SIGNATURE}) SET enable_mergejoin = off;
            ALTER FUNCTION job_due({DUE_SIGNATURE}) SET plan_cache_mode = force_generic_plan;
            """,
            migrations.RunSQL.noop,
        ),
        lookup_function(
            "job_claim_by_message",
            "wanted uuid, kinds text[], tenant_cap integer, worker text",
            _first.CLAIMED,
            CLAIM_BY_MESSAGE,
            language="plpgsql",
        ),
        migrations.RunSQL(FLEET, "DROP TABLE job_fleet"),
        lookup_function("job_fleet_seen", "who text", "text", SEEN),
        lookup_function("job_fleet_silent_s", "who text", "double precision", SILENT_S),
    ]
