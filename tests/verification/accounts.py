"""Accounts that own one of everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kairo.platform.tenancy.operations import create_tenant, issue_token
from tests.factories.everything import everything_of


@dataclass(frozen=True)
class Account:
    """A tenant that owns one of everything, and an editor's token of it."""

    tenant_id: UUID
    slug: str
    token: str
    ids: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def make_account(slug: str, folder: Path) -> Account:
    """Make an account with one of everything."""
    tenant_id = create_tenant(slug=slug).id
    ids = everything_of(tenant_id, folder)
    token = issue_token(tenant_id=tenant_id, name="program").token
    return Account(tenant_id=tenant_id, slug=slug, token=token, ids=ids)
