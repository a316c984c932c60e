"""Search: the query embedded, both legs asked, merged, folded, and the ranking kept until the corpus changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import FieldError
from kairo.platform.database.ids import new_id
from kairo.platform.database.sql import rows_of_each
from kairo.platform.embeddings import EmbedderUnavailable, UnknownEmbedder, embedder_named
from kairo.platform.telemetry.context import current_run_id
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.contracts import (
    MAX_QUERY_CHARACTERS,
    MAX_SEARCH_RESULTS,
    InvalidSearch,
    SearchAnswer,
    SearchCache,
    SearchHitDTO,
    SearchMode,
)
from kairo.stages.evidence.queries import search as legs
from kairo.stages.evidence.queries import search_hits
from kairo.stages.evidence.queries.search_hits import RankedItem
from kairo.stages.evidence.rules.fusion import MinMaxScores, dense_weight, fold, ranks

LONGEST_WINDOW = timedelta(days=36_500)
_WINDOW = re.compile(r"([1-9][0-9]{0,5})([hdwmy])")
_UNITS = {
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
_HAS_WORD = re.compile(r"[^\W_]")

# A ranking of an earlier corpus is of no use to anybody: those of the brand go when the next one is kept. What another
# search is at is left to it: two that wait for each other's rows would never end.
_FORGET = """
DELETE FROM evidence_search WHERE id = ANY (ARRAY(
  SELECT id FROM evidence_search WHERE tenant_id = %(tenant)s AND brand_id = %(brand)s AND version < %(version)s
  FOR UPDATE SKIP LOCKED))
RETURNING id
"""
_KEEP = """
INSERT INTO evidence_search (id, tenant_id, brand_id, digest, version, ranking)
VALUES (%(id)s, %(tenant)s, %(brand)s, %(digest)s, %(version)s, %(ranking)s)
ON CONFLICT (tenant_id, brand_id, digest) DO UPDATE SET version = excluded.version, ranking = excluded.ranking
RETURNING id
"""


@dataclass(frozen=True)
class _Search:
    """A search as it was asked, checked."""

    brand_id: UUID
    query: str
    mode: SearchMode
    since: datetime | None
    until: datetime | None
    languages: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def digest(self) -> str:
        asked = [
            self.query,
            self.mode.value,
            self.since.isoformat() if self.since else None,
            self.until.isoformat() if self.until else None,
            self.languages,
            self.platforms,
        ]
        return sha256(json.dumps(asked).encode()).hexdigest()


@dataclass
class _Legs:
    """What each leg found, best first, and how it scores what only the other one found.

    `originals` maps items to those that they repeat; `degraded` says what could not take part.
    """

    embedder: str
    lexical: dict[str, float] = field(default_factory=dict)
    dense: dict[str, float] = field(default_factory=dict)
    also_lexical: dict[str, float] = field(default_factory=dict)
    also_dense: dict[str, float] = field(default_factory=dict)
    originals: Mapping[str, str] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)


def search(
    brand_id: UUID,
    query: str,
    *,
    at: datetime,
    window: str | None = None,
    languages: Sequence[str] = (),
    platforms: Sequence[str] = (),
    k: int = 20,
    mode: SearchMode = SearchMode.HYBRID,
) -> SearchAnswer:
    """Find a brand's items by words, by meaning or by both, best first, near-duplicates folded under their best one.

    `window` is a stretch of time before `at`: 24h, 3d, 1w, 1m, 1y; without one, items without a date are found too.
    The run's events say what was searched and whether the ranking was kept from an earlier search.

    Raises:
        BrandNotFound: no such brand of this tenant.
        InvalidSearch: no word to look for, a text too long, a window that is none, or more results than there may be.
    """
    asked = _checked(brand_id, query, at=at, window=window, languages=languages, platforms=platforms, k=k, mode=mode)
    corpus, ranking = legs.opened_search(brand_id, digest=asked.digest)
    if not corpus.version:
        # Only a brand that captured nothing has no corpus; of any other one it is known that it is there.
        brands.brand(brand_id)
    cache = SearchCache.MISS if ranking is None else SearchCache.HIT
    degraded: list[str] = []
    if ranking is None:
        found = _ask_legs(asked, corpus)
        degraded = found.degraded
        ranking = _ranking(asked.mode, found)
    if cache is SearchCache.MISS and not degraded:
        items = _keep_and_show(asked, ranking, k, version=corpus.version)
    else:
        items = search_hits.search_hits(ranking[:k], asked.query)
    _tell(asked, cache, found=len(ranking), shown=len(items), degraded=degraded)
    return SearchAnswer(items=items, query=asked.query, mode=mode, cache=cache, degraded=degraded)


def _checked(
    brand_id: UUID,
    query: str,
    *,
    at: datetime,
    window: str | None,
    languages: Sequence[str],
    platforms: Sequence[str],
    k: int,
    mode: SearchMode,
) -> _Search:
    text = " ".join(query.split())
    if len(text) > MAX_QUERY_CHARACTERS:
        raise _refusal("q", f"A search holds at most {MAX_QUERY_CHARACTERS:,} characters: shorten it.")
    if not _HAS_WORD.search(text):
        raise _refusal("q", "There is nothing to look for: give at least one word.")
    if not 1 <= k <= MAX_SEARCH_RESULTS:
        raise _refusal("k", f"Ask for 1 to {MAX_SEARCH_RESULTS} results.")
    since, until = _stretch(window, at) if window else (None, None)
    return _Search(
        brand_id=brand_id,
        query=text,
        mode=mode,
        since=since,
        until=until,
        languages=tuple(sorted({language.strip().lower() for language in languages if language.strip()})),
        platforms=tuple(sorted({platform.strip().lower() for platform in platforms if platform.strip()})),
    )


def _stretch(window: str, at: datetime) -> tuple[datetime, datetime]:
    """Return the first moment of a window and the one after its last, to the minute: who asks again finds the same."""
    written = _WINDOW.fullmatch(window.strip().lower())
    length = int(written[1]) * _UNITS[written[2]] if written else None
    if length is None or length > LONGEST_WINDOW:
        raise _refusal("window", f"{window!r} is no window: write 24h, 3d, 1w, 1m or 1y.")
    end = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return end - length, end


def _refusal(name: str, message: str) -> InvalidSearch:
    return InvalidSearch(message, errors=(FieldError(name, message),))


def _ask_legs(asked: _Search, corpus: legs.SearchCorpus) -> _Legs:
    scope = legs.search_scope(
        asked.brand_id,
        corpus,
        since=asked.since,
        until=asked.until,
        languages=asked.languages,
        platforms=asked.platforms,
    )
    found = _Legs(embedder=corpus.embedder)
    if not scope.facets:
        return found
    lists, documents = legs.weighed("" if asked.mode is SearchMode.DENSE else asked.query, corpus, scope)
    vector = None
    if asked.mode is not SearchMode.LEXICAL:
        try:
            [vector] = embedder_named(corpus.embedder).embed([asked.query])
        except (EmbedderUnavailable, UnknownEmbedder) as error:
            if asked.mode is SearchMode.DENSE:
                raise
            found.degraded.append(f"dense: {error.message}")
    found.lexical, found.dense = legs.both_legs(lists, vector, corpus, scope, documents=documents)
    if vector is None or asked.mode is SearchMode.DENSE:
        found.originals = search_hits.originals_of([*found.lexical, *found.dense])
    else:
        found.also_lexical, found.also_dense, found.originals = legs.scores_across(
            found.lexical, found.dense, lists, vector, corpus, scope
        )
    return found


def _ranking(mode: SearchMode, found: _Legs) -> list[RankedItem]:
    lexical, dense = found.lexical | found.also_lexical, found.dense | found.also_dense
    if mode is SearchMode.HYBRID and found.lexical and found.dense:
        fused = MinMaxScores(dense_weight(found.embedder)).fuse(lexical, dense)
    else:
        fused = found.lexical or found.dense
    lexical_ranks, dense_ranks = ranks(found.lexical), ranks(found.dense)
    kept = fold(list(fused), found.originals)
    return [
        RankedItem(
            item_id=item_id,
            score=round(fused[item_id], 6),
            lexical_rank=lexical_ranks.get(item_id),
            dense_rank=dense_ranks.get(item_id),
            lexical_score=lexical.get(item_id),
            dense_score=dense.get(item_id),
        )
        for item_id in kept[:MAX_SEARCH_RESULTS]
    ]


def _keep_and_show(asked: _Search, ranking: Sequence[RankedItem], k: int, *, version: int) -> list[SearchHitDTO]:
    kept = [
        (
            ranked.item_id,
            ranked.score,
            (ranked.lexical_rank, ranked.dense_rank),
            (ranked.lexical_score, ranked.dense_score),
        )
        for ranked in ranking
    ]
    parameters = search_hits.shown_parameters(ranking[:k]) | {
        "id": new_id(),
        "brand": asked.brand_id,
        "digest": asked.digest,
        "version": version,
        "ranking": json.dumps(kept),
    }
    _, _, shown = rows_of_each((_FORGET, _KEEP, search_hits.SHOWN), parameters)
    return search_hits.shown_hits(ranking[:k], shown, asked.query)


def _tell(asked: _Search, cache: SearchCache, *, found: int, shown: int, degraded: Sequence[str]) -> None:
    """Tell the run, without the query's words: people search for people."""
    told: dict[str, JsonValue] = {
        "mode": asked.mode.value,
        "cache": cache.value,
        "found": found,
        "shown": shown,
        "languages": list(asked.languages),
        "platforms": list(asked.platforms),
        "windowed": asked.since is not None,
        "degraded": bool(degraded),
    }
    record(current_run_id() or new_id(), kind="search", events=[(EventType.RETRIEVAL, told)])
