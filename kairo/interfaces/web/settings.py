"""A brand's settings: its thresholds, who answers its questions, and the Telegram chats that speak for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.conf import settings as installation
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kairo.errors import Invalid, NotFound
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.setting_wording import AGENTS_WORDS, SETTING_WORDS
from kairo.platform.database.clock import now
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import ChatLinkDTO
from kairo.stages.brands import operations, queries
from kairo.stages.brands.contracts import BrandSettings

GATES = "gates."
AGENTS = "agents"
LISTS = ("allowed_domains", "denied_domains")


@dataclass(frozen=True)
class SettingField:
    """One setting as the form shows it."""

    name: str
    words: str
    value: str
    default: str
    is_wrong: bool


@dataclass(frozen=True)
class LinkedChat:
    """A chat that speaks for a brand of the account, and that brand's name."""

    link: ChatLinkDTO
    brand_name: str


@require_safe
@for_members
def settings(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Show what the brand has set, and the chats that speak for the account's brands."""
    return render(request, "settings/settings.html", _shown(place_of(request, brand_slug)))


@require_POST
@for_members
def change_settings(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Change what the brand sets for itself."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    sent = {name: request.POST.get(name, "").replace("\0", "") for name in settings_form(BrandSettings())}
    try:
        operations.change_settings(brand_id=place.brand.id, change=_change(sent), at=now())
    except Invalid as error:
        complaint = error.message if not error.errors else _("Some of these values cannot be used. They are marked.")
        wrong = {one.field for one in error.errors}
        shown = {**_shown(place), **_form(sent, wrong=wrong), "complaint": complaint}
        return render(request, "settings/settings.html", shown, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("web:settings", brand_slug=brand_slug)


def _change(sent: Mapping[str, str]) -> dict[str, object]:
    """Read the form: numbers as they were written, lists by lines."""
    change: dict[str, object] = {
        name: value.split() if name in LISTS else value for name, value in sent.items() if not name.startswith(GATES)
    }
    change["gates"] = {name.removeprefix(GATES): value for name, value in sent.items() if name.startswith(GATES)}
    return change


def settings_form(values: BrandSettings) -> dict[str, str]:
    """Return settings as the form's fields hold them."""
    told = values.model_dump(mode="json")
    gates = {f"{GATES}{name}": f"{value:g}" for name, value in told.pop("gates").items()}
    return gates | {name: "\n".join(value) if name in LISTS else f"{value}" for name, value in told.items()}


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


def _form(given: Mapping[str, str], *, wrong: Collection[str] = ()) -> dict[str, object]:
    defaults = settings_form(BrandSettings())
    fields = [
        SettingField(name, _(SETTING_WORDS[name]), given[name], default, any(one.startswith(name) for one in wrong))
        for name, default in defaults.items()
    ]
    return {
        "limits": [one for one in fields if not one.name.startswith(GATES) and one.name not in {*LISTS, AGENTS}],
        "gates": [one for one in fields if one.name.startswith(GATES)],
        "lists": [one for one in fields if one.name in LISTS],
        "agents": given[AGENTS],
        "choices": [(choice, _(words)) for choice, words in AGENTS_WORDS.items()],
    }


def _shown(place: Place) -> dict[str, object]:
    return {
        **_form(settings_form(queries.settings_of(place.brand.id).settings)),
        "place": place,
        "chats": _linked(place),
        "has_bot": bool(installation.TELEGRAM_BOT_TOKEN),
        "current": "settings",
    }


def _linked(place: Place) -> list[LinkedChat]:
    names = {brand.id: brand.name for brand in [*place.brands, place.brand]}
    archived = _("an archived brand")
    return [LinkedChat(link, names.get(link.brand_id, archived)) for link in chats.chats_of_tenant()]
