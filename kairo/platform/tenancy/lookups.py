"""Lookups before a tenant is known: each is a database function that runs as the owner and returns the least.

The functions set the transaction's tenant themselves, so a lookup costs one round trip.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.errors import Unauthenticated
from kairo.platform.database.sql import first_row, rows
from kairo.platform.tenancy.contracts import Principal, Role, SignInLinkExpired, TenantDTO, TenantNotFound
from kairo.platform.tenancy.secrets import sha256_hex


def principal_of_token(token: str) -> tuple[Principal, datetime | None]:
    """Return who a token speaks for and when it was last used, and set the transaction to its tenant.

    Raises:
        Unauthenticated: unknown, expired or revoked.
    """
    row = first_row("SELECT * FROM tenancy_authenticate_token(%s)", [sha256_hex(token)])
    if row is None:
        raise Unauthenticated("The token is unknown, expired or revoked. Make one with `kairo token create`.")
    token_id, tenant_id, tenant_slug, role, last_used_at = row
    principal = Principal(tenant_id=tenant_id, tenant_slug=tenant_slug, role=Role(role), token_id=token_id)
    return principal, last_used_at


def principal_of_session(user_id: UUID, tenant_id: UUID) -> Principal:
    """Return a signed-in member, and set the transaction to the tenant.

    Raises:
        Unauthenticated: not a member any more.
    """
    row = first_row("SELECT * FROM tenancy_authenticate_member(%s, %s)", [user_id, tenant_id])
    if row is None:
        raise Unauthenticated("You are not a member of this account any more. Sign in again.")
    return Principal(tenant_id=tenant_id, tenant_slug=row[0], role=Role(row[1]), user_id=user_id)


def consume_sign_in_link(token: str) -> Principal:
    """Use up a one-time link, and set the transaction to its tenant.

    Raises:
        SignInLinkExpired: unknown, used or too old.
    """
    row = first_row("SELECT * FROM tenancy_consume_sign_in_link(%s)", [sha256_hex(token)])
    if row is None:
        raise SignInLinkExpired(
            "This sign-in link was used before or has expired. Make a new one with `kairo sign-in-link`."
        )
    user_id, tenant_id, tenant_slug, role = row
    return Principal(tenant_id=tenant_id, tenant_slug=tenant_slug, role=Role(role), user_id=user_id)


def touch_token(token_id: UUID) -> None:
    """Note that a token was used now."""
    first_row("SELECT tenancy_touch_token(%s)", [token_id])


def tenants() -> list[TenantDTO]:
    """List every tenant of this installation, for the operator's commands."""
    found = rows("SELECT id, slug, name FROM tenancy_tenants()")
    return [TenantDTO(id=row[0], slug=row[1], name=row[2]) for row in found]


def tenant_by_slug(slug: str) -> TenantDTO:
    """Return a tenant by its slug.

    Raises:
        TenantNotFound: none has this slug.
    """
    for tenant in tenants():
        if tenant.slug == slug:
            return tenant
    raise TenantNotFound(f"There is no tenant {slug!r}. `kairo tenant create {slug}` makes it.")


def ensure_user(email: str) -> UUID:
    """Return the id of the user with this e-mail address; the user is made if missing."""
    [[user_id]] = rows("SELECT tenancy_ensure_user(%s)", [email])
    return UUID(str(user_id))
