"""What belongs together, when it was spoken of, and where that rises faster than its past explains."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.insights.contracts.trends import ClusterKeyType, Granularity, LinkRole, TrendStatus


class Cluster(TenantRow):
    """Items with the same hashtag, audio or phrase, or of the same meaning; a semantic one is keyed by its first item.

    `centroid` is the sum of a semantic cluster's vectors as float32: added up in item order, so that a rebuild gives
    the same bytes. `last_place` is its newest item's number in the order in which the tenant's items came.
    """

    cluster_key_type = models.TextField()
    cluster_key = models.TextField()
    display_name = models.TextField()
    platforms = ArrayField(models.TextField(), default=list)
    embedder = models.TextField(default="")
    centroid = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_place = models.BigIntegerField(default=0)

    class Meta(TenantRow.Meta):
        db_table = "cluster"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cluster_key_type", "cluster_key"], name="cluster_once"),
            models.CheckConstraint(
                condition=models.Q(cluster_key_type__in=list(ClusterKeyType)), name="cluster_key_type_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "last_place"],
                name="cluster_semantic_recent",
                condition=models.Q(cluster_key_type=ClusterKeyType.SEMANTIC),
            )
        ]


class ArtifactClusterLink(TenantRow):
    """An item, which has one normalised form, in a cluster.

    Its time, voice (author, or text where the format names none) and engagement stand here too: buckets are counted
    from an index of this table alone.
    """

    item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    role = models.TextField()
    key_type = models.TextField()
    at = models.DateTimeField()
    voice = models.BigIntegerField(null=True)
    engagement = models.FloatField()

    class Meta(TenantRow.Meta):
        db_table = "artifact_cluster_link"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "item", "cluster", "role"], name="artifact_cluster_link_once"),
            models.UniqueConstraint(
                fields=["tenant", "item"], name="artifact_one_primary", condition=models.Q(role=LinkRole.PRIMARY)
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=list(LinkRole)), name="artifact_cluster_link_role_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "cluster", "at"],
                include=["voice", "engagement"],
                name="artifact_cluster_link_activity",
            ),
            models.Index(fields=["tenant", "at"], name="artifact_stream", condition=models.Q(role=LinkRole.PRIMARY)),
            models.Index(
                fields=["tenant", "voice", "at"],
                include=["item"],
                name="artifact_voices",
                condition=models.Q(role=LinkRole.PRIMARY),
            ),
        ]


class ClusterBucket(TenantRow):
    """A cluster's activity in one hour or day, a function of the items that fall into it alone."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    granularity = models.TextField()
    bucket_start = models.DateTimeField()
    count = models.PositiveIntegerField()
    authors = models.PositiveIntegerField()
    engagement = models.FloatField()
    velocity = models.FloatField()
    acceleration = models.FloatField()

    class Meta(TenantRow.Meta):
        db_table = "cluster_bucket"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "cluster", "granularity", "bucket_start"], name="cluster_bucket_once"
            ),
            models.CheckConstraint(
                condition=models.Q(granularity__in=list(Granularity)), name="cluster_bucket_granularity_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "bucket_start"],
                include=["cluster", "count"],
                name="cluster_bucket_recent",
                condition=models.Q(granularity=Granularity.HOUR),
            )
        ]


class TrendCandidate(TenantRow):
    """A cluster that rises, or rose, faster than its past explains; the parts of its score lie in 0–1."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    status = models.TextField(default=TrendStatus.EMERGING)
    trend_score = models.FloatField()
    surprise_score = models.FloatField()
    velocity_score = models.FloatField()
    acceleration_score = models.FloatField()
    breadth_score = models.FloatField()
    engagement_score = models.FloatField()
    novelty_score = models.FloatField()
    surprise = models.FloatField()
    velocity = models.FloatField()
    acceleration = models.FloatField()
    items = models.PositiveIntegerField()
    authors = models.PositiveIntegerField()
    platforms = ArrayField(models.TextField(), default=list)
    detected_at = models.DateTimeField()
    peak_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "trend_candidate"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "cluster"],
                name="trend_candidate_one_open",
                condition=~models.Q(status=TrendStatus.STALE),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=list(TrendStatus)), name="trend_candidate_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(trend_score__gte=0, trend_score__lte=100), name="trend_candidate_score_range"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "cluster", "-detected_at"], name="trend_candidate_of_cluster"),
            models.Index(fields=["tenant", "-detected_at"], name="trend_candidate_newest"),
        ]


class ClusteringProgress(TenantRow):
    """How far a tenant's items have been put into clusters: the last normalised row that was looked at.

    `items` counts those that were put into clusters; `let_go` says that some of them were erased since.
    """

    through = models.UUIDField()
    items = models.BigIntegerField(default=0)
    let_go = models.BooleanField(default=False)

    class Meta(TenantRow.Meta):
        db_table = "clustering_progress"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="clustering_progress_once")]
