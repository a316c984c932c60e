"""Signing in and out, and the guard of every page.

A sign-in link is opened with GET and used up with POST, by one button that has the focus: where `kairo run` opens the
link by itself, it is one click or one Enter. GET must not use it up, because things other than people open links: a
terminal's or chat's preview, a browser that loads ahead, a virus scanner. The button also keeps a stranger's link from
signing somebody into the stranger's account unseen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from kairo.errors import Forbidden, KairoError, TooMany
from kairo.interfaces.web.errors import kairo_error_page
from kairo.platform.tenancy.addresses import client_address
from kairo.platform.tenancy.contracts import Principal, Role, SignInLinkExpired
from kairo.platform.tenancy.failed_attempts import failed_attempts
from kairo.platform.tenancy.lookups import consume_sign_in_link
from kairo.platform.tenancy.middleware import SESSION_TENANT, SESSION_USER, TenantRequest

Parameters = ParamSpec("Parameters")


class MemberRequest(TenantRequest):
    """The request of somebody who is signed in."""

    principal: Principal
    htmx: HtmxDetails


def for_members(
    view: Callable[Concatenate[MemberRequest, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Serve a page to members only, never from a cache, its expected errors as pages."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        if cast(TenantRequest, request).principal is None:
            return _to_sign_in(request)
        try:
            return view(cast(MemberRequest, request), *args, **kwargs)
        except KairoError as error:
            return kairo_error_page(request, error)

    return guarded


def require_editor(principal: Principal) -> None:
    """Refuse a member who may only read.

    Raises:
        Forbidden: the role is viewer.
    """
    if not principal.role.includes(Role.EDITOR):
        raise Forbidden("Your role is viewer: it may read, not change. Ask an owner for the role editor.")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = reverse("web:sign_in")
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return redirect(address)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: TenantRequest) -> HttpResponse:
    """Show the button of a link, or how to get a link; with POST, use the link up and go to the board."""
    response = _use_link(request) if request.method == "POST" else _show_link(request)
    # The page's address holds the token: what the page loads and leads to must not be told of it.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _show_link(request: TenantRequest) -> HttpResponse:
    token = request.GET.get("token", "")
    if request.principal and not token:
        return redirect("web:home")
    return render(request, "access/sign_in.html", {"token": token, "signed_out": "signed-out" in request.GET})


def _use_link(request: TenantRequest) -> HttpResponse:
    token = request.POST.get("token", "")
    try:
        with failed_attempts.attempt(token, address=client_address(request), at=time.monotonic()):
            principal = consume_sign_in_link(token)
    except TooMany as error:
        return kairo_error_page(request, error)
    except SignInLinkExpired:
        words = {"expired": True, "still_signed_in": request.principal is not None}
        return render(request, "access/sign_in.html", words, status=HTTPStatus.UNAUTHORIZED)
    # A key that somebody else may have planted must not become a signed-in one.
    request.session.cycle_key()
    request.session[SESSION_USER] = str(principal.user_id)
    request.session[SESSION_TENANT] = str(principal.tenant_id)
    rotate_token(request)
    return redirect("web:home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget the session."""
    request.session.flush()
    return redirect(f"{reverse('web:sign_in')}?signed-out")
