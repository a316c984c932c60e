"""Who may call: the principal that the middleware found, with CSRF for sessions and roles for writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest
from ninja.utils import check_csrf

from kairo.errors import Forbidden, Unauthenticated
from kairo.platform.tenancy.contracts import Principal, Role

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class BearerToken:
    """Lets in whom the middleware has made out; its name and its schema stand in the OpenAPI document."""

    role_to_change: Role

    openapi_security_schema: ClassVar = {
        "type": "http",
        "scheme": "bearer",
        "description": "From `kairo token create`. Kairo's own pages send their session and its CSRF token instead.",
    }

    def __call__(self, request: HttpRequest) -> Principal:
        """Return the principal.

        Raises:
            Unauthenticated: nobody, or credentials that are not valid.
            TooMany: this address has tried too many tokens that are not valid.
            Forbidden: a role that may not change anything here, or a page's form without its CSRF token.
        """
        principal: Principal | None = getattr(request, "principal", None)
        if principal is None:
            raise getattr(request, "refusal", None) or Unauthenticated("Sign in, or send a bearer token.")
        if request.method in SAFE_METHODS:
            return principal
        if principal.token_id is None and check_csrf(request) is not None:
            raise Forbidden("The request carries no valid CSRF token: reload the page.", code="csrf_failed")
        if not principal.role.includes(self.role_to_change):
            raise Forbidden(
                f"Your role is {principal.role}: it may read, not change. Ask an owner for the role"
                f" {self.role_to_change}."
            )
        return principal


signed_in = BearerToken(role_to_change=Role.EDITOR)
may_read = BearerToken(role_to_change=Role.VIEWER)
"""For what is sent with POST and yet changes nothing that others see."""
