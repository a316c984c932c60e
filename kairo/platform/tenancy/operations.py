"""Making tenants, members, tokens and sign-in links."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import IssuedToken, Role, TenantDTO, TenantExists
from kairo.platform.tenancy.lookups import ensure_user, tenants
from kairo.platform.tenancy.models import ApiToken, Membership, SignInLink, Tenant
from kairo.platform.tenancy.secrets import API_PREFIX, SIGN_IN_PREFIX, new_token, sha256_hex

SIGN_IN_LINK_LIFE = timedelta(minutes=15)
SHOWN_PREFIX_CHARACTERS = len(API_PREFIX) + 6


def create_tenant(*, slug: str, name: str | None = None, owner_email: str | None = None) -> TenantDTO:
    """Make a tenant, and its owner where an e-mail address is given.

    Raises:
        TenantExists: the slug is taken.
    """
    tenant_id = new_id()
    try:
        with tenant_transaction(tenant_id):
            tenant = Tenant.objects.create(id=tenant_id, slug=slug, name=name or slug)
            if owner_email:
                _add_member(email=owner_email, role=Role.OWNER)
    except IntegrityError as error:
        raise TenantExists(f"There is a tenant {slug!r} already.") from error
    return tenant.to_contract()


def ensure_tenant(*, slug: str) -> TenantDTO:
    """Return the tenant with this slug; it is made if missing."""
    for tenant in tenants():
        if tenant.slug == slug:
            return tenant
    return create_tenant(slug=slug)


def _add_member(*, email: str, role: Role) -> UUID:
    user_id = ensure_user(email.strip().lower())
    Membership.objects.get_or_create(user_id=user_id, defaults={"role": role})
    return user_id


def issue_token(
    *, tenant_id: UUID, name: str, role: Role = Role.EDITOR, expires_at: datetime | None = None
) -> IssuedToken:
    """Make an API token; its text is returned here and can never be read again."""
    token = new_token(API_PREFIX)
    with tenant_transaction(tenant_id):
        row = ApiToken.objects.create(
            name=name,
            prefix=token[:SHOWN_PREFIX_CHARACTERS],
            token_sha256=sha256_hex(token),
            role=role,
            expires_at=expires_at,
        )
    return IssuedToken(id=row.id, token=token, prefix=row.prefix, role=role, expires_at=expires_at)


def issue_sign_in_link(*, tenant_id: UUID, email: str, at: datetime, role: Role = Role.OWNER) -> str:
    """Make the secret of a link that signs this person in once; a stranger becomes a member with `role`."""
    token = new_token(SIGN_IN_PREFIX)
    with tenant_transaction(tenant_id), transaction.atomic():
        user_id = _add_member(email=email, role=role)
        SignInLink.objects.create(user_id=user_id, token_sha256=sha256_hex(token), expires_at=at + SIGN_IN_LINK_LIFE)
    return token
