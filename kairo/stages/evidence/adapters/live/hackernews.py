"""Hacker News by Algolia's search, which is open to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from kairo.stages.evidence.adapters.formats.hackernews import HackerNewsHits
from kairo.stages.evidence.adapters.live.answers import list_in, object_of, records_of
from kairo.stages.evidence.contracts import SurfaceType
from kairo.stages.evidence.ports import BadPlace, Place, SourceFormat, SourcePage, Web

PAGE_HITS = 100
_LISTS = ("front_page", "story", "ask_hn", "show_hn", "poll")


class HackerNews:
    """Stories and comments that hold the words, those of one person, or one of the site's own lists."""

    platform = "hackernews"
    label = "Hacker News"
    keys: Mapping[SurfaceType, str] = {
        SurfaceType.SEARCH: "espresso machine",
        SurfaceType.PROFILE: "pg",
        SurfaceType.LIST: "show_hn",
    }
    newest_first = True
    is_paid = False
    format: SourceFormat = HackerNewsHits()

    def __init__(self, base: str = "https://hn.algolia.com") -> None:
        self._base = base

    def check(self, place: Place) -> None:
        if place.surface_type is SurfaceType.LIST and place.key not in _LISTS:
            raise BadPlace(f"a list of Hacker News is one of {', '.join(_LISTS)}")
        if place.surface_type is SurfaceType.PROFILE and not place.key.replace("_", "").replace("-", "").isalnum():
            raise BadPlace("a profile is the person's name on Hacker News, like pg")

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        page = int(cursor or 0)
        asked = {**_asked(place), "hitsPerPage": PAGE_HITS, "page": page}
        answer = web.get(f"{self._base}/api/v1/search_by_date?{urlencode(asked)}")
        found = object_of(answer)
        pages = found.get("nbPages")
        has_more = isinstance(pages, int) and page + 1 < pages
        return SourcePage(
            records=records_of(list_in(found, "hits", answer)), cursor=str(page + 1) if has_more else None
        )


def _asked(place: Place) -> dict[str, str]:
    if place.surface_type is SurfaceType.PROFILE:
        return {"tags": f"author_{place.key},(story,comment)"}
    if place.surface_type is SurfaceType.LIST:
        return {"tags": place.key}
    return {"query": place.key, "tags": "(story,comment)"}
