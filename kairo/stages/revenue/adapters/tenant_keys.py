"""The key by which a tenant's visitors are made unrecognisable: derived from the installation's secret, stored nowhere.

A copy of the database alone therefore tells of no address. With another secret key earlier clicks are known by no key
any more: keep KAIRO_SECRET_KEY.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from kairo.stages.revenue.rules.visits import KeyOf

_PURPOSE = b"kairo.revenue.tenant-key"
KEY_BYTES = 8
BLOCK_BYTES = 64


def key_maker(tenant_id: UUID) -> KeyOf:
    """Return what makes a tenant's keys: the first 64 bits of an HMAC, as PostgreSQL's bigint holds them."""
    inner, outer = _begun(_tenant_secret(str(settings.SECRET_KEY), tenant_id))

    def key_of(kind: str, value: str) -> int:
        message, sealed = inner.copy(), outer.copy()
        message.update(f"{kind}:{value}".encode())
        sealed.update(message.digest())
        return int.from_bytes(sealed.digest()[:KEY_BYTES], "big", signed=True)

    return key_of


@lru_cache(maxsize=10_000)
def _begun(secret: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Return HMAC-SHA256 with its key taken in already: half of what storing a click costs is making its keys."""
    block = secret.ljust(BLOCK_BYTES, b"\0")
    return hashlib.sha256(bytes(one ^ 0x36 for one in block)), hashlib.sha256(bytes(one ^ 0x5C for one in block))


def code_of(tenant_id: UUID, purpose: str, value: str, *, characters: int) -> str:
    """Return a code that always comes out the same for a tenant's value, and that nobody else can guess."""
    secret = _tenant_secret(str(settings.SECRET_KEY), tenant_id)
    number = int.from_bytes(hmac.digest(secret, f"{purpose}:{value}".encode(), "sha256"), "big")
    code = ""
    for _ in range(characters):
        number, place = divmod(number, len(_ALPHABET))
        code += _ALPHABET[place]
    return code


_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


@lru_cache(maxsize=10_000)
def _tenant_secret(secret_key: str, tenant_id: UUID) -> bytes:
    return hmac.digest(_root(secret_key), _PURPOSE + tenant_id.bytes, "sha256")


@lru_cache(maxsize=8)
def _root(secret_key: str) -> bytes:
    # Slow on purpose, once a process: people do choose short secret keys.
    return hashlib.scrypt(secret_key.encode(), salt=_PURPOSE, n=2**14, r=8, p=1, dklen=32)
