"""Doors for those who decide by figures or by texts: budgets of an optimiser, and ads of approved variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from kairo.errors import KairoError
from kairo.platform.database.ids import new_id
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    BudgetWish,
    ChangeDraft,
    ChangeSource,
    ChangeType,
    LeftOut,
    NewAdsDraft,
    ProposedChanges,
    UnknownAdEntity,
)
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.ads.models import Ad, AdAccount, AdSet, Campaign
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.ads.operations.proposing import make_room, propose_changes, store, surroundings_of_new_ads
from kairo.stages.ads.rules.minor_units import to_minor
from kairo.stages.content import queries as content
from kairo.stages.content.contracts import VariantDTO, VariantStatus

LONGEST_TITLE = 80


@transaction.atomic
def propose_budgets(*, wishes: Sequence[BudgetWish], by: str, at: datetime) -> ProposedChanges:
    """Make changes of an optimiser's wishes: budgets of ad sets, those of their ads added up, and pauses of ads.

    What exceeds one step is held to it, and the reason says so. Wishes that change nothing are passed over.
    """
    ads = {row.ad_id: row for row in Ad.objects.filter(ad_id__in=[wish.ad_id for wish in wishes])}
    left_out: list[LeftOut] = []
    by_set: dict[str, list[BudgetWish]] = defaultdict(list)
    drafts: list[ChangeDraft] = []
    for wish in wishes:
        ad = ads.get(wish.ad_id)
        if ad is None or (ad.ad_set_id is None and not wish.pause):
            says = "Kairo has no record of this ad." if ad is None else "Nobody has said in which ad set this ad runs."
            left_out.append(LeftOut(id=wish.ad_id, code=UnknownAdEntity.code, message=says))
        elif wish.pause:
            drafts.append(_pause(wish))
        else:
            by_set[ad.ad_set_id or ""].append(wish)
    currencies = _currencies_of_sets(list(by_set))
    drafts += [
        draft
        for ad_set_id, together in by_set.items()
        if (draft := _budget(ad_set_id, together, currencies.get(ad_set_id, "USD"))) is not None
    ]
    proposed = propose_changes(drafts=drafts, source=ChangeSource.OPTIMISER, by=by, at=at)
    return proposed.model_copy(update={"left_out": [*left_out, *proposed.left_out]})


@transaction.atomic
def propose_ads(*, draft: NewAdsDraft, source: ChangeSource, by: str, at: datetime) -> ProposedChanges:
    """Propose a paused ad in an ad set for each approved variant; those that are not approved are left out.

    Raises:
        UnknownAdEntity: Kairo has no record of the ad set, or knows no account for it.
    """
    ad_set = AdSet.objects.filter(ad_set_id=draft.ad_set_id).first()
    if ad_set is None:
        raise UnknownAdEntity(
            f"Kairo knows no ad set {draft.ad_set_id!r}: pull the account's ads, or send one of its ads to /api/ads."
        )
    entity_ids = {variant_id: f"{draft.ad_set_id}/{variant_id}" for variant_id in draft.variant_ids}
    around = surroundings_of_new_ads(entity_ids.values(), at=at)
    campaign = Campaign.objects.filter(campaign_id=ad_set.campaign_id).first()
    account_id = around.known_account(draft.account_id or (campaign.account_id if campaign is not None else None))
    shown = set(
        Ad.objects.filter(ad_set_id=draft.ad_set_id, variant_id__in=draft.variant_ids).values_list(
            "variant_id", flat=True
        )
    )
    changes: list[AdChangeDTO] = []
    left_out: list[LeftOut] = []
    for variant_id, entity_id in entity_ids.items():
        try:
            variant = _approved(variant_id, shown)
            make_room(EntityType.AD, entity_id, ChangeType.CREATE, around.open_ones, source=source, at=at)
            row = PendingAdChange(
                id=new_id(),
                account_id=account_id,
                ad_entity_type=EntityType.AD,
                ad_entity_id=entity_id,
                change_type=ChangeType.CREATE,
                currency=around.currencies[account_id],
                reason=draft.reason,
                source=source,
                proposed_by=by,
            )
            row.requested_value = _new_ad(row.id, variant, draft)
            store(row, around.settings, at=at)
            changes.append(row.to_contract())
        except KairoError as error:
            left_out.append(LeftOut(id=str(variant_id), code=error.code, message=error.message))
    return ProposedChanges(changes=changes, left_out=left_out)


def _approved(variant_id: UUID, shown: set[UUID | None]) -> VariantDTO:
    variant = content.variant(variant_id)
    if variant.status is not VariantStatus.APPROVED:
        raise UnknownAdEntity(
            f"The variant is {variant.status}: only approved ones become ads.", code="variant_not_approved"
        )
    if variant_id in shown:
        raise UnknownAdEntity("The ad set has an ad with this variant already.", code="variant_shown_already")
    return variant


def _new_ad(change_id: UUID, variant: VariantDTO, draft: NewAdsDraft) -> dict[str, JsonValue]:
    title = variant.title or variant.body.strip().splitlines()[0]
    text = variant.body if not variant.call_to_action else f"{variant.body}\n\n{variant.call_to_action}"
    return {
        # By the change's id in it, an ad is found again whose making was never answered.
        "name": f"{title[:LONGEST_TITLE].strip()} [{change_id}]",
        "ad_set_id": draft.ad_set_id,
        "variant_id": str(variant.id),
        "package_id": str(variant.package_id),
        "variant_version": variant.version,
        "title": title,
        "body": text,
        "link_url": draft.link_url,
        "image_hash": draft.image_hash,
    }


def _pause(wish: BudgetWish) -> ChangeDraft:
    return ChangeDraft(
        ad_entity_type=EntityType.AD, ad_entity_id=wish.ad_id, change_type=ChangeType.PAUSE, reason=wish.reason[:1_000]
    )


def _budget(ad_set_id: str, together: Sequence[BudgetWish], currency: str) -> ChangeDraft | None:
    current = to_minor(sum((wish.current_budget for wish in together), start=together[0].current_budget * 0), currency)
    wanted = to_minor(
        sum((wish.recommended_budget for wish in together), start=together[0].recommended_budget * 0), currency
    )
    if current < 1 or wanted == current:
        return None
    return ChangeDraft(
        ad_entity_type=EntityType.AD_SET,
        ad_entity_id=ad_set_id,
        change_type=ChangeType.BUDGET,
        current_value=current,
        requested_value=max(1, wanted),
        reason=" ".join(wish.reason for wish in together)[:900],
    )


def _currencies_of_sets(ad_set_ids: Sequence[str]) -> dict[str, str]:
    campaign_of = dict(AdSet.objects.filter(ad_set_id__in=ad_set_ids).values_list("ad_set_id", "campaign_id"))
    account_of = dict(
        Campaign.objects.filter(campaign_id__in=campaign_of.values()).values_list("campaign_id", "account_id")
    )
    currency_of = dict(AdAccount.objects.values_list("account_id", "currency"))
    only = next(iter(currency_of.values())) if len(currency_of) == 1 else "USD"
    return {
        ad_set_id: currency_of.get(account_of.get(campaign_id or "") or "", only)
        for ad_set_id, campaign_id in campaign_of.items()
    }
