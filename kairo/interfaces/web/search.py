"""A search through a brand's evidence, by words and by meaning, on the page that also lists it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kairo.errors import Invalid
from kairo.interfaces.web.access import MemberRequest
from kairo.interfaces.web.brands import Place
from kairo.interfaces.web.evidence import Passage
from kairo.interfaces.web.filters import FIRST_YEAR, Filters, choices_of
from kairo.platform.database.clock import now
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import MAX_SEARCH_RESULTS, SearchAnswer, SearchHitDTO

RESULTS_A_STEP = 20
LONGEST_WINDOW_HOURS = 36_500 * 24
"""A search looks back no further."""
_EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_MARKED_FROM = 3
"""A shorter word of the query is not marked: it stands everywhere."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class FoundPost:
    """One post that a search found, with the words of the query marked in its snippet."""

    hit: SearchHitDTO
    snippet: list[Passage]


def results(request: MemberRequest, place: Place, filters: Filters) -> HttpResponse:
    """Show what fits the words of a search best; a search that cannot be made is told beside its box."""
    shown = {"place": place, "filters": filters, "current": "evidence"}
    wanted = _wanted(request)
    try:
        answer = _search(place, filters, at=now(), k=min(wanted + 1, MAX_SEARCH_RESULTS))
    except Invalid as error:
        words = {**shown, **choices_of(filters, []), "complaint": error.message}
        return render(request, "evidence/search.html", words, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    hits = answer.items[:wanted]
    listed = {
        "found": [FoundPost(hit, mark_words(hit.snippet, filters.query)) for hit in hits],
        "more": min(wanted + RESULTS_A_STEP, MAX_SEARCH_RESULTS) if len(answer.items) > wanted else None,
        "is_words_only": bool(answer.degraded),
    }
    return render(request, "evidence/search.html", {**shown, **choices_of(filters, hits), **listed})


def _search(place: Place, filters: Filters, *, at: datetime, k: int) -> SearchAnswer:
    at, window = stretch(filters, at=at)
    return operations.search(
        place.brand.id,
        filters.query,
        at=at,
        window=window,
        languages=[filters.language] if filters.language else [],
        platforms=[filters.platform] if filters.platform else [],
        k=k,
    )


def stretch(filters: Filters, *, at: datetime) -> tuple[datetime, str | None]:
    """Return the days that were given as a search takes them: a moment, and a window of hours before it.

    Raises:
        Invalid: not a day, or the first one after the last.
    """
    since, until = filters.since, filters.until
    if since is None and until is None:
        return at, None
    if since and until and since >= until:
        raise Invalid(_("The first day is after the last one."))
    since = since or _EARLIEST
    # A search counts its window from the end of the minute that it is made in.
    end = until - timedelta(minutes=1) if until else max(at, since)
    hours = -((since - end) // timedelta(hours=1))
    return end, f"{min(max(hours, 1), LONGEST_WINDOW_HOURS)}h"


def mark_words(text: str, query: str) -> list[Passage]:
    """Cut a text at the words that begin as a word of the query does; joined together the passages are the text."""
    words = {word for word in _WORD.findall(query.casefold()) if len(word) >= _MARKED_FROM}
    if not words:
        return [Passage(text, is_quoted=False)]
    wanted = re.compile(rf"\b((?:{'|'.join(map(re.escape, sorted(words)))})\w*)", re.IGNORECASE)
    return [Passage(part, is_quoted=bool(place % 2)) for place, part in enumerate(wanted.split(text)) if part]


def _wanted(request: MemberRequest) -> int:
    text = request.GET.get("k", "")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SEARCH_RESULTS))):
        return RESULTS_A_STEP
    return min(max(int(text), 1), MAX_SEARCH_RESULTS)
