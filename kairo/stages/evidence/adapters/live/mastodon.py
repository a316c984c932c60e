"""Mastodon's public timelines: a hashtag as one server sees it, or a person's posts; paged by the Link header."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from kairo.stages.evidence.adapters.fields.texts import optional_text
from kairo.stages.evidence.adapters.formats.mastodon import MastodonStatuses
from kairo.stages.evidence.adapters.live.answers import json_of, object_of, records_of
from kairo.stages.evidence.contracts import SurfaceType, UnableToCapture
from kairo.stages.evidence.ports import BadPlace, Place, Reply, SourceFormat, SourcePage, Web

PAGE_STATUSES = 40
_ADDRESS = re.compile(r"(https?://[^/\s]+)/(tags/|@)([^/?#\s]+)/?", re.IGNORECASE)
_HANDLE = re.compile(r"[@#]?([^@#/\s]+)@([A-Za-z0-9.:-]+)")
_NEXT = re.compile(r"<([^<>\s]{1,2000})>\s*;\s*rel=\"?next\"?", re.IGNORECASE)
_FORM = {
    SurfaceType.HASHTAG: "coffee@mastodon.social or https://mastodon.social/tags/coffee",
    SurfaceType.PROFILE: "@ana@mastodon.social or https://mastodon.social/@ana",
}


@dataclass(frozen=True)
class _Named:
    """A hashtag or a person, and the server that is asked."""

    server: str
    name: str


class Mastodon:
    """A server of the fediverse knows a hashtag only as far as its own people follow somebody who uses it."""

    platform = "mastodon"
    label = "Mastodon"
    keys: Mapping[SurfaceType, str] = _FORM
    newest_first = True
    is_paid = False
    format: SourceFormat = MastodonStatuses()

    def check(self, place: Place) -> None:
        _named(place)

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        named = _named(place)
        answer = web.get(cursor or self._first_page(place, named, web))
        statuses = json_of(answer)
        if not isinstance(statuses, list):
            raise UnableToCapture(f"{urlsplit(named.server).hostname} answered without a list of statuses.")
        return SourcePage(records=records_of(statuses), cursor=_next_page(answer, named) if statuses else None)

    def _first_page(self, place: Place, named: _Named, web: Web) -> str:
        asked = {"limit": str(PAGE_STATUSES)}
        if place.surface_type is SurfaceType.HASHTAG:
            return f"{named.server}/api/v1/timelines/tag/{quote(named.name, safe='')}?{urlencode(asked)}"
        account = object_of(web.get(f"{named.server}/api/v1/accounts/lookup?{urlencode({'acct': named.name})}"))
        account_id = optional_text(account, "id")
        if not account_id.isalnum():
            raise UnableToCapture(f"{urlsplit(named.server).hostname} knows nobody called {named.name[:60]}.")
        asked["exclude_reblogs"] = "true"
        return f"{named.server}/api/v1/accounts/{account_id}/statuses?{urlencode(asked)}"


def _named(place: Place) -> _Named:
    address = _ADDRESS.fullmatch(place.key)
    if address and (address[2] == "@") == (place.surface_type is SurfaceType.PROFILE):
        return _Named(server=address[1], name=address[3])
    handle = None if address else _HANDLE.fullmatch(place.key)
    if handle is None:
        raise BadPlace(f"write {_FORM[place.surface_type]}: the server that is asked belongs to it")
    return _Named(server=f"https://{handle[2]}", name=handle[1])


def _next_page(answer: Reply, named: _Named) -> str | None:
    """Return the address of the page behind this one; a server may send nobody to another one."""
    link = _NEXT.search(answer.headers.get("link", ""))
    if link is None:
        return None
    if urlsplit(link[1])[:2] != urlsplit(named.server)[:2]:
        raise UnableToCapture(f"{urlsplit(named.server).hostname} continues on another server: refused.")
    return link[1]
