import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.revenue.contracts.deals
import kairo.stages.revenue.contracts.stages
import kairo.stages.revenue.rules.telescoping
from django.db import migrations, models

from kairo.platform.database.rls import isolate, lookup_function


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0001_tracking'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deal',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('deal_key', models.TextField()),
                ('ad_id', models.TextField(null=True)),
                ('click_id', models.TextField(null=True)),
                ('pipeline', models.TextField()),
                ('stage', models.TextField(null=True)),
                ('outcome', models.TextField()),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ('currency', models.TextField(null=True)),
                ('created_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('merged_into', models.TextField(null=True)),
                ('is_deleted', models.BooleanField(default=False)),
                ('steps', models.JSONField(default=list)),
                ('synthetic_value', models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ('synthetic_currency', models.TextField(null=True)),
                ('digest', models.TextField()),
                ('changed_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'deal',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('ad_id__isnull', False)), fields=['tenant', 'ad_id'], name='deal_of_ad'), models.Index(condition=models.Q(('click_id__isnull', False)), fields=['tenant', 'click_id'], name='deal_of_click'), models.Index(fields=['tenant', 'deal_key'], name='deal_of_key')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'source', 'deal_key'), name='deal_once'), models.CheckConstraint(condition=models.Q(('outcome__in', [kairo.stages.revenue.contracts.deals.DealOutcome['WON'], kairo.stages.revenue.contracts.deals.DealOutcome['LOST'], kairo.stages.revenue.contracts.deals.DealOutcome['OPEN']])), name='deal_outcome_known')],
            },
        ),
        migrations.CreateModel(
            name='DealFact',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('deal_key', models.TextField()),
                ('name', models.TextField()),
                ('value', models.TextField(null=True)),
                ('at', models.DateTimeField()),
                ('rank', models.PositiveSmallIntegerField()),
                ('key', models.TextField()),
                ('stored_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'deal_fact',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'source', 'deal_key', 'name', 'at', 'key'), name='deal_fact_once'), models.CheckConstraint(condition=models.Q(('name__in', [kairo.stages.revenue.rules.telescoping.FactName['STAGE'], kairo.stages.revenue.rules.telescoping.FactName['PIPELINE'], kairo.stages.revenue.rules.telescoping.FactName['AMOUNT'], kairo.stages.revenue.rules.telescoping.FactName['CURRENCY'], kairo.stages.revenue.rules.telescoping.FactName['AD'], kairo.stages.revenue.rules.telescoping.FactName['CLICK'], kairo.stages.revenue.rules.telescoping.FactName['CREATED'], kairo.stages.revenue.rules.telescoping.FactName['CLOSED'], kairo.stages.revenue.rules.telescoping.FactName['OUTCOME'], kairo.stages.revenue.rules.telescoping.FactName['MERGED_INTO'], kairo.stages.revenue.rules.telescoping.FactName['DELETED']])), name='deal_fact_name_known')],
            },
        ),
        migrations.CreateModel(
            name='HubSpotDelivery',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('signature_hash', models.TextField()),
                ('received_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'hubspot_delivery',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'received_at'], name='hubspot_delivery_oldest')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'signature_hash'), name='hubspot_delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='HubSpotPortal',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('portal_id', models.BigIntegerField(null=True)),
                ('access_token', models.TextField(null=True)),
                ('client_secret', models.TextField(null=True)),
                ('ad_id_property', models.TextField(default='ad_id')),
                ('is_active', models.BooleanField(default=True)),
                ('signature_version', models.PositiveSmallIntegerField(default=0)),
                ('synced_until', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'hubspot_portal',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['portal_id'], name='hubspot_portal_of_events')],
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='hubspot_portal_one_a_tenant')],
            },
        ),
        migrations.CreateModel(
            name='StageModel',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('pipeline', models.TextField()),
                ('version', models.PositiveIntegerField()),
                ('artifact', models.JSONField()),
                ('trained_until', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'stage_model',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'pipeline', 'version'), name='stage_model_once')],
            },
        ),
        migrations.CreateModel(
            name='SyntheticRevenueConfig',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('pipeline', models.TextField()),
                ('stage', models.TextField()),
                ('origin', models.TextField()),
                ('kind', models.TextField()),
                ('position', models.PositiveSmallIntegerField()),
                ('currency', models.TextField()),
                ('expected_value', models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ('probability', models.FloatField(null=True)),
                ('changed_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'synthetic_revenue_config',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'pipeline', 'origin', 'stage'), name='synthetic_revenue_config_once'), models.CheckConstraint(condition=models.Q(('kind__in', [kairo.stages.revenue.contracts.stages.StageKind['OPEN'], kairo.stages.revenue.contracts.stages.StageKind['WON'], kairo.stages.revenue.contracts.stages.StageKind['LOST'], kairo.stages.revenue.contracts.stages.StageKind['REOPENED']])), name='synthetic_revenue_config_kind_known'), models.CheckConstraint(condition=models.Q(('origin__in', [kairo.stages.revenue.contracts.stages.StageOrigin['OWN'], kairo.stages.revenue.contracts.stages.StageOrigin['CRM']])), name='synthetic_revenue_config_origin_known'), models.CheckConstraint(condition=models.Q(('probability', None), models.Q(('probability__gte', 0), ('probability__lte', 1)), _connector='OR'), name='synthetic_revenue_config_probability')],
            },
        ),
        *isolate("deal", referenced=True),
        *isolate("deal_fact"),
        *isolate("hubspot_delivery"),
        *isolate("hubspot_portal"),
        *isolate("stage_model"),
        *isolate("synthetic_revenue_config"),
        # Which accounts an event of a portal may be for; the caller shows by the signature whose it is.
        lookup_function(
            "revenue_hubspot_portals",
            "portal bigint",
            "TABLE (tenant_id uuid, client_secret text, signature_version smallint)",
            """
            SELECT hubspot_portal.tenant_id, hubspot_portal.client_secret, hubspot_portal.signature_version
            FROM hubspot_portal WHERE hubspot_portal.portal_id = portal AND hubspot_portal.is_active
            ORDER BY hubspot_portal.tenant_id
            """,
        ),
    ]
