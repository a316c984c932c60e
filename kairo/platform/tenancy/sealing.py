"""Secrets of other services that must be told again, as they are kept: sealed with the installation's secret key.

A copy of the database tells none of them. A sealed secret opens only in the place that it was sealed for (a tenant and
a name), so that nobody moves it to another row: AES-256-GCM, with the place as associated data.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kairo.errors import KairoError

_PURPOSE = b"kairo.tenancy.sealed-secret"
_VERSION = "k1."
_NONCE_BYTES = 12


class SealBroken(KairoError):
    """A sealed secret cannot be opened: it was sealed under another secret key, for another place, or was changed."""

    code = "seal_broken"


def seal(secret: str, *, tenant_id: UUID, name: str) -> str:
    """Return what may be stored of a secret."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hidden = _cipher(settings.SECRET_KEY).encrypt(nonce, secret.encode(), _place(tenant_id, name))
    return _VERSION + base64.b64encode(nonce + hidden).decode("ascii")


def unseal(sealed: str, *, tenant_id: UUID, name: str) -> str:
    """Return a secret that was sealed for this place.

    Raises:
        SealBroken: no secret key of this process opens it.
    """
    try:
        raw = base64.b64decode(sealed.removeprefix(_VERSION), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealBroken("A stored secret is damaged. Connect the service again.") from error
    nonce, hidden = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cipher(str(secret_key)).decrypt(nonce, hidden, _place(tenant_id, name)).decode()
        except (InvalidTag, ValueError):
            continue  # Sealed under another of the keys, or damaged: told below, where none is left.
    raise SealBroken(
        "A stored secret was sealed under another KAIRO_SECRET_KEY. Start Kairo with that one, or connect again."
    )


def _place(tenant_id: UUID, name: str) -> bytes:
    return tenant_id.bytes + name.encode()


@lru_cache(maxsize=8)
def _cipher(secret_key: str) -> AESGCM:
    # Slow on purpose, once a process: people do choose short secret keys.
    return AESGCM(hashlib.scrypt(secret_key.encode(), salt=_PURPOSE, n=2**14, r=8, p=1, dklen=32))
