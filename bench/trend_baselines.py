"""What a learned baseline does to the planted trends of invented markets, beside what is built in.

    python -m bench.trend_baselines [SEED …]       default: 21 22

A market of 72 days: the baseline is fitted to the looks of days 14 to 42 and compared on the fortnight after them, as
the registry does it. Then the last 30 days are replayed by what is built in, by the fitted one, and by the grid's most
uneven one. A lead is how many hours before its peak a planted trend opened; below 0 it was after it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from bench.insights_trends import Post, _set_up, arrived

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS, FITTED_FROM, FITTED_UNTIL = 72, 14, 42
MOSTLY = 0.5


def main() -> None:
    """Measure the markets whose seeds are given."""
    _set_up()
    for seed in map(int, sys.argv[1:] or ("21", "22")):
        measure(seed)


def measure(seed: int) -> None:
    """Print what was fitted, how it compares, and what each baseline finds."""
    import numpy as np

    from kairo.sandbox.market import Market, load_subject
    from kairo.sandbox.market.truth import hidden_truth
    from kairo.stages.insights.contracts.baselines import BUILT_IN, ServingBaseline, TrendBaseline
    from kairo.stages.insights.operations.replaying import clusters_of, openings
    from kairo.stages.insights.rules.baselines import DISPERSIONS, WEIGHTS, fitted, looks_of, losses_by_topic
    from kairo.stages.insights.rules.bursts import Activity
    from kairo.stages.learning.rules.comparing import compare

    market = Market(seed=seed, start=START, days=DAYS, posts_per_day=200, subject=load_subject("houseplants"))
    posts, truth = list(market.posts()), hidden_truth(market)
    items = arrived(
        [
            Post(post.caption, post.published_at, None, post.author.handle.lower(), tuple(post.hashtags),
                 post.sound.title if post.sound else None, post.platform.value)
            for post in posts
        ]
    )  # fmt: skip

    def hour(at: datetime) -> int:
        return int((at - START).total_seconds() // 3600)

    topics = [row.items for key, row in clusters_of(items).items() if key[0] == "semantic" and len(row.items) >= 5]
    counts = np.zeros((len(topics), DAYS * 24), dtype=np.int64)
    for place, said in enumerate(topics):
        np.add.at(counts[place], [hour(voice.at) for _, voice in said], 1)
    activity = Activity(counts, np.bincount([hour(item.published_at) for item in items], minlength=DAYS * 24))
    found = fitted(looks_of(activity, hours=range(FITTED_FROM * 24 + 24, FITTED_UNTIL * 24, 25)))
    held_out = looks_of(activity, hours=range(FITTED_UNTIL * 24 + 24, (FITTED_UNTIL + 14) * 24, 25))
    print(f"market {seed}: {found}\n  {compare(*losses_by_topic(held_out, [BUILT_IN, found.baseline])).says}")
    since, until = START + timedelta(days=FITTED_UNTIL), START + timedelta(days=DAYS)
    for name, baseline in (
        ("built in", BUILT_IN),
        ("fitted", found.baseline),
        ("most uneven", TrendBaseline(dispersion=DISPERSIONS[-1], weight=WEIGHTS[-1])),
    ):
        serving = ServingBaseline(version=1, learned_until=since, baseline=baseline)
        opened = list(openings(items, since=since, until=until, step=timedelta(hours=3), serving=serving))
        leads: list[float | None] = []
        for trend in truth.trends:
            if trend.peak_at < since:
                continue
            mine = set(trend.post_ids)
            of = [
                one.opened_at
                for one in opened
                if sum(posts[item.int - 1].id in mine for item in one.item_ids) >= MOSTLY * len(one.item_ids)
            ]
            leads.append(round((trend.peak_at - min(of)) / timedelta(hours=1)) if of else None)
        print(f"  {name}: {len(opened)} candidates, leads {leads} h", flush=True)


if __name__ == "__main__":
    main()
