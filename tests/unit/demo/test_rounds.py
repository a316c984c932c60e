from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.interfaces.cli.demo.rounds import ROUND, WORDINGS, files_due, first_round_end, known_round_end
from kairo.stages.evidence.contracts import CapturedItem, GateThresholds
from kairo.stages.evidence.operations.comparing import REPEATS_WITHIN
from kairo.stages.evidence.rules.gates import judge
from kairo.stages.evidence.rules.text import content_hash, normalise
from tests.unit.demo.seen import POSTS, START, Store, gate_items, published, repeats_among, thread_of

DAY = timedelta(days=1)
WINDOW = 30 * DAY


def _window(store: Store, at: datetime) -> list[CapturedItem]:
    return [item for item in store.items.values() if at - WINDOW < published(item) <= at]


def _repeated_share(items: list[CapturedItem]) -> float:
    texts = {content_hash(normalise(item.text_content)) for item in items}
    return 1 - len(texts) / len(items)


def _assert_fit_for_a_board(store: Store, at: datetime) -> None:
    window = _window(store, at)
    assert len(window) >= 8
    assert any(at - published(item) < 5 * DAY for item in window)
    assert _repeated_share(window) < 0.20


def test_the_first_seeding_publishes_every_post_as_long_ago_as_it_says() -> None:
    store = Store()

    new = store.start(START)

    assert new == len(POSTS)
    minute = START.replace(second=0, microsecond=0)
    assert sorted(published(item) for item in store.items.values()) == sorted(
        post.published_in(minute) for post in POSTS
    )


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=3), timedelta(hours=20), 3 * DAY])
def test_a_restart_at_which_nothing_is_due_adds_nothing_and_writes_the_same_file(later: timedelta) -> None:
    store = Store()
    store.start(START)
    first = files_due(POSTS, known_end=first_round_end(START), at=START)

    known_end = known_round_end(store.items)

    assert known_end is not None
    assert files_due(POSTS, known_end=known_end, at=START + later) == first
    assert store.start(START + later) == 0


def test_daily_starts_keep_the_demo_fit_for_a_board_over_40_days() -> None:
    store = Store()

    for day in range(41):
        store.start(START + day * DAY)
        _assert_fit_for_a_board(store, START + day * DAY)


def test_the_gates_pass_on_every_day_of_a_hundred() -> None:
    store = Store()
    for day in range(101):
        store.start(START + day * DAY)
    items = list(store.items.values())
    seen = gate_items(items, repeats_among(items))

    for day in range(101):
        at = START + day * DAY
        report = judge([seen[item.platform_item_id] for item in _window(store, at)], GateThresholds(), as_of=at)
        assert report.can_proceed, (day, report.shortfall.failures)


@settings(max_examples=25, deadline=None)
@given(pauses=st.lists(st.integers(min_value=0, max_value=150 * 24 * 60), min_size=1, max_size=6))
def test_whenever_it_is_started_again_the_demo_is_fresh(pauses: list[int]) -> None:
    store, at = Store(), START
    store.start(at)

    for minutes in pauses:
        at += timedelta(minutes=minutes)
        store.start(at)

        _assert_fit_for_a_board(store, at)
        assert store.start(at) == 0


def test_between_two_rounds_some_thread_has_always_doubled_within_a_week() -> None:
    store, week = Store(), 7 * DAY
    store.start(START)

    for day in range(7, 34):
        at = START + day * DAY
        store.start(at)
        now = Counter(thread_of(item) for item in store.items.values() if at - week < published(item) <= at)
        before = Counter(
            thread_of(item) for item in store.items.values() if at - 2 * week < published(item) <= at - week
        )
        assert any(count >= 4 and count >= 2 * before[thread] for thread, count in now.items()), day


def test_words_come_back_only_after_repeats_of_them_are_no_longer_looked_for() -> None:
    whole_file = timedelta(hours=max(post.hours_ago for post in POSTS))

    assert REPEATS_WITHIN + whole_file < WORDINGS * ROUND


def test_a_post_comes_back_after_a_whole_round_with_another_id_and_other_words() -> None:
    store = Store()
    store.start(START)
    before = set(store.items)
    store.start(START + ROUND)

    first, second = (
        next(item for name, item in store.items.items() if "gnats-03" in name and (name in before) is is_first)
        for is_first in (True, False)
    )

    assert published(second) - published(first) == ROUND
    assert first.text_content != second.text_content
    assert first.url != second.url


def test_items_that_people_imported_themselves_say_nothing_about_rounds() -> None:
    assert known_round_end(["3141592653", "demo-notes", "demo-gnats-03"]) is None
