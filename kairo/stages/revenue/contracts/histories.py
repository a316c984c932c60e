"""Closed deals as those see them who learn from many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DealHistory:
    """A closed deal; `steps` are the shares of its amount that its open stages counted, and since when."""

    ad_id: str | None
    created_at: datetime
    closed_at: datetime
    is_won: bool
    amount: float | None
    steps: Sequence[tuple[float, datetime]]
