from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.evidence.contracts import Counts
from kairo.stages.evidence.rules.engagement import engagement_scores, raw_engagement


def test_a_missing_count_is_not_a_zero() -> None:
    hidden, none_at_all, zero = raw_engagement([Counts(likes=100), Counts(), Counts(likes=100, comments=0, shares=0)])

    assert hidden > zero
    assert np.isnan(none_at_all)


def test_a_count_that_the_platform_hides_as_minus_one_is_missing() -> None:
    hidden, missing = raw_engagement([Counts(likes=-1, comments=9), Counts(comments=9)])

    assert hidden == missing


def test_scores_are_percentiles_within_the_platform() -> None:
    reference = raw_engagement([Counts(likes=likes) for likes in range(1000)])

    low, middle, high = engagement_scores(
        raw_engagement([Counts(likes=2), Counts(likes=500), Counts(likes=10**6)]), reference
    )

    assert low < 0.02
    assert middle == pytest.approx(0.5, abs=0.01)
    assert high > 0.99


def test_the_same_reach_means_less_on_a_louder_platform() -> None:
    post = raw_engagement([Counts(likes=300)])
    quiet = raw_engagement([Counts(likes=likes) for likes in range(0, 400, 2)])
    loud = raw_engagement([Counts(likes=likes) for likes in range(0, 40_000, 200)])

    assert engagement_scores(post, quiet)[0] > engagement_scores(post, loud)[0]


def test_ties_share_the_middle_rank() -> None:
    same = raw_engagement([Counts(likes=7)] * 50)

    assert engagement_scores(same[:1], same)[0] == pytest.approx(0.5)


def test_few_reference_posts_pull_towards_the_middle() -> None:
    best = raw_engagement([Counts(likes=1000)])
    few = raw_engagement([Counts(likes=likes) for likes in (1, 2, 3)])
    many = raw_engagement([Counts(likes=likes) for likes in range(300)])

    assert engagement_scores(best, few)[0] == pytest.approx((3 + 5) / 13)
    assert engagement_scores(best, many)[0] > 0.98
    assert engagement_scores(best, np.array([]))[0] == 0.5


def test_a_post_without_counts_is_neither_good_nor_bad() -> None:
    assert engagement_scores(raw_engagement([Counts()]), raw_engagement([Counts(likes=1)] * 30))[0] == 0.5


def test_nothing_in_gives_nothing_out() -> None:
    assert raw_engagement([]).shape == (0,)


counts = st.builds(Counts, *[st.none() | st.integers(-1, 10**12)] * 4)


@given(st.lists(counts, max_size=20), st.lists(counts, max_size=40))
def test_scores_stay_between_zero_and_one_and_keep_the_order(posts: list[Counts], platform: list[Counts]) -> None:
    raw = raw_engagement(posts)

    scores = engagement_scores(raw, raw_engagement(platform))

    assert ((scores >= 0) & (scores <= 1)).all()
    known = np.flatnonzero(~np.isnan(raw))
    assert (np.diff(scores[known[np.argsort(raw[known])]]) >= -1e-12).all()
