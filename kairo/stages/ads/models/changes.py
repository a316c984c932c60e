"""Tables of changes: those that are wanted, the bounds within which they are made, and the history of all."""

from __future__ import annotations

from django.db import models
from pydantic import JsonValue

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    ChangeHistoryDTO,
    ChangeSource,
    ChangeStatus,
    ChangeType,
    HistoryEvent,
    KillSwitchDTO,
)
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.ads.rules.change_states import OPEN
from kairo.stages.ads.rules.minor_units import in_words


class PendingAdChange(TenantRow):
    """A change that is wanted, and how far it is. Rows stay when they have ended.

    `settled_value` is where earlier steps of the change have led, `sent_value` what the platform was last told;
    `sent_before` what it had before that, `execution_id` marks that one sending in the history.
    """

    account_id = models.TextField()
    ad_entity_type = models.TextField()
    ad_entity_id = models.TextField()
    change_type = models.TextField()
    current_value = models.JSONField(null=True)
    requested_value = models.JSONField(null=True)
    sent_before = models.JSONField(null=True)
    sent_value = models.JSONField(null=True)
    settled_value = models.JSONField(null=True)
    execution_id = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    currency = models.TextField()
    reason = models.TextField()
    source = models.TextField()
    status = models.TextField(default=ChangeStatus.PENDING)
    proposed_by = models.TextField()
    approved_by = models.TextField(null=True)
    approved_at = models.DateTimeField(null=True)
    claimed_by = models.TextField(null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    idempotency_key = models.TextField(null=True)
    rolls_back_id = models.UUIDField(null=True)
    dry_run_at = models.DateTimeField(null=True)
    held_by = models.TextField(null=True)
    says = models.TextField(default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "pending_ad_changes"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "ad_entity_type", "ad_entity_id", "change_type"],
                name="ad_change_one_open",
                condition=models.Q(status__in=sorted(OPEN)),
            ),
            models.UniqueConstraint(
                fields=["tenant", "idempotency_key"],
                name="ad_change_key_once",
                condition=models.Q(idempotency_key__isnull=False),
            ),
            models.CheckConstraint(condition=models.Q(status__in=list(ChangeStatus)), name="ad_change_status_known"),
            models.CheckConstraint(condition=models.Q(change_type__in=list(ChangeType)), name="ad_change_type_known"),
            models.CheckConstraint(condition=models.Q(source__in=list(ChangeSource)), name="ad_change_source_known"),
            models.CheckConstraint(
                condition=models.Q(ad_entity_type__in=list(EntityType)), name="ad_change_entity_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "not_before"],
                name="ad_change_due",
                condition=models.Q(status__in=[ChangeStatus.APPROVED, ChangeStatus.CLAIMED, ChangeStatus.EXECUTING]),
            ),
            models.Index(fields=["tenant", "-id"], name="ad_change_newest"),
        ]

    def to_contract(self) -> AdChangeDTO:
        shown = AdChangeDTO.model_validate(self, from_attributes=True)
        texts = {
            "executed_value": self.sent_value,
            "current_text": text_of(self.current_value, self.currency),
            "requested_text": text_of(self.requested_value, self.currency),
        }
        return shown.model_copy(update=texts)


class AdChangeHistory(TenantRow):
    """A line of the history. The database refuses to change or remove it."""

    change = models.ForeignKey(
        PendingAdChange, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    account_id = models.TextField(null=True)
    ad_entity_type = models.TextField(null=True)
    ad_entity_id = models.TextField(null=True)
    change_type = models.TextField(null=True)
    currency = models.TextField(null=True)
    event = models.TextField()
    status = models.TextField(null=True)
    execution_id = models.UUIDField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    who = models.TextField()
    why = models.TextField()
    checks = models.JSONField(default=list)
    response = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_change_history"
        constraints = [
            models.CheckConstraint(condition=models.Q(event__in=list(HistoryEvent)), name="ad_change_history_event")
        ]
        indexes = [
            models.Index(fields=["tenant", "change", "id"], name="ad_history_of_change"),
            models.Index(fields=["tenant", "-id"], name="ad_history_newest"),
            # What the limits are counted from.
            models.Index(
                fields=["tenant", "account_id", "at"],
                name="ad_history_sent",
                condition=models.Q(execution_id__isnull=False),
            ),
        ]

    def to_contract(self) -> ChangeHistoryDTO:
        shown = ChangeHistoryDTO.model_validate(self, from_attributes=True)
        currency = self.currency or ""
        texts = {"before_text": text_of(self.before, currency), "after_text": text_of(self.after, currency)}
        return shown.model_copy(update=texts)


class AdSafety(TenantRow):
    """A tenant's bounds and its kill switch. `execution` is the setting of that name, for the claim."""

    settings = models.JSONField(default=dict)
    execution = models.BooleanField(default=False)
    kill_switch = models.BooleanField(default=False)
    kill_switch_reason = models.TextField(default="")
    kill_switch_by = models.TextField(null=True)
    kill_switch_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_safety_settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="ad_safety_settings_once")]

    def to_contract(self) -> AdSafetySettings:
        return AdSafetySettings.model_validate(self.settings)

    def to_kill_switch(self) -> KillSwitchDTO:
        return KillSwitchDTO(
            on=self.kill_switch,
            reason=self.kill_switch_reason,
            changed_by=self.kill_switch_by,
            changed_at=self.kill_switch_at,
        )


def text_of(value: JsonValue, currency: str) -> str:
    """Say a value of a change for people: an amount with its currency, a status, the name of a new ad."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return in_words(value, currency)
    if isinstance(value, dict):
        return str(value.get("name") or value.get("ad_id") or "")
    return str(value)
