"""Bluesky's open interface: a person's posts, and what its search finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from kairo.stages.evidence.adapters.fields.texts import optional_text
from kairo.stages.evidence.adapters.formats.bluesky import BlueskyPosts
from kairo.stages.evidence.adapters.live.answers import list_in, object_of, records_of
from kairo.stages.evidence.contracts import SurfaceType
from kairo.stages.evidence.ports import BadPlace, Place, SourceFormat, SourcePage, Web

PAGE_POSTS = 100
_HANDLE = re.compile(r"@?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|did:[a-z]+:[A-Za-z0-9._:%-]+)")
_NOT_FOR_GUESTS = frozenset({401, 403})


class Bluesky:
    """Read without a login; a guest's search ends after its first page, where the service says so."""

    platform = "bluesky"
    label = "Bluesky"
    keys: Mapping[SurfaceType, str] = {
        SurfaceType.PROFILE: "ana.bsky.social",
        SurfaceType.SEARCH: "espresso machine",
        SurfaceType.HASHTAG: "coffee",
    }
    newest_first = True
    is_paid = False
    format: SourceFormat = BlueskyPosts()

    # The mirror for the public refuses searches; the other host answers them.
    def __init__(self, feeds: str = "https://public.api.bsky.app", search: str = "https://api.bsky.app") -> None:
        self._feeds = feeds
        self._search = search

    def check(self, place: Place) -> None:
        if place.surface_type is SurfaceType.PROFILE and not _HANDLE.fullmatch(place.key):
            raise BadPlace("a profile is a handle like ana.bsky.social, or a did")

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        profile = place.surface_type is SurfaceType.PROFILE
        asked = _asked(place) | {"limit": str(PAGE_POSTS)} | ({"cursor": cursor} if cursor else {})
        endpoint = (
            f"{self._feeds}/xrpc/app.bsky.feed.getAuthorFeed"
            if profile
            else f"{self._search}/xrpc/app.bsky.feed.searchPosts"
        )
        answer = web.get(f"{endpoint}?{urlencode(asked)}")
        if cursor and not profile and answer.status in _NOT_FOR_GUESTS:
            return SourcePage(warnings=["Bluesky shows guests the first page of a search only."])
        found = object_of(answer)
        posts = list_in(found, "feed" if profile else "posts", answer)
        following = optional_text(found, "cursor")
        return SourcePage(
            records=records_of(posts), cursor=following if posts and following and following != cursor else None
        )


def _asked(place: Place) -> dict[str, str]:
    if place.surface_type is SurfaceType.PROFILE:
        return {"actor": place.key.removeprefix("@"), "filter": "posts_with_replies"}
    if place.surface_type is SurfaceType.HASHTAG:
        tag = place.key.removeprefix("#")
        return {"q": f"#{tag}", "tag": tag, "sort": "latest"}
    return {"q": place.key, "sort": "latest"}
