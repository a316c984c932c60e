"""Reading switches, inside the tenant's transaction; each process remembers a tenant's for a few seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.flags.contracts import MEANING, DegradationLevel, Flag, FlagDTO
from kairo.platform.flags.models import Degradation, FeatureFlag
from kairo.platform.flags.rules import is_on_for

REMEMBERED_S = 5.0
"""A change takes this long to reach every process; a canary is watched for minutes."""
_MAX_TENANTS = 1_000


@dataclass(frozen=True)
class _Switches:
    percentages: dict[str, int]
    level: DegradationLevel
    read_at: float


_remembered: dict[UUID, _Switches] = {}
_lock = Lock()


def is_on(flag: Flag, *, brand_id: UUID) -> bool:
    """Say whether a switch is on for a brand."""
    return is_on_for(flag, _switches().percentages.get(flag, 0), brand_id)


def degradation_level() -> DegradationLevel:
    """Return how far the product holds back for the running tenant."""
    return _switches().level


def flags() -> list[FlagDTO]:
    """List all switches as they stand for the running tenant, past the cache."""
    rows = {row.name: row for row in FeatureFlag.objects.all()}
    return [
        FlagDTO(
            name=flag,
            meaning=MEANING[flag],
            percentage=rows[flag].percentage if flag in rows else 0,
            changed_at=rows[flag].changed_at if flag in rows else None,
        )
        for flag in Flag
    ]


def forget(tenant_id: UUID) -> None:
    """Let the next question of this process see what was changed."""
    with _lock:
        _remembered.pop(tenant_id, None)


def _switches() -> _Switches:
    tenant_id, now = current_tenant(), time.monotonic()
    known = _remembered.get(tenant_id)
    if known is not None and now - known.read_at < REMEMBERED_S:
        return known
    percentages = dict(FeatureFlag.objects.values_list("name", "percentage"))
    level = Degradation.objects.values_list("level", flat=True).first() or 0
    fresh = _Switches(percentages, DegradationLevel(level), now)
    with _lock:
        if len(_remembered) >= _MAX_TENANTS:
            _remembered.clear()
        _remembered[tenant_id] = fresh
    return fresh
