"""Campaigns, ad sets and ads, under the ids of their platforms."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [('brands', '0001_initial'), ('tenancy', '0002_chats')]

    operations = [
        migrations.CreateModel(
            name='Ad',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('ad_id', models.TextField()),
                ('campaign_id', models.TextField(null=True)),
                ('ad_set_id', models.TextField(null=True)),
                ('platform', models.TextField(default='')),
                ('platform_ad_id', models.TextField(null=True)),
                ('name', models.TextField(default='')),
                ('status', models.TextField(default='')),
                ('landing_url', models.TextField(null=True)),
                ('variant_id', models.UUIDField(null=True)),
                ('package_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'campaign_id'], name='ad_of_campaign'), models.Index(condition=models.Q(('variant_id__isnull', False)), fields=['tenant', 'variant_id'], name='ad_of_variant')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id'), name='ad_once')],
            },
        ),
        migrations.CreateModel(
            name='AdSet',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('ad_set_id', models.TextField()),
                ('campaign_id', models.TextField(null=True)),
                ('name', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad_set',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_set_id'), name='ad_set_once')],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('campaign_id', models.TextField()),
                ('name', models.TextField(default='')),
                ('platform', models.TextField(default='')),
                ('status', models.TextField(default='')),
                ('objective', models.TextField(default='')),
                ('currency', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'campaign',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'campaign_id'), name='campaign_once')],
            },
        ),
        *isolate("campaign"),
        *isolate("ad_set"),
        *isolate("ad"),
    ]
