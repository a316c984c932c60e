"""Small chances, drawn from a change's id: a dry run and the real one draw the same."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from kairo.stages.ads.contracts.changes import AdSafetySettings


def draw(change_id: UUID, purpose: str) -> float:
    """Return a number from 0 up to 1 that belongs to a change and a purpose."""
    digest = hashlib.sha256(change_id.bytes + purpose.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def due_at(change_id: UUID, settings: AdSafetySettings, *, at: datetime) -> datetime:
    """Return when a change that was approved now becomes due."""
    spread = settings.jitter_max_s - settings.jitter_min_s
    return at + timedelta(seconds=settings.jitter_min_s + spread * draw(change_id, "jitter"))


def fuzzy(change_id: UUID, settings: AdSafetySettings, *, original: int, requested: int) -> int:
    """Return the budget that is aimed at: a little short of the one requested, and never past it."""
    step = requested - original
    short = int(abs(step) * settings.fuzzy_share * draw(change_id, "fuzzy"))
    return requested - short if step > 0 else requested + short
