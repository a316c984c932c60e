from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from kairo.sandbox.market import MarketPost, PlantedDecoy
from tests.unit.sandbox.markets import START, SUBJECTS, posts_of, truth_of

KINDS = {
    "seasonal_bump",
    "dead_topic",
    "loud_author",
    "coordinated_reposts",
    "engagement_bait",
    "news_shock",
}


def by_id(subject: str) -> dict[str, MarketPost]:
    return {post.id: post for post in posts_of(subject)}


def decoys(subject: str, kind: str) -> list[PlantedDecoy]:
    return [decoy for decoy in truth_of(subject).decoys if decoy.kind == kind]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_truth_names_the_posts_that_the_market_tells(subject: str) -> None:
    truth, posts = truth_of(subject), by_id(subject)

    named = {name for trend in truth.trends for name in trend.post_ids}
    named |= {name for decoy in truth.decoys for name in decoy.post_ids}

    assert truth.posts == len(posts)
    assert named <= posts.keys()
    assert {decoy.kind for decoy in truth.decoys} == KINDS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_trend_holds_every_post_about_its_topic_between_onset_and_end(subject: str) -> None:
    for trend in truth_of(subject).trends:
        expected = [
            post.id
            for post in posts_of(subject)
            if post.topic.slug == trend.topic and trend.onset_at <= post.published_at < trend.end_at
        ]
        assert list(trend.post_ids) == sorted(trend.post_ids, key=expected.index)
        assert set(trend.post_ids) == set(expected)
        assert trend.onset_at < trend.peak_at <= trend.end_at


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_posts_of_a_planted_burst_are_those_that_carry_its_name(subject: str) -> None:
    sudden = [decoy for decoy in truth_of(subject).decoys if decoy.kind not in {"seasonal_bump", "dead_topic"}]

    for decoy in sudden:
        carriers = [post for post in posts_of(subject) if post.planted == decoy.name]
        assert [post.id for post in carriers] == list(decoy.post_ids)
        assert all(start <= post.published_at < end for post in carriers for start, end in decoy.periods)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_weekly_bump_and_every_dead_topic_is_told_with_its_periods(subject: str) -> None:
    (bump,), (dead,) = decoys(subject, "seasonal_bump"), decoys(subject, "dead_topic")
    posts = by_id(subject)

    assert all(any(a <= posts[name].published_at < b for a, b in bump.periods) for name in bump.post_ids)
    assert {posts[name].topic.slug for name in dead.post_ids} == {dead.topic}
    assert len(dead.post_ids) == sum(post.topic.slug == dead.topic for post in posts_of(subject))


def test_the_shares_of_personas_and_topics_are_those_of_the_posts() -> None:
    truth, posts = truth_of(), posts_of()

    personas = Counter(post.author.persona.name for post in posts)

    assert truth.personas == {name: pytest.approx(count / len(posts), abs=1e-6) for name, count in personas.items()}
    assert sum(truth.topics.values()) == pytest.approx(1, abs=1e-4)


def test_the_truth_survives_json() -> None:
    truth = truth_of()

    read = json.loads(json.dumps(truth.to_json()))

    assert read["trends"][0]["onset_at"] == truth.trends[0].onset_at.isoformat()
    assert len(read["decoys"]) == len(truth.decoys)
    assert read["subject"] == "houseplants"


def test_the_last_trend_is_still_fresh_when_the_market_ends() -> None:
    end = START + timedelta(days=30)

    last = truth_of().trends[-1]

    assert end - last.peak_at < timedelta(hours=24)
    assert end - last.onset_at < timedelta(days=4)


def test_only_a_news_shock_may_be_opened_on_without_being_wrong() -> None:
    assert {decoy.kind for decoy in truth_of().decoys if not decoy.is_false} == {"news_shock"}
