"""Accounts of ad platforms that Kairo may ask, and what was pulled from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints

from kairo.errors import Conflict, NotFound, Unavailable
from kairo.shapes import Frozen, Strict
from kairo.stages.ads.contracts import Name
from kairo.stages.ads.contracts.platforms import PlatformName

PULL_STATS = "ads.pull_stats"
LONGEST_LOOK_BACK_DAYS = 1_000


class AdAccountNotFound(NotFound):
    code = "ad_account_not_found"


class AccountNotUsable(Conflict):
    """The account has no token, or is switched off."""

    code = "account_not_usable"


class MetaMissing(Unavailable):
    """Meta's client is not installed."""

    code = "meta_missing"
    retryable = False


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("give a time zone such as Europe/Berlin or UTC") from error
    return name


AccountId = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^(act_)?[A-Za-z0-9_.-]{1,100}$", max_length=100)
]
Zone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_known_zone)
]
CurrencyCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Token = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class AccountConnection(Strict):
    """What an account of an ad platform is connected with; a token that is left out stays as it is."""

    account_id: AccountId
    platform: PlatformName = PlatformName.META
    name: Name | None = None
    currency: CurrencyCode
    timezone: Zone
    access_token: Token | None = None
    is_active: bool = True
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] | None = None


class AdAccountDTO(Frozen):
    """A connected account. Its token is never told."""

    account_id: str
    platform: PlatformName
    name: str
    currency: str
    timezone: str
    has_access_token: bool
    is_active: bool
    created_at: datetime
    changed_at: datetime


class AccountFacts(Frozen):
    """What a platform says of an account."""

    account_id: str
    name: str
    currency: str
    timezone: str


class PlatformAd(Frozen):
    """An ad as its platform names it."""

    ad_id: str
    name: str
    status: str
    ad_set_id: str
    campaign_id: str


class PlatformAdSet(Frozen):
    """An ad set with the campaign around it, as its platform names them."""

    ad_set_id: str
    name: str
    campaign_id: str
    campaign_name: str
    campaign_status: str
    objective: str


class PullStats(Strict):
    """Pull what the connected accounts' ads did. `days` looks back further than the last pull."""

    days: Annotated[int, Field(ge=1, le=LONGEST_LOOK_BACK_DAYS)] | None = None


class AccountPulled(Frozen):
    """What was pulled from one account; `error` says why nothing was, and `retry_after_s` when it may be asked."""

    account_id: str
    ads: int = 0
    stats: int = 0
    error: str | None = None
    retry_after_s: float | None = None


class PullReport(Frozen):
    """One entry a connected account."""

    accounts: list[AccountPulled] = []
