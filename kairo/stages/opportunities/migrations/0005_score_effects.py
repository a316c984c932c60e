import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0001_initial'),
        ('opportunities', '0004_board_records'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScoreEffects',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('effects', models.JSONField(default=list)),
                ('probability_shift', models.FloatField(default=0.0)),
                ('learned_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'score_effects',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'brand', '-learned_at'], name='score_effects_newest')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'brand', 'version'), name='score_effects_once')],
            },
        ),
        *isolate("score_effects", references={"brand_id": "brand"}),
    ]
