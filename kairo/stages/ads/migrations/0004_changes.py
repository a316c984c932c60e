"""Changes of what runs on ad platforms: those wanted, the bounds within which they are made, and their history."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate
from kairo.platform.database.roles import APP_ROLE

_APPEND_ONLY = """
CREATE FUNCTION ad_change_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of changes is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ad_change_history_rows BEFORE UPDATE OR DELETE ON ad_change_history
  FOR EACH ROW EXECUTE FUNCTION ad_change_history_is_append_only();
CREATE TRIGGER ad_change_history_all BEFORE TRUNCATE ON ad_change_history
  FOR EACH STATEMENT EXECUTE FUNCTION ad_change_history_is_append_only();
"""
_UNDO_APPEND_ONLY = """
DROP TRIGGER ad_change_history_rows ON ad_change_history;
DROP TRIGGER ad_change_history_all ON ad_change_history;
DROP FUNCTION ad_change_history_is_append_only();
"""

# What is due, and what a worker has left behind: a claim is given for real seconds, as leases are. Runs as the caller,
# so that row-level security keeps it to the transaction's tenant. A change that was tried out waits for execution to
# be turned on.
_CLAIM = f"""
CREATE FUNCTION claim_pending_ad_change(
  worker text, lease_s double precision DEFAULT 120, as_of timestamptz DEFAULT kairo_now()
)
RETURNS SETOF pending_ad_changes LANGUAGE sql SET search_path = public, pg_temp AS $body$
  UPDATE pending_ad_changes AS change
  SET status = CASE WHEN change.status = 'executing' THEN 'executing' ELSE 'claimed' END,
      claimed_by = worker, claimed_at = clock_timestamp(), attempts = change.attempts + 1
  WHERE change.id = (
    SELECT due.id FROM pending_ad_changes AS due
    WHERE due.tenant_id = kairo_tenant()
      AND (
        (due.status = 'approved' AND due.not_before <= as_of AND due.expires_at > as_of
         AND (due.dry_run_at IS NULL
              OR EXISTS (SELECT 1 FROM ad_safety_settings WHERE tenant_id = kairo_tenant() AND execution)))
        OR (due.status = 'claimed' AND due.claimed_at < clock_timestamp() - make_interval(secs => lease_s))
        OR (due.status = 'executing' AND due.claimed_by IS NULL AND due.not_before <= as_of)
        OR (due.status = 'executing' AND due.claimed_at < clock_timestamp() - make_interval(secs => lease_s)
            AND due.claimed_by IS NOT NULL)
      )
    ORDER BY due.not_before, due.id LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  RETURNING change.*
$body$;
REVOKE ALL ON FUNCTION claim_pending_ad_change(text, double precision, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_pending_ad_change(text, double precision, timestamptz) TO {APP_ROLE};
"""
_UNDO_CLAIM = "DROP FUNCTION claim_pending_ad_change(text, double precision, timestamptz)"

_VIEWS = f"""
CREATE VIEW v_recent_budget_changes WITH (security_invoker = true) AS
  SELECT tenant_id, change_id, account_id, ad_entity_type, ad_entity_id, currency,
         (before #>> '{{}}')::bigint AS before_minor, (after #>> '{{}}')::bigint AS after_minor,
         round(((after #>> '{{}}')::numeric - (before #>> '{{}}')::numeric)
               / NULLIF((before #>> '{{}}')::numeric, 0), 4) AS change_share,
         who, why, at
  FROM ad_change_history
  WHERE event = 'done' AND change_type = 'budget' AND execution_id IS NOT NULL AND at > kairo_now() - interval '7 days';
CREATE VIEW v_safety_check_failures WITH (security_invoker = true) AS
  SELECT history.tenant_id, history.change_id, history.account_id, history.ad_entity_type, history.ad_entity_id,
         history.change_type, failed.value ->> 'name' AS check_name, failed.value -> 'numbers' AS numbers,
         failed.value ->> 'says' AS says, history.event, history.at
  FROM ad_change_history AS history, LATERAL jsonb_array_elements(history.checks) AS failed
  WHERE failed.value ->> 'passed' = 'false';
CREATE VIEW v_rate_limit_status WITH (security_invoker = true) AS
  WITH sent AS (
    SELECT tenant_id, account_id, ad_entity_type, ad_entity_id, change_type, at FROM ad_change_history
    WHERE event = 'executing' AND at > kairo_now() - interval '1 hour'
  ), bounds AS (
    SELECT tenant_id, COALESCE((settings ->> 'changes_per_hour')::integer, 15) AS account_limit,
           COALESCE((settings ->> 'budget_changes_per_hour')::integer, 4) AS budget_limit
    FROM ad_safety_settings
  )
  SELECT tenant_id, 'account' AS scope, account_id, account_id AS scope_id, count(*) AS in_last_hour,
         COALESCE(max(account_limit), 15) AS allowed, max(at) AS last_at
  FROM sent LEFT JOIN bounds USING (tenant_id) GROUP BY tenant_id, account_id
  UNION ALL
  SELECT tenant_id, ad_entity_type, account_id, ad_entity_id, count(*), COALESCE(max(budget_limit), 4), max(at)
  FROM sent LEFT JOIN bounds USING (tenant_id) WHERE change_type = 'budget'
  GROUP BY tenant_id, ad_entity_type, account_id, ad_entity_id;
GRANT SELECT ON v_recent_budget_changes, v_safety_check_failures, v_rate_limit_status TO {APP_ROLE};
"""
_UNDO_VIEWS = "DROP VIEW v_recent_budget_changes, v_safety_check_failures, v_rate_limit_status"


class Migration(migrations.Migration):

    dependencies = [('ads', '0003_accounts'), ('database', '0002_clock'), ('tenancy', '0002_chats')]

    operations = [
        migrations.CreateModel(
            name='PendingAdChange',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('account_id', models.TextField()),
                ('ad_entity_type', models.TextField()),
                ('ad_entity_id', models.TextField()),
                ('change_type', models.TextField()),
                ('current_value', models.JSONField(null=True)),
                ('requested_value', models.JSONField(null=True)),
                ('sent_before', models.JSONField(null=True)),
                ('sent_value', models.JSONField(null=True)),
                ('settled_value', models.JSONField(null=True)),
                ('execution_id', models.UUIDField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('currency', models.TextField()),
                ('reason', models.TextField()),
                ('source', models.TextField()),
                ('status', models.TextField(default='pending')),
                ('proposed_by', models.TextField()),
                ('approved_by', models.TextField(null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('claimed_by', models.TextField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('attempts', models.IntegerField(default=0)),
                ('not_before', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('idempotency_key', models.TextField(null=True)),
                ('rolls_back_id', models.UUIDField(null=True)),
                ('dry_run_at', models.DateTimeField(null=True)),
                ('held_by', models.TextField(null=True)),
                ('says', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'pending_ad_changes',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AdChangeHistory',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('account_id', models.TextField(null=True)),
                ('ad_entity_type', models.TextField(null=True)),
                ('ad_entity_id', models.TextField(null=True)),
                ('change_type', models.TextField(null=True)),
                ('currency', models.TextField(null=True)),
                ('event', models.TextField()),
                ('status', models.TextField(null=True)),
                ('execution_id', models.UUIDField(null=True)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('who', models.TextField()),
                ('why', models.TextField()),
                ('checks', models.JSONField(default=list)),
                ('response', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('change', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ads.pendingadchange')),
            ],
            options={
                'db_table': 'ad_change_history',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AdSafety',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('settings', models.JSONField(default=dict)),
                ('execution', models.BooleanField(default=False)),
                ('kill_switch', models.BooleanField(default=False)),
                ('kill_switch_reason', models.TextField(default='')),
                ('kill_switch_by', models.TextField(null=True)),
                ('kill_switch_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad_safety_settings',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='ad_safety_settings_once')],
            },
        ),
        migrations.AddIndex(
            model_name='pendingadchange',
            index=models.Index(condition=models.Q(('status__in', ['approved', 'claimed', 'executing'])), fields=['tenant', 'not_before'], name='ad_change_due'),
        ),
        migrations.AddIndex(
            model_name='pendingadchange',
            index=models.Index(fields=['tenant', '-id'], name='ad_change_newest'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['approved', 'claimed', 'executing', 'pending'])), fields=('tenant', 'ad_entity_type', 'ad_entity_id', 'change_type'), name='ad_change_one_open'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.UniqueConstraint(condition=models.Q(('idempotency_key__isnull', False)), fields=('tenant', 'idempotency_key'), name='ad_change_key_once'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'claimed', 'executing', 'done', 'failed', 'rejected', 'expired', 'rolled_back'])), name='ad_change_status_known'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.CheckConstraint(condition=models.Q(('change_type__in', ['budget', 'pause', 'resume', 'bid', 'create'])), name='ad_change_type_known'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['optimiser', 'person'])), name='ad_change_source_known'),
        ),
        migrations.AddConstraint(
            model_name='pendingadchange',
            constraint=models.CheckConstraint(condition=models.Q(('ad_entity_type__in', ['campaign', 'ad_set', 'ad'])), name='ad_change_entity_known'),
        ),
        migrations.AddIndex(
            model_name='adchangehistory',
            index=models.Index(fields=['tenant', 'change', 'id'], name='ad_history_of_change'),
        ),
        migrations.AddIndex(
            model_name='adchangehistory',
            index=models.Index(fields=['tenant', '-id'], name='ad_history_newest'),
        ),
        migrations.AddIndex(
            model_name='adchangehistory',
            index=models.Index(condition=models.Q(('execution_id__isnull', False)), fields=['tenant', 'account_id', 'at'], name='ad_history_sent'),
        ),
        migrations.AddConstraint(
            model_name='adchangehistory',
            constraint=models.CheckConstraint(condition=models.Q(('event__in', ['proposed', 'approved', 'rejected', 'expired', 'waiting', 'refused', 'dry_run', 'executing', 'read_back', 'done', 'failed', 'rolled_back', 'settings', 'kill_switch'])), name='ad_change_history_event'),
        ),
            *isolate("pending_ad_changes", referenced=True),
        *isolate("ad_change_history", references={"change_id": "pending_ad_changes"}),
        *isolate("ad_safety_settings"),
        migrations.RunSQL(_APPEND_ONLY, _UNDO_APPEND_ONLY),
        migrations.RunSQL(_CLAIM, _UNDO_CLAIM),
        migrations.RunSQL(_VIEWS, _UNDO_VIEWS),
    ]
