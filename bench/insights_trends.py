"""Trends: their onset in a mixed stream, planted ones in the demo market, topics, and the price of new items.

    python -m bench.insights_trends [onset] [market] [topics] [incremental]     the last: insights_trends_incremental.py

What is printed is measured on events of 2013 of CrisisLexT26 and on market seeds 21–23; market rules were chosen on
seeds 11–13. No strict split is claimed for topics and onset: their thresholds were tried on events of 2012, but the
figures of 2013 were looked at while they were chosen. Known to the world, onset: log-z on clean streams finds 24 of 25;
topics: one pass with a window of 3 days reaches an NMI of .787 with 153 clusters for 26 events.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.table import ROOT, Line, durable_server, report

DATA = ROOT.parent / "shared" / "data" / "nlp"
START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 32
FIRST_EVENT_DAY = 10
BACKGROUND_A_DAY = 200
WITHIN = timedelta(hours=3)
BEFORE = timedelta(hours=24)
"""What opens on the first words of an event, before it breaks out, has found it too."""
MOSTLY = 0.5
TOPIC_SIMILARITY, TOPIC_WINDOW, TOPIC_ITEMS = 0.16, timedelta(days=3), 50
FILTERED_ITEMS = 900


@dataclass(frozen=True)
class Post:
    """One post of a stream; `of` is the event or plant that it belongs to."""

    text: str
    at: datetime
    of: str | None
    author: str | None = None
    hashtags: tuple[str, ...] = ()
    audio: str | None = None
    platform: str = "x"


def main() -> None:
    """Run the parts that the arguments name, or all."""
    parts: dict[str, Callable[[], Iterable[Line]]] = {"onset": onset, "market": market, "topics": topics}
    wanted = sys.argv[1:] or [*parts, "incremental"]
    if "incremental" in wanted:
        from bench.insights_trends_incremental import incremental

        with durable_server() as url:
            parts["incremental"] = partial(incremental, url)
            lines = [line for name in wanted for line in parts[name]()]
    else:
        _set_up()
        lines = [line for name in wanted for line in parts[name]()]
    report("insights_trends", lines)


def _set_up() -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "kairo.config.settings",
        "DATABASE_URL": "postgresql://nobody@localhost/none",
        "KAIRO_OWNER_DATABASE_URL": "postgresql://nobody@localhost/none",
        "KAIRO_SECRET_KEY": "bench",
    }
    import django

    django.setup()


def arrived(posts: Sequence[Post]) -> list[Any]:
    """Return posts as normalisation would hand them on."""
    from kairo.platform.embeddings import default_embedder
    from kairo.stages.evidence.queries import ArrivedItem
    from kairo.stages.evidence.rules.text import content_hash, normalise

    texts = [normalise(post.text) for post in posts]
    vectors = default_embedder().embed([text.text for text in texts])
    originals: dict[str, UUID] = {}
    items = []
    for number, (post, text, vector) in enumerate(zip(posts, texts, vectors, strict=True)):
        own = UUID(int=number + 1)
        digest = content_hash(text)
        items.append(
            ArrivedItem(
                arrival=own, id=own, platform=post.platform, published_at=post.at, author_key=post.author,
                format_has_author=post.author is not None, hashtags=post.hashtags or text.hashtags,
                audio_id=post.audio, title=None, text=text.text, language=None, content_hash=digest,
                original=originals.setdefault(digest, own) if digest else own, engagement=0.5, embedder="static",
                vector=vector if vector.any() else None,
            )
        )  # fmt: skip
    return items


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Read a compressed JSONL file; nothing where it is missing."""
    if not path.exists():
        print(f"{path} is missing: skipped")
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# --- onset -----------------------------------------------------------------------------------------------------------


def onset() -> list[Line]:
    """Mix the labelled tweets of each event into one stream of everyday tweets, and see when each is found."""
    posts = mixed_stream(part="2013")
    if not posts:
        return []
    truth = onsets(posts)
    ours = _judged(truth, posts, our_openings(posts))
    lines = []
    for peer, found in baseline_openings(posts).items():
        theirs = _judged(truth, posts, found)
        lines += [
            Line(f"events found within 3 h, of {len(truth)}", ours[0], peer, theirs[0], "%", "≥ 85"),
            Line("false trends a day", ours[1], peer, theirs[1], "a day", "≤ 1"),
            Line("median delay of those found at all", ours[2], peer, theirs[2], "h", ""),
        ]
    return lines


def mixed_stream(*, part: str) -> list[Post]:
    """Return events of a year moved onto one time line, among tweets of other people about other things."""
    labelled = lines_of(DATA / "crisislext26" / "labeled.jsonl.gz")
    everyday = lines_of(DATA / "umsab" / "all.train.jsonl.gz")
    related = [row for row in labelled if row["event"].startswith(part) and _is_related(row)]
    if not related or not everyday:
        return []
    dice = random.Random(f"mixed {part}")
    posts = [
        Post(row["text"], START + timedelta(seconds=_evening_heavy(dice)), None)
        for row in dice.sample(everyday, min(len(everyday), BACKGROUND_A_DAY * DAYS))
    ]
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in related:
        events[row["event"]].append(row)
    for number, (event, rows) in enumerate(sorted(events.items())):
        first = min(row["ts"] for row in rows)
        moved = START + timedelta(days=FIRST_EVENT_DAY + number * (DAYS - FIRST_EVENT_DAY - 8) / len(events))
        moved += timedelta(hours=dice.randrange(24))
        posts += [Post(row["text"], moved + timedelta(seconds=row["ts"] - first), event) for row in rows]
    end = START + timedelta(days=DAYS)
    return sorted((post for post in posts if post.at < end), key=lambda post: (post.at, post.text))


def _is_related(row: dict[str, Any]) -> bool:
    return bool(row["informativeness"].startswith("Related"))


def _evening_heavy(dice: random.Random) -> float:
    """Return a second of the stream: three times as many tweets at eight in the evening as at eight in the morning."""
    while True:
        second = dice.random() * DAYS * 86_400
        hour = second / 3600 % 24
        if dice.random() < 1 - abs(hour - 20) / 18 * (1 if hour > 2 else 0.9):
            return second


def onsets(posts: Iterable[Post]) -> dict[str, datetime]:
    """Return when each event breaks out: the first hour with a tenth of its loudest hour's tweets, at least three."""
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for post in posts:
        if post.of is not None:
            hours[post.of][int((post.at - START).total_seconds()) // 3600] += 1
    return {
        event: START + timedelta(hours=min(h for h, n in counts.items() if n >= max(3, 0.1 * max(counts.values()))))
        for event, counts in hours.items()
        if max(counts.values()) >= 3
    }


Opened = list[tuple[datetime, list[int]]]


def our_openings(posts: Sequence[Post]) -> Opened:
    """Replay the stream hour by hour."""
    from kairo.stages.insights.operations.replaying import openings

    found = openings(arrived(posts), since=START, until=START + timedelta(days=DAYS), step=timedelta(hours=1))
    return [(opening.opened_at, [item.int - 1 for item in opening.item_ids]) for opening in found]


def baseline_openings(posts: Sequence[Post]) -> dict[str, Opened]:
    """Have the others read the hourly counts of the same clusters; of what opens on the same posts the first counts."""
    from kairo.stages.insights.operations.replaying import clusters_of

    rows = {f"{kind}/{key}": row for (kind, key), row in clusters_of(arrived(posts)).items() if len(row.items) >= 5}
    series = {}
    for name, row in rows.items():
        counts = [0] * (DAYS * 24)
        for _, voice in row.items:
            counts[int((voice.at - START).total_seconds()) // 3600] += 1
        series[name] = counts
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(series, file)
        file.flush()
        program = ROOT / "bench" / "peers" / "burst_baselines.py"
        done = subprocess.run([sys.executable, str(program), file.name], capture_output=True, text=True, check=True)
    found: dict[str, Opened] = {}
    for peer, opened in json.loads(done.stdout).items():
        told: Opened = []
        for name, hour in sorted(opened, key=lambda entry: entry[1]):
            at = START + timedelta(hours=hour + 1)
            items = [item.int - 1 for item, voice in rows[name].items if at - timedelta(hours=72) <= voice.at < at]
            if not any(_overlap(items, other) >= MOSTLY for when, other in told if at - when < timedelta(hours=72)):
                told.append((at, items))
        found[peer] = told
    return found


def _overlap(one: list[int], other: list[int]) -> float:
    return len(set(one) & set(other)) / max(1, min(len(one), len(other)))


def _judged(truth: dict[str, datetime], posts: Sequence[Post], opened: Opened) -> tuple[float, float, float]:
    """Return the events found in time in percent, false trends a day, and the median delay in hours."""
    first: dict[str, datetime] = {}
    false = 0
    for at, items in opened:
        named = Counter(posts[item].of for item in items)
        event, count = named.most_common(1)[0]
        ours = sum(number for of, number in named.items() if of is not None)
        if event in truth and count >= MOSTLY * len(items) and at >= truth[event] - BEFORE:
            first.setdefault(str(event), at)
        elif ours < MOSTLY * len(items):
            false += 1
    delays = sorted((at - truth[event]).total_seconds() / 3600 for event, at in first.items())
    in_time = sum(delay <= WITHIN.total_seconds() / 3600 for delay in delays)
    watched = DAYS - 3
    return 100 * in_time / len(truth), false / watched, delays[len(delays) // 2] if delays else float("nan")


# --- market ----------------------------------------------------------------------------------------------------------


def market() -> list[Line]:
    """Look for planted trends among decoys, in markets of three subjects."""
    from kairo.sandbox.market import subject_slugs

    planted = found = before_peak = decoys = false = 0
    delays: list[float] = []
    for subject, seed in zip(subject_slugs(), (21, 22, 23), strict=False):
        one = planted_and_found(subject, seed)
        planted += one.planted
        found += len(one.delays)
        before_peak += one.before_peak
        decoys += one.decoys
        false += one.false
        delays += one.delays
    return [
        Line(f"planted trends found, of {planted}", 100 * found / planted, "–", None, "%"),
        Line("of them before their peak", 100 * before_peak / planted, "–", None, "%"),
        Line("openings that are no decoy", 100 * found / max(1, found + decoys + false), "–", None, "%"),
        Line("median delay from the first planted post", sorted(delays)[len(delays) // 2], "–", None, "h"),
    ]


@dataclass(frozen=True)
class MarketFound:
    """What was planted in a market, and what a replay made of it. News shocks count neither way."""

    planted: int
    delays: list[float]
    before_peak: int
    decoys: int
    false: int


def planted_and_found(subject_slug: str, seed: int, *, days: int = 30, posts_per_day: float = 340) -> MarketFound:
    """Replay a market and compare what opened with its hidden truth."""
    from kairo.sandbox.market import generate_market, hidden_truth, load_subject
    from kairo.stages.insights.operations.replaying import openings

    given: Any = {"seed": seed, "start": START, "days": days, "posts_per_day": posts_per_day}
    subject = load_subject(subject_slug)
    written = list(generate_market(subject=subject, **given))
    truth = hidden_truth(subject=subject, **given)
    posts = [
        Post(
            post.caption, post.published_at, None, post.author.handle.lower(), tuple(post.hashtags),
            post.sound.title if post.sound else None, post.platform.value,
        )
        for post in written
    ]  # fmt: skip
    plants = {trend.name: set(trend.post_ids) for trend in truth.trends}
    plants |= {decoy.name: set(decoy.post_ids) for decoy in truth.decoys}
    trends, news = {trend.name: trend for trend in truth.trends}, {d.name for d in truth.decoys if not d.is_false}
    first: dict[str, datetime] = {}
    decoys = false = 0
    until = START + timedelta(days=days)
    for opening in openings(arrived(posts), since=START, until=until, step=timedelta(hours=1)):
        ids = {written[item.int - 1].id for item in opening.item_ids}
        share, name = max((len(ids & members) / len(ids), name) for name, members in plants.items())
        if name in trends and share >= MOSTLY:
            first.setdefault(name, opening.opened_at)
        elif name not in news or share < 0.3:
            decoys += share >= 0.3
            false += share < 0.3
    return MarketFound(
        planted=len(trends),
        delays=[(at - trends[name].onset_at).total_seconds() / 3600 for name, at in first.items()],
        before_peak=sum(at <= trends[name].peak_at for name, at in first.items()),
        decoys=decoys,
        false=false,
    )


# --- topics ----------------------------------------------------------------------------------------------------------


def topics() -> list[Line]:
    """Cluster the related tweets of each event in order of time, and compare with the events."""
    rows = [
        row
        for row in lines_of(DATA / "crisislext26" / "labeled.jsonl.gz")
        if row["event"].startswith("2013") and _is_related(row)
    ]
    if not rows:
        return []
    posts = [Post(row["text"], datetime.fromtimestamp(row["ts"], UTC), row["event"]) for row in rows]
    posts.sort(key=lambda post: (post.at, post.text))
    ours = topic_figures(posts, similarity=TOPIC_SIMILARITY, recent=TOPIC_WINDOW)
    plain = one_pass_figures(posts)
    peer = "one pass with leaders, 3 days"
    return [
        Line("topics: NMI with the events, 2013", ours[0], peer, plain[0], "", "≥ .82"),
        Line("clusters an event", ours[1], peer, plain[1], "", "≤ 2"),
        Line("coverage", 100 * ours[2], peer, 100 * plain[2], "%", "stated"),
        Line("NMI over all tweets", ours[3], peer, plain[3], "", ""),
        *filter_lines(random.Random(1).sample(posts, min(len(posts), FILTERED_ITEMS))),
    ]


def filter_lines(posts: Sequence[Post]) -> list[Line]:
    """Have `kairo text topics` group some of the tweets, with their dates and without."""
    from sklearn.metrics import normalized_mutual_info_score

    from kairo.stages.evidence.operations import identify_language
    from kairo.stages.insights.operations.text_filters import topics_of

    events = len({post.of for post in posts})
    figures = []
    for dated in (True, False):
        found = topics_of([(post.text, identify_language(post.text)[0], post.at if dated else None) for post in posts])
        told = [(post.of, topic[0]) for post, topic in zip(posts, found, strict=True) if topic is not None]
        labels, keys = zip(*told, strict=True)
        agreement = float(normalized_mutual_info_score(labels, keys))
        figures.append((agreement, len(set(keys)) / events, 100 * len(told) / len(posts)))
    what = f"kairo text topics, {len(posts)} tweets of {events} events"
    return [
        Line(f"{what}: NMI", figures[0][0], "without dates", figures[1][0], "", "≥ .82"),
        Line("  topics an event", figures[0][1], "without dates", figures[1][1], "", "≤ 2"),
        Line("  coverage", figures[0][2], "without dates", figures[1][2], "%", "stated"),
    ]


def topic_figures(posts: Sequence[Post], *, similarity: float, recent: timedelta) -> tuple[float, float, float, float]:
    """Return NMI, clusters an event and coverage of clusters with TOPIC_ITEMS items, and the NMI over all."""
    from kairo.stages.insights.rules.clusters import SemanticClusters, SemanticItem

    worded = [item for item in arrived(posts) if item.vector is not None]
    labels = [str(posts[item.id.int - 1].of) for item in worded]
    items = [SemanticItem(str(item.id), item.published_at, item.vector) for item in worded]
    return _against(labels, SemanticClusters(similarity=similarity, recent=recent).join(items))


def one_pass_figures(posts: Sequence[Post], *, similarity: float = 0.3) -> tuple[float, float, float, float]:
    """Let each tweet join the nearest first tweet of a cluster within three days, or open a cluster."""
    import numpy as np

    worded = [item for item in arrived(posts) if item.vector is not None]
    leaders: list[tuple[Any, datetime, str]] = []
    keys = []
    for item in worded:
        reachable = [one for one in leaders if item.published_at - one[1] <= timedelta(days=3)]
        nearest = np.array([one[0] for one in reachable]) @ item.vector if reachable else np.zeros(0)
        best = int(nearest.argmax()) if len(nearest) else -1
        if best >= 0 and nearest[best] >= similarity:
            keys.append(reachable[best][2])
        else:
            keys.append(str(item.id))
            leaders.append((item.vector, item.published_at, str(item.id)))
    return _against([str(posts[item.id.int - 1].of) for item in worded], keys)


def _against(labels: list[str], keys: list[str]) -> tuple[float, float, float, float]:
    from sklearn.metrics import normalized_mutual_info_score

    sizes = Counter(keys)
    kept = [place for place, key in enumerate(keys) if sizes[key] >= TOPIC_ITEMS]
    large = [keys[place] for place in kept]
    events = [labels[place] for place in kept]
    return (
        float(normalized_mutual_info_score(events, large)),
        len(set(large)) / max(1, len(set(labels))),
        len(kept) / len(keys),
        float(normalized_mutual_info_score(labels, keys)),
    )


if __name__ == "__main__":
    main()
