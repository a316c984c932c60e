from __future__ import annotations

import re

import pytest

from kairo.sandbox.market.personas import personas
from tests.unit.sandbox.markets import SUBJECTS, posts_of
from tests.unit.sandbox.variety import exact_repeat_share, near_repeats

REPEATING = ("loud_author", "coordinated_reposts", "engagement_bait", "news_shock")
_MENTION = re.compile(r"@[\w.]+")
_TAIL = re.compile(r"[\s.]*(?:#\w+\s*)+$")


def ordinary_captions(subject: str) -> list[str]:
    """Return the captions of some 10,000 posts, without those whose planted purpose it is to repeat each other."""
    return [post.caption for post in posts_of(subject) if not (post.planted or "").startswith(REPEATING)]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_people_hardly_ever_say_the_same_by_accident(subject: str) -> None:
    captions = ordinary_captions(subject)

    assert len(captions) > 9_000
    assert exact_repeat_share(captions) < 0.005
    assert len(near_repeats(captions)) / len(captions) < 0.02


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_words_alone_repeat_little_without_the_hashtags_below_them(subject: str) -> None:
    said = [_TAIL.sub("", caption) for caption in ordinary_captions(subject)]

    assert exact_repeat_share(said) < 0.005
    assert len(near_repeats(said)) / len(said) < 0.03


@pytest.mark.parametrize("subject", SUBJECTS)
def test_captions_are_finished(subject: str) -> None:
    slips = re.compile(r"\w[.!?]\w{4,} |,\.|\.,| [,.](?![.\d])")

    for caption in ordinary_captions(subject):
        said = _MENTION.sub("@", _TAIL.sub("", caption))
        assert said.strip()
        assert not set("{}[]|\\") & set(said), caption
        assert "  " not in said, caption
        assert not slips.search(said), caption


def test_lengths_differ_from_a_few_words_to_a_paragraph() -> None:
    lengths = sorted(len(_TAIL.sub("", caption)) for caption in ordinary_captions("houseplants"))

    assert lengths[len(lengths) // 20] < 50
    assert lengths[-len(lengths) // 20] > 200


def test_every_persona_has_many_shapes_of_its_own() -> None:
    for persona in personas():
        assert len(persona.shapes.lines) >= 12, persona.name
        assert len(persona.brief_shapes.lines) >= 7, persona.name
