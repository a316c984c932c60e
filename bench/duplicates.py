"""Near-duplicates among posts of which some are perturbed reposts, beside datasketch's MinHash LSH.

    python -m bench.duplicates        BENCH_SCALE=.1 (default): 10,000 posts; 1: 100,000

Ours is the whole path of a text (normalise, embed, signatures, comparison);
theirs is character shingles, MinHash and LSH.
Language identification is left out: every post is English.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from bench.import_posts import vocabulary
from bench.table import SCALE, Line, ask_peer, report

POSTS = round(100_000 * SCALE)
# Of few letters nearly every pair is alike in some 3-gram: no path scales with that, and a fifth shows it.
POSTS_OF_SYLLABLES = POSTS // 5
REPOST_SHARE = 0.1
SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "za", "dri", "plo", "sha", "ster", "gan", "fle")
THRESHOLDS = ("0.7", "0.5")
FIGURES = (
    ("a_second", "posts", ("a second", "> 1")),
    ("recall", "recall", ("%", "> 1, ≥ 95 %")),
    ("precision", "precision", ("%", "≥ 95 %")),
)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Post:
    text: str
    repost_of: int | None


def main() -> None:
    """Find the reposts with both and report speed, recall and precision, on English words and on few letters."""
    syllables = sorted({"".join(parts) for count in (1, 2, 3) for parts in product(SYLLABLES, repeat=count)})
    random.Random(7).shuffle(syllables)
    report(
        "duplicates",
        [*compare("English words", POSTS, vocabulary()), *compare("16 syllables", POSTS_OF_SYLLABLES, syllables)],
    )


def compare(kind: str, count: int, words: list[str]) -> list[Line]:
    """Find the reposts among posts of these words, ours first, then datasketch at two thresholds."""
    posts = posts_with_reposts(count, words, random.Random(7))
    took_s, found = our_repeats(posts)
    ours = {"a_second": count / took_s} | judged(posts, found)
    lines: list[Line] = []
    for threshold in THRESHOLDS:
        theirs, why_not = their_figures(posts, threshold)
        lines += [
            Line(
                f"{what}, {kind}", ours[key], f"datasketch MinHash LSH at {threshold}", theirs.get(key), *meant, why_not
            )
            for key, what, meant in FIGURES
        ]
    return lines


def their_figures(posts: list[Post], threshold: str) -> tuple[dict[str, float], str]:
    """Return what datasketch reaches, or nothing and why."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([post.text for post in posts], file)
        file.flush()
        answer: Any = ask_peer("with_datasketch.py", file.name, threshold)
    if isinstance(answer, str):
        return {}, answer
    return {"a_second": len(posts) / answer["seconds"]} | judged(posts, dict(answer["pairs"])), ""


def our_repeats(posts: list[Post]) -> tuple[float, dict[int, int]]:
    """Return the seconds from the texts to the repeats, and each repeat's original by its place."""
    from kairo.platform.embeddings import default_embedder
    from kairo.stages.evidence.rules.duplicates import ComparedPost, find_near_duplicates
    from kairo.stages.evidence.rules.text import content_hash, normalise

    default_embedder().embed(["the weights are read once"])
    started = time.perf_counter()
    texts = [normalise(post.text) for post in posts]
    vectors = default_embedder().embed([text.text for text in texts])
    compared = [
        ComparedPost(
            id=UUID(int=place),
            published_at=NOON + timedelta(seconds=place),
            text=text.text,
            content_hash=content_hash(text),
            language="en",
            vector=vector,
        )
        for place, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]
    repeats = find_near_duplicates(compared)
    return time.perf_counter() - started, {copy.int: original.int for copy, original in repeats.items()}


def judged(posts: list[Post], found: dict[int, int]) -> dict[str, float]:
    """Return recall and precision in percent: a pair is right when both go back to the same post."""
    roots = [place if post.repost_of is None else post.repost_of for place, post in enumerate(posts)]
    right = sum(roots[copy] == roots[original] for copy, original in found.items())
    reposts = sum(post.repost_of is not None for post in posts)
    return {"recall": 100 * right / reposts, "precision": 100 * right / max(1, len(found))}


def posts_with_reposts(count: int, words: list[str], dice: random.Random) -> list[Post]:
    """Return generated posts of 8 to 40 words by Zipf's law; one in ten is a perturbed earlier one."""
    weights = [1 / (rank + 8) for rank in range(len(words))]
    posts: list[Post] = []
    for _ in range(count):
        repeated = dice.randrange(len(posts)) if posts and dice.random() < REPOST_SHARE else None
        if repeated is None or posts[repeated].repost_of is not None:
            posts.append(Post(" ".join(dice.choices(words, weights, k=dice.randint(8, 40))).capitalize() + ".", None))
        else:
            posts.append(Post(perturbed(posts[repeated].text, dice), repeated))
    return posts


def perturbed(text: str, dice: random.Random) -> str:
    """Change a text in one or two of the ways in which people repost."""
    for way in dice.sample((_retweeted, _linked, _decorated, _punctuated, _truncated, _mistyped), dice.randint(1, 2)):
        text = way(text, dice)
    return text


def _retweeted(text: str, dice: random.Random) -> str:
    return f"RT @person{dice.randrange(999)}: {text}"


def _linked(text: str, dice: random.Random) -> str:
    return f"{text} https://example.com/{dice.randrange(9999)}"


def _decorated(text: str, dice: random.Random) -> str:
    return f"{text} {dice.choice(('🔥🔥', '😂', '👏👏👏'))}"


def _punctuated(text: str, dice: random.Random) -> str:
    return text.replace(".", "") + dice.choice(("!!!", "", " ..", "?!"))


def _truncated(text: str, dice: random.Random) -> str:
    return text[: round(len(text) * dice.uniform(0.75, 0.95))] + "…"


def _mistyped(text: str, dice: random.Random) -> str:
    words = text.split()
    place = max(range(len(words)), key=lambda number: len(words[number]))
    word = words[place]
    cut = dice.randrange(1, max(2, len(word) - 1))
    return " ".join([*words[:place], word[:cut] + word[cut + 1 :], *words[place + 1 :]])


if __name__ == "__main__":
    main()
