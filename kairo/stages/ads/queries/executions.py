"""What was sent to an account lately, as the history tells it: from this the limits are counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from pydantic import JsonValue

from kairo.stages.ads.contracts.changes import ChangeStatus, ChangeType, CheckName, HistoryEvent, UnknownAdEntity
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.ads.models import Ad, AdAccount, AdSet, Campaign
from kairo.stages.ads.models.changes import AdChangeHistory, PendingAdChange
from kairo.stages.ads.queries.stats import totals
from kairo.stages.ads.rules.minor_units import to_main, to_minor
from kairo.stages.ads.rules.safety_checks import PastExecution

_ENDS = {HistoryEvent.DONE, HistoryEvent.FAILED, HistoryEvent.WAITING}


def past_executions(account_id: str, since: datetime) -> list[PastExecution]:
    """List what was sent to an account since a moment, each with when it was known to have ended, and how."""
    rows = list(
        AdChangeHistory.objects.filter(account_id=account_id, execution_id__isnull=False, at__gte=since).order_by("id")
    )
    ends: dict[UUID | None, AdChangeHistory] = {row.execution_id: row for row in rows if row.event in _ENDS}
    return [
        PastExecution(
            entity_type=EntityType(row.ad_entity_type or ""),
            entity_id=row.ad_entity_id or "",
            change_type=ChangeType(row.change_type or ""),
            before=_whole_or_none(row.before),
            after=_whole_or_none(row.after),
            sent_at=row.at,
            answered_at=end.at if (end := ends.get(row.execution_id)) else None,
            took_effect=end is None or end.event == HistoryEvent.DONE,
        )
        for row in rows
        if row.event == HistoryEvent.EXECUTING
    ]


def waiting_for_the_hour(account_id: str, *, at: datetime) -> int:
    """Count the changes of an account that wait already until the hour has room for them."""
    held = PendingAdChange.objects.filter(account_id=account_id, status=ChangeStatus.APPROVED, not_before__gt=at)
    return held.filter(held_by=CheckName.ACCOUNT_RATE).count()


def spent_today(account_id: str, *, currency: str, timezone: str, at: datetime) -> Decimal:
    """Return what the account's ads have spent since midnight of its time zone, in the main unit, as far as pulled.

    Campaigns of which nobody has said where they run count to the only account there is.
    """
    midnight = at.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    whose = Q(account_id=account_id)
    if AdAccount.objects.count() == 1:
        whose |= Q(account_id=None)
    campaigns = Campaign.objects.filter(whose).values("campaign_id")
    ads = list(Ad.objects.filter(campaign_id__in=campaigns).values_list("ad_id", flat=True))
    sums = totals(ad_ids=ads, since=midnight, until=midnight + timedelta(days=1)) if ads else []
    return sum((one.spend for one in sums if one.currency == currency), Decimal(0))


def in_minor_units(*, amount: Decimal, ad_entity_type: EntityType, ad_entity_id: str) -> int:
    """Return an amount in the smallest units of the account in which something runs.

    Raises:
        UnknownAdEntity: nobody has said in which account it runs, or the amount has more decimals than the currency.
    """
    campaign_id: str | None = ad_entity_id
    if ad_entity_type is EntityType.AD:
        campaign_id = Ad.objects.filter(ad_id=ad_entity_id).values_list("campaign_id", flat=True).first()
    elif ad_entity_type is EntityType.AD_SET:
        campaign_id = AdSet.objects.filter(ad_set_id=ad_entity_id).values_list("campaign_id", flat=True).first()
    account_id = Campaign.objects.filter(campaign_id=campaign_id).values_list("account_id", flat=True).first()
    known = list(AdAccount.objects.values_list("account_id", "currency"))
    found = [currency for one, currency in known if one == account_id] or [currency for _, currency in known]
    if len(set(found)) != 1:
        raise UnknownAdEntity(f"Nobody has said in which account {ad_entity_id!r} runs: pull the account's ads first.")
    minor = to_minor(amount, found[0])
    if to_main(minor, found[0]) != amount:
        raise UnknownAdEntity(f"{amount} {found[0]} has more decimals than the currency.", code="too_many_decimals")
    return minor


def _whole_or_none(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
