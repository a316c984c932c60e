"""Vectors beside the key that searches filter by: those of a window are compared without a visit to the table."""

from django.db import migrations

# An entry of such an index holds 2,704 bytes at most, and a half float takes two.
_COMPARED = """
CREATE INDEX evidence_vector_compared ON evidence_vector (tenant_id, facet, published_at)
  INCLUDE (item_id, embedder, embedding) WHERE dimension <= 1024
"""


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0006_metrics'),
    ]

    operations = [
        migrations.RunSQL(_COMPARED, "DROP INDEX evidence_vector_compared"),
    ]
