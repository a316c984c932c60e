"""Independent voices: how many different people, or different texts where no author is known, stand behind a topic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.stems import all_stems

SAME_TEXT_SHARE = 0.8
"""Two posts that share this part of their word pairs say the same thing in the same words."""


def independent_voices(posts: Sequence[Post]) -> int:
    """Count the posts, taking near-duplicates, reposts and one author's posts as one voice."""
    return len(set(voice_of_each(posts)))


def voice_of_each(posts: Sequence[Post]) -> list[int]:
    """For each post, the index of the first post that speaks with the same voice."""
    leader = list(range(len(posts)))

    def find(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    seen: dict[tuple[str, str], int] = {}
    shingles = [_shingles(post) for post in posts]
    for place, post in enumerate(posts):
        for key in _keys(post):
            other = seen.setdefault(key, place)
            _join(leader, find(place), find(other))
        for earlier in range(place):
            if find(earlier) != find(place) and _is_same_text(shingles[earlier], shingles[place]):
                _join(leader, find(place), find(earlier))
    return [find(place) for place in range(len(posts))]


def _join(leader: list[int], one: int, other: int) -> None:
    leader[max(one, other)] = min(one, other)


def _keys(post: Post) -> list[tuple[str, str]]:
    item = post.item
    keys = [("item", str(item.near_duplicate_of or item.id))]
    if item.author and item.author.strip():
        keys.append(("author", item.author.strip().lstrip("@").casefold()))
    if item.content_hash:
        keys.append(("hash", item.content_hash))
    return keys


def _shingles(post: Post) -> frozenset[tuple[str, ...]]:
    stems = all_stems(post.item.text or post.item.transcript or "")[:400]
    if len(stems) < 3:
        return frozenset([tuple(stems)])
    return frozenset(pairwise(stems))


def _is_same_text(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    shared = len(one & other)
    return (
        shared > 0 and shared >= SAME_TEXT_SHARE * min(len(one), len(other)) and shared * 2 >= max(len(one), len(other))
    )
