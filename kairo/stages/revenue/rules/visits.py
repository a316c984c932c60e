"""From what a record says of a visitor to what may be kept and compared of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from kairo.stages.revenue.contracts.tracking import VisitInput
from kairo.stages.revenue.rules import identities, user_agents
from kairo.stages.revenue.rules.sightings import Sighting

ReadT = TypeVar("ReadT")
KeyOf = Callable[[str, str], int]
"""Makes a key of (kind, value); only the tenant can make the same one."""


def sighting_of(visit: VisitInput, *, at: datetime, key_of: KeyOf) -> Sighting:
    """Return what can be compared of a visitor; who refuses consent is known by ids of the click alone.

    Raises:
        ValueError: an address, number or hash is none; the message begins with its field.
    """
    click_key = _key(key_of, "click", visit.click_id)
    fbclid_key = _key(key_of, "fbclid", visit.fbclid)
    gclid_key = _key(key_of, "gclid", visit.gclid)
    if visit.consent is False:
        return Sighting(at.timestamp(), click_key, fbclid_key, gclid_key, consent=False)
    email, phone, external = identity_hashes(visit)
    line = _field("ip", identities.line_of, visit.ip) if visit.ip else None
    browser = user_agents.parse(visit.user_agent) if visit.user_agent else None
    return Sighting(
        at.timestamp(),
        click_key,
        fbclid_key,
        gclid_key,
        _key(key_of, "email", email),
        _key(key_of, "phone", phone),
        _key(key_of, "external", external),
        _key(key_of, "line", line),
        browser.family if browser else None,
        browser.version if browser else None,
        browser.system if browser else None,
        visit.screen or None,
        visit.timezone or None,
        visit.language or None,
        visit.consent,
    )


def identity_hashes(visit: VisitInput) -> tuple[str | None, str | None, str | None]:
    """Return the SHA-256 of e-mail, phone and customer id, whether they came as such or not.

    An address that a whole office reads is nobody's.

    Raises:
        ValueError: one of them is none; the message begins with its field.
    """
    email = _field("email_sha256", identities.given_sha256, visit.email_sha256) if visit.email_sha256 else None
    if visit.email:
        normal = _field("email", identities.normalised_email, visit.email)
        email = None if identities.is_role_mailbox(normal) else identities.sha256_of(normal)
    phone = _field("phone_sha256", identities.given_sha256, visit.phone_sha256) if visit.phone_sha256 else None
    if visit.phone:
        phone = identities.sha256_of(_field("phone", identities.normalised_phone, visit.phone))
    external = visit.external_id and identities.normalised_external_id(visit.external_id)
    return email, phone, identities.sha256_of(external) if external else None


def kept_url(url: str | None) -> str | None:
    """Return a page's address without its query: forms put names and addresses there."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    # What stands before an @ is a password.
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:500] or None


def _key(key_of: KeyOf, kind: str, value: str | None) -> int | None:
    return key_of(kind, value) if value else None


def _field(name: str, read: Callable[[str], ReadT], text: str) -> ReadT:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
