"""Who may see /metrics and the internal pages: the operator, by a token from the environment, or an owner who is
signed in.

The operator sees every account, one at a time; an owner sees his own. Nobody else is told that anything is there.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest

from kairo.errors import Unauthenticated
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.addresses import client_address
from kairo.platform.tenancy.contracts import Principal, Role
from kairo.platform.tenancy.failed_attempts import failed_attempts
from kairo.platform.tenancy.lookups import tenants

METRICS_PATH: Final = "/metrics"
PAGES_PATH: Final = "/hero/internal/"
TOKEN_HEADER: Final = "X-Kairo-Internal-Token"  # noqa: S105 - the header's name


@dataclass(frozen=True)
class InternalAccess:
    """What somebody may see: the account `tenant_id` alone, or every account where it is None."""

    tenant_id: UUID | None

    @property
    def is_operator(self) -> bool:
        return self.tenant_id is None

    def may_see(self, tenant_id: UUID) -> bool:
        return self.tenant_id in (None, tenant_id)

    def sees_installation(self) -> bool:
        """Tell whether what belongs to no account may be shown: an owner of the only account is its operator."""
        return self.is_operator or len(tenants()) == 1

    @contextmanager
    def looking_into(self, tenant_id: UUID) -> Iterator[None]:
        """Run the block in the account's transaction.

        Raises:
            Http404: the account is somebody else's.
        """
        if not self.may_see(tenant_id):
            raise Http404
        with tenant_transaction(tenant_id):
            yield


def shows_internal_token(request: HttpRequest) -> bool:
    """Tell whether a request for an internal path shows the operator's token; False where it shows none at all.

    Raises:
        Unauthenticated: it shows another one; API tokens open nothing here.
        TooMany: its address has shown too many that are not valid.
    """
    if not is_internal(request.path):
        return False
    expected = settings.KAIRO_INTERNAL_ADMIN_TOKEN
    shown = _shown_token(request)
    if shown is None:
        return False
    with failed_attempts.attempt(shown, address=client_address(request), at=time.monotonic()):
        if not expected or not hmac.compare_digest(shown.encode(), expected.encode()):
            raise Unauthenticated("This is not the token of internal pages.")
    return True


def is_internal(path: str) -> bool:
    """Tell whether a path is not for members but for who runs the installation."""
    return path == METRICS_PATH or path.startswith(PAGES_PATH)


def internal_access(request: HttpRequest) -> InternalAccess:
    """Return what the sender of a request may see.

    Raises:
        Http404: nothing; without KAIRO_INTERNAL_ADMIN_TOKEN that is so for everybody.
    """
    if not settings.KAIRO_INTERNAL_ADMIN_TOKEN:
        raise Http404
    if getattr(request, "is_operator", False):
        return InternalAccess(tenant_id=None)
    principal = cast(Principal | None, getattr(request, "principal", None))
    if principal is None or principal.user_id is None or principal.role is not Role.OWNER:
        raise Http404
    return InternalAccess(tenant_id=principal.tenant_id)


def _shown_token(request: HttpRequest) -> str | None:
    own = request.headers.get(TOKEN_HEADER)
    if own is not None:
        return own
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
