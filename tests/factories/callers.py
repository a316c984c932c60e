"""Programs that call the API with a token."""

from __future__ import annotations

from uuid import UUID

from django.test import Client

from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token


def caller(tenant_id: UUID, *, role: Role = Role.EDITOR) -> Client:
    """Return a client that sends a token of this tenant."""
    token = issue_token(tenant_id=tenant_id, name="test", role=role).token
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
