"""Clicks, conversions, what was learned of how they belong together, short links, and the views over them."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.revenue.contracts.tracking
from django.db import migrations, models

from kairo.platform.database.rls import isolate, lookup_function
from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE

# What comes earlier or later lies in the first or the last part: no more of them than are filled.
FIRST_YEAR, LAST_YEAR = 2025, 2028


def _partition(name, since, until):
    # Reached through its parent alone, whose policies hold for the rows of all partitions.
    return (
        f"CREATE TABLE {name} PARTITION OF click_tracking FOR VALUES FROM ({since}) TO ({until});"
        f" REVOKE ALL ON {name} FROM {APP_ROLE};"
        f" ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY owner_rows ON {name} TO {OWNER_ROLE} USING (true) WITH CHECK (true);"
    )


_QUARTERS = [(year, month) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in (1, 4, 7, 10)]
_STARTS = [f"'{year}-{month:02}-01+00'" for year, month in [*_QUARTERS, (LAST_YEAR + 1, 1)]]
_PARTITIONS = [
    _partition('click_tracking_earlier', 'MINVALUE', _STARTS[0]),
    *(
        _partition(f'click_tracking_{year}_{month:02}', since, until)
        for (year, month), since, until in zip(_QUARTERS, _STARTS, _STARTS[1:], strict=False)
    ),
    _partition('click_tracking_later', _STARTS[-1], 'MAXVALUE'),
]

# A key's index holds no tenant: the keys of two tenants differ, and every byte is written five times a click.
_CLICK_TRACKING = f"""
CREATE TABLE click_tracking (
  id uuid NOT NULL, tenant_id uuid NOT NULL,
  click_key bigint NOT NULL, fbclid_key bigint, gclid_key bigint,
  email_key bigint, phone_key bigint, external_key bigint, net_key bigint, ip_key bigint,
  clicked_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, received_at timestamptz NOT NULL,
  browser_version integer, consent boolean,
  click_id text NOT NULL, ad_id text NOT NULL, campaign_id text, fbclid text, gclid text,
  browser text, system text, screen text, timezone text, language text,
  landing_url text, utm jsonb,
  CONSTRAINT click_tracking_once UNIQUE (tenant_id, click_key, clicked_at)
) PARTITION BY RANGE (clicked_at);
CREATE INDEX click_tracking_fbclid ON click_tracking (fbclid_key, clicked_at) WHERE fbclid_key IS NOT NULL;
CREATE INDEX click_tracking_gclid ON click_tracking (gclid_key, clicked_at) WHERE gclid_key IS NOT NULL;
CREATE INDEX click_tracking_email ON click_tracking (email_key, clicked_at) WHERE email_key IS NOT NULL;
CREATE INDEX click_tracking_phone ON click_tracking (phone_key, clicked_at) WHERE phone_key IS NOT NULL;
CREATE INDEX click_tracking_external ON click_tracking (external_key, clicked_at) WHERE external_key IS NOT NULL;
CREATE INDEX click_tracking_line ON click_tracking (ip_key, clicked_at) WHERE ip_key IS NOT NULL;
CREATE INDEX click_tracking_by_time ON click_tracking (tenant_id, clicked_at);
{"".join(_PARTITIONS)}
"""

_VIEWS = f"""
CREATE VIEW v_active_clicks WITH (security_invoker = true) AS
  SELECT tenant_id, click_id, ad_id, campaign_id, clicked_at, expires_at, consent
  FROM click_tracking WHERE clicked_at > kairo_now() - interval '90 days' AND expires_at > kairo_now();
CREATE VIEW v_attribution_recovery_rate WITH (security_invoker = true) AS
  SELECT tenant_id, date_trunc('day', occurred_at) AS day, conversion_type, count(*) AS conversions,
         count(*) FILTER (WHERE attributed) AS attributed,
         count(*) FILTER (WHERE layer = 1) AS layer_1, count(*) FILTER (WHERE layer = 2) AS layer_2,
         count(*) FILTER (WHERE layer = 3) AS layer_3,
         round(count(*) FILTER (WHERE attributed)::numeric / count(*), 4) AS attributed_share,
         round(count(*) FILTER (WHERE layer > 1)::numeric / count(*), 4) AS recovered_share
  FROM conversion_tracking GROUP BY tenant_id, 2, conversion_type;
CREATE VIEW v_unattributed_conversions WITH (security_invoker = true) AS
  SELECT tenant_id, conversion_id, conversion_type, value, currency, occurred_at, reason, candidates
  FROM conversion_tracking WHERE NOT attributed;
GRANT SELECT ON v_active_clicks, v_attribution_recovery_rate, v_unattributed_conversions TO {APP_ROLE};
"""
_DROP_VIEWS = "DROP VIEW v_active_clicks, v_attribution_recovery_rate, v_unattributed_conversions"

# Lookups of strangers who follow a link or open a page: they set the transaction to its tenant and tell the least.
_FIND_LINK = """
SELECT found.tenant_id, found.ad_id, found.campaign_id, found.target_url
FROM (SELECT * FROM tracked_link WHERE tracked_link.code = wanted) AS found,
LATERAL set_config('kairo.tenant_id', found.tenant_id::text, true)
"""
_FIND_SITE = """
SELECT found.tenant_id
FROM (SELECT * FROM tracked_site WHERE tracked_site.key = wanted) AS found,
LATERAL set_config('kairo.tenant_id', found.tenant_id::text, true)
"""


class Migration(migrations.Migration):

    dependencies = [('ads', '0001_records'), ('tenancy', '0002_chats')]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_CLICK_TRACKING, "DROP TABLE click_tracking")],
            state_operations=[
                migrations.CreateModel(
                    name='Click',
                    fields=[
                        ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                        ('fbclid', models.TextField(null=True)),
                        ('gclid', models.TextField(null=True)),
                        ('click_key', models.BigIntegerField(null=True)),
                        ('fbclid_key', models.BigIntegerField(null=True)),
                        ('gclid_key', models.BigIntegerField(null=True)),
                        ('email_key', models.BigIntegerField(null=True)),
                        ('phone_key', models.BigIntegerField(null=True)),
                        ('external_key', models.BigIntegerField(null=True)),
                        ('net_key', models.BigIntegerField(null=True)),
                        ('ip_key', models.BigIntegerField(null=True)),
                        ('browser', models.TextField(null=True)),
                        ('browser_version', models.IntegerField(null=True)),
                        ('system', models.TextField(null=True)),
                        ('screen', models.TextField(null=True)),
                        ('timezone', models.TextField(null=True)),
                        ('language', models.TextField(null=True)),
                        ('consent', models.BooleanField(null=True)),
                        ('click_id', models.TextField()),
                        ('ad_id', models.TextField()),
                        ('campaign_id', models.TextField(null=True)),
                        ('landing_url', models.TextField(null=True)),
                        ('utm', models.JSONField(null=True)),
                        ('clicked_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('received_at', models.DateTimeField()),
                        ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                    ],
                    options={
                        'db_table': 'click_tracking',
                        'abstract': False,
                        'base_manager_name': 'objects',
                    },
                ),
            ],
        ),
        *isolate("click_tracking"),
        migrations.CreateModel(
            name='Conversion',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('fbclid', models.TextField(null=True)),
                ('gclid', models.TextField(null=True)),
                ('click_key', models.BigIntegerField(null=True)),
                ('fbclid_key', models.BigIntegerField(null=True)),
                ('gclid_key', models.BigIntegerField(null=True)),
                ('email_key', models.BigIntegerField(null=True)),
                ('phone_key', models.BigIntegerField(null=True)),
                ('external_key', models.BigIntegerField(null=True)),
                ('net_key', models.BigIntegerField(null=True)),
                ('ip_key', models.BigIntegerField(null=True)),
                ('browser', models.TextField(null=True)),
                ('browser_version', models.IntegerField(null=True)),
                ('system', models.TextField(null=True)),
                ('screen', models.TextField(null=True)),
                ('timezone', models.TextField(null=True)),
                ('language', models.TextField(null=True)),
                ('consent', models.BooleanField(null=True)),
                ('conversion_id', models.TextField()),
                ('conversion_type', models.TextField()),
                ('value', models.DecimalField(decimal_places=4, max_digits=18)),
                ('currency', models.TextField()),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('click_id', models.TextField(null=True)),
                ('attributed', models.BooleanField()),
                ('method', models.TextField(null=True)),
                ('layer', models.SmallIntegerField(null=True)),
                ('confidence', models.FloatField(default=0.0)),
                ('reason', models.TextField(null=True)),
                ('ad_id', models.TextField(null=True)),
                ('attributed_click_id', models.TextField(null=True)),
                ('attributed_key', models.BigIntegerField(null=True)),
                ('clicked_at', models.DateTimeField(null=True)),
                ('candidates', models.JSONField(default=list)),
                ('path', models.JSONField(default=list)),
                ('weights_version', models.IntegerField(default=0)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'conversion_tracking',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'occurred_at'], name='conversion_by_time'), models.Index(fields=['tenant', 'ad_id', 'occurred_at'], name='conversion_of_ad'), models.Index(condition=models.Q(('email_key__isnull', False)), fields=['email_key'], name='conversion_email_key'), models.Index(condition=models.Q(('phone_key__isnull', False)), fields=['phone_key'], name='conversion_phone_key'), models.Index(condition=models.Q(('external_key__isnull', False)), fields=['external_key'], name='conversion_external_key'), models.Index(condition=models.Q(('attributed_key__isnull', False)), fields=['attributed_key'], name='conversion_attributed_key')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'conversion_id'), name='conversion_once')],
            },
        ),
        migrations.CreateModel(
            name='AttributionAttempt',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('conversion_id', models.TextField()),
                ('layers_tried', models.TextField()),
                ('attributed', models.BooleanField()),
                ('method', models.TextField(null=True)),
                ('reason', models.TextField(null=True)),
                ('confidence', models.FloatField()),
                ('candidates', models.IntegerField()),
                ('milliseconds', models.FloatField()),
                ('weights_version', models.IntegerField()),
                ('attempted_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'attribution_performance_log',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'attempted_at'], name='attribution_attempt_by_time')],
            },
        ),
        migrations.CreateModel(
            name='LearnedWeights',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('artifact', models.JSONField()),
                ('metrics', models.JSONField(default=dict)),
                ('trained_until', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'attribution_weights',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'version'), name='attribution_weights_once')],
            },
        ),
        migrations.CreateModel(
            name='AttributionConfig',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('settings', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'attribution_config',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='attribution_config_once')],
            },
        ),
        migrations.CreateModel(
            name='TrackedLink',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('code', models.TextField(unique=True)),
                ('ad_id', models.TextField()),
                ('campaign_id', models.TextField(null=True)),
                ('target_url', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'tracked_link',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id', 'target_url'), name='tracked_link_once')],
            },
        ),
        migrations.CreateModel(
            name='TrackedSite',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('key', models.TextField(unique=True)),
                ('name', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'tracked_site',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'name'), name='tracked_site_once')],
            },
        ),
        migrations.CreateModel(
            name='Holdout',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('kind', models.TextField()),
                ('conversion_type', models.TextField(null=True)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('groups', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'holdout',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'name'), name='holdout_once'), models.CheckConstraint(condition=models.Q(('kind__in', [kairo.stages.revenue.contracts.tracking.HoldoutKind['USER_SPLIT'], kairo.stages.revenue.contracts.tracking.HoldoutKind['GEO']])), name='holdout_kind_known')],
            },
        ),
        *isolate("conversion_tracking"),
        *isolate("attribution_performance_log"),
        *isolate("attribution_weights"),
        *isolate("attribution_config"),
        *isolate("tracked_link"),
        *isolate("tracked_site"),
        *isolate("holdout"),
        lookup_function(
            "revenue_find_link",
            "wanted text",
            "TABLE (tenant_id uuid, ad_id text, campaign_id text, target_url text)",
            _FIND_LINK,
        ),
        lookup_function("revenue_find_site", "wanted text", "TABLE (tenant_id uuid)", _FIND_SITE),
        migrations.RunSQL(_VIEWS, _DROP_VIEWS),
    ]
