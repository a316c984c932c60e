"""Every live source: ours, and those that other packages add as entry points of `kairo.live_sources`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kairo.stages.evidence.adapters.live.apify import actors
from kairo.stages.evidence.adapters.live.bluesky import Bluesky
from kairo.stages.evidence.adapters.live.feeds import FeedSource
from kairo.stages.evidence.adapters.live.hackernews import HackerNews
from kairo.stages.evidence.adapters.live.mastodon import Mastodon
from kairo.stages.evidence.adapters.plugins import added
from kairo.stages.evidence.contracts import SurfaceType
from kairo.stages.evidence.ports import BadPlace, LiveSource, Place

ENTRY_POINT_GROUP = "kairo.live_sources"
_MEMBERS = ("platform", "label", "keys", "newest_first", "is_paid", "format", "check", "read")

_OURS: tuple[LiveSource, ...] = (FeedSource(), HackerNews(), Mastodon(), Bluesky(), *actors())


@cache
def live_sources() -> Mapping[str, LiveSource]:
    """Return the sources by the platform that their surfaces name."""
    return {source.platform: source for source in (*_OURS, *added_sources(entry_points(group=ENTRY_POINT_GROUP)))}


def unreadable_place(platform: str, surface_type: SurfaceType, key: str) -> str | None:
    """Return why a place cannot be read; None where it can be, or where nothing reads the platform anyway."""
    source = live_sources().get(platform)
    if source is None:
        return None
    if surface_type not in source.keys:
        return f"of {source.label} only {', '.join(source.keys)} can be read, not {surface_type}"
    try:
        source.check(Place(surface_type=surface_type, key=key))
    except BadPlace as error:
        return error.reason
    return None


def added_sources(points: Iterable[EntryPoint]) -> list[LiveSource]:
    """Return the sources that other packages add, as `plugins.added` says; a platform has one source."""
    return added(
        points, kind="live source", members=_MEMBERS, named_by="platform", taken=[source.platform for source in _OURS]
    )
