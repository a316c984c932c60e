"""Fetching for background work that can come back: each host's pace is kept, and no due time is slept away."""

from __future__ import annotations

import math
import random
from datetime import datetime

from kairo.platform.outbound.client import Client, configured_client, if_changed
from kairo.platform.outbound.contracts import AskedOftenEnough, Fetched, FetchError, FetchLimits, TryLater
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.rules import TRANSIENT, asked_delay_s, backoff_s, jittered_s
from kairo.platform.outbound.urls import checked_url

# A person who reads a page with its pictures asks faster than this.
SOURCE_PACE = HostPace(per_second=1.0, burst=5)


def fetch_politely(
    url: str,
    *,
    at: datetime,
    attempt: int = 1,
    etag: str | None = None,
    last_modified: str | None = None,
    limits: FetchLimits | None = None,
    client: Client | None = None,
    pace: HostPace = SOURCE_PACE,
    chance: random.Random | None = None,
) -> Fetched:
    """Get a source's body, unless it is still the one with these marks; `attempt` is counted from 1.

    Raises:
        TryLater: the host is away or asks for patience; the job table keeps the due time.
        AskedOftenEnough: a TryLater of our own, that nobody is to blame for.
        UnsafeAddress, FetchTooLarge, TooManyRedirects, FetchFailed: trying again would not help.
    """
    asking = client or configured_client()
    luck = (chance or random.SystemRandom()).random()
    host = checked_url(url, asking.policy).host
    wait_s = pace.claim(host)
    if wait_s > 0:
        raise AskedOftenEnough(
            f"{host} is asked often enough for now.", retry_after_s=jittered_s(math.ceil(wait_s) + 1, luck=luck)
        )
    try:
        answer = asking.fetch(url, headers=if_changed(etag=etag, last_modified=last_modified), limits=limits)
    except FetchError as error:
        if not error.retryable:
            raise
        raise TryLater(error.message, retry_after_s=jittered_s(backoff_s(attempt), luck=luck)) from error
    if answer.status in TRANSIENT:
        delay_s = max(backoff_s(attempt), asked_delay_s(answer.headers.get("retry-after"), at=at) or 0.0)
        raise TryLater(f"{host} answered {answer.status}.", retry_after_s=jittered_s(delay_s, luck=luck))
    return answer
