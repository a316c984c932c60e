"""What other people write under a post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kairo.sandbox.market.authors import Author
from kairo.sandbox.market.dice import mixed

if TYPE_CHECKING:
    from kairo.sandbox.market.post import MarketPost

_MOST_SHOWN = 6
_EMOJI_PERCENT = 34
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `seconds_later` counts from the post."""

    author: Author
    text: str
    seconds_later: int
    likes: int
    key: int


def latest_comments(post: MarketPost) -> list[Comment]:
    """Return the few comments that a scrape shows, newest first."""
    chance = post.chance(4)
    count = min(post.comments, chance.below(_MOST_SHOWN + 1))
    found = [_comment(post, number) for number in range(count)]
    return sorted(found, key=lambda comment: -comment.seconds_later)


def _comment(post: MarketPost, number: int) -> Comment:
    chance, crowd = post.chance(100 + number), post.backdrop.population
    author = crowd.author(chance.below(len(crowd)))
    for _ in range(_TRIES):
        if author.persona.language == post.language:
            break
        author = crowd.author(chance.below(len(crowd)))
    composer = post.backdrop.composer
    persona = composer.speaker(author, post.language)
    scene = composer.scene(dice=chance, author=author, persona=persona, topic=post.topic, at=post.published_at)
    scene.rules["comment" if "woe" in scene.rules else "comment_elsewhere"].write(scene, "")
    text = "".join(scene.out).strip(" .")
    if author.emojis and chance.percent(_EMOJI_PERCENT):
        text = f"{text} {chance.pick(author.emojis)}"
    later = int(40 + 200_000 * (chance.below(1000) / 1000) ** 3)
    return Comment(author, text, later, likes=chance.below(4) * chance.below(6), key=mixed(post.key, 200 + number))
