"""One request is one transaction of one tenant; a refused or failed request leaves no trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from kairo.errors import KairoError, TooMany, Unauthenticated
from kairo.platform.database.sessions import scoped_to
from kairo.platform.tenancy.addresses import client_address
from kairo.platform.tenancy.contracts import Principal
from kairo.platform.tenancy.failed_attempts import failed_attempts
from kairo.platform.tenancy.internal import shows_internal_token
from kairo.platform.tenancy.lookups import principal_of_session, principal_of_token, touch_token

SESSION_USER = "user_id"
SESSION_TENANT = "tenant_id"
TOUCH_EVERY = timedelta(minutes=1)


class TenantRequest(HttpRequest):
    """A request after this middleware: `principal` is None where nobody could be made out, `refusal` says why.

    `is_operator`: it asks for an internal path and shows the operator's token; then nobody's account is its own.
    """

    principal: Principal | None
    refusal: KairoError | None
    is_operator: bool


class PrincipalMiddleware:
    """Looks up the principal from a bearer token or the session, and runs the rest in that tenant's transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: TenantRequest) -> HttpResponseBase:
        request.principal, request.refusal, request.is_operator = None, None, False
        if request.path in settings.KAIRO_PATHS_FOR_PROBES:
            return self.get_response(request)
        last_used_at: datetime | None = None
        with transaction.atomic():
            try:
                request.is_operator = shows_internal_token(request)
                if not request.is_operator:
                    request.principal, last_used_at = _principal(request)
            except (Unauthenticated, TooMany) as refusal:
                request.refusal = refusal
            with scoped_to(request.principal.tenant_id) if request.principal else nullcontext():
                response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        # A view may wait for what its transaction has set off: it can only happen once that is committed.
        if once_committed := getattr(response, "once_committed", None):
            response = once_committed()
        # What was answered to one asker is kept for no other, unless the view says that it is for everybody.
        response.headers.setdefault("Cache-Control", "no-store")
        _note_use(request.principal, last_used_at)
        return response


def _principal(request: HttpRequest) -> tuple[Principal, datetime | None]:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Send the header `Authorization: Bearer TOKEN`.")
        with failed_attempts.attempt(token.strip(), address=client_address(request), at=time.monotonic()):
            return principal_of_token(token.strip())
    user_id, tenant_id = request.session.get(SESSION_USER), request.session.get(SESSION_TENANT)
    if not user_id or not tenant_id:
        raise Unauthenticated("Sign in, or send the header `Authorization: Bearer TOKEN`.")
    return principal_of_session(UUID(user_id), UUID(tenant_id)), None


def _note_use(principal: Principal | None, last_used_at: datetime | None) -> None:
    """Note a token's use after the answer is made, at most once a minute: reads stay reads."""
    if principal is None or principal.token_id is None:
        return
    if last_used_at is None or timezone.now() - last_used_at > TOUCH_EVERY:
        touch_token(principal.token_id)
