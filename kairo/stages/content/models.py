"""Tables of packages and variants. Citations are foreign keys, from the evidence to each text that stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.content.contracts import (
    ClaimDTO,
    ContentPackageDTO,
    ExecutionEventDTO,
    ExecutionEventType,
    ExecutionSource,
    PackageStatus,
    VariantDTO,
    VariantStatus,
    VariantVersionDTO,
)
from kairo.stages.opportunities.contracts import Channel, CreatedVia


class ContentPackage(TenantRow):
    """An opportunity worked out as a campaign."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    origin_opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    persona = models.ForeignKey(
        "brands.Persona", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    pillar = models.ForeignKey(
        "brands.ContentPillar", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    title = models.TextField()
    thesis = models.TextField(null=True)
    summary = models.TextField(null=True)
    cta = models.TextField(null=True)
    status = models.TextField(default=PackageStatus.DRAFT)
    primary_channel = models.TextField(null=True)
    channels = ArrayField(models.TextField(), default=list)
    pattern_hints = ArrayField(models.TextField(), default=list)
    planned_publish_start = models.DateTimeField(null=True)
    planned_publish_end = models.DateTimeField(null=True)
    owner_user_id = models.UUIDField(null=True)
    notes = models.TextField(null=True)
    package_score = models.PositiveSmallIntegerField(null=True)
    package_score_breakdown = models.JSONField(default=dict)
    quality_band = models.TextField(null=True)
    generator = models.TextField(null=True)
    language = models.TextField(null=True)
    winners = models.JSONField(default=list)
    created_via = models.TextField(default=CreatedVia.AI_SUGGESTED)
    run_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "content_package"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "origin_opportunity"], name="content_package_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=list(PackageStatus)), name="content_package_status_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "brand", "-id"], name="content_package_newest")]

    def to_contract(self, *, evidence_ids: Sequence[UUID] = ()) -> ContentPackageDTO:
        shown = ContentPackageDTO.model_validate(self, from_attributes=True)
        return shown.model_copy(update={"evidence_ids": list(evidence_ids)})


class PackageCitation(TenantRow):
    """A post that a package stands on."""

    package = models.ForeignKey(ContentPackage, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    position = models.PositiveSmallIntegerField()

    class Meta(TenantRow.Meta):
        db_table = "content_package_citation"
        constraints = [models.UniqueConstraint(fields=["tenant", "package", "item"], name="content_package_cites_once")]
        indexes = [models.Index(fields=["tenant", "item"], name="content_package_citation_item")]


class Variant(TenantRow):
    """A package's text for one channel, as it is now."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    package = models.ForeignKey(ContentPackage, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    pattern_template = models.ForeignKey(
        "brands.PatternTemplate", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    channel = models.TextField()
    status = models.TextField(default=VariantStatus.DRAFT)
    title = models.TextField(null=True)
    body = models.TextField()
    call_to_action = models.TextField(null=True)
    claims = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    generated_by_model = models.TextField(null=True)
    proposed_at = models.DateTimeField(null=True)
    scheduled_publish_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    eval_score = models.FloatField(null=True)
    eval_notes = models.TextField(null=True)
    quality_band = models.TextField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "content_variant"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "package", "channel"], name="content_variant_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=list(VariantStatus)), name="content_variant_status_known"
            ),
            models.CheckConstraint(condition=models.Q(channel__in=list(Channel)), name="content_variant_channel_known"),
            models.CheckConstraint(
                condition=~models.Q(status=VariantStatus.SCHEDULED, scheduled_publish_at=None),
                name="content_variant_scheduled_has_time",
            ),
        ]
        indexes = [
            # The guard asks for a brand's plan on a channel, the clock for what is overdue.
            models.Index(
                fields=["tenant", "brand", "channel"],
                name="content_variant_planned",
                condition=models.Q(status__in=[VariantStatus.SCHEDULED, VariantStatus.PUBLISHED]),
            ),
            models.Index(
                fields=["tenant", "scheduled_publish_at"],
                name="content_variant_due",
                condition=models.Q(status=VariantStatus.SCHEDULED),
            ),
        ]

    def to_contract(self) -> VariantDTO:
        return VariantDTO.model_validate(self, from_attributes=True)

    def claims_made(self) -> list[ClaimDTO]:
        return [ClaimDTO.model_validate(claim) for claim in self.claims]


class VariantCitation(TenantRow):
    """A post that a variant's current text cites."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta(TenantRow.Meta):
        db_table = "content_variant_citation"
        constraints = [models.UniqueConstraint(fields=["tenant", "variant", "item"], name="content_variant_cites_once")]
        indexes = [models.Index(fields=["tenant", "item"], name="content_variant_citation_item")]


class VariantVersion(TenantRow):
    """A variant's text as it was saved once; never changed."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    version = models.PositiveIntegerField()
    body = models.TextField()
    call_to_action = models.TextField(null=True)
    claims = models.JSONField(default=list)
    saved_by = models.TextField()
    saved_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "content_variant_version"
        constraints = [models.UniqueConstraint(fields=["tenant", "variant", "version"], name="content_version_once")]

    def to_contract(self) -> VariantVersionDTO:
        return VariantVersionDTO.model_validate(self, from_attributes=True)


class ExecutionEvent(TenantRow):
    """Something that happened to a variant out there; `event_key` makes taking it twice impossible."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    event_key = models.TextField()
    channel = models.TextField()
    event_type = models.TextField()
    decision_type = models.TextField(null=True)
    event_value = models.FloatField(null=True)
    count = models.PositiveIntegerField(default=1)
    source = models.TextField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "execution_event"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "variant", "event_key"], name="execution_event_once"),
            models.CheckConstraint(
                condition=models.Q(event_type__in=list(ExecutionEventType)), name="execution_event_type_known"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=list(ExecutionSource)), name="execution_event_source_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "brand", "-occurred_at"], name="execution_event_newest")]

    def to_contract(self) -> ExecutionEventDTO:
        return ExecutionEventDTO.model_validate(self, from_attributes=True)
