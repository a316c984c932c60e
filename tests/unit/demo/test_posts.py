from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

from kairo.interfaces.cli.demo.rounds import ROUND, WORDINGS, first_round_end, records_due
from kairo.stages.evidence.contracts import CapturedItem, MediaType
from tests.unit.demo.seen import POSTS, START, captured, first_seeding, published, repeats_among, thread_of

PLANTED_REPEATS = {
    "demo-pots-02": "demo-pots-01",
    "demo-pots-03": "demo-pots-01",
    "demo-pots-04": "demo-pots-01",
    "demo-repost-01": "demo-gnats-11",
    "demo-repost-02": "demo-crispy-05",
}
STEADY = ("water", "prop", "pets")


def _all_wordings() -> list[CapturedItem]:
    ends = [first_round_end(START) + number * ROUND for number in range(WORDINGS)]
    return [item for end in ends for item in captured(records_due(POSTS, end, at=end), end)]


def _in_weeks(thread: str) -> list[int]:
    """Count a thread's posts in each of the four weeks before the first seeding, the last week first."""
    ages = [(START - published(item)) // timedelta(days=7) for item in first_seeding() if thread_of(item) == thread]
    return [ages.count(week) for week in range(4)]


def test_every_post_is_a_dated_item_with_an_author_and_an_address_of_its_own() -> None:
    items = first_seeding()

    assert 90 <= len(items) <= 110
    assert len({item.platform_item_id for item in items}) == len(items)
    assert len({item.url for item in items} - {None}) == len(items)
    assert all(item.author_ref and item.published_at and item.text_content for item in items)
    assert {item.platform for item in items} == {"instagram", "tiktok"}


def test_no_address_leads_to_a_real_page() -> None:
    assert all(re.match(r"https://(instagram|tiktok)\.example/", item.url or "") for item in first_seeding())


def test_many_people_speak() -> None:
    assert len({item.author_ref for item in first_seeding()}) >= 40


def test_most_videos_have_a_transcript() -> None:
    videos = [item for item in first_seeding() if item.media_type is MediaType.VIDEO]

    assert len(videos) >= 30
    assert sum(bool(item.transcript) for item in videos) >= 0.6 * len(videos)


def test_every_post_lies_between_three_hours_and_27_days_back() -> None:
    assert all(3 <= post.hours_ago <= 27 * 24 for post in POSTS)


def test_every_choice_of_words_has_as_many_alternatives_as_there_are_wordings() -> None:
    texts = [str(post.fields.get(name, "")) for post in POSTS for name in ("text", "transcript")]
    choices = [choice for text in texts for choice in re.findall(r"\{([^{}]*)\}", text)]

    assert choices
    assert {choice.count("|") + 1 for choice in choices} == {WORDINGS}
    assert not any("{" in item.text_content + (item.transcript or "") for item in _all_wordings())


def test_each_thread_has_enough_posts_to_be_one() -> None:
    counts = Counter(thread_of(item) for item in first_seeding())

    assert counts.pop("pots") == 4
    assert counts.pop("repost") == 2
    assert counts.pop("chat") >= 10
    assert len(counts) == 8
    assert min(counts.values()) >= 9


def test_two_threads_rise_in_the_last_week_and_one_decays() -> None:
    for rising in ("gnats", "light"):
        last, *earlier = _in_weeks(rising)
        assert last >= 9
        assert last >= 4 * max(earlier)
    last, before, *_ = _in_weeks("crispy")
    assert last <= 1
    assert before >= 6
    assert all(max(_in_weeks(thread)) <= 4 for thread in STEADY)


def test_nothing_repeats_but_what_is_planted_in_any_of_the_wordings() -> None:
    repeats = repeats_among(_all_wordings())

    without_round = Counter((copy.rpartition("-")[0], first.rpartition("-")[0]) for copy, first in repeats.items())
    assert without_round == dict.fromkeys(PLANTED_REPEATS.items(), WORDINGS)
