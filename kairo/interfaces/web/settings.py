"""A brand's settings: the Telegram chats that speak for it, and the codes that link them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings as installation
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kairo.errors import NotFound
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.platform.database.clock import now
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import ChatLinkDTO


@dataclass(frozen=True)
class LinkedChat:
    """A chat that speaks for a brand of the account, and that brand's name."""

    link: ChatLinkDTO
    brand_name: str


@require_safe
@for_members
def settings(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show the chats that speak for the account's brands."""
    return render(request, "settings/settings.html", _shown(place_of(request, brand_slug)))


@require_POST
@for_members
def make_chat_code(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Make a code that links a chat to this brand, and show it this once."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    code = chats.issue_chat_code(brand_id=place.brand.id, role=place.principal.role, at=now())
    template = "settings/_chat_code.html" if request.htmx else "settings/settings.html"
    return render(request, template, {**_shown(place), "code": code})


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def unlink_chat(request: MemberRequest, brand_slug: str, link_id: UUID) -> HttpResponse:
    """Ask whether a chat shall speak for nobody; with POST, let it."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    if request.method == "POST":
        chats.unlink_chat(link_id)
        return redirect("web:settings", brand_slug=brand_slug)
    linked = next((chat for chat in _linked(place) if chat.link.id == link_id), None)
    if linked is None:
        raise NotFound("There is no such chat.")
    return render(request, "settings/unlink.html", {"place": place, "chat": linked, "current": "settings"})


def _shown(place: Place) -> dict[str, object]:
    return {
        "place": place,
        "chats": _linked(place),
        "has_bot": bool(installation.TELEGRAM_BOT_TOKEN),
        "current": "settings",
    }


def _linked(place: Place) -> list[LinkedChat]:
    names = {brand.id: brand.name for brand in [*place.brands, place.brand]}
    archived = _("an archived brand")
    return [LinkedChat(link, names.get(link.brand_id, archived)) for link in chats.chats_of_tenant()]
