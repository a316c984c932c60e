"""The tickets of sockets, and how far the events of runs are published on channels."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kairo.platform.live.contracts import MirrorDTO, MirrorState
from kairo.platform.tenancy.models import TenantRow


class WsTicket(TenantRow):
    """Opens one socket for the tenant; the row goes when it is used."""

    token_sha256 = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "ws_ticket"
        indexes = [models.Index(fields=["tenant", "expires_at"], name="ws_ticket_expired")]


class RunMirror(TenantRow):
    """How far a run's events have been published on a channel, each with the same `facts` beside its own.

    `behind_since`: events wait since then for a channel that is away.
    """

    run_id = models.UUIDField()
    channel = models.TextField()
    facts = models.JSONField(default=dict)
    published_seq = models.PositiveIntegerField(default=0)
    state = models.TextField(default=MirrorState.FOLLOWING)
    behind_since = models.DateTimeField(null=True)
    error = models.TextField(null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "run_mirror"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "run_id"], name="run_mirror_once"),
            models.CheckConstraint(condition=models.Q(state__in=list(MirrorState)), name="run_mirror_state_known"),
        ]

    def to_contract(self) -> MirrorDTO:
        return MirrorDTO(
            run_id=self.run_id,
            channel=self.channel,
            state=MirrorState(self.state),
            published_seq=self.published_seq,
            behind_since=self.behind_since,
            error=self.error,
        )
