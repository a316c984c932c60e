"""What a voice said in an hour is found without reading whole clusters, and buckets add up to the last digit."""

from django.db import migrations, models

from kairo.stages.insights.contracts.trends import LinkRole

# Each item's engagement is rounded by itself now: before, the sum was, and adding to it gave another last digit.
ENGAGEMENT = """
UPDATE cluster_bucket bucket SET engagement = counted.engagement
FROM (
  SELECT link.tenant_id, link.cluster_id, spans.granularity,
         to_timestamp(floor(extract(epoch FROM link.at) / spans.seconds)::bigint * spans.seconds) AS bucket_start,
         sum(round(link.engagement::numeric, 6))::float8 AS engagement
  FROM artifact_cluster_link link, (VALUES ('hour', 3600), ('day', 86400)) AS spans (granularity, seconds)
  GROUP BY 1, 2, 3, 4
) counted
WHERE bucket.tenant_id = counted.tenant_id AND bucket.cluster_id = counted.cluster_id
  AND bucket.granularity = counted.granularity AND bucket.bucket_start = counted.bucket_start
  AND bucket.engagement <> counted.engagement
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("insights", "0003_metrics")]

    operations = [
        migrations.RunSQL(ENGAGEMENT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="artifactclusterlink",
            index=models.Index(
                condition=models.Q(("role", LinkRole.PRIMARY)),
                fields=["tenant", "voice", "at"],
                include=["item"],
                name="artifact_voices",
            ),
        ),
    ]
