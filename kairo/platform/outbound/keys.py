"""The signing keys of webhook endpoints. None is stored: each is derived, when it is used, from the installation's
secret key and a random salt that is.

A copy of the database therefore signs nothing. A fingerprint beside the salt tells a key that was derived from the
right secret key from one that was not; keys made before the last rotation are found through SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from kairo.platform.database.ids import new_id
from kairo.platform.outbound.contracts import KeyDTO, WebhookKeyUnreadable
from kairo.shapes import Frozen

_PURPOSE = b"kairo.outbound.webhook-key"
SALT_BYTES = 32


class StoredKey(Frozen):
    """What the table holds of a key."""

    id: UUID
    salt: str
    fingerprint: str
    created_at: datetime
    retires_at: datetime | None = None

    def signs(self, at: datetime) -> bool:
        return self.retires_at is None or at < self.retires_at

    def to_contract(self) -> KeyDTO:
        return KeyDTO(id=self.id, fingerprint=self.fingerprint, created_at=self.created_at, retires_at=self.retires_at)


def new_key(at: datetime) -> tuple[StoredKey, bytes]:
    """Make a key; returns what to store of it, and the key itself."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _derived(settings.SECRET_KEY, salt)
    stored = StoredKey(id=new_id(), salt=salt.hex(), fingerprint=_fingerprint(key), created_at=at)
    return stored, key


def key_of(stored: StoredKey) -> bytes:
    """Derive a stored key again.

    Raises:
        WebhookKeyUnreadable: it was made under a secret key that this process does not have.
    """
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = _derived(str(secret_key), bytes.fromhex(stored.salt))
        if hmac.compare_digest(_fingerprint(key), stored.fingerprint):
            return key
    raise WebhookKeyUnreadable(
        "This endpoint's keys were made under another KAIRO_SECRET_KEY. Start Kairo with that one, or rotate the key."
    )


def _derived(secret_key: str, salt: bytes) -> bytes:
    return hmac.new(_root(secret_key), _PURPOSE + salt, hashlib.sha256).digest()


@lru_cache(maxsize=8)
def _root(secret_key: str) -> bytes:
    # Slow on purpose, once a process: people do choose short secret keys.
    return hashlib.scrypt(secret_key.encode(), salt=_PURPOSE, n=2**14, r=8, p=1, dklen=32)


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]
