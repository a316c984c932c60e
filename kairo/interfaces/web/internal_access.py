"""The guard of internal pages, and whose account a page of them shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from kairo.errors import KairoError, NotFound
from kairo.interfaces.web.errors import kairo_error_page
from kairo.platform.tenancy.contracts import TenantDTO
from kairo.platform.tenancy.internal import InternalAccess, internal_access
from kairo.platform.tenancy.lookups import tenants

Parameters = ParamSpec("Parameters")


@dataclass(frozen=True)
class Look:
    """One look at the account `tenant_id`; an operator may choose among `accounts`, an owner has none to choose."""

    access: InternalAccess
    tenant_id: UUID | None
    account: str = ""
    accounts: list[TenantDTO] = field(default_factory=list)

    @contextmanager
    def into_account(self) -> Iterator[None]:
        """Run the block in the account's transaction.

        Raises:
            Http404: there is no account yet.
        """
        if self.tenant_id is None:
            raise Http404
        with self.access.looking_into(self.tenant_id):
            yield

    def address(self, **choices: object) -> str:
        """Return the query string of the same list of the same account, with these choices."""
        given = {"account": self.account, **choices}
        return urlencode({name: value for name, value in given.items() if value})


def for_operators(
    view: Callable[Concatenate[HttpRequest, InternalAccess, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Serve a page to those who may see it; to others it is as if it were not there."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        access = internal_access(request)
        try:
            return view(request, access, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except KairoError as error:
            return kairo_error_page(request, error)

    return guarded


def look_of(request: HttpRequest, access: InternalAccess) -> Look:
    """Return whose account a list shows: an owner's own; an operator names one by `?account=`, or sees the first.

    Raises:
        Http404: there is no account of this name.
    """
    if access.tenant_id is not None:
        return Look(access, access.tenant_id)
    accounts = sorted(tenants(), key=lambda one: one.slug)
    wanted = request.GET.get("account")
    if not wanted:
        chosen = accounts[0] if accounts else None
    elif (chosen := next((one for one in accounts if one.slug == wanted), None)) is None:
        raise Http404
    return Look(access, chosen.id if chosen else None, chosen.slug if chosen else "", accounts)
