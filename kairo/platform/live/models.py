"""The tickets of sockets."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kairo.platform.tenancy.models import TenantRow


class WsTicket(TenantRow):
    """Opens one socket for the tenant; the row goes when it is used."""

    token_sha256 = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "ws_ticket"
        indexes = [models.Index(fields=["tenant", "expires_at"], name="ws_ticket_expired")]
