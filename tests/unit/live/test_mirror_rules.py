"""When a mirror is looked after, and what is said where Redis cannot be used at all."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.config.env import InvalidEnvironment, parse_environment
from kairo.platform.live.contracts import ChannelAway
from kairo.platform.live.mirror_rules import LOOK_EVERY_S, is_missed, next_look_at
from kairo.platform.live.redis_channel import RedisChannel

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001, hypothesis wants them naive


@given(at=MOMENTS, later_s=st.floats(0, 3600))
def test_a_look_is_never_near_enough_to_be_under_way_and_never_far(at: datetime, later_s: float) -> None:
    due = next_look_at(at)

    assert timedelta(seconds=LOOK_EVERY_S) < due - at <= timedelta(seconds=2 * LOOK_EVERY_S)
    assert next_look_at(at + timedelta(seconds=later_s)) >= due


def test_a_day_behind_is_missed_and_less_is_not() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert not is_missed(noon, at=noon + timedelta(hours=24))
    assert is_missed(noon, at=noon + timedelta(hours=24, seconds=1))


def test_without_the_library_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ChannelAway, match=r"Install it: pip install 'kairo\[redis\]'"):
        RedisChannel("redis://127.0.0.1:6379/0")


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "http://cache", "redis:/x"])
def test_a_redis_url_of_another_form_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(InvalidEnvironment, match="REDIS_URL"):
        parse_environment({"REDIS_URL": url})


def test_redis_urls_are_taken() -> None:
    urls = ["redis://cache:6379/0", "rediss://u:p@cache", "unix:///run/redis.sock"]

    assert [parse_environment({"REDIS_URL": url}).REDIS_URL for url in urls] == urls
