import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import kairo.platform.database.ids
import kairo.platform.database.sessions
import kairo.stages.evidence.contracts
from django.db import migrations, models

from kairo.platform.database.rls import isolate, lookup_function

_TENANT = dict(
    db_index=False,
    default=kairo.platform.database.sessions.current_tenant,
    on_delete=django.db.models.deletion.PROTECT,
    related_name='+',
    to='tenancy.tenant',
)
_REFERENCE = dict(
    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+'
)
_OPTIONS = {'abstract': False, 'base_manager_name': 'objects'}

# Bands carry their number, so equal ones can only stand at equal places.
_SHARED_BANDS = " + ".join(f"(stored.signature_bands[{band}] = fresh.bands[{band}])::int" for band in range(1, 21))

# Array overlap is not leakproof, so under row-level security no index could serve it. This runs as the owner, limits
# itself to the running tenant, and tells ids only; what stands behind them is read under the policies again.
# OFFSET 0 keeps the planner from walking through a tenant's rows instead, which it does for a tenant it has no
# statistics of.
_ORIGINALS_SHARING_BANDS = f"""
WITH fresh AS MATERIALIZED (SELECT string_to_array(listed, ',')::bigint[] AS bands FROM unnest(batch) AS listed)
SELECT DISTINCT near.item_id
FROM fresh, LATERAL (
  SELECT stored.item_id
  FROM (
    SELECT tenant_id, item_id, embedder, {_SHARED_BANDS} AS shared
    FROM normalized_evidence_item stored
    WHERE is_near_duplicate_of_id IS NULL AND signature_bands && fresh.bands
    OFFSET 0
  ) stored JOIN evidence_item item ON item.id = stored.item_id
  WHERE stored.tenant_id = kairo_tenant() AND stored.embedder = embedded_by AND stored.shared >= fewest_shared
    AND (item.published_at IS NULL OR item.published_at BETWEEN since AND until)
  ORDER BY stored.shared DESC, item.published_at, stored.item_id
  LIMIT most_each
) near
"""


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0001_initial'),
        ('evidence', '0001_initial'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuthorErasure',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('platform', models.TextField()),
                ('author_ref', models.TextField()),
                ('author_digest', models.TextField()),
                ('item_count', models.PositiveIntegerField(default=0)),
                ('requested_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'author_erasure',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(fields=('tenant', 'platform', 'author_digest'), name='author_erasure_once'),
                    models.CheckConstraint(
                        condition=models.Q(('erased_at__isnull', True), ('author_ref', ''), _connector='OR'),
                        name='author_erasure_forgets',
                    ),
                ],
            },
        ),
        *isolate('author_erasure'),
        migrations.CreateModel(
            name='Rejection',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('place', models.PositiveIntegerField()),
                ('row', models.BigIntegerField()),
                ('code', models.TextField()),
                ('reason', models.TextField()),
                ('excerpt', models.TextField(default='')),
                ('capture_run', models.ForeignKey(**_REFERENCE, to='evidence.capturerun')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'capture_rejection',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(fields=('tenant', 'capture_run', 'place'), name='capture_rejection_place'),
                ],
            },
        ),
        *isolate('capture_rejection', references={'capture_run_id': 'capture_run'}),
        migrations.RunSQL(
            """
            INSERT INTO capture_rejection (id, tenant_id, capture_run_id, place, row, code, reason, excerpt)
            SELECT gen_random_uuid(), run.tenant_id, run.id, place, (kept->>'row')::bigint, kept->>'code',
                   kept->>'reason', COALESCE(kept->>'excerpt', '')
            FROM capture_run run, jsonb_array_elements(run.rejects) WITH ORDINALITY AS listed (kept, place)
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name='capturerun', name='rejects'),
        migrations.AddField(
            model_name='capturerun', name='undated_count', field=models.PositiveIntegerField(default=0)
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('file_name', models.TextField()),
                ('byte_count', models.BigIntegerField()),
                ('format', models.TextField()),
                ('mapping', models.JSONField(null=True)),
                ('role', models.TextField(null=True)),
                ('job_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('brand', models.ForeignKey(**_REFERENCE, to='brands.brand')),
                ('capture_run', models.ForeignKey(**_REFERENCE, null=True, to='evidence.capturerun')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'evidence_upload',
                **_OPTIONS,
                'constraints': [
                    models.CheckConstraint(
                        condition=models.Q(
                            ('role__isnull', True),
                            (
                                'role__in',
                                [
                                    kairo.stages.evidence.contracts.SurfaceRole['OWN'],
                                    kairo.stages.evidence.contracts.SurfaceRole['COMPETITOR'],
                                    kairo.stages.evidence.contracts.SurfaceRole['MENTION'],
                                    kairo.stages.evidence.contracts.SurfaceRole['MARKET'],
                                ],
                            ),
                            _connector='OR',
                        ),
                        name='upload_role_known',
                    ),
                ],
            },
        ),
        *isolate(
            'evidence_upload', references={'brand_id': 'brand', 'capture_run_id': 'capture_run'}, referenced=True
        ),
        migrations.CreateModel(
            name='UploadChunk',
            fields=[
                ('id', models.UUIDField(default=kairo.platform.database.ids.new_id, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('tenant', models.ForeignKey(**_TENANT)),
                ('upload', models.ForeignKey(**_REFERENCE, to='evidence.upload')),
            ],
            options={
                'db_table': 'evidence_upload_chunk',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(
                        fields=('tenant', 'upload', 'position'), name='evidence_upload_chunk_place'
                    ),
                ],
            },
        ),
        *isolate('evidence_upload_chunk', references={'upload_id': 'evidence_upload'}),
        # A chunk lives for minutes: compressing a megabyte costs more than writing it.
        migrations.RunSQL(
            'ALTER TABLE evidence_upload_chunk ALTER COLUMN content SET STORAGE EXTERNAL',
            'ALTER TABLE evidence_upload_chunk ALTER COLUMN content SET STORAGE EXTENDED',
        ),
        migrations.RemoveIndex(model_name='evidenceitem', name='evidence_item_newest'),
        migrations.AddIndex(
            model_name='evidenceitem',
            index=models.Index(
                fields=['tenant', '-published_at'], include=['platform', 'id'], name='evidence_item_newest'
            ),
        ),
        migrations.AddIndex(
            model_name='evidenceitem',
            index=models.Index(
                models.F('tenant'),
                models.F('platform'),
                django.db.models.functions.text.Lower('author_ref'),
                condition=models.Q(('author_ref__isnull', False)),
                name='evidence_item_of_author',
            ),
        ),
        migrations.AddIndex(
            model_name='normalizedevidenceitem',
            index=models.Index(
                condition=models.Q(('is_near_duplicate_of__isnull', False)),
                fields=['tenant', 'is_near_duplicate_of'],
                name='normalized_copies',
            ),
        ),
        migrations.RemoveIndex(model_name='normalizedevidenceitem', name='normalized_bands'),
        # Bands are stored mixed with the tenant's id, so that a search meets no other tenant's posts.
        migrations.RunSQL(
            """
            UPDATE normalized_evidence_item SET signature_bands = ARRAY(
              SELECT band # ('x' || right(replace(tenant_id::text, '-', ''), 16))::bit(64)::bigint
              FROM unnest(signature_bands) WITH ORDINALITY AS stored (band, place) ORDER BY place)
            """,
            """
            UPDATE normalized_evidence_item SET signature_bands = ARRAY(
              SELECT band # ('x' || right(replace(tenant_id::text, '-', ''), 16))::bit(64)::bigint
              FROM unnest(signature_bands) WITH ORDINALITY AS stored (band, place) ORDER BY place)
            """,
        ),
        migrations.AddIndex(
            model_name='normalizedevidenceitem',
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(('is_near_duplicate_of__isnull', True)),
                fastupdate=False,
                fields=['signature_bands'],
                name='normalized_bands',
            ),
        ),
        lookup_function(
            'evidence_originals_sharing_bands',
            'batch text[], embedded_by text, since timestamptz, until timestamptz, fewest_shared integer, most_each integer',
            'SETOF uuid',
            _ORIGINALS_SHARING_BANDS,
        ),
        # A thousand small searches look like one expensive statement, for which compiling would seem to pay.
        migrations.RunSQL(
            'ALTER FUNCTION evidence_originals_sharing_bands SET jit = off SET enable_seqscan = off',
            'ALTER FUNCTION evidence_originals_sharing_bands RESET ALL',
        ),
    ]
