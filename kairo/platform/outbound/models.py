"""Tables of outgoing webhooks: where they go, and what became of each."""

from __future__ import annotations

import json

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kairo.platform.outbound.contracts import DeliveryDTO, DeliveryState, EndpointDTO
from kairo.platform.outbound.keys import StoredKey
from kairo.platform.tenancy.models import TenantRow


class WebhookEndpoint(TenantRow):
    """An address of the tenant's; `keys` are StoredKey, newest first. A removed one stays for its deliveries' sake."""

    url = models.TextField()
    description = models.TextField(default="")
    keys = models.JSONField(default=list)
    events = ArrayField(models.TextField(), default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "webhook_endpoint"

    def stored_keys(self) -> list[StoredKey]:
        return [StoredKey.model_validate(key) for key in self.keys]

    def keep_keys(self, keys: list[StoredKey]) -> None:
        """Replace the keys; the caller saves."""
        self.keys = [key.model_dump(mode="json") for key in keys]

    def to_contract(self) -> EndpointDTO:
        return EndpointDTO(
            id=self.id,
            url=self.url,
            description=self.description,
            events=self.events,
            is_active=self.is_active,
            keys=[key.to_contract() for key in self.stored_keys()],
            created_at=self.created_at,
        )


class WebhookDelivery(TenantRow):
    """One event for one endpoint. `payload` is the body, byte for byte as it is signed and sent.

    While it is pending, `next_at` is when it is due; an attempt that is under way has moved it past its own end.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    event_id = models.UUIDField()
    event = models.TextField()
    payload = models.TextField()
    state = models.TextField(default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    response_status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "webhook_delivery"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "endpoint", "event_id"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(DeliveryState)), name="webhook_delivery_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "endpoint", "-id"], name="webhook_delivery_newest"),
            models.Index(
                fields=["tenant", "next_at"],
                condition=models.Q(state=DeliveryState.PENDING),
                name="webhook_delivery_due",
            ),
        ]

    @property
    def message_id(self) -> str:
        return f"msg_{self.event_id.hex}"

    def to_contract(self) -> DeliveryDTO:
        state = DeliveryState(self.state)
        return DeliveryDTO(
            id=self.id,
            endpoint_id=self.endpoint_id,
            event_id=self.event_id,
            message_id=self.message_id,
            event=self.event,
            payload=json.loads(self.payload),
            state=state,
            attempts=self.attempts,
            next_at=self.next_at if state is DeliveryState.PENDING else None,
            response_status=self.response_status,
            error=self.error,
            created_at=self.created_at,
            finished_at=self.finished_at,
        )
