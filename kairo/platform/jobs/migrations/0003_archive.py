"""The archive of ended jobs, and whose an archived job is."""

import django.db.models.deletion
import django.db.models.functions.datetime
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.platform.jobs.contracts
from django.db import migrations, models

from kairo.platform.database.rls import isolate

TENANT = """
CREATE OR REPLACE FUNCTION job_tenant(wanted uuid) RETURNS uuid LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$ {body} $body$;
"""
OF_LIVE = "SELECT tenant_id FROM job WHERE id = wanted"
OF_ARCHIVED = "SELECT tenant_id FROM job_archive WHERE id = wanted"


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_crons'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ArchivedJob',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('queue', models.TextField(default=kairo.platform.jobs.contracts.Queue['DEFAULT'])),
                ('priority', models.SmallIntegerField(default=5)),
                ('payload', models.JSONField()),
                ('dedupe_key', models.TextField(null=True)),
                ('state', models.TextField(default=kairo.platform.jobs.contracts.JobState['PENDING'])),
                ('attempts', models.SmallIntegerField(db_default=0, default=0)),
                ('max_attempts', models.SmallIntegerField(default=4)),
                ('worker_losses', models.SmallIntegerField(db_default=0, default=0)),
                ('available_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('locked_at', models.DateTimeField(null=True)),
                ('locked_by', models.TextField(null=True)),
                ('lock_token', models.BigIntegerField(db_default=0, default=0)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('time_limit_s', models.IntegerField()),
                ('cancel_requested_at', models.DateTimeField(null=True)),
                ('checkpoint', models.JSONField(null=True)),
                ('progress', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('outcome', models.JSONField(null=True)),
                ('error', models.TextField(null=True)),
                ('error_history', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                ('result_url', models.TextField(null=True)),
                ('run_id', models.UUIDField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'job_archive',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        *isolate("job_archive"),
        migrations.RunSQL(TENANT.format(body=f"{OF_LIVE} UNION ALL {OF_ARCHIVED}"), TENANT.format(body=OF_LIVE)),
    ]
