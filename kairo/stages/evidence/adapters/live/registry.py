"""Every live source: ours, and those that other packages add as entry points of `kairo.live_sources`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kairo.platform.telemetry.context import logger
from kairo.stages.evidence.adapters.live.apify import actors
from kairo.stages.evidence.adapters.live.bluesky import Bluesky
from kairo.stages.evidence.adapters.live.feeds import FeedSource
from kairo.stages.evidence.adapters.live.hackernews import HackerNews
from kairo.stages.evidence.adapters.live.mastodon import Mastodon
from kairo.stages.evidence.contracts import SurfaceType
from kairo.stages.evidence.ports import BadPlace, LiveSource, Place

ENTRY_POINT_GROUP = "kairo.live_sources"
_OUR_PACKAGE = "kairo."
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
    """Return the sources that other packages add.

    One that cannot be loaded, or takes a platform that is taken, is left out with a warning.
    """
    taken = {source.platform for source in _OURS}
    added: list[LiveSource] = []
    for point in points:
        if point.value.startswith(_OUR_PACKAGE):
            continue
        found = _loaded(point)
        if found is None:
            continue
        if found.platform in taken:
            logger(__name__).warning("live_source_name_taken", name=found.platform, entry_point=point.value)
            continue
        taken.add(found.platform)
        added.append(found)
    return added


def _loaded(point: EntryPoint) -> LiveSource | None:
    try:
        loaded = point.load()
        found: LiveSource = loaded() if isinstance(loaded, type) else loaded
    except (ImportError, AttributeError, TypeError) as error:
        logger(__name__).warning("live_source_not_loaded", entry_point=point.value, error=str(error))
        return None
    if not all(hasattr(found, name) for name in _MEMBERS):
        logger(__name__).warning("live_source_not_loaded", entry_point=point.value, error="it is no LiveSource")
        return None
    return found
