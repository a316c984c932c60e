"""How a person who was erased is known again without being kept."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID


def folded_handle(author: str) -> str:
    """Return a handle as it is compared: without its "@", whatever its case."""
    return author.strip().lstrip("@").casefold()


def author_digest(author: str, *, platform: str, tenant_id: UUID) -> str:
    """Return what stays of an erased author: another tenant's list of the same people looks different."""
    return sha256(f"{tenant_id}\n{platform}\n{folded_handle(author)}".encode()).hexdigest()
