"""What ads did, by hours and by days."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.ads.contracts.stats
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('ads', '0001_records'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdStat',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('ad_id', models.TextField()),
                ('granularity', models.TextField()),
                ('starts_at', models.DateTimeField()),
                ('impressions', models.BigIntegerField(default=0)),
                ('clicks', models.BigIntegerField(default=0)),
                ('spend', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
                ('conversions', models.BigIntegerField(default=0)),
                ('cash_revenue', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
                ('currency', models.TextField()),
                ('received_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'ad_stat',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'starts_at'], name='ad_stat_by_time')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id', 'granularity', 'starts_at'), name='ad_stat_once'), models.CheckConstraint(condition=models.Q(('granularity__in', [kairo.stages.ads.contracts.stats.Granularity['HOUR'], kairo.stages.ads.contracts.stats.Granularity['DAY']])), name='ad_stat_granularity')],
            },
        ),
        *isolate("ad_stat"),
    ]
