"""The ideas in a post, by its language."""

from __future__ import annotations

from collections.abc import Sequence

from kairo.stages.opportunities.rules.ideas import chinese, english, russian
from kairo.stages.opportunities.rules.ideas.english_casing import Casing
from kairo.stages.opportunities.rules.ideas.shapes import Idea, Kind
from kairo.stages.opportunities.rules.reading import Post


def ideas_of(post: Post, casing: Casing) -> list[Idea]:
    """Every idea a post carries, cleanest first."""
    if post.language == "zh":
        return chinese.ideas_of(post)
    if post.language == "ru":
        return russian.ideas_of(post)
    return english.ideas_of(post, casing) if post.language == "en" else []


def phrase_of(idea: Idea) -> str:
    """The words of an idea that name its topic."""
    hidden = {"adj", "span", "link", "how", "noun", "apart", "be", "who", "q", "count", "n1", "n2", "n3", "tag2"}
    if idea.kind is Kind.FAVOURITE:
        hidden.add("vp")
    return " ".join(value for name, value in sorted(idea.core.slots.items()) if name not in hidden)


def ideas_by_post(posts: Sequence[Post], casing: Casing) -> list[list[Idea]]:
    return [ideas_of(post, casing) for post in posts]
