"""Named things that several posts present under one tag: launches, products, places that can be held side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.lexicon.chinese import GENERIC_TAGS
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.stems import content_stems, fold, has_han, is_generic
from kairo.stages.opportunities.rules.voices import independent_voices

MIN_POSTS = 3
MOST_POSTS = 16
"""A tag on more posts than this names the whole field."""
LONGEST_NAME = 28
NAMED_IN_TITLE = 3
_NO_NAME = re.compile(r"[。！？!?；;#@]|https?:")


def name_of(post: Post) -> str | None:
    """What a post presents, when its title is a name: short, no sentence, and explained by what follows."""
    title = (post.item.title or "").strip()
    first_line = post.item.text.lstrip().partition("\n")[0].strip()
    if not title or title != first_line or len(post.sentences) < 2 or _NO_NAME.search(title):
        return None
    name = re.split(r"[:：|]| [-–—] | by ", title)[0].strip()
    is_short = 2 <= len(name) <= LONGEST_NAME and len(name.split()) <= 4
    return name if is_short and (has_han(name) or name[0].isupper() or name[0].islower()) else None


def shared_names(posts: Sequence[Post]) -> list[tuple[Idea, tuple[int, ...]]]:
    """Every tag under which at least three named posts of one language stand and which they use, with their rows."""
    named = {row: name for row, post in enumerate(posts) if (name := name_of(post)) is not None}
    tags = {row: _telling_tags(posts[row], named[row]) for row in named}
    holders: dict[tuple[str, str], list[int]] = {}
    written: dict[str, str] = {}
    for row in named:
        for folded, tag in tags[row].items():
            holders.setdefault((posts[row].language, folded), []).append(row)
            written.setdefault(folded, tag)
    found = []
    for (_, folded), holding in sorted(holders.items()):
        rows = _one_of_each_name([row for row in holding if _uses(posts[row], folded)], named)
        is_many = MIN_POSTS <= len(rows) <= MOST_POSTS and independent_voices([posts[row] for row in rows]) >= MIN_POSTS
        if is_many:
            second = _second_tag(folded, rows, tags)
            found.append((_idea(written[folded], rows, posts, named, written.get(second or "")), tuple(rows)))
    return found


def _telling_tags(post: Post, name: str) -> dict[str, str]:
    return {fold(tag): tag for tag in post.tags if _is_telling(tag, name, post.language)}


def _uses(post: Post, folded_tag: str) -> bool:
    """Whether a post says what its tag says, and does not only carry it."""
    wanted = set(content_stems(folded_tag)) or {folded_tag}
    said = set(content_stems(post.item.text))
    return len(wanted & said) * 2 >= len(wanted)


def _idea(tag: str, rows: Sequence[int], posts: Sequence[Post], named: dict[int, str], second: str | None) -> Idea:
    ranked = sorted(rows, key=lambda row: (-posts[row].item.engagement_score, str(posts[row].item.id)))
    lead = posts[ranked[0]]
    wanted = set(content_stems(tag))
    telling = max(
        lead.sentences[1:], key=lambda sentence: (len(wanted & set(content_stems(sentence.text))), -sentence.order)
    )
    slots = {"tag": tag, "count": str(len(rows))}
    slots |= {f"n{place + 1}": named[row] for place, row in enumerate(ranked[:NAMED_IN_TITLE])}
    if second is not None:
        slots["tag2"] = second
    return Idea(Core(Kind.NAMES, slots, min(0.95, 0.74 + 0.03 * (len(rows) - MIN_POSTS))), lead, telling)


def _second_tag(folded: str, rows: Sequence[int], tags: dict[int, dict[str, str]]) -> str | None:
    """Another tag that at least half of these posts share, and at least two."""
    counts = Counter(other for row in rows for other in tags[row] if other not in folded and folded not in other)
    best = max(sorted(counts), key=lambda other: counts[other], default=None)
    return best if best is not None and counts[best] * 2 >= len(rows) and counts[best] >= 2 else None


def _is_telling(tag: str, name: str, language: str) -> bool:
    folded = fold(tag)
    if (
        "\ufffd" in tag
        or tag.startswith(("无需", "免费", "不用", "支持", "一次性", "多种"))
        or not 2 <= len(tag) <= 16
        or folded in GENERIC_TAGS
        or is_generic(folded)
        or folded.isdigit()
    ):
        return False
    if language == "zh" and not has_han(tag):
        return False
    return fold(name) not in folded and folded not in fold(name) if name else True


def _one_of_each_name(rows: Sequence[int], named: dict[int, str]) -> list[int]:
    kept: dict[str, int] = {}
    for row in rows:
        kept.setdefault(fold(named[row]), row)
    return list(kept.values())
