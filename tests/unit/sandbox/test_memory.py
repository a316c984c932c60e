from __future__ import annotations

import tracemalloc
from itertools import islice

from tests.unit.sandbox.markets import market


def test_walking_through_a_market_takes_no_more_memory_the_longer_it_lasts() -> None:
    posts = market(days=20, posts_per_day=1000).posts()
    sum(1 for _ in islice(posts, 6_000))

    tracemalloc.start()
    sum(1 for _ in islice(posts, 6_000))
    after_some, _ = tracemalloc.get_traced_memory()
    sum(1 for _ in islice(posts, 6_000))
    after_more, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    kept_a_post = (after_more - after_some) / 6_000
    assert kept_a_post < 100, "bytes: a caption alone is more; what stays are the people met for the first time"
    assert peak < 8_000_000
