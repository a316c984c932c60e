"""What is known of a campaign, an ad set or an ad on its platform, and why a platform could not be asked."""

from __future__ import annotations

from enum import StrEnum

from kairo.errors import KairoError
from kairo.shapes import Frozen


class PlatformName(StrEnum):
    """Whose interface an account speaks: Meta's, or that of the sandbox, which has Meta's shape on a laptop."""

    META = "meta"
    SANDBOX = "sandbox"


class EntityType(StrEnum):
    CAMPAIGN = "campaign"
    AD_SET = "ad_set"
    AD = "ad"


class EntityStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class EntityState(Frozen):
    """How something stands on its platform. `daily_budget` counts the currency's smallest units; None: it has none."""

    entity_type: EntityType
    entity_id: str
    status: EntityStatus
    daily_budget: int | None
    currency: str


class PlatformUsage(Frozen):
    """How much of its allowance an account has used, 0 to 100 and above, and for how many seconds it is shut out."""

    percent: float = 0.0
    shut_out_s: float = 0.0


class UnableToAskPlatform(KairoError):
    """The platform could not be asked."""

    code = "unable_to_ask_platform"


class PlatformThrottled(UnableToAskPlatform):
    """The platform refused the call for its frequency; nothing was changed. `after_s` is how long to wait."""

    code = "platform_throttled"

    def __init__(self, message: str, *, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class PlatformAway(PlatformThrottled):
    """The platform did not answer a question that changes nothing, or was not reached at all; ask after `after_s`."""

    code = "platform_away"


class PlatformRefused(UnableToAskPlatform):
    """The platform said no; nothing was changed, and the same call again gets the same answer."""

    code = "platform_refused"


class OutcomeUnknown(UnableToAskPlatform):
    """The call was sent and no answer came: it may have been carried out. Read back before anything else."""

    code = "outcome_unknown"
