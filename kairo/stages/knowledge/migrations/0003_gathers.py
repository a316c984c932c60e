"""Gathers, what they found, evaluations, and their figures for Prometheus."""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.knowledge.contracts.gathers
from django.db import migrations, models

from kairo.platform.database.rls import isolate
from kairo.platform.telemetry.metrics import metric_function

METRICS = """
WITH timed AS (
    SELECT step.key AS step, step.value::float8 / 1000 AS seconds
    FROM gather_iteration, jsonb_each_text(times_ms) AS step
),
reached AS (
    SELECT extract(epoch FROM finished_at - started_at)::float8 AS seconds
    FROM gather_department WHERE state = 'threshold_reached' AND started_at IS NOT NULL
),
brought AS (
    SELECT generator, items_created::float8 AS created, duplicates::float8 AS duplicates, generated::float8 AS generated,
           quality_score, greatest(gain, 0) AS gain
    FROM gather_iteration
)
SELECT 'kairo_gathers', jsonb_build_object('state', state), '', count(*)::float8 FROM automated_gather GROUP BY state
UNION ALL
SELECT 'kairo_gather_iterations', jsonb_build_object('generator', generator), '', count(*)::float8
FROM brought GROUP BY generator
UNION ALL
SELECT 'kairo_gather_items', jsonb_build_object('generator', generator, 'kind', 'generated'), '', sum(generated)
FROM brought GROUP BY generator
UNION ALL
SELECT 'kairo_gather_items', jsonb_build_object('generator', generator, 'kind', 'created'), '', sum(created)
FROM brought GROUP BY generator
UNION ALL
SELECT 'kairo_gather_items', jsonb_build_object('generator', generator, 'kind', 'duplicate'), '', sum(duplicates)
FROM brought GROUP BY generator
UNION ALL
SELECT 'kairo_gather_duplicate_ratio', '{}'::jsonb, '', sum(duplicates) / sum(generated)
FROM brought HAVING sum(generated) > 0
UNION ALL
SELECT 'kairo_gather_iterations_per_department', '{}'::jsonb,
       metric_bucket(iterations::float8, ARRAY[1, 2, 3, 5, 8, 13, 21, 50]), count(*)::float8
FROM gather_department WHERE iterations > 0 GROUP BY 3
UNION ALL
SELECT 'kairo_gather_iterations_per_department', '{}'::jsonb, 'sum', sum(iterations)::float8
FROM gather_department WHERE iterations > 0 HAVING count(*) > 0
UNION ALL
SELECT 'kairo_gather_items_per_iteration', '{}'::jsonb, metric_bucket(created, ARRAY[0, 1, 2, 3, 5, 8, 10]),
       count(*)::float8
FROM brought GROUP BY 3
UNION ALL
SELECT 'kairo_gather_items_per_iteration', '{}'::jsonb, 'sum', sum(created) FROM brought HAVING count(*) > 0
UNION ALL
SELECT 'kairo_gather_quality_score', '{}'::jsonb,
       metric_bucket(quality_score, ARRAY[10, 20, 30, 40, 50, 60, 70, 80, 90, 100]), count(*)::float8
FROM brought GROUP BY 3
UNION ALL
SELECT 'kairo_gather_quality_score', '{}'::jsonb, 'sum', sum(quality_score) FROM brought HAVING count(*) > 0
UNION ALL
SELECT 'kairo_gather_score_gain', '{}'::jsonb, metric_bucket(gain, ARRAY[0, 1, 2, 5, 10, 20, 40]), count(*)::float8
FROM brought GROUP BY 3
UNION ALL
SELECT 'kairo_gather_score_gain', '{}'::jsonb, 'sum', sum(gain) FROM brought HAVING count(*) > 0
UNION ALL
SELECT 'kairo_gather_threshold_seconds', '{}'::jsonb, metric_bucket(seconds, ARRAY[1, 5, 15, 60, 120, 300, 600]),
       count(*)::float8
FROM reached GROUP BY 3
UNION ALL
SELECT 'kairo_gather_threshold_seconds', '{}'::jsonb, 'sum', sum(seconds) FROM reached HAVING count(*) > 0
UNION ALL
SELECT 'kairo_gather_step_seconds', jsonb_build_object('step', step),
       metric_bucket(seconds, ARRAY[0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30]), count(*)::float8
FROM timed GROUP BY 2, 3
UNION ALL
SELECT 'kairo_gather_step_seconds', jsonb_build_object('step', step), 'sum', sum(seconds) FROM timed GROUP BY 2
"""


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0001_initial'),
        ('evidence', '0007_compared_vectors'),
        ('knowledge', '0002_profiles'),
        ('telemetry', '0002_metrics'),
        ('tenancy', '0002_chats'),
    ]

    operations = [
        migrations.CreateModel(
            name='AutomatedGather',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('run_id', models.UUIDField()),
                ('task_id', models.UUIDField()),
                ('job_id', models.UUIDField()),
                ('user_id', models.TextField(null=True)),
                ('max_iterations', models.IntegerField()),
                ('enable_auto_evaluation', models.BooleanField(default=True)),
                ('webhook_url', models.TextField(null=True)),
                ('seed', models.BigIntegerField(default=0)),
                ('generator', models.TextField(default=kairo.stages.knowledge.contracts.gathers.GatherGenerator['AUTO'])),
                ('state', models.TextField(default=kairo.stages.knowledge.contracts.gathers.GatherState['PENDING'])),
                ('iterations', models.IntegerField(default=0)),
                ('items_created', models.IntegerField(default=0)),
                ('duplicates', models.IntegerField(default=0)),
                ('waits', models.IntegerField(default=0)),
                ('carried', models.JSONField(default=dict)),
                ('degraded', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('remediation', models.TextField(null=True)),
                ('error', models.TextField(null=True)),
                ('processing_ms', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'automated_gather',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='DepartmentEvaluation',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('run_id', models.UUIDField()),
                ('job_id', models.UUIDField()),
                ('department', models.TextField()),
                ('department_number', models.IntegerField()),
                ('score', models.FloatField()),
                ('parts', models.JSONField()),
                ('local_parts', models.JSONField()),
                ('judge_parts', models.JSONField(null=True)),
                ('gaps', models.JSONField(default=list)),
                ('contradictions', models.JSONField(default=list)),
                ('evaluator', models.TextField()),
                ('model', models.TextField(null=True)),
                ('prompt', models.TextField(null=True)),
                ('auto_triggered', models.BooleanField(default=False)),
                ('user_id', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('gather', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.automatedgather')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'department_evaluation',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='GatherDepartment',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('place', models.IntegerField()),
                ('slug', models.TextField()),
                ('name', models.TextField()),
                ('number', models.IntegerField()),
                ('threshold', models.FloatField()),
                ('model', models.TextField(null=True)),
                ('definition', models.JSONField()),
                ('state', models.TextField(default=kairo.stages.knowledge.contracts.gathers.DepartmentState['WAITING'])),
                ('quality_score', models.FloatField(default=0)),
                ('local_parts', models.JSONField(null=True)),
                ('judge_parts', models.JSONField(null=True)),
                ('iterations', models.IntegerField(default=0)),
                ('fruitless', models.IntegerField(default=0)),
                ('items_created', models.IntegerField(default=0)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('gather', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.automatedgather')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'gather_department',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='GatheredItem',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('run_id', models.UUIDField()),
                ('department', models.TextField()),
                ('iteration', models.IntegerField()),
                ('place', models.IntegerField()),
                ('content', models.TextField()),
                ('summary', models.TextField()),
                ('context', models.TextField()),
                ('aspects', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('generator', models.TextField()),
                ('model', models.TextField(null=True)),
                ('prompt', models.TextField(null=True)),
                ('user_id', models.TextField(null=True)),
                ('indexed_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('brand', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='brands.brand')),
                ('gather', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.automatedgather')),
                ('superseded_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.gathereditem')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'gathered_item',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='GatheredCitation',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('place', models.IntegerField()),
                ('quote', models.TextField()),
                ('title', models.TextField(null=True)),
                ('url', models.TextField(null=True)),
                ('evidence', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.evidenceitem')),
                ('passage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.documentpassage')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('item', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.gathereditem')),
            ],
            options={
                'db_table': 'gathered_citation',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='GatherIteration',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('department', models.TextField()),
                ('generator', models.TextField()),
                ('model', models.TextField(null=True)),
                ('prompt', models.TextField(null=True)),
                ('generated', models.IntegerField()),
                ('items_created', models.IntegerField()),
                ('duplicates', models.IntegerField()),
                ('quality_score', models.FloatField()),
                ('gain', models.FloatField()),
                ('local_parts', models.JSONField()),
                ('judge_parts', models.JSONField(null=True)),
                ('times_ms', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('gather', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='knowledge.automatedgather')),
                ('tenant', models.ForeignKey(db_index=False, default=kairo.platform.database.sessions.current_tenant, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'gather_iteration',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddIndex(
            model_name='automatedgather',
            index=models.Index(fields=['tenant', 'brand', '-id'], name='automated_gather_newest'),
        ),
        migrations.AddIndex(
            model_name='automatedgather',
            index=models.Index(fields=['tenant', 'run_id'], name='automated_gather_of_run'),
        ),
        migrations.AddIndex(
            model_name='automatedgather',
            index=models.Index(fields=['tenant', 'job_id'], name='automated_gather_of_job'),
        ),
        migrations.AddConstraint(
            model_name='automatedgather',
            constraint=models.UniqueConstraint(fields=('tenant', 'task_id'), name='automated_gather_of_task'),
        ),
        migrations.AddConstraint(
            model_name='automatedgather',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', [kairo.stages.knowledge.contracts.gathers.GatherState['PENDING'], kairo.stages.knowledge.contracts.gathers.GatherState['RUNNING'], kairo.stages.knowledge.contracts.gathers.GatherState['COMPLETED'], kairo.stages.knowledge.contracts.gathers.GatherState['CANCELLED'], kairo.stages.knowledge.contracts.gathers.GatherState['INSUFFICIENT_EVIDENCE'], kairo.stages.knowledge.contracts.gathers.GatherState['FAILED']])), name='automated_gather_state_known'),
        ),
        migrations.AddIndex(
            model_name='departmentevaluation',
            index=models.Index(fields=['tenant', 'brand', 'department_number', '-id'], name='department_evaluation_newest'),
        ),
        migrations.AddConstraint(
            model_name='departmentevaluation',
            constraint=models.UniqueConstraint(fields=('tenant', 'job_id'), name='department_evaluation_of_job'),
        ),
        migrations.AddConstraint(
            model_name='departmentevaluation',
            constraint=models.CheckConstraint(condition=models.Q(('evaluator__in', [kairo.stages.knowledge.contracts.gathers.Evaluator['LOCAL'], kairo.stages.knowledge.contracts.gathers.Evaluator['MODEL']])), name='department_evaluation_evaluator_known'),
        ),
        migrations.AddConstraint(
            model_name='gatherdepartment',
            constraint=models.UniqueConstraint(fields=('tenant', 'gather', 'place'), name='gather_department_in_order'),
        ),
        migrations.AddConstraint(
            model_name='gatherdepartment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', [kairo.stages.knowledge.contracts.gathers.DepartmentState['WAITING'], kairo.stages.knowledge.contracts.gathers.DepartmentState['RUNNING'], kairo.stages.knowledge.contracts.gathers.DepartmentState['THRESHOLD_REACHED'], kairo.stages.knowledge.contracts.gathers.DepartmentState['STAGNANT'], kairo.stages.knowledge.contracts.gathers.DepartmentState['ITERATIONS_USED_UP'], kairo.stages.knowledge.contracts.gathers.DepartmentState['NOT_REACHED'], kairo.stages.knowledge.contracts.gathers.DepartmentState['STOPPED']])), name='gather_department_state_known'),
        ),
        migrations.AddIndex(
            model_name='gathereditem',
            index=models.Index(fields=['tenant', 'brand', 'department', '-id'], name='gathered_item_of_department'),
        ),
        migrations.AddIndex(
            model_name='gathereditem',
            index=models.Index(condition=models.Q(('superseded_by__isnull', False)), fields=['tenant', 'superseded_by'], name='gathered_item_successor'),
        ),
        migrations.AddIndex(
            model_name='gathereditem',
            index=models.Index(condition=models.Q(('indexed_at__isnull', True)), fields=['tenant', 'brand', 'id'], name='gathered_item_unindexed'),
        ),
        migrations.AddConstraint(
            model_name='gathereditem',
            constraint=models.UniqueConstraint(fields=('tenant', 'gather', 'iteration', 'place'), name='gathered_item_in_order'),
        ),
        migrations.AddConstraint(
            model_name='gathereditem',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_by', models.F('id')), _negated=True), name='gathered_item_not_its_own_successor'),
        ),
        migrations.AddIndex(
            model_name='gatheredcitation',
            index=models.Index(condition=models.Q(('evidence__isnull', False)), fields=['tenant', 'evidence'], name='gathered_citation_evidence'),
        ),
        migrations.AddIndex(
            model_name='gatheredcitation',
            index=models.Index(condition=models.Q(('passage__isnull', False)), fields=['tenant', 'passage'], name='gathered_citation_passage'),
        ),
        migrations.AddConstraint(
            model_name='gatheredcitation',
            constraint=models.UniqueConstraint(fields=('tenant', 'item', 'place'), name='gathered_citation_in_order'),
        ),
        migrations.AddConstraint(
            model_name='gatheredcitation',
            constraint=models.CheckConstraint(condition=models.Q(('passage__isnull', True), ('evidence__isnull', True), _connector='XOR'), name='gathered_citation_of_one_source'),
        ),
        migrations.AddConstraint(
            model_name='gatheriteration',
            constraint=models.UniqueConstraint(fields=('tenant', 'gather', 'number'), name='gather_iteration_once'),
        ),
        *isolate("automated_gather", references={"brand_id": "brand"}, referenced=True),
        *isolate("gather_department", references={"gather_id": "automated_gather"}),
        *isolate("gather_iteration", references={"gather_id": "automated_gather"}),
        *isolate(
            "gathered_item",
            references={"brand_id": "brand", "gather_id": "automated_gather", "superseded_by_id": "gathered_item"},
            referenced=True,
        ),
        *isolate(
            "gathered_citation",
            references={
                "item_id": "gathered_item",
                "passage_id": "knowledge_passage",
                "evidence_id": "evidence_item",
            },
        ),
        *isolate("department_evaluation", references={"brand_id": "brand", "gather_id": "automated_gather"}),
        *metric_function("gather_metrics", METRICS),
    ]
