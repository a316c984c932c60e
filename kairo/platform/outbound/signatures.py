"""Signing and checking webhooks as Standard Webhooks 1.0 says (standardwebhooks.com), symmetric scheme v1."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kairo.errors import Invalid
from kairo.platform.outbound.contracts import InvalidSignature

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret starts with, not one
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
VERSION = "v1"
TOLERANCE = timedelta(minutes=5)
MAX_SIGNATURES = 20


def secret_text(secret: bytes) -> str:
    """Return the form in which people are given a secret."""
    return SECRET_PREFIX + base64.b64encode(secret).decode("ascii")


def secret_bytes(text: str) -> bytes:
    """Read a secret, with its prefix or without.

    Raises:
        Invalid: it is not base64, or is empty.
    """
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("The webhook secret is not base64. Copy it whole, from whsec_ on.") from error
    if not secret:
        raise Invalid("The webhook secret is empty.")
    return secret


def signed_headers(*, message_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """Return the headers that let a receiver check a message sent `at`, signed with each of the secrets."""
    timestamp = str(int(at.timestamp()))
    signatures = (_signature(message_id, timestamp, body, secret) for secret in secrets)
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def verify(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], at: datetime) -> None:
    """Accept a message only if one of its signatures was made with one of the secrets, within five minutes of `at`.

    Raises:
        InvalidSignature: says what is wrong, and nothing that would help to guess a secret.
    """
    given = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not given.get(name)]
    if missing:
        raise InvalidSignature(f"The webhook lacks the headers {', '.join(missing)}.")
    _check_age(given[TIMESTAMP], at)
    expected = [_signature(given[ID], given[TIMESTAMP], body, secret).encode() for secret in secrets]
    offered = [part.encode("utf-8", "replace") for part in given[SIGNATURE].split(" ")[:MAX_SIGNATURES]]
    # Every pair is compared, each in constant time: how long it takes says nothing about which one fitted.
    matches = [hmac.compare_digest(one, other) for one in offered for other in expected]
    if not any(matches):
        raise InvalidSignature("No signature of the webhook was made with a key of this endpoint.")


def _check_age(timestamp: str, at: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise InvalidSignature("The webhook's timestamp is not a number of seconds.")
    if abs(int(at.timestamp()) - int(timestamp)) > TOLERANCE.total_seconds():
        raise InvalidSignature("The webhook's timestamp is more than five minutes away from now.")


def _signature(message_id: str, timestamp: str, body: bytes, secret: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode('ascii')}"
