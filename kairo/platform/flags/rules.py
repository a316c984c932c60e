"""For which brands a switch is on."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID


def is_on_for(flag: str, percentage: int, brand_id: UUID) -> bool:
    """Say whether a brand is among the share for which the switch is on.

    The same brand gets the same answer every time, and stays in when the share grows; two switches choose apart.
    """
    place = int.from_bytes(sha256(f"{flag}:{brand_id}".encode()).digest()[:8], "big") % 100
    return place < percentage
