"""Fetching that comes back later instead of waiting: what it answers, and when it says to come again."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from kairo.platform.jobs.rules import failure_of
from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import FetchFailed, FetchLimits, FetchTooLarge, TryLater, UnsafeAddress
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.polite import fetch_politely
from tests.integration.outbound.servers import LOOPBACK, Site, page

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLIENT = Client(policy=LOOPBACK)


class Unlucky(random.Random):
    def random(self) -> float:
        return 1.0


def _hasteless() -> HostPace:
    return HostPace(per_second=1000, burst=1000)


def test_a_source_is_asked_for_what_is_new() -> None:
    with Site(page(b"", status=304, length=False)) as site:
        fetched = fetch_politely(site.url(), at=NOON, etag='"v1"', client=CLIENT, pace=_hasteless())

    assert fetched.not_modified
    assert site.requests[0].headers["if-none-match"] == '"v1"'


def test_a_host_that_was_asked_often_enough_is_left_alone_until_a_due_time() -> None:
    pace = HostPace(per_second=0.1, burst=1, clock=lambda: 0.0)
    with Site(page()) as site:
        fetch_politely(site.url("/a"), at=NOON, client=CLIENT, pace=pace)
        with pytest.raises(TryLater, match="often enough") as later:
            fetch_politely(site.url("/b"), at=NOON, client=CLIENT, pace=pace, chance=Unlucky())

        assert [seen.path for seen in site.requests] == ["/a"]
    assert later.value.retry_after_s == 13


@pytest.mark.parametrize(("attempt", "after_s"), [(1, 36), (2, 72), (3, 144), (9, 144)])
def test_a_failing_source_is_due_again_after_a_backoff_with_jitter(attempt: int, after_s: int) -> None:
    with Site(page(b"", status=503)) as site, pytest.raises(TryLater, match="answered 503") as later:
        fetch_politely(site.url(), at=NOON, attempt=attempt, client=CLIENT, pace=_hasteless(), chance=Unlucky())

    assert later.value.retry_after_s == after_s


def test_a_sources_own_wish_is_kept() -> None:
    headers = {"retry-after": "Mon, 01 Jun 2026 12:10:00 GMT"}
    with Site(page(b"", status=429, headers=headers)) as site, pytest.raises(TryLater) as later:
        fetch_politely(site.url(), at=NOON, client=CLIENT, pace=_hasteless())

    assert 600 <= later.value.retry_after_s <= 720


def test_a_source_that_is_away_is_due_again_and_the_job_table_understands_when() -> None:
    with Site(page()) as site:
        closed = site.url()

    with pytest.raises(TryLater, match="cannot be reached") as later:
        fetch_politely(closed, at=NOON, client=CLIENT, pace=_hasteless(), chance=Unlucky())

    assert isinstance(later.value.__cause__, FetchFailed)
    failure = failure_of(later.value)
    assert (failure.retryable, failure.after_s) == (True, 36)


def test_what_will_never_work_is_said_at_once() -> None:
    with Site(page(b"x" * 100)) as site:
        with pytest.raises(FetchTooLarge):
            fetch_politely(site.url(), at=NOON, client=CLIENT, pace=_hasteless(), limits=FetchLimits(max_bytes=10))
        with pytest.raises(UnsafeAddress):
            fetch_politely(site.url(), at=NOON, client=Client(policy=GuardPolicy()), pace=_hasteless())


def test_a_missing_page_is_an_answer() -> None:
    with Site(page(b"", status=404)) as site:
        assert fetch_politely(site.url(), at=NOON, client=CLIENT, pace=_hasteless()).status == 404
