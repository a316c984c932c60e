from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from kairo.sandbox.market import MarketPost, PlantedDecoy, PlantedTrend
from tests.unit.sandbox.markets import START, SUBJECTS, posts_of, truth_of
from tests.unit.sandbox.variety import jaccard

DAY = timedelta(days=1)


def planted(subject: str, name: str) -> list[MarketPost]:
    return [post for post in posts_of(subject) if post.planted == name]


def decoy(subject: str, kind: str) -> PlantedDecoy:
    return next(one for one in truth_of(subject).decoys if one.kind == kind)


def posts_between(subject: str, topic: str, start: datetime, end: datetime) -> int:
    return sum(post.topic.slug == topic and start <= post.published_at < end for post in posts_of(subject))


def a_day_before(subject: str, trend: PlantedTrend) -> float:
    """Return the posts a day about the trend's topic in all the time before its onset."""
    days = (trend.onset_at - START) / DAY
    return posts_between(subject, trend.topic, START, trend.onset_at) / days


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_trend_rises_at_least_five_times_above_its_own_past(subject: str) -> None:
    for trend in truth_of(subject).trends:
        at_peak = posts_between(subject, trend.topic, trend.peak_at - DAY / 2, trend.peak_at + DAY / 2)
        at_peak_a_day = at_peak / min(1.0, (START + 30 * DAY - trend.peak_at + DAY / 2) / DAY)

        assert at_peak_a_day >= 5 * max(a_day_before(subject, trend), 1), trend.name


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_trend_is_carried_by_many_authors_on_both_platforms_in_many_texts(subject: str) -> None:
    for trend in truth_of(subject).trends:
        posts = [post for post in posts_of(subject) if post.id in set(trend.post_ids)]
        per_author = Counter(post.author.handle for post in posts)

        assert len(posts) >= 18
        assert len(per_author) > 0.7 * len(posts)
        assert min(Counter(post.platform for post in posts).values()) > 0.15 * len(posts)
        assert len({post.caption for post in posts}) > 0.97 * len(posts)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_trend_can_be_recognised_by_its_hashtag_words_and_sound(subject: str) -> None:
    for trend in truth_of(subject).trends:
        posts = [post for post in posts_of(subject) if post.planted == trend.name]
        english = [post for post in posts if post.language == "en"]
        videos = [post for post in posts if post.media == "video"]
        named = [post for post in english if any(word in post.caption.lower() for word in trend.keywords)]

        assert sum(trend.hashtag in post.hashtags for post in posts) > 0.55 * len(posts)
        assert len(named) > 0.4 * len(english)
        assert sum(post.sound is not None and post.sound.title == trend.audio for post in videos) > 0.25 * len(videos)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_trend_rises_and_falls(subject: str) -> None:
    for trend in truth_of(subject).trends[:-1]:
        quarter = (trend.end_at - trend.onset_at) / 4
        edges = [trend.onset_at + quarter * step for step in range(5)]
        counts = [posts_between(subject, trend.topic, start, end) for start, end in pairwise(edges)]

        assert counts[0] < max(counts)
        assert counts[-1] < max(counts)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_loud_author_is_one_account_with_a_handful_of_texts(subject: str) -> None:
    loud = decoy(subject, "loud_author")
    posts = planted(subject, loud.name)

    days = (loud.periods[0][1] - loud.periods[0][0]) / DAY

    assert len({post.author.handle for post in posts}) == 1
    assert 25 < len(posts) / days < 36


@pytest.mark.parametrize("subject", SUBJECTS)
def test_coordinated_reposts_are_one_text_from_many_accounts_within_an_hour(subject: str) -> None:
    flood = decoy(subject, "coordinated_reposts")
    posts = planted(subject, flood.name)
    texts = [letters(post.caption) for post in posts]

    assert len({post.author.handle for post in posts}) == len(posts) >= 8
    assert flood.periods[0][1] - flood.periods[0][0] <= timedelta(hours=1)
    assert len({post.caption for post in posts}) > 0.7 * len(posts)
    assert len(set(texts)) == 1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_engagement_bait_comes_from_a_small_ring_and_draws_comments(subject: str) -> None:
    bait = decoy(subject, "engagement_bait")
    posts = planted(subject, bait.name)
    ordinary = [post for post in posts_of(subject) if post.planted is None]

    assert len({post.author.handle for post in posts}) <= 6
    assert talkativeness(posts) > 4 * talkativeness(ordinary)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_news_shock_is_one_hour_of_many_people_in_their_own_words(subject: str) -> None:
    shock = decoy(subject, "news_shock")
    posts = planted(subject, shock.name)
    grams = [{post.caption[at : at + 3] for at in range(len(post.caption) - 2)} for post in posts]
    alike = sum(jaccard(one, other) > 0.8 for one, other in pairwise(grams))

    assert shock.periods[0][1] - shock.periods[0][0] <= timedelta(hours=1)
    assert len({post.author.handle for post in posts}) == len(posts) >= 10
    assert alike <= 0.05 * len(posts)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_weekly_topic_comes_back_on_its_days(subject: str) -> None:
    bump = decoy(subject, "seasonal_bump")
    on_its_days = len(bump.post_ids)
    others = sum(post.topic.slug == bump.topic for post in posts_of(subject)) - on_its_days
    days = sum((end - start) / DAY for start, end in bump.periods)

    assert len(bump.periods) >= 4
    assert on_its_days / days > 5 * others / (30 - days)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_dead_topic_fades_and_is_gone(subject: str) -> None:
    dead = decoy(subject, "dead_topic")
    start, end = dead.periods[0]

    first_week = posts_between(subject, dead.topic, start, start + 7 * DAY)
    last_week = posts_between(subject, dead.topic, end - 7 * DAY, end)

    assert first_week > 4 * last_week
    assert posts_between(subject, dead.topic, end, START + 30 * DAY) == 0


def letters(caption: str) -> str:
    return "".join(character for character in caption if character.isalnum())


def talkativeness(posts: list[MarketPost]) -> float:
    return sum(post.comments for post in posts) / sum(post.likes + 1 for post in posts)
