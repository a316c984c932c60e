"""Wanting changes: what comes from people and from optimisers becomes rows that wait to be approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from pydantic import JsonValue

from kairo.errors import KairoError
from kairo.platform.database.ids import new_id
from kairo.platform.jobs.operations import enqueue
from kairo.stages.ads.contracts.changes import (
    AUTO_APPROVED,
    RUN_DUE,
    AdChangeDTO,
    AdSafetySettings,
    ChangeDraft,
    ChangeSource,
    ChangeStatus,
    ChangeType,
    HistoryEvent,
    KeyUsedOtherwise,
    LeftOut,
    OpenChangeExists,
    ProposedChanges,
    RunDue,
    UnknownAdEntity,
)
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.ads.models import Ad, AdAccount, AdSet, Campaign
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.ads.operations.change_history import move, safety_row, write_down
from kairo.stages.ads.rules.change_states import OPEN, UNTOUCHED
from kairo.stages.ads.rules.draws import due_at
from kairo.stages.ads.rules.planning import WANTED_STATUS
from kairo.stages.ads.rules.recommendations import capped
from kairo.stages.ads.rules.safety_checks import WantedChange, needs_no_person

REPLACED = "A newer recommendation takes its place."


@transaction.atomic
def propose_change(*, draft: ChangeDraft, source: ChangeSource, by: str, at: datetime) -> tuple[AdChangeDTO, bool]:
    """Propose a change and return it, and whether it is new: the same idempotency key gives the same change.

    Within the tenant's limit it is approved at once. What an optimiser wants is held to the largest step, and takes
    the place of what it wanted before and nobody has begun.

    Raises:
        UnknownAdEntity: Kairo has no record of it, or knows no account for it.
        OpenChangeExists: a change of this kind is open for it.
        KeyUsedOtherwise: the key belongs to another change.
    """
    return _propose(draft, _Surroundings.of([draft], at=at), source=source, by=by, at=at)


@transaction.atomic
def propose_changes(*, drafts: Sequence[ChangeDraft], source: ChangeSource, by: str, at: datetime) -> ProposedChanges:
    """Propose up to 500 changes, each by itself; what cannot become one is left out and says why."""
    around = _Surroundings.of(drafts, at=at)
    changes: list[AdChangeDTO] = []
    left_out: list[LeftOut] = []
    for draft in drafts:
        try:
            changes.append(_propose(draft, around, source=source, by=by, at=at)[0])
        except KairoError as error:
            left_out.append(LeftOut(id=draft.ad_entity_id, code=error.code, message=error.message))
    return ProposedChanges(changes=changes, left_out=left_out)


@dataclass
class _Surroundings:
    """What is known of a batch's entities, read once: their accounts, open changes and keys that were used."""

    settings: AdSafetySettings
    currencies: Mapping[str, str]
    accounts: Mapping[tuple[str, str], str | None]
    open_ones: dict[tuple[str, str, str], PendingAdChange] = field(default_factory=dict)
    by_key: dict[str, PendingAdChange] = field(default_factory=dict)

    @classmethod
    def of(cls, drafts: Sequence[ChangeDraft], *, at: datetime) -> _Surroundings:
        ids = {draft.ad_entity_id for draft in drafts}
        keys = {draft.idempotency_key for draft in drafts if draft.idempotency_key is not None}
        open_ones = PendingAdChange.objects.select_for_update().filter(ad_entity_id__in=ids, status__in=OPEN)
        used = PendingAdChange.objects.filter(idempotency_key__in=keys)
        return cls(
            settings=safety_row(at=at).to_contract(),
            currencies=dict(AdAccount.objects.values_list("account_id", "currency")),
            accounts=_accounts_of(drafts),
            open_ones={(row.ad_entity_type, row.ad_entity_id, row.change_type): row for row in open_ones},
            by_key={row.idempotency_key: row for row in used if row.idempotency_key is not None},
        )

    def account_of(self, draft: ChangeDraft) -> str:
        key = (draft.ad_entity_type.value, draft.ad_entity_id)
        if key not in self.accounts:
            kind = draft.ad_entity_type.replace("_", " ")
            raise UnknownAdEntity(
                f"Kairo knows no {kind} {draft.ad_entity_id!r}: pull the account's ads, or send it to /api/ads first."
            )
        return self.known_account(draft.account_id or self.accounts[key])

    def known_account(self, account_id: str | None) -> str:
        """Return an account that is connected: the one named, else the only one."""
        if account_id is None and len(self.currencies) == 1:
            return next(iter(self.currencies))
        bare = (account_id or "").removeprefix("act_")
        if bare not in self.currencies:
            named = f"The ad account {bare!r} is not connected" if bare else "Nobody has said in which account it runs"
            raise UnknownAdEntity(f"{named}: POST /api/ads/accounts connects one; name it as account_id.")
        return bare


def surroundings_of_new_ads(names: Iterable[str], *, at: datetime) -> _Surroundings:
    """Read what matters for ads that are to be made under these names."""
    around = _Surroundings.of([], at=at)
    open_ones = PendingAdChange.objects.filter(ad_entity_id__in=list(names), status__in=OPEN)
    around.open_ones = {(row.ad_entity_type, row.ad_entity_id, row.change_type): row for row in open_ones}
    return around


def _accounts_of(drafts: Sequence[ChangeDraft]) -> dict[tuple[str, str], str | None]:
    """Return the account of each entity that is on record, None where its campaign's is not known."""
    ids: dict[EntityType, set[str]] = {kind: set() for kind in EntityType}
    for draft in drafts:
        ids[draft.ad_entity_type].add(draft.ad_entity_id)
    ads = Ad.objects.filter(ad_id__in=ids[EntityType.AD]).values_list("ad_id", "campaign_id")
    sets = AdSet.objects.filter(ad_set_id__in=ids[EntityType.AD_SET]).values_list("ad_set_id", "campaign_id")
    campaign_of: dict[tuple[str, str], str | None] = {}
    campaign_of |= {(EntityType.AD.value, ad_id): campaign_id for ad_id, campaign_id in ads}
    campaign_of |= {(EntityType.AD_SET.value, ad_set_id): campaign_id for ad_set_id, campaign_id in sets}
    wanted = {campaign_id for campaign_id in campaign_of.values() if campaign_id} | ids[EntityType.CAMPAIGN]
    found = Campaign.objects.filter(campaign_id__in=wanted).values_list("campaign_id", "account_id")
    account_of: dict[str, str | None] = dict(found)
    known = {key: account_of.get(campaign_id) if campaign_id else None for key, campaign_id in campaign_of.items()}
    return known | {
        (EntityType.CAMPAIGN.value, one): account_of[one] for one in ids[EntityType.CAMPAIGN] & account_of.keys()
    }


def _propose(
    draft: ChangeDraft, around: _Surroundings, *, source: ChangeSource, by: str, at: datetime
) -> tuple[AdChangeDTO, bool]:
    known = around.by_key.get(draft.idempotency_key) if draft.idempotency_key else None
    if known is not None:
        return _the_same(known, draft), False
    account_id = around.account_of(draft)
    make_room(draft.ad_entity_type, draft.ad_entity_id, draft.change_type, around.open_ones, source=source, at=at)
    currency = around.currencies[account_id]
    requested, reason = draft.requested_value, draft.reason
    is_step = draft.change_type is ChangeType.BUDGET and source is ChangeSource.OPTIMISER
    if is_step and requested is not None and draft.current_value is not None:
        step = capped(current=draft.current_value, recommended=requested, currency=currency, settings=around.settings)
        requested, reason = step.requested, f"{reason} {step.says}".strip()
    row = PendingAdChange(
        id=new_id(),
        account_id=account_id,
        ad_entity_type=draft.ad_entity_type,
        ad_entity_id=draft.ad_entity_id,
        change_type=draft.change_type,
        current_value=draft.current_value,
        requested_value=_requested(draft.change_type, requested),
        currency=currency,
        reason=reason,
        source=source,
        proposed_by=by,
        idempotency_key=draft.idempotency_key,
    )
    store(row, around.settings, at=at)
    around.open_ones[draft.ad_entity_type, draft.ad_entity_id, draft.change_type] = row
    if draft.idempotency_key is not None:
        around.by_key[draft.idempotency_key] = row
    return row.to_contract(), True


def _requested(change_type: ChangeType, value: int | None) -> JsonValue:
    return WANTED_STATUS[change_type].value if change_type in WANTED_STATUS else value


def _the_same(known: PendingAdChange, draft: ChangeDraft) -> AdChangeDTO:
    told = (known.ad_entity_type, known.ad_entity_id, known.change_type)
    if told != (draft.ad_entity_type, draft.ad_entity_id, draft.change_type):
        raise KeyUsedOtherwise(
            f"The key {draft.idempotency_key!r} belongs to the change {known.id} of {known.ad_entity_id}: take another."
        )
    return known.to_contract()


def make_room(
    entity_type: EntityType,
    entity_id: str,
    change_type: ChangeType,
    open_ones: dict[tuple[str, str, str], PendingAdChange],
    *,
    source: ChangeSource,
    at: datetime,
) -> None:
    """Pass if nothing of this kind is open for an entity, or an older recommendation can be dropped for the new one.

    Raises:
        OpenChangeExists: something is open that has to end first.
    """
    row = open_ones.get((entity_type.value, entity_id, change_type.value))
    if row is None:
        return
    replaceable = row.source == source == ChangeSource.OPTIMISER and ChangeStatus(row.status) in UNTOUCHED
    if not replaceable or row.settled_value is not None:
        raise OpenChangeExists(
            f"The {change_type} change {row.id} of {entity_id} is open ({row.status}): reject it, or wait for its end."
        )
    move(row, ChangeStatus.EXPIRED, at=at, says=REPLACED)
    write_down(row, HistoryEvent.EXPIRED, who=row.proposed_by, why=REPLACED, at=at)


def store(row: PendingAdChange, settings: AdSafetySettings, *, at: datetime) -> None:
    """Store a new change with its first lines of history; one within the limit is approved.

    Raises:
        OpenChangeExists: another was stored meanwhile.
    """
    row.created_at = row.updated_at = at
    row.expires_at = at + timedelta(hours=settings.expires_after_hours)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise OpenChangeExists(
            f"A {row.change_type} change of {row.ad_entity_id}, or one with this key, was proposed just now: ask again."
        ) from error
    write_down(
        row,
        HistoryEvent.PROPOSED,
        who=row.proposed_by,
        why=row.reason,
        at=at,
        before=row.current_value,
        after=row.requested_value,
    )
    if needs_no_person(wanted(row), settings):
        approve_row(row, settings, by=AUTO_APPROVED, at=at)


def approve_row(row: PendingAdChange, settings: AdSafetySettings, *, by: str, at: datetime) -> None:
    """Approve a change: it becomes due after its jitter, and a worker is asked to look then."""
    due = due_at(row.id, settings, at=at)
    expires = at + timedelta(hours=settings.expires_after_hours)
    move(row, ChangeStatus.APPROVED, at=at, approved_by=by, approved_at=at, not_before=due, expires_at=expires)
    why = row.reason if by != AUTO_APPROVED else f"Within the limit of {settings.auto_approve_limit} {row.currency}."
    write_down(row, HistoryEvent.APPROVED, who=by, why=why, at=at, before=row.current_value, after=row.requested_value)
    enqueue(RUN_DUE, RunDue(), dedupe_key=f"{RUN_DUE}:{row.account_id}", available_at=due)


def wanted(row: PendingAdChange) -> WantedChange:
    """Return a change as the rules see it."""
    return WantedChange(
        id=row.id,
        entity_type=EntityType(row.ad_entity_type),
        entity_id=row.ad_entity_id,
        change_type=ChangeType(row.change_type),
        original=_whole_or_none(row.current_value),
        settled=_whole_or_none(row.settled_value),
        requested=row.requested_value,
        currency=row.currency,
        approved_by=row.approved_by,
        is_rollback=row.rolls_back_id is not None,
    )


def _whole_or_none(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
