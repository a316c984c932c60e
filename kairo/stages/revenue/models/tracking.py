"""Tables of clicks and conversions. No address, number or IP is in them: keys are made by the tenant's own."""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.revenue.contracts.tracking import HoldoutKind, LinkDTO, SiteDTO


class Visit(TenantRow):
    """What clicks and conversions have in common; a key is the first 64 bits of a keyed hash."""

    fbclid = models.TextField(null=True)
    gclid = models.TextField(null=True)
    click_key = models.BigIntegerField(null=True)
    fbclid_key = models.BigIntegerField(null=True)
    gclid_key = models.BigIntegerField(null=True)
    email_key = models.BigIntegerField(null=True)
    phone_key = models.BigIntegerField(null=True)
    external_key = models.BigIntegerField(null=True)
    ip_key = models.BigIntegerField(null=True)
    browser = models.TextField(null=True)
    browser_version = models.IntegerField(null=True)
    system = models.TextField(null=True)
    screen = models.TextField(null=True)
    timezone = models.TextField(null=True)
    language = models.TextField(null=True)
    consent = models.BooleanField(null=True)

    class Meta(TenantRow.Meta):
        abstract = True


class Click(Visit):
    """A click on an ad. The table is parted by time; a click is known by its id and its time, `id` has no index."""

    click_id = models.TextField()
    ad_id = models.TextField()
    campaign_id = models.TextField(null=True)
    landing_url = models.TextField(null=True)
    utm = models.JSONField(null=True)
    clicked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "click_tracking"


class Conversion(Visit):
    """A conversion, and what became of it: the ad that it was credited to, or the reason why none was."""

    conversion_id = models.TextField()
    conversion_type = models.TextField()
    value = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.TextField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    click_id = models.TextField(null=True)
    """The own click id that was sent."""
    attributed = models.BooleanField()
    method = models.TextField(null=True)
    layer = models.SmallIntegerField(null=True)
    confidence = models.FloatField(default=0.0)
    reason = models.TextField(null=True)
    ad_id = models.TextField(null=True)
    attributed_click_id = models.TextField(null=True)
    attributed_key = models.BigIntegerField(null=True)
    clicked_at = models.DateTimeField(null=True)
    candidates = models.JSONField(default=list)
    path = models.JSONField(default=list)
    """The person's clicks before it, oldest first, as [ad id, seconds before]: what the other models share out."""
    weights_version = models.IntegerField(default=0)

    class Meta(TenantRow.Meta):
        db_table = "conversion_tracking"
        constraints = [models.UniqueConstraint(fields=["tenant", "conversion_id"], name="conversion_once")]
        indexes = [
            models.Index(fields=["tenant", "occurred_at"], name="conversion_by_time"),
            models.Index(fields=["tenant", "ad_id", "occurred_at"], name="conversion_of_ad"),
            *(
                models.Index(fields=[name], name=f"conversion_{name}", condition=models.Q(**{f"{name}__isnull": False}))
                for name in ("email_key", "phone_key", "external_key", "attributed_key")
            ),
        ]


class AttributionAttempt(TenantRow):
    """One attempt to find a conversion's ad."""

    conversion_id = models.TextField()
    layers_tried = models.TextField()
    attributed = models.BooleanField()
    method = models.TextField(null=True)
    reason = models.TextField(null=True)
    confidence = models.FloatField()
    candidates = models.IntegerField()
    milliseconds = models.FloatField()
    weights_version = models.IntegerField()
    attempted_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "attribution_performance_log"
        indexes = [
            models.Index(fields=["tenant", "attempted_at"], name="attribution_attempt_by_time"),
            models.Index(fields=["tenant", "conversion_id"], name="attribution_attempt_of_one"),
        ]


class LearnedWeights(TenantRow):
    """One version of the match weights of layer 3; the newest is in use, the earlier ones stay to be compared."""

    version = models.PositiveIntegerField()
    artifact = models.JSONField()
    metrics = models.JSONField(default=dict)
    trained_until = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "attribution_weights"
        constraints = [models.UniqueConstraint(fields=["tenant", "version"], name="attribution_weights_once")]


class AttributionConfig(TenantRow):
    """How a tenant wants conversions credited; without a row the defaults hold."""

    settings = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "attribution_config"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="attribution_config_once")]


class TrackedLink(TenantRow):
    """A short link of an ad; it leads to its own target and to nothing else."""

    code = models.TextField(unique=True)
    ad_id = models.TextField()
    campaign_id = models.TextField(null=True)
    target_url = models.TextField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "tracked_link"
        constraints = [models.UniqueConstraint(fields=["tenant", "ad_id", "target_url"], name="tracked_link_once")]

    def to_contract(self) -> LinkDTO:
        return LinkDTO(
            code=self.code,
            path=f"/c/{self.code}",
            ad_id=self.ad_id,
            campaign_id=self.campaign_id,
            target_url=self.target_url,
        )


class TrackedSite(TenantRow):
    """A website that carries the script; its key is public and says whose landings they are."""

    key = models.TextField(unique=True)
    name = models.TextField()
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "tracked_site"
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="tracked_site_once")]

    def to_contract(self) -> SiteDTO:
        snippet = f'<script src="https://YOUR-KAIRO-HOST/t.js" data-site="{self.key}" async></script>'
        return SiteDTO(key=self.key, name=self.name, snippet=snippet)


class Holdout(TenantRow):
    """A part of the audience that sees no ads for a while, so that what ads really add can be told."""

    name = models.TextField()
    kind = models.TextField()
    conversion_type = models.TextField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    groups = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "holdout"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="holdout_once"),
            models.CheckConstraint(condition=models.Q(kind__in=list(HoldoutKind)), name="holdout_kind_known"),
        ]
