"""Which brand a page is about, the brands one may switch to, and the way in."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.platform.tenancy.contracts import Principal, Role
from kairo.stages.brands import queries
from kairo.stages.brands.contracts import BrandDTO, BrandNotFound


@dataclass(frozen=True)
class Place:
    """Where a page stands: its brand, the brands to switch to, and who looks."""

    brand: BrandDTO
    brands: list[BrandDTO]
    principal: Principal

    @property
    def may_edit(self) -> bool:
        return self.principal.role.includes(Role.EDITOR)


def place_of(request: MemberRequest, brand_slug: str) -> Place:
    """Return the place of a page of this brand.

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    all_brands = queries.brands(with_archived=True)
    for brand in all_brands:
        if brand.slug == brand_slug:
            current = [other for other in all_brands if not other.is_archived]
            return Place(brand=brand, brands=current, principal=request.principal)
    raise BrandNotFound("There is no such brand in your account.")


@require_safe
@for_members
def home(request: MemberRequest) -> HttpResponse:
    """Go to the first brand's board, or say how to get a brand."""
    brands = queries.brands()
    if brands:
        return redirect("web:today", brand_slug=brands[0].slug)
    return render(request, "brands/none.html", {"principal": request.principal})
