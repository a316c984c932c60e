"""Scrapes of the market as an actor run delivers them: by profile, with the pinned posts first, or by hashtag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kairo.sandbox.market.post import MarketPost, Platform
from kairo.sandbox.market.records import Record

PINNED = 2
"""How many posts a profile pins: those that got the most likes."""


def profile_scrape(posts: Iterable[MarketPost], *, handle: str, platform: Platform) -> list[Record]:
    """Return the profile as its scrape delivers it: the pinned posts first, however old, then newest first.

    Posts on which the account is only co-author are there too, under their owner's name (Instagram).
    """
    own = [post for post in posts if post.platform is platform and _shows(post, handle)]
    liked = sorted(own, key=lambda post: post.likes, reverse=True)
    pinned = {post.id for post in liked[:PINNED] if post.author.handle == handle}
    ordered = sorted(own, key=lambda post: (post.id in pinned, post.published_at), reverse=True)
    return [_record(post, handle, is_pinned=post.id in pinned) for post in ordered]


def hashtag_scrape(posts: Iterable[MarketPost], *, hashtag: str, platform: Platform) -> Iterator[Record]:
    """Return the posts with a hashtag as their scrape delivers them, in the order given."""
    for post in posts:
        if post.platform is platform and hashtag in post.hashtags:
            if platform is Platform.TIKTOK:
                yield post.to_apify_tiktok(input_query=hashtag)
            else:
                yield post.to_apify_instagram(input_url=f"https://www.instagram.com/explore/tags/{hashtag}/")


def _shows(post: MarketPost, handle: str) -> bool:
    coauthor = post.coauthor
    return post.author.handle == handle or (coauthor is not None and coauthor.handle == handle)


def _record(post: MarketPost, handle: str, *, is_pinned: bool) -> Record:
    if post.platform is Platform.TIKTOK:
        return post.to_apify_tiktok(input_query=handle, is_pinned=is_pinned)
    return post.to_apify_instagram(input_url=f"https://www.instagram.com/{handle}/", is_pinned=is_pinned)
