from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kairo.sandbox.market import Market, Media, Platform, generate_market, load_subject
from tests.unit.sandbox.markets import START, SUBJECTS, market, posts_of


@pytest.mark.parametrize("subject", SUBJECTS)
def test_posts_come_in_order_of_time_within_the_market(subject: str) -> None:
    times = [post.published_at for post in posts_of(subject)]

    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + timedelta(days=30)


@pytest.mark.parametrize("posts_per_day", [40, 340])
def test_a_market_has_about_as_many_posts_as_asked_for(posts_per_day: float) -> None:
    assert len(posts_of(posts_per_day=posts_per_day)) == pytest.approx(30 * posts_per_day, rel=0.08)


def test_a_short_and_quiet_market_still_works() -> None:
    posts = list(market(days=1, posts_per_day=10).posts())

    assert posts


def test_ids_are_unique_and_tell_the_time_as_the_platforms_ids_do() -> None:
    posts = posts_of()

    assert len({post.id for post in posts}) == len(posts)
    for post in posts[:300]:
        second = int(post.published_at.timestamp())
        milliseconds = (int(post.id) >> 23) + 1_314_220_021_721
        assert (int(post.id) >> 32 if post.platform is Platform.TIKTOK else milliseconds // 1000) == second


def test_the_start_may_be_in_any_time_zone_but_must_have_one() -> None:
    here = START.astimezone(timezone(timedelta(hours=5)))
    subject = load_subject("houseplants")

    posts = list(generate_market(seed=4, start=here, days=1, posts_per_day=30, subject=subject))

    assert [post.id for post in posts] == [post.id for post in market(days=1, posts_per_day=30).posts()]
    with pytest.raises(ValueError, match="time zone"):
        Market(seed=1, start=datetime(2026, 3, 2), days=1, posts_per_day=5, subject=subject)  # noqa: DTZ001


@pytest.mark.parametrize(("seed", "days", "rate"), [(-1, 3, 10.0), (1, 0, 10.0), (1, 3, 0.0)])
def test_impossible_markets_are_refused(seed: int, days: int, rate: float) -> None:
    with pytest.raises(ValueError, match="at least a day"):
        Market(
            seed=seed,
            start=datetime(2026, 1, 1, tzinfo=UTC),
            days=days,
            posts_per_day=rate,
            subject=load_subject("houseplants"),
        )


def test_hundreds_of_people_post_with_a_long_tail() -> None:
    counts = Counter(post.author.handle for post in posts_of() if post.planted is None)

    assert len(counts) > 800
    assert counts.most_common(1)[0][1] > 5 * (sum(counts.values()) / len(counts))


def test_an_author_keeps_to_one_voice() -> None:
    captions: dict[str, list[str]] = defaultdict(list)
    small = {post.author.handle for post in posts_of() if post.author.spelling.lower and not post.author.borrows}
    for post in posts_of():
        if post.author.handle in small and post.planted is None and not post.author.fancy:
            captions[post.author.handle].append(post.caption)

    said = [caption for own in captions.values() for caption in own]

    assert len(captions) > 50
    assert all(caption == caption.lower() for caption in said)


def test_people_write_in_two_languages_and_some_in_both() -> None:
    languages: dict[str, set[str]] = defaultdict(set)
    for post in posts_of():
        languages[post.author.handle].add(post.language)

    shares = Counter(post.language for post in posts_of())

    assert 0.08 < shares["ru"] / shares.total() < 0.2
    assert sum(len(own) == 2 for own in languages.values()) > 3
    assert all(len(own) == 1 for handle, own in languages.items() if not _borrows(handle))


def _borrows(handle: str) -> bool:
    return any(post.author.borrows for post in posts_of() if post.author.handle == handle)


def test_people_sleep() -> None:
    local = Counter((post.published_at + timedelta(hours=post.author.home.hours)).hour for post in posts_of())

    assert sum(local[hour] for hour in (2, 3, 4)) * 5 < sum(local[hour] for hour in (18, 19, 20))


def test_reactions_have_heavy_tails_and_follow_the_size_of_the_account() -> None:
    likes = sorted(post.likes for post in posts_of())
    large = [post.likes for post in posts_of() if post.author.followers > 5_000]
    small = [post.likes for post in posts_of() if post.author.followers < 300]

    assert likes[-1] > 100 * likes[len(likes) // 2]
    assert sorted(large)[len(large) // 2] > 5 * sorted(small)[len(small) // 2]


def test_photos_have_no_plays_and_videos_more_plays_than_likes() -> None:
    photos = [post for post in posts_of() if post.media is not Media.VIDEO]
    videos = [post for post in posts_of() if post.media is Media.VIDEO]

    assert {post.plays for post in photos} == {0}
    assert sum(post.plays > post.likes for post in videos) / len(videos) > 0.99
