"""Every format that a file can be in: ours, and those that other packages add as entry points of `kairo.sources`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kairo.stages.evidence.adapters.formats.bluesky import BlueskyPosts
from kairo.stages.evidence.adapters.formats.generic import GenericPosts
from kairo.stages.evidence.adapters.formats.hackernews import HackerNewsHits
from kairo.stages.evidence.adapters.formats.instagram import ApifyInstagramPosts
from kairo.stages.evidence.adapters.formats.mastodon import MastodonStatuses
from kairo.stages.evidence.adapters.formats.producthunt import ProductHuntDays
from kairo.stages.evidence.adapters.formats.reddit import ApifyRedditPosts, RedditPosts, RedditWebPosts
from kairo.stages.evidence.adapters.formats.tiktok import ApifyTikTokVideos, TikTokVideos
from kairo.stages.evidence.adapters.formats.youtube import ApifyYouTubeVideos, YouTubePlayerAnswers, YouTubeTranscripts
from kairo.stages.evidence.adapters.plugins import added
from kairo.stages.evidence.ports import SourceFormat

ENTRY_POINT_GROUP = "kairo.sources"
_MEMBERS = ("name", "label", "format_has_author", "recognises", "to_item")

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


def added_formats(points: Iterable[EntryPoint]) -> list[SourceFormat]:
    """Return the formats that other packages add, as `plugins.added` says; each has a name of its own."""
    return added(
        points,
        kind="source format",
        members=_MEMBERS,
        named_by="name",
        taken=[known.name for known in (*_SPECIFIC, GENERIC)],
    )
