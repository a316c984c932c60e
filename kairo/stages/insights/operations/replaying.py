"""Walking past items as if time passed: which candidates would have opened when. Nothing is read from or written to
the stored clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.queries import ArrivedItem
from kairo.stages.insights.contracts.baselines import BUILT_IN, ServingBaseline
from kairo.stages.insights.contracts.trends import ClusterKeyType, InvalidReplay, TrendOpening, TrendStatus
from kairo.stages.insights.operations.aggregating import semantic_item
from kairo.stages.insights.operations.voices import number_of, voice_of
from kairo.stages.insights.queries.baselines import serving_baseline
from kairo.stages.insights.rules.bursts import HISTORY_HOURS, Activity
from kairo.stages.insights.rules.cluster_keys import Key, keys_of, semantic_label
from kairo.stages.insights.rules.clusters import SemanticClusters
from kairo.stages.insights.rules.survey import Sighted, look
from kairo.stages.insights.rules.trends import (
    MIN_ITEMS,
    WINDOW,
    Signs,
    Voice,
    next_status,
    opens,
    overlap,
    trend_score,
)

HOUR = timedelta(hours=1)
LONGEST_REPLAY = timedelta(days=366)
NO_ENGAGEMENT = 0.5
"""What posts had drawn by a past moment is not known, only what they drew in the end: all count as middling."""
SHARED_ITEMS = 0.5
"""One that shares so much of the smaller one's items with an open candidate tells of the same."""


def replay(*, tenant_id: UUID, brand_id: UUID, since: datetime, until: datetime, step: timedelta) -> list[TrendOpening]:
    """List the candidates that would have opened between two moments, looking at a brand's items every `step`.

    Of several clusters that tell of the same, the one that opened first is listed, the strongest of one look.

    Raises:
        InvalidReplay: the stretch is empty or too long, or the step is not a whole number of hours.
        BrandNotFound: no such brand of this tenant.
    """
    _check(since, until, step)
    with tenant_transaction(tenant_id):
        brands.brand(brand_id)
        items = evidence.published_items(brand_id, since=since - timedelta(hours=HISTORY_HOURS), until=until)
        serving = serving_baseline()
    return list(openings(items, since=since, until=until, step=step, serving=serving))


def _check(since: datetime, until: datetime, step: timedelta) -> None:
    if until <= since:
        raise InvalidReplay("The replay's end lies before its beginning: give --from a moment before --to.")
    if until - since > LONGEST_REPLAY:
        raise InvalidReplay(f"A replay covers {LONGEST_REPLAY.days} days at most: cut it in parts.")
    if step < HOUR or step % HOUR:
        raise InvalidReplay("The step is a whole number of hours, such as 1h, 6h or 24h.")


def openings(
    items: Sequence[ArrivedItem],
    *,
    since: datetime,
    until: datetime,
    step: timedelta,
    serving: ServingBaseline | None = None,
) -> Iterator[TrendOpening]:
    """Yield the openings among items in order of time; each look sees what was published before it."""
    if not items:
        return
    past = _Past(items, serving)
    at = _next_hour(since)
    while at <= until:
        yield from past.look(at)
        at += step


def _next_hour(moment: datetime) -> datetime:
    whole = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + HOUR


@dataclass
class _Life:
    """An open candidate of the replay."""

    opened_at: datetime
    items: frozenset[object]
    status: TrendStatus = TrendStatus.EMERGING


@dataclass
class ClusterItems:
    """A cluster of the replay: its items in order of time, and what it is called."""

    label: str
    items: list[tuple[UUID, Voice]] = field(default_factory=list)


class _Past:
    """All clusters of a stretch of time; a look sees them up to its moment."""

    def __init__(self, items: Sequence[ArrivedItem], serving: ServingBaseline | None) -> None:
        self._serving = serving
        self._first = int(items[0].published_at.timestamp()) // 3600
        hours = int(items[-1].published_at.timestamp()) // 3600 - self._first + 1
        clusters = clusters_of(items)
        self._rows = [row for row in clusters.values() if len(row.items) >= MIN_ITEMS]
        counts = np.zeros((len(self._rows), hours), dtype=np.int64)
        for place, row in enumerate(self._rows):
            np.add.at(counts[place], [self._hour(voice.at) for _, voice in row.items], 1)
        stream = np.bincount([self._hour(item.published_at) for item in items], minlength=hours)
        self._activity = Activity(counts, stream)
        self._times = [np.array([voice.at.timestamp() for _, voice in row.items]) for row in self._rows]
        self._open: dict[int, _Life] = {}
        self._hours = hours

    def _hour(self, at: datetime) -> int:
        return int(at.timestamp()) // 3600 - self._first

    def look(self, at: datetime) -> Iterator[TrendOpening]:
        """Look at what was published before a moment."""
        hour = min(self._hour(at) - 1, self._hours - 1)
        busy = np.flatnonzero(self._activity.within(hour + 1 - int(WINDOW / HOUR), hour + 1) >= MIN_ITEMS)
        rows = sorted({*busy.tolist(), *self._open})
        if hour < 0 or not rows:
            return
        always = [place for place, row in enumerate(rows) if row in self._open]
        seen = look(
            self._activity.only(rows),
            hour=hour,
            ends_at=at,
            voices=lambda places: [self._newest(rows[place], at) for place in places],
            always=always,
            baseline=self._serving.at(at) if self._serving else BUILT_IN,
        )
        fresh: list[tuple[float, int, Sighted]] = []
        for sighted in seen:
            row = rows[sighted.row]
            if row in self._open:
                self._move_on(row, sighted, at)
            elif opens(sighted.rise, sighted.crowd):
                fresh.append((-trend_score(sighted.rise, sighted.crowd).total, row, sighted))
        for _, row, sighted in sorted(fresh, key=lambda entry: entry[:2]):
            yield from self._opened(row, sighted, at)

    def _opened(self, row: int, sighted: Sighted, at: datetime) -> Iterator[TrendOpening]:
        ids = [item_id for item_id, _ in self._within(row, at)]
        life = _Life(opened_at=at, items=frozenset(ids))
        told = any(overlap(life.items, other.items) >= SHARED_ITEMS for other in self._open.values())
        self._open[row] = life
        if told:
            return
        score = trend_score(sighted.rise, sighted.crowd)
        label = self._rows[row].label
        yield TrendOpening(cluster=label, label=label, opened_at=at, trend_score=score.total, item_ids=ids)

    def _move_on(self, row: int, sighted: Sighted, at: datetime) -> None:
        life = self._open[row]
        newest = self._within(row, at)
        signs = Signs(
            at=at,
            detected_at=life.opened_at,
            last_item_at=newest[-1][1].at if newest else at - WINDOW,
            is_burst=opens(sighted.rise, sighted.crowd),
            rate_of_peak=sighted.rise.rate_of_peak,
        )
        life.status = next_status(life.status, signs)
        life.items |= {item_id for item_id, _ in newest}
        if life.status is TrendStatus.STALE:
            del self._open[row]

    def _newest(self, row: int, at: datetime) -> list[Voice]:
        return [voice for _, voice in self._within(row, at)]

    def _within(self, row: int, at: datetime) -> list[tuple[UUID, Voice]]:
        bounds = [(at - WINDOW).timestamp(), at.timestamp()]
        first, end = np.searchsorted(self._times[row], bounds, side="left").tolist()
        return self._rows[row].items[first:end]


def clusters_of(items: Sequence[ArrivedItem]) -> dict[tuple[ClusterKeyType, str], ClusterItems]:
    """Put items into clusters, as if they came in order of time."""
    found: dict[tuple[ClusterKeyType, str], ClusterItems] = {}
    worded = [item for item in items if item.vector is not None]
    semantic = dict(zip((item.id for item in worded), _semantic_keys(worded), strict=True))
    for item in items:
        keys = list(keys_of(hashtags=item.hashtags, audio_id=item.audio_id, text=item.text, language=item.language))
        if item.id in semantic:
            label = semantic_label(item.title, item.text, item.language)
            keys.append(Key(ClusterKeyType.SEMANTIC, semantic[item.id], label))
        voice = Voice(item.published_at, voice_of(item), number_of(str(item.original)), item.platform, NO_ENGAGEMENT)
        for key in keys:
            found.setdefault((key.key_type, key.key), ClusterItems(key.label)).items.append((item.id, voice))
    return found


def _semantic_keys(items: Sequence[ArrivedItem]) -> list[str]:
    keys: dict[UUID, str] = {}
    by_embedder: dict[str, list[ArrivedItem]] = defaultdict(list)
    for item in items:
        by_embedder[item.embedder].append(item)
    for of_one in by_embedder.values():
        joined = SemanticClusters().join([semantic_item(item, place) for place, item in enumerate(of_one)])
        keys |= dict(zip((item.id for item in of_one), joined, strict=True))
    return [keys[item.id] for item in items]
