import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('opportunities', '0005_score_effects'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnownWinner',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('ad_id', models.TextField()),
                ('brand_id', models.UUIDField(null=True)),
                ('told', models.JSONField()),
                ('embedder', models.TextField()),
                ('won_at', models.DateTimeField()),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'known_winner',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'embedder', '-won_at'], name='known_winner_newest')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'ad_id'), name='known_winner_once')],
            },
        ),
        *isolate("known_winner"),
    ]
