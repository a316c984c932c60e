"""What ads were told to have done, and the budgets that were recommended."""

import django.contrib.postgres.fields
import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.learning.contracts.budgets
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('learning', '0001_initial'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdReading',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('ad_id', models.TextField()),
                ('observed_at', models.DateTimeField()),
                ('impressions', models.BigIntegerField()),
                ('clicks', models.BigIntegerField()),
                ('spend', models.FloatField()),
                ('pipeline_value', models.FloatField()),
                ('cash_revenue', models.FloatField()),
                ('received_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad_reading',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id', 'observed_at'), name='ad_reading_once')],
            },
        ),
        migrations.CreateModel(
            name='BudgetSelection',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('as_of', models.DateTimeField()),
                ('mode', models.TextField()),
                ('total_budget', models.FloatField()),
                ('currency', models.TextField()),
                ('seed', models.BigIntegerField()),
                ('shadow', models.BooleanField()),
                ('ad_ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('current', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('recommended', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('roas', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('roas_low', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('roas_high', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('decisions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('spend', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('pipeline_value', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ('score', models.JSONField(null=True)),
                ('scored_until', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'budget_selection',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', '-made_at'], name='budget_selection_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('mode__in', [kairo.stages.learning.contracts.budgets.BudgetMode['DIRECT'], kairo.stages.learning.contracts.budgets.BudgetMode['PIPELINE']])), name='budget_selection_mode_known')],
            },
        ),
        migrations.CreateModel(
            name='BudgetSettingsRow',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('settings', models.JSONField(default=dict)),
                ('changed_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'budget_settings',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant',), name='budget_settings_one_a_tenant')],
            },
        ),
        *isolate("ad_reading"),
        *isolate("budget_selection"),
        *isolate("budget_settings"),
    ]
