"""Statements that people edited or removed."""

import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import pgvector.django.halfvec
from django.db import migrations, models

from kairo.platform.database.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0001_initial'),
        ('knowledge', '0003_gathers'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetiredNode',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('by', models.TextField()),
                ('department', models.TextField(null=True)),
                ('content_hash', models.TextField()),
                ('dimension', models.SmallIntegerField(null=True)),
                ('embedding', pgvector.django.halfvec.HalfVectorField(null=True)),
                ('retired_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgenode')),
                ('replaced_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgenode')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'knowledge_retired',
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'brand', '-retired_at'], name='knowledge_retired_newest'), models.Index(condition=models.Q(('replaced_by__isnull', False)), fields=['tenant', 'replaced_by'], name='knowledge_retired_for')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'node'), name='knowledge_retired_once'), models.CheckConstraint(condition=models.Q(models.Q(('reason', 'removed'), ('replaced_by__isnull', True)), models.Q(('reason', 'edited'), ('replaced_by__isnull', False)), _connector='OR'), name='knowledge_retired_reason_known')],
            },
        ),
        *isolate(
            "knowledge_retired",
            references={"brand_id": "brand", "node_id": "knowledge_node", "replaced_by_id": "knowledge_node"},
        ),
    ]
