"""What live events need from around them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Protocol
from uuid import UUID

# Tells whether somebody may still add events to a run; asked inside the transaction of the run's tenant.
WorkedOn = Callable[[UUID], bool]


class Doorbell(Protocol):
    """Hears that runs have new events. It may ring for nothing, and what it misses is found by looking."""

    def rings(self) -> AsyncGenerator[str | None, None]:
        """Yield the id of each run that has news, or None where any run may have; never ends by itself."""
        ...
