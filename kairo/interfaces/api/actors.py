"""Who acts, in the form in which operations keep it."""

from __future__ import annotations

from django.http import HttpRequest

from kairo.errors import Forbidden
from kairo.platform.tenancy.contracts import Principal, Role


def actor(request: HttpRequest) -> str:
    """Name the member or the token behind a request."""
    principal: Principal = request.auth  # type: ignore[attr-defined]
    return f"user:{principal.user_id}" if principal.user_id else f"token:{principal.token_id}"


def role_of(request: HttpRequest) -> Role:
    """Return what the member or the token behind a request may do."""
    principal: Principal = request.auth  # type: ignore[attr-defined]
    return principal.role


def require_owner(request: HttpRequest, *, otherwise: str) -> None:
    """Let only owners through.

    Raises:
        Forbidden: with the words of `otherwise`.
    """
    if not role_of(request).includes(Role.OWNER):
        raise Forbidden(otherwise)
