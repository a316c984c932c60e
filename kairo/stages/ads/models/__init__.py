"""Tables of ads: campaigns, ad sets and ads under the ids that their platforms gave them.

An ad names its campaign, its ad set and its text by id alone: what it names may come later, or go.
"""

from __future__ import annotations

from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.ads.contracts import AdDTO, CampaignDTO
from kairo.stages.ads.contracts.platforms import PlatformName
from kairo.stages.ads.contracts.stats import AdStatDTO, Granularity
from kairo.stages.ads.models.changes import AdChangeHistory, AdSafety, PendingAdChange

__all__ = ["Ad", "AdAccount", "AdChangeHistory", "AdSafety", "AdSet", "AdStat", "Campaign", "PendingAdChange"]


class AdAccount(TenantRow):
    """An account of an ad platform that Kairo may ask; its token is sealed. `base_url` leads elsewhere than usual."""

    account_id = models.TextField()
    platform = models.TextField()
    name = models.TextField(default="")
    currency = models.TextField()
    timezone = models.TextField()
    access_token = models.TextField(null=True)
    base_url = models.TextField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_account"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account_id"], name="ad_account_once"),
            models.CheckConstraint(condition=models.Q(platform__in=list(PlatformName)), name="ad_account_platform"),
        ]


class Campaign(TenantRow):
    """A campaign of an ad platform. `account_id` names the account in which it runs, where that is known."""

    campaign_id = models.TextField()
    account_id = models.TextField(null=True)
    name = models.TextField(default="")
    platform = models.TextField(default="")
    status = models.TextField(default="")
    objective = models.TextField(default="")
    currency = models.TextField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "campaign"
        constraints = [models.UniqueConstraint(fields=["tenant", "campaign_id"], name="campaign_once")]

    def to_contract(self) -> CampaignDTO:
        return CampaignDTO.model_validate(self, from_attributes=True)


class AdSet(TenantRow):
    """A set of ads of one campaign, which share their audience and often their budget."""

    ad_set_id = models.TextField()
    campaign_id = models.TextField(null=True)
    name = models.TextField(default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_set"
        constraints = [models.UniqueConstraint(fields=["tenant", "ad_set_id"], name="ad_set_once")]


class Ad(TenantRow):
    """A paid variant on an ad platform."""

    ad_id = models.TextField()
    campaign_id = models.TextField(null=True)
    ad_set_id = models.TextField(null=True)
    platform = models.TextField(default="")
    platform_ad_id = models.TextField(null=True)
    name = models.TextField(default="")
    status = models.TextField(default="")
    landing_url = models.TextField(null=True)
    variant_id = models.UUIDField(null=True)
    package_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad"
        constraints = [models.UniqueConstraint(fields=["tenant", "ad_id"], name="ad_once")]
        indexes = [
            models.Index(fields=["tenant", "campaign_id"], name="ad_of_campaign"),
            models.Index(
                fields=["tenant", "variant_id"], name="ad_of_variant", condition=models.Q(variant_id__isnull=False)
            ),
        ]

    def to_contract(self) -> AdDTO:
        return AdDTO.model_validate(self, from_attributes=True)


class AdStat(TenantRow):
    """What an ad did in an hour or on a day; a later pull of the same span replaces the figures."""

    ad_id = models.TextField()
    granularity = models.TextField()
    starts_at = models.DateTimeField()
    impressions = models.BigIntegerField(default=0)
    clicks = models.BigIntegerField(default=0)
    spend = models.DecimalField(max_digits=19, decimal_places=4, default=0)
    conversions = models.BigIntegerField(default=0)
    cash_revenue = models.DecimalField(max_digits=19, decimal_places=4, default=0)
    currency = models.TextField()
    received_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_stat"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ad_id", "granularity", "starts_at"], name="ad_stat_once"),
            models.CheckConstraint(condition=models.Q(granularity__in=list(Granularity)), name="ad_stat_granularity"),
        ]
        indexes = [models.Index(fields=["tenant", "starts_at"], name="ad_stat_by_time")]

    def to_contract(self) -> AdStatDTO:
        return AdStatDTO.model_validate(self, from_attributes=True)
