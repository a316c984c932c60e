"""Accounts of ad platforms."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.ads.contracts.platforms
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('ads', '0002_stats'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='account_id',
            field=models.TextField(null=True),
        ),
        migrations.CreateModel(
            name='AdAccount',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('account_id', models.TextField()),
                ('platform', models.TextField()),
                ('name', models.TextField(default='')),
                ('currency', models.TextField()),
                ('timezone', models.TextField()),
                ('access_token', models.TextField(null=True)),
                ('base_url', models.TextField(null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad_account',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'account_id'), name='ad_account_once'), models.CheckConstraint(condition=models.Q(('platform__in', [kairo.stages.ads.contracts.platforms.PlatformName['META'], kairo.stages.ads.contracts.platforms.PlatformName['SANDBOX']])), name='ad_account_platform')],
            },
        ),
        *isolate("ad_account"),
    ]
