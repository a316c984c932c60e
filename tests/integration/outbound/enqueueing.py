"""The port to the job table, as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel

from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliverWebhook


@dataclass
class AskedFor:
    """What was enqueued: each key once, as the job table has it."""

    due: dict[str | None, tuple[DeliverWebhook, datetime | None]] = field(default_factory=dict)

    def __call__(
        self, kind: str, payload: BaseModel, *, dedupe_key: str | None = None, available_at: datetime | None = None
    ) -> None:
        assert kind == DELIVER_WEBHOOK
        assert isinstance(payload, DeliverWebhook)
        self.due.setdefault(dedupe_key, (payload, available_at))

    @property
    def times(self) -> list[datetime | None]:
        return [available_at for _, available_at in self.due.values()]
