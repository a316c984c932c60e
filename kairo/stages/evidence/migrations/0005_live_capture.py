import django.contrib.postgres.fields
from django.db import migrations, models

import kairo.stages.evidence.contracts


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0004_retrieval'),
    ]

    operations = [
        migrations.AddField('surface', 'next_due_at', models.DateTimeField(null=True)),
        migrations.AddField('surface', 'last_captured_at', models.DateTimeField(null=True)),
        migrations.AddField('surface', 'failure_count', models.PositiveIntegerField(default=0)),
        migrations.AddField('surface', 'last_error', models.TextField(null=True)),
        migrations.AddField('surface', 'marks', models.JSONField(default=dict)),
        migrations.AddField('surface', 'cursor', models.TextField(null=True)),
        migrations.AddField('surface', 'claimed_by', models.UUIDField(null=True)),
        migrations.AddField('surface', 'claimed_until', models.DateTimeField(null=True)),
        migrations.AddField('capturerun', 'page_count', models.PositiveIntegerField(default=0)),
        migrations.AddField(
            'capturerun', 'cost_usd', models.DecimalField(decimal_places=6, max_digits=12, null=True)
        ),
        migrations.AddField(
            'capturerun',
            'warnings',
            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
        ),
        migrations.AddIndex(
            'surface',
            models.Index(
                condition=models.Q(
                    ('is_active', True),
                    models.Q(('surface_type', kairo.stages.evidence.contracts.SurfaceType['IMPORT']), _negated=True),
                ),
                fields=['tenant', 'next_due_at'],
                name='surface_due',
            ),
        ),
        migrations.AddIndex(
            'capturerun',
            models.Index(
                condition=models.Q(('cost_usd__isnull', False)),
                fields=['tenant', 'started_at'],
                name='capture_run_paid',
            ),
        ),
    ]
