import django.contrib.postgres.fields
import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('opportunities', '0003_decisions'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='BoardRecord',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('item_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('document', models.JSONField()),
                ('board', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.opportunitiesboard')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'opportunities_board_record',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'board'), name='opportunities_board_record_once')],
            },
        ),
        *isolate("opportunities_board_record", references={"board_id": "opportunities_board"}),
    ]
