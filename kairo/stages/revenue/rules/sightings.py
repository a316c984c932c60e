"""What can be compared of a click and of a conversion; keys are numbers that only the tenant's key could have made."""

from __future__ import annotations

from typing import NamedTuple


class Sighting(NamedTuple):
    """One look at a visitor. `at` is in seconds since 1970; what was not seen, or may not be used, is None."""

    at: float
    click_key: int | None = None
    fbclid_key: int | None = None
    gclid_key: int | None = None
    email_key: int | None = None
    phone_key: int | None = None
    external_key: int | None = None
    ip_key: int | None = None
    browser: str | None = None
    version: int | None = None
    system: str | None = None
    screen: str | None = None
    timezone: str | None = None
    language: str | None = None
    consent: bool | None = None


VISIT_COLUMNS = tuple("browser_version" if name == "version" else name for name in Sighting._fields[1:])
"""Where a stored click or conversion keeps what was seen, in the order of a sighting after its time."""


class Candidate(NamedTuple):
    """A stored click that shares at least one key with a conversion."""

    click_id: str
    ad_id: str
    campaign_id: str | None
    seen: Sighting


IDENTITIES = ("email_key", "phone_key", "external_key")


def device(seen: Sighting) -> tuple[str | None, str | None, str | None]:
    """Name the device as far as it does not change with an update."""
    return (seen.browser, seen.system, seen.screen)


def shares_identity(one: Sighting, other: Sighting) -> bool:
    """Tell whether two sightings carry one e-mail, phone or customer id."""
    return (
        (one.email_key is not None and one.email_key == other.email_key)
        or (one.phone_key is not None and one.phone_key == other.phone_key)
        or (one.external_key is not None and one.external_key == other.external_key)
    )
