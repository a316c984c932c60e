"""What search reads: documents, postings, corpus statistics, vectors with their graphs, and rankings."""

import django.contrib.postgres.fields
import django.db.models.deletion
import kairo.platform.database.ids
import kairo.platform.database.sessions
import pgvector.django.halfvec
from django.db import migrations, models

from kairo.platform.database.rls import isolate
from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE

_OPTIONS = {'abstract': False, 'base_manager_name': 'objects'}
_ID = {'default': kairo.platform.database.ids.new_id, 'primary_key': True, 'serialize': False}
_TENANT = {
    'db_index': False,
    'default': kairo.platform.database.sessions.current_tenant,
    'on_delete': django.db.models.deletion.PROTECT,
    'related_name': '+',
    'to': 'tenancy.tenant',
}
_REFERENCE = {
    'db_constraint': False,
    'db_index': False,
    'on_delete': django.db.models.deletion.PROTECT,
    'related_name': '+',
}
_KEY = {'blank': True, 'editable': False, 'primary_key': True, 'serialize': False}

# A search without a window looks into each: no more of them than hold posts. What comes later lies in the last one.
FIRST_YEAR, LAST_YEAR = 2023, 2029
# Those of common embedders; vectors of another dimension are compared one by one.
GRAPH_DIMENSIONS = (256, 384, 512, 768, 1024, 1536)


def _partition(name: str, since: str, until: str) -> str:
    # Reached through its parent alone, whose policies hold for the rows of all partitions.
    return (
        f"CREATE TABLE {name} PARTITION OF evidence_posting FOR VALUES FROM ({since}) TO ({until});"
        f" REVOKE ALL ON {name} FROM {APP_ROLE};"
        f" ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY owner_rows ON {name} TO {OWNER_ROLE} USING (true) WITH CHECK (true);"
    )


_PARTITIONS = [
    _partition('evidence_posting_earlier', 'MINVALUE', f"'{FIRST_YEAR}-01-01+00'"),
    *(
        _partition(f'evidence_posting_{year}', f"'{year}-01-01+00'", f"'{year + 1}-01-01+00'")
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    ),
    _partition('evidence_posting_later', f"'{LAST_YEAR + 1}-01-01+00'", 'MAXVALUE'),
]

# The key holds all that a search filters by or reads, so that it never visits the table itself. No table here refers to
# another: a check for each word of each post would double the cost of an import.
_POSTING = f"""
CREATE TABLE evidence_posting (
  tenant_id uuid NOT NULL, facet integer NOT NULL, lexeme text NOT NULL, impact smallint NOT NULL,
  published_at timestamptz NOT NULL, item_id uuid NOT NULL, frequency smallint NOT NULL, length integer NOT NULL,
  PRIMARY KEY (tenant_id, facet, lexeme, impact, published_at, item_id) INCLUDE (frequency, length)
) PARTITION BY RANGE (published_at);
{"".join(_PARTITIONS)}
"""
# Its rows are counted up and down in place.
_LEXEME = """
CREATE TABLE evidence_lexeme (
  tenant_id uuid NOT NULL, brand_id uuid NOT NULL, language text NOT NULL, lexeme text NOT NULL,
  documents integer NOT NULL,
  PRIMARY KEY (tenant_id, brand_id, language, lexeme)
) WITH (fillfactor = 70);
"""
_GRAPHS = [
    f"CREATE INDEX evidence_vector_graph_{dimension} ON evidence_vector"
    f" USING hnsw ((embedding::halfvec({dimension})) halfvec_ip_ops)"
    f" WHERE in_graph AND dimension = {dimension};"
    for dimension in GRAPH_DIMENSIONS
]
_VECTOR = f"""
CREATE TABLE evidence_vector (
  tenant_id uuid NOT NULL, embedder text NOT NULL, facet integer NOT NULL, published_at timestamptz NOT NULL,
  item_id uuid NOT NULL, dimension smallint NOT NULL, embedding halfvec NOT NULL,
  in_graph boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, facet, published_at, item_id, embedder)
);
ALTER TABLE evidence_vector ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE INDEX evidence_vector_fresh ON evidence_vector (tenant_id, facet, published_at) WHERE NOT in_graph;
{"".join(_GRAPHS)}
"""


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0001_initial'),
        ('evidence', '0003_author_keys'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Corpus',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('version', models.BigIntegerField(default=0)),
                ('embedder', models.TextField(default='')),
                ('brand', models.ForeignKey(**_REFERENCE, to='brands.brand')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'evidence_corpus',
                **_OPTIONS,
                'constraints': [models.UniqueConstraint(fields=('tenant', 'brand'), name='evidence_corpus_once')],
            },
        ),
        *isolate('evidence_corpus', references={'brand_id': 'brand'}),
        migrations.CreateModel(
            name='Facet',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('platform', models.TextField()),
                ('language', models.TextField()),
                ('number', models.IntegerField(unique=True)),
                ('documents', models.IntegerField(default=0)),
                ('lexemes', models.BigIntegerField(default=0)),
                ('brand', models.ForeignKey(**_REFERENCE, to='brands.brand')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'evidence_facet',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(
                        fields=('tenant', 'brand', 'platform', 'language'), name='evidence_facet_once'
                    )
                ],
            },
        ),
        *isolate('evidence_facet', references={'brand_id': 'brand'}),
        migrations.RunSQL(
            """
            ALTER TABLE evidence_facet ALTER COLUMN number ADD GENERATED BY DEFAULT AS IDENTITY;
            ALTER TABLE evidence_facet ALTER COLUMN documents SET DEFAULT 0, ALTER COLUMN lexemes SET DEFAULT 0;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('facet', models.IntegerField()),
                ('published_at', models.DateTimeField()),
                ('length', models.IntegerField()),
                ('lexemes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                (
                    'frequencies',
                    django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                ),
                ('brand', models.ForeignKey(**_REFERENCE, to='brands.brand')),
                ('item', models.ForeignKey(**_REFERENCE, to='evidence.evidenceitem')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'evidence_document',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(fields=('tenant', 'item', 'brand'), name='evidence_document_once')
                ],
            },
        ),
        *isolate('evidence_document', references={'item_id': 'evidence_item', 'brand_id': 'brand'}),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Posting',
                    fields=[
                        (
                            'pk',
                            models.CompositePrimaryKey(
                                'tenant', 'facet', 'lexeme', 'impact', 'published_at', 'item_id', **_KEY
                            ),
                        ),
                        ('facet', models.IntegerField()),
                        ('lexeme', models.TextField()),
                        ('impact', models.SmallIntegerField()),
                        ('published_at', models.DateTimeField()),
                        ('item_id', models.UUIDField()),
                        ('frequency', models.SmallIntegerField()),
                        ('length', models.IntegerField()),
                        ('tenant', models.ForeignKey(**_TENANT)),
                    ],
                    options={'db_table': 'evidence_posting', **_OPTIONS},
                ),
                migrations.CreateModel(
                    name='LexemeCount',
                    fields=[
                        (
                            'pk',
                            models.CompositePrimaryKey('tenant', 'brand_id', 'language', 'lexeme', **_KEY),
                        ),
                        ('brand_id', models.UUIDField()),
                        ('language', models.TextField()),
                        ('lexeme', models.TextField()),
                        ('documents', models.IntegerField()),
                        ('tenant', models.ForeignKey(**_TENANT)),
                    ],
                    options={'db_table': 'evidence_lexeme', **_OPTIONS},
                ),
                migrations.CreateModel(
                    name='Vector',
                    fields=[
                        (
                            'pk',
                            models.CompositePrimaryKey(
                                'tenant', 'facet', 'published_at', 'item_id', 'embedder', **_KEY
                            ),
                        ),
                        ('embedder', models.TextField()),
                        ('facet', models.IntegerField()),
                        ('published_at', models.DateTimeField()),
                        ('item_id', models.UUIDField()),
                        ('dimension', models.SmallIntegerField()),
                        ('embedding', pgvector.django.halfvec.HalfVectorField()),
                        ('in_graph', models.BooleanField(default=False)),
                        ('tenant', models.ForeignKey(**_TENANT)),
                    ],
                    options={'db_table': 'evidence_vector', **_OPTIONS},
                ),
            ],
            database_operations=[
                migrations.RunSQL(_POSTING, "DROP TABLE evidence_posting"),
                migrations.RunSQL(_LEXEME, "DROP TABLE evidence_lexeme"),
                migrations.RunSQL(_VECTOR, "DROP TABLE evidence_vector"),
            ],
        ),
        *isolate('evidence_posting'),
        *isolate('evidence_lexeme'),
        *isolate('evidence_vector'),
        migrations.CreateModel(
            name='RankedSearch',
            fields=[
                ('id', models.UUIDField(**_ID)),
                ('digest', models.TextField()),
                ('version', models.BigIntegerField()),
                ('ranking', models.JSONField()),
                ('brand', models.ForeignKey(**_REFERENCE, to='brands.brand')),
                ('tenant', models.ForeignKey(**_TENANT)),
            ],
            options={
                'db_table': 'evidence_search',
                **_OPTIONS,
                'constraints': [
                    models.UniqueConstraint(fields=('tenant', 'brand', 'digest'), name='evidence_search_once')
                ],
            },
        ),
        *isolate('evidence_search', references={'brand_id': 'brand'}),
    ]
