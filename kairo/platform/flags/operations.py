"""Setting switches, inside the tenant's transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kairo.errors import FieldError
from kairo.platform.database.sessions import current_tenant
from kairo.platform.flags import queries
from kairo.platform.flags.contracts import DegradationLevel, Flag, FlagDTO, FlagNotFound, InvalidFlag
from kairo.platform.flags.models import Degradation, FeatureFlag


def set_flag(*, name: str, percentage: int, at: datetime) -> FlagDTO:
    """Turn a switch on for so many of a hundred brands.

    Raises:
        FlagNotFound: no code asks for such a switch.
        InvalidFlag: not a percentage.
    """
    if name not in set(Flag):
        raise FlagNotFound(f"There is no flag {name!r}. There are: {', '.join(Flag)}.")
    if not 0 <= percentage <= 100:
        problem = FieldError("percentage", f"{percentage} is not between 0 and 100")
        raise InvalidFlag(f"A flag is on for 0 to 100 percent of the brands, not for {percentage}.", errors=(problem,))
    FeatureFlag.objects.update_or_create(name=name, defaults={"percentage": percentage, "changed_at": at})
    _tell_after_commit()
    return next(flag for flag in queries.flags() if flag.name == name)


def set_degradation(*, level: DegradationLevel, reason: str, at: datetime) -> DegradationLevel:
    """Hold back as far as the level says, or go back to normal with level 0."""
    Degradation.objects.update_or_create(defaults={"level": level.value, "reason": reason, "changed_at": at})
    _tell_after_commit()
    return level


def _tell_after_commit() -> None:
    tenant_id = current_tenant()
    queries.forget(tenant_id)
    # Another thread may have remembered the old rows meanwhile.
    transaction.on_commit(lambda: queries.forget(tenant_id))
