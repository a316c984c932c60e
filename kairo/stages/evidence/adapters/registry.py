"""Every format that a file can be in: ours, and those that other packages add as entry points of `kairo.sources`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kairo.platform.telemetry.context import logger
from kairo.stages.evidence.adapters.formats.bluesky import BlueskyPosts
from kairo.stages.evidence.adapters.formats.generic import GenericPosts
from kairo.stages.evidence.adapters.formats.hackernews import HackerNewsHits
from kairo.stages.evidence.adapters.formats.instagram import ApifyInstagramPosts
from kairo.stages.evidence.adapters.formats.mastodon import MastodonStatuses
from kairo.stages.evidence.adapters.formats.producthunt import ProductHuntDays
from kairo.stages.evidence.adapters.formats.reddit import ApifyRedditPosts, RedditPosts, RedditWebPosts
from kairo.stages.evidence.adapters.formats.tiktok import ApifyTikTokVideos, TikTokVideos
from kairo.stages.evidence.adapters.formats.youtube import ApifyYouTubeVideos, YouTubePlayerAnswers, YouTubeTranscripts
from kairo.stages.evidence.ports import SourceFormat

ENTRY_POINT_GROUP = "kairo.sources"
_OUR_PACKAGE = "kairo."

_SPECIFIC: tuple[SourceFormat, ...] = (
    ApifyInstagramPosts(),
    ApifyTikTokVideos(),
    TikTokVideos(),
    ApifyYouTubeVideos(),
    YouTubePlayerAnswers(),
    YouTubeTranscripts(),
    ApifyRedditPosts(),
    RedditPosts(),
    RedditWebPosts(),
    HackerNewsHits(),
    BlueskyPosts(),
    MastodonStatuses(),
    ProductHuntDays(),
)
GENERIC = GenericPosts()


@cache
def known_formats() -> tuple[SourceFormat, ...]:
    """Return the formats in the order in which they are tried: ours, those of other packages, the generic one last."""
    return (*_SPECIFIC, *added_formats(entry_points(group=ENTRY_POINT_GROUP)), GENERIC)


def added_formats(points: Iterable[EntryPoint]) -> Sequence[SourceFormat]:
    """Return the formats that other packages add.

    One that cannot be loaded, or takes a name that is taken, is left out with a warning.
    """
    taken = {known.name for known in (*_SPECIFIC, GENERIC)}
    added: list[SourceFormat] = []
    for point in points:
        if point.value.startswith(_OUR_PACKAGE):
            continue
        found = _loaded(point)
        if found is None:
            continue
        if found.name in taken:
            logger(__name__).warning("source_format_name_taken", name=found.name, entry_point=point.value)
            continue
        taken.add(found.name)
        added.append(found)
    return added


def _loaded(point: EntryPoint) -> SourceFormat | None:
    try:
        loaded = point.load()
        found: SourceFormat = loaded() if isinstance(loaded, type) else loaded
    except (ImportError, AttributeError, TypeError) as error:
        logger(__name__).warning("source_format_not_loaded", entry_point=point.value, error=str(error))
        return None
    if not all(hasattr(found, name) for name in ("name", "label", "format_has_author", "recognises", "to_item")):
        logger(__name__).warning("source_format_not_loaded", entry_point=point.value, error="it is no SourceFormat")
        return None
    return found
