"""The graph, the documents that it cites, and the departments that are gathered for."""

import django.db.models.deletion
import kairo.platform.database.clock
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.knowledge.contracts.documents
import kairo.stages.knowledge.contracts.graph
import pgvector.django.halfvec
from django.db import migrations, models

from kairo.platform.database.rls import isolate

# Beside the key, so that a search compares a brand's vectors without a visit to the table; an entry of such an index
# holds 2,704 bytes at most, and a half float takes two.
_COMPARED = """
ALTER TABLE knowledge_node ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE INDEX knowledge_node_compared ON knowledge_node (tenant_id, brand_id)
  INCLUDE (id, embedder, embedding) WHERE dimension <= 1024
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('brands', '0001_initial'),
        ('evidence', '0007_compared_vectors'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnowledgeDocument',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('title', models.TextField()),
                ('file_name', models.TextField(null=True)),
                ('url', models.TextField(null=True)),
                ('sha256', models.TextField()),
                ('byte_count', models.BigIntegerField()),
                ('text', models.TextField()),
                ('characters', models.IntegerField()),
                ('passage_count', models.IntegerField()),
                ('language', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'knowledge_document',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='DocumentPassage',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('position', models.IntegerField()),
                ('start', models.IntegerField()),
                ('end', models.IntegerField()),
                ('title', models.TextField(null=True)),
                ('text', models.TextField()),
                ('language', models.TextField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('document', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgedocument')),
            ],
            options={
                'db_table': 'knowledge_passage',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='KnowledgeNode',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('client_key', models.TextField()),
                ('content', models.TextField()),
                ('summary', models.TextField(null=True)),
                ('kind', models.TextField()),
                ('department', models.TextField(null=True)),
                ('source_type', models.TextField(null=True)),
                ('source_id', models.TextField(null=True)),
                ('confidence', models.FloatField(null=True)),
                ('language', models.TextField(null=True)),
                ('content_hash', models.TextField()),
                ('embedder', models.TextField()),
                ('dimension', models.SmallIntegerField(null=True)),
                ('embedding', pgvector.django.halfvec.HalfVectorField(null=True)),
                ('created_at', models.DateTimeField(db_default=kairo.platform.database.clock.ClockNow())),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('document', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgedocument')),
                ('evidence_item', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.evidenceitem')),
                ('passage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.documentpassage')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'knowledge_node',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='KnowledgeEdge',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('type', models.TextField()),
                ('created_at', models.DateTimeField(db_default=kairo.platform.database.clock.ClockNow())),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('from_node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgenode')),
                ('to_node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.knowledgenode')),
            ],
            options={
                'db_table': 'knowledge_edge',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='DepartmentCopy',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('base_url', models.TextField()),
                ('departments', models.JSONField()),
                ('fetched_at', models.DateTimeField()),
                ('failed_at', models.DateTimeField(null=True)),
                ('error', models.TextField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'department_copy',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'base_url'), name='department_copy_once')],
            },
        ),
        migrations.CreateModel(
            name='DepartmentRow',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('slug', models.TextField()),
                ('name', models.TextField()),
                ('description', models.TextField(default='')),
                ('code_dep_number', models.IntegerField()),
                ('gather_check', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('default_model', models.TextField(null=True)),
                ('coordination_settings', models.JSONField(default=dict)),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'department',
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'slug'), name='department_slug_once'), models.UniqueConstraint(fields=('tenant', 'code_dep_number'), name='department_number_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='knowledgedocument',
            constraint=models.UniqueConstraint(fields=('tenant', 'brand', 'sha256'), name='knowledge_document_once'),
        ),
        migrations.AddConstraint(
            model_name='knowledgedocument',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [kairo.stages.knowledge.contracts.documents.DocumentKind['MARKDOWN'], kairo.stages.knowledge.contracts.documents.DocumentKind['TEXT'], kairo.stages.knowledge.contracts.documents.DocumentKind['PDF'], kairo.stages.knowledge.contracts.documents.DocumentKind['WEB_PAGE']])), name='knowledge_document_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='documentpassage',
            constraint=models.UniqueConstraint(fields=('tenant', 'document', 'position'), name='knowledge_passage_place'),
        ),
        migrations.AddConstraint(
            model_name='documentpassage',
            constraint=models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='knowledge_passage_not_empty'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(fields=['tenant', 'brand', 'department'], name='knowledge_node_department'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(condition=models.Q(('content_hash', ''), _negated=True), fields=['tenant', 'brand', 'content_hash'], name='knowledge_node_content'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(condition=models.Q(('source_id__isnull', False)), fields=['tenant', 'source_type', 'source_id'], name='knowledge_node_source'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(condition=models.Q(('evidence_item__isnull', False)), fields=['tenant', 'evidence_item'], name='knowledge_node_evidence'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(condition=models.Q(('passage__isnull', False)), fields=['tenant', 'passage'], name='knowledge_node_passage'),
        ),
        migrations.AddIndex(
            model_name='knowledgenode',
            index=models.Index(condition=models.Q(('document__isnull', False)), fields=['tenant', 'document'], name='knowledge_node_document'),
        ),
        migrations.AddConstraint(
            model_name='knowledgenode',
            constraint=models.UniqueConstraint(fields=('tenant', 'brand', 'client_key'), name='knowledge_node_once'),
        ),
        migrations.AddConstraint(
            model_name='knowledgenode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source_id__isnull', True), ('source_type__isnull', True)), models.Q(('source_id__isnull', False), ('source_type__in', [kairo.stages.knowledge.contracts.graph.SourceType['EVIDENCE'], kairo.stages.knowledge.contracts.graph.SourceType['DOCUMENT'], kairo.stages.knowledge.contracts.graph.SourceType['GATHER_ITEM'], kairo.stages.knowledge.contracts.graph.SourceType['PERSON']])), _connector='OR'), name='knowledge_node_source_known'),
        ),
        migrations.AddConstraint(
            model_name='knowledgenode',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__isnull', True), models.Q(('confidence__gte', 0), ('confidence__lte', 1)), _connector='OR'), name='knowledge_node_confidence_share'),
        ),
        migrations.AddIndex(
            model_name='knowledgeedge',
            index=models.Index(fields=['tenant', 'to_node'], name='knowledge_edge_to'),
        ),
        migrations.AddConstraint(
            model_name='knowledgeedge',
            constraint=models.UniqueConstraint(fields=('tenant', 'from_node', 'to_node', 'type'), name='knowledge_edge_once'),
        ),
        migrations.AddConstraint(
            model_name='knowledgeedge',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', [kairo.stages.knowledge.contracts.graph.EdgeType['SUPPORTS'], kairo.stages.knowledge.contracts.graph.EdgeType['CONTRADICTS'], kairo.stages.knowledge.contracts.graph.EdgeType['ELABORATES'], kairo.stages.knowledge.contracts.graph.EdgeType['ABOUT']])), name='knowledge_edge_type_known'),
        ),
        migrations.AddConstraint(
            model_name='knowledgeedge',
            constraint=models.CheckConstraint(condition=models.Q(('from_node', models.F('to_node')), _negated=True), name='knowledge_edge_between_two'),
        ),
        *isolate("knowledge_document", references={"brand_id": "brand"}, referenced=True),
        *isolate("knowledge_passage", references={"document_id": "knowledge_document"}, referenced=True),
        *isolate(
            "knowledge_node",
            references={
                "brand_id": "brand",
                "evidence_item_id": "evidence_item",
                "document_id": "knowledge_document",
                "passage_id": "knowledge_passage",
            },
            referenced=True,
        ),
        *isolate(
            "knowledge_edge",
            references={"brand_id": "brand", "from_node_id": "knowledge_node", "to_node_id": "knowledge_node"},
        ),
        *isolate("department"),
        *isolate("department_copy"),
        migrations.RunSQL(_COMPARED, "DROP INDEX knowledge_node_compared"),
    ]
