"""Evidence as a person reads it: the real post with the cited words marked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import EvidenceItemDTO


@dataclass(frozen=True)
class Passage:
    """A stretch of a text; `is_quoted` where an opportunity cites these words."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Reading:
    """A post and the words that were cited of it; `is_quote_found` is false where it does not hold them."""

    item: EvidenceItemDTO
    text: list[Passage]
    transcript: list[Passage]
    quote: str

    @property
    def is_quote_found(self) -> bool:
        return any(passage.is_quoted for passage in [*self.text, *self.transcript])


def split_at_quote(text: str, quote: str) -> list[Passage]:
    """Cut a text at each occurrence of the quote; joined together the passages are the text."""
    if not quote:
        return [Passage(text, is_quoted=False)] if text else []
    passages: list[Passage] = []
    for place, between in enumerate(text.split(quote)):
        if place:
            passages.append(Passage(quote, is_quoted=True))
        if between:
            passages.append(Passage(between, is_quoted=False))
    return passages


@require_safe
@for_members
def item(request: MemberRequest, brand_slug: str, item_id: UUID) -> HttpResponse:
    """Show one post on a page of its own: where a chip leads without the script, or in a new tab."""
    place = place_of(request, brand_slug)
    shown = {"place": place, "reading": _reading(request, item_id), "current": "evidence"}
    return render(request, "evidence/item.html", shown)


@require_safe
@for_members
def drawer(request: MemberRequest, brand_slug: str, item_id: UUID) -> HttpResponse:
    """Fill the drawer with one post."""
    place_of(request, brand_slug)
    return render(request, "evidence/_item.html", {"reading": _reading(request, item_id)})


def _reading(request: MemberRequest, item_id: UUID) -> Reading:
    found, quote = queries.item(item_id), request.GET.get("quote", "")
    return Reading(
        item=found,
        text=split_at_quote(found.text, quote),
        transcript=split_at_quote(found.transcript or "", quote),
        quote=quote,
    )
