"""Tables of deals. They hold ids, stages, money and moments; what tells who a person is has no column here."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.revenue.contracts.deals import DealDTO, DealOutcome, StageAt
from kairo.stages.revenue.contracts.stages import StageKind, StageModelDTO, StageOrigin
from kairo.stages.revenue.rules.telescoping import FactName


class DealFact(TenantRow):
    """One thing that was said of a deal, as of a moment. What a deal is follows from its facts alone.

    Facts name their deal as its CRM does: an event may come before the deal that it speaks of.
    """

    source = models.TextField()
    deal_key = models.TextField()
    name = models.TextField()
    value = models.TextField(null=True)
    at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField()
    key = models.TextField()
    stored_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "deal_fact"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "deal_key", "name", "at", "key"], name="deal_fact_once"
            ),
            models.CheckConstraint(condition=models.Q(name__in=list(FactName)), name="deal_fact_name_known"),
        ]


class Deal(TenantRow):
    """A deal as its facts tell it, with what it counts; `digest` tells whether new facts changed anything."""

    source = models.TextField()
    deal_key = models.TextField()
    ad_id = models.TextField(null=True)
    click_id = models.TextField(null=True)
    pipeline = models.TextField()
    stage = models.TextField(null=True)
    outcome = models.TextField()
    amount = models.DecimalField(null=True, max_digits=19, decimal_places=4)
    currency = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    merged_into = models.TextField(null=True)
    is_deleted = models.BooleanField(default=False)
    steps = models.JSONField(default=list)
    synthetic_value = models.DecimalField(null=True, max_digits=19, decimal_places=4)
    synthetic_currency = models.TextField(null=True)
    digest = models.TextField()
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "deal"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "source", "deal_key"], name="deal_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=list(DealOutcome)), name="deal_outcome_known"),
        ]
        indexes = [
            models.Index(fields=["tenant", "ad_id"], name="deal_of_ad", condition=models.Q(ad_id__isnull=False)),
            models.Index(
                fields=["tenant", "click_id"], name="deal_of_click", condition=models.Q(click_id__isnull=False)
            ),
            models.Index(fields=["tenant", "deal_key"], name="deal_of_key"),
        ]

    def to_contract(self) -> DealDTO:
        return DealDTO(
            id=self.id,
            source=self.source,
            deal_id=self.deal_key,
            ad_id=self.ad_id,
            click_id=self.click_id,
            pipeline=self.pipeline,
            stage=self.stage,
            outcome=DealOutcome(self.outcome),
            amount=self.amount,
            currency=self.currency,
            created_at=self.created_at,
            closed_at=self.closed_at,
            merged_into=self.merged_into,
            is_deleted=self.is_deleted,
            synthetic_revenue=self.synthetic_value,
            synthetic_currency=self.synthetic_currency,
            steps=[StageAt.model_validate(step) for step in self.steps],
        )


class SyntheticRevenueConfig(TenantRow):
    """What one stage of a pipeline counts, as a person or the CRM has set it."""

    pipeline = models.TextField()
    stage = models.TextField()
    origin = models.TextField()
    kind = models.TextField()
    position = models.PositiveSmallIntegerField()
    currency = models.TextField()
    expected_value = models.DecimalField(null=True, max_digits=19, decimal_places=4)
    probability = models.FloatField(null=True)
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "synthetic_revenue_config"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "pipeline", "origin", "stage"], name="synthetic_revenue_config_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(StageKind)), name="synthetic_revenue_config_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=[StageOrigin.OWN, StageOrigin.CRM]),
                name="synthetic_revenue_config_origin_known",
            ),
            models.CheckConstraint(
                condition=models.Q(probability=None) | models.Q(probability__gte=0, probability__lte=1),
                name="synthetic_revenue_config_probability",
            ),
        ]


class StageModel(TenantRow):
    """One version of a pipeline's learned stage probabilities; the newest is in use, and none is ever changed."""

    pipeline = models.TextField()
    version = models.PositiveIntegerField()
    artifact = models.JSONField()
    trained_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "stage_model"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "pipeline", "version"], name="stage_model_once"),
        ]

    def to_contract(self) -> StageModelDTO:
        return StageModelDTO.model_validate(
            {
                **self.artifact,
                "pipeline": self.pipeline,
                "version": self.version,
                "trained_until": self.trained_until,
                "created_at": self.created_at,
            }
        )


class HubSpotPortal(TenantRow):
    """The HubSpot account that a tenant has connected. Secrets are sealed; without their own, the environment's serve.

    `signature_version` is the newest that the portal has sent: an older one is taken from it no more.
    """

    portal_id = models.BigIntegerField(null=True)
    access_token = models.TextField(null=True)
    client_secret = models.TextField(null=True)
    ad_id_property = models.TextField(default="ad_id")
    is_active = models.BooleanField(default=True)
    signature_version = models.PositiveSmallIntegerField(default=0)
    synced_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "hubspot_portal"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="hubspot_portal_one_a_tenant")]
        indexes = [models.Index(fields=["portal_id"], name="hubspot_portal_of_events")]


class HubSpotDelivery(TenantRow):
    """A POST of HubSpot's that was taken, by its signature: the same one is not taken twice."""

    signature_hash = models.TextField()
    received_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "hubspot_delivery"
        constraints = [models.UniqueConstraint(fields=["tenant", "signature_hash"], name="hubspot_delivery_once")]
        indexes = [models.Index(fields=["tenant", "received_at"], name="hubspot_delivery_oldest")]
