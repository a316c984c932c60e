import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('live', '0001_initial'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='RunMirror',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('run_id', models.UUIDField()),
                ('channel', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('published_seq', models.PositiveIntegerField(default=0)),
                ('state', models.TextField(default='following')),
                ('behind_since', models.DateTimeField(null=True)),
                ('error', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'run_mirror',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'run_id'), name='run_mirror_once'), models.CheckConstraint(condition=models.Q(('state__in', ['following', 'behind', 'missed'])), name='run_mirror_state_known')],
            },
        ),
        *isolate("run_mirror"),
    ]
