"""Tables of brands: what a tenant markets, for whom, about what, and how it was at each run."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.brands.contracts import (
    BrandDTO,
    BrandSnapshotDTO,
    PatternCategory,
    PatternStatus,
    PatternTemplateDTO,
    PersonaDTO,
    PillarDTO,
)


class Brand(TenantRow):
    slug = models.TextField()
    name = models.TextField()
    positioning = models.TextField(null=True)
    tone_tags = ArrayField(models.TextField(), default=list)
    taboos = ArrayField(models.TextField(), default=list)
    platforms = ArrayField(models.TextField(), default=list)
    settings = models.JSONField(default=dict)
    is_synthetic = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "brand"
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="brand_slug_once")]

    def to_contract(self) -> BrandDTO:
        return BrandDTO(
            id=self.id,
            slug=self.slug,
            name=self.name,
            positioning=self.positioning,
            tone_tags=self.tone_tags,
            taboos=self.taboos,
            platforms=self.platforms,
            is_synthetic=self.is_synthetic,
            is_archived=self.archived_at is not None,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


class BrandPart(TenantRow):
    """What personas, pillars and patterns share: a name that is unique within the brand, and archiving."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    name = models.TextField()
    archived_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        abstract = True


class Persona(BrandPart):
    role = models.TextField(null=True)
    summary = models.TextField(default="")
    priorities = ArrayField(models.TextField(), default=list)
    pains = ArrayField(models.TextField(), default=list)
    success_metrics = ArrayField(models.TextField(), default=list)
    channel_biases = models.JSONField(default=dict)

    class Meta(BrandPart.Meta):
        abstract = False
        db_table = "persona"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand", "name"], name="persona_name_once")]

    def to_contract(self) -> PersonaDTO:
        return PersonaDTO(
            id=self.id,
            name=self.name,
            role=self.role,
            summary=self.summary,
            priorities=self.priorities,
            pains=self.pains,
            success_metrics=self.success_metrics,
            channel_biases=self.channel_biases,
        )


class ContentPillar(BrandPart):
    category = models.TextField(null=True)
    description = models.TextField(default="")
    priority_rank = models.PositiveIntegerField(null=True)
    is_active = models.BooleanField(default=True)
    keywords = ArrayField(models.TextField(), default=list)

    class Meta(BrandPart.Meta):
        abstract = False
        db_table = "content_pillar"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand", "name"], name="content_pillar_name_once")]

    def to_contract(self) -> PillarDTO:
        return PillarDTO(
            id=self.id,
            name=self.name,
            category=self.category,
            description=self.description,
            priority_rank=self.priority_rank,
            is_active=self.is_active,
            keywords=self.keywords,
        )


class PatternTemplate(BrandPart):
    category = models.TextField()
    status = models.TextField(default=PatternStatus.ACTIVE)
    beats = ArrayField(models.TextField(), default=list)
    supported_channels = ArrayField(models.TextField(), default=list)
    example_snippet = models.TextField(null=True)
    performance_hint = models.TextField(null=True)
    usage_count = models.PositiveIntegerField(default=0)
    avg_engagement_score = models.FloatField(null=True)

    class Meta(BrandPart.Meta):
        abstract = False
        db_table = "pattern_template"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "name"], name="pattern_template_name_once"),
            models.CheckConstraint(
                condition=models.Q(category__in=list(PatternCategory)), name="pattern_category_known"
            ),
            models.CheckConstraint(condition=models.Q(status__in=list(PatternStatus)), name="pattern_status_known"),
        ]

    def to_contract(self) -> PatternTemplateDTO:
        return PatternTemplateDTO(
            id=self.id,
            name=self.name,
            category=PatternCategory(self.category),
            status=PatternStatus(self.status),
            beats=self.beats,
            supported_channels=self.supported_channels,
            example_snippet=self.example_snippet,
            performance_hint=self.performance_hint,
            usage_count=self.usage_count,
            avg_engagement_score=self.avg_engagement_score,
        )


class BrandSnapshot(TenantRow):
    """A brand as it was when a run used it; `content` is the whole BrandSnapshotDTO."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    content_sha256 = models.TextField()
    content = models.JSONField()
    snapshot_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "brand_snapshot"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "content_sha256"], name="brand_snapshot_once")
        ]

    def to_contract(self) -> BrandSnapshotDTO:
        return BrandSnapshotDTO(id=self.id, snapshot_at=self.snapshot_at, brand_id=self.brand_id, **self.content)
