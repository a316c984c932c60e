"""What live events need from around them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

# Tells whether somebody may still add events to a run; asked inside the transaction of the run's tenant.
WorkedOn = Callable[[UUID], bool]


class Doorbell(Protocol):
    """Hears that runs have new events. It may ring for nothing, and what it misses is found by looking."""

    def rings(self) -> AsyncGenerator[str | None, None]:
        """Yield the id of each run that has news, or None where any run may have; never ends by itself."""
        ...


class Channel(Protocol):
    """A place outside where events are published for whoever listens at that moment."""

    def publish(self, channel: str, *, run_id: UUID, after_seq: int, messages: Sequence[str]) -> int:
        """Publish the messages, whose first one is the event after `after_seq`, and return the last seq that is out.

        Raises:
            ChannelAway: it cannot be reached.
        """
        ...


class Enqueue(Protocol):
    """Asks for background work as part of the caller's transaction, no earlier than `available_at`."""

    def __call__(
        self,
        kind: str,
        payload: BaseModel,
        *,
        dedupe_key: str | None = None,
        available_at: datetime | None = None,
        run_id: UUID | None = None,
    ) -> object: ...
