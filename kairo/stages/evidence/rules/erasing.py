"""How a person who was erased is known again without being kept."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID


def bare_handle(author: str) -> str:
    """Return a handle as posts carry it: without its "@"."""
    return author.strip().lstrip("@")


def author_digest(author: str, *, platform: str, tenant_id: UUID) -> str:
    """Return what stays of an erased author: another tenant's list of the same people looks different."""
    return sha256(f"{tenant_id}\n{platform}\n{bare_handle(author).casefold()}".encode()).hexdigest()
