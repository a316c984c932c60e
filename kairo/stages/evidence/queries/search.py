"""The two legs of a search, each with the filters inside: BM25 over postings, and nearness of vectors.

Nothing here embeds: whoever searches brings the query's vector. What can be asked at once is one round trip. Ids are
texts here: they are looked up some thousand times a search, and a text knows its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import Row, rows, rows_of_each
from kairo.stages.evidence.queries import search_statements as sql
from kairo.stages.evidence.queries.search_hits import ORIGINALS, RANKING, RankedItem, kept_ranking, uuid_array
from kairo.stages.evidence.rules.lexemes import dictionary, lexed_query
from kairo.stages.evidence.rules.ranking import (
    IMPACT_LEVELS,
    FacetCounts,
    QueryLexeme,
    WeightedList,
    weighted_lists,
)

LEG_DEPTH = 200
"""So many items of each leg are fused."""
WHOLE_LISTS_POSTINGS = 10_000
"""So many postings a search reads of the rarer lexemes; see `ranking.weighted_lists`."""
SLICE_POSTINGS = 16_000
"""Of each longer list its most telling postings, so many in all facets together."""
RESCORED = 600
"""So many of the best by the lists that were read get the exact weights of the longer ones too."""
COMPARED_VECTORS = 20_000
"""So few vectors are always compared one by one, which takes about 10 ms; in a window no more are counted."""
SHARED_VECTORS = 30_000
"""From so many on the server's processes share the comparing: to begin takes them some milliseconds."""
WALKED_ITEMS = 150
"""So many items a walk of the graph brings to a search by words too: what it spends is spent on each."""
GRAPH_COST = 90
"""What the graph spends on one hit, in vectors compared one by one."""
INDEXED_DIMENSIONS = 1024
"""Vectors of no more dimensions stand in an index beside what searches filter by."""
GRAPH_DIMENSIONS = frozenset({256, 384, 512, 768, 1024, 1536})


@dataclass(frozen=True)
class SearchCorpus:
    """What a brand's search reads: its version, whose vectors it has, and its documents by platform and language.

    `all_vectors` is PostgreSQL's estimate of how many vectors all tenants have.
    """

    version: int
    embedder: str
    facets: tuple[FacetCounts, ...]
    all_vectors: float = 0.0

    @property
    def documents(self) -> int:
        return sum(facet.documents for facet in self.facets)


@dataclass(frozen=True)
class SearchScope:
    """What the filters let through: a brand's chosen facets, from `since` up to but not including `until`."""

    brand_id: UUID
    facets: tuple[FacetCounts, ...]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_windowed(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def documents(self) -> int:
        return sum(facet.documents for facet in self.facets)

    def parameters(self) -> dict[str, object]:
        return {
            "tenant": current_tenant(),
            "brand": self.brand_id,
            "facets": [facet.number for facet in self.facets],
            "since": self.since or "-infinity",
            "until": self.until or "infinity",
            "levels": list(range(IMPACT_LEVELS)),
        }


def search_corpus(brand_id: UUID) -> SearchCorpus:
    """Return a brand's corpus; an empty one where nothing was captured yet."""
    return _corpus(rows(sql.CORPUS, {"tenant": current_tenant(), "brand": brand_id}))


def opened_search(brand_id: UUID, *, digest: str) -> tuple[SearchCorpus, list[RankedItem] | None]:
    """Return a brand's corpus, and the ranking that the same search gave of it, or None."""
    parameters = {"tenant": current_tenant(), "brand": brand_id, "digest": digest}
    corpus, kept = rows_of_each((sql.CORPUS, RANKING), parameters)
    return _corpus(corpus), kept_ranking(kept)


def _corpus(found: Sequence[Row]) -> SearchCorpus:
    if not found:
        return SearchCorpus(version=0, embedder="", facets=())
    facets = tuple(FacetCounts(*row[4:]) for row in found if row[4] is not None)
    return SearchCorpus(version=found[0][1], embedder=found[0][2], facets=facets, all_vectors=found[0][3])


def search_scope(
    brand_id: UUID,
    corpus: SearchCorpus,
    *,
    since: datetime | None,
    until: datetime | None,
    languages: Sequence[str],
    platforms: Sequence[str],
) -> SearchScope:
    """Choose the facets that the filters let through; an empty filter lets all through."""
    chosen = (
        facet
        for facet in corpus.facets
        if (not platforms or facet.platform in platforms) and (not languages or facet.language in languages)
    )
    return SearchScope(brand_id=brand_id, facets=tuple(chosen), since=since, until=until)


def weighed(query: str, corpus: SearchCorpus, scope: SearchScope) -> tuple[list[WeightedList], int]:
    """Weigh the query's lexemes, each by its language, and tell how many documents the filters let through.

    An empty query has no lexemes. More than COMPARED_VECTORS in a window are estimated.
    """
    lexed = lexed_query(query)
    languages = sorted({facet.language for facet in scope.facets})
    parameters = scope.parameters() | {
        "languages": languages,
        "dictionaries": [dictionary(language) for language in languages],
        "words": lexed.words,
        "pairs": lexed.pairs,
        "limit": COMPARED_VECTORS,
    }
    counting = sql.COUNT_IN_WINDOW if scope.is_windowed else ()
    found, *counted = rows_of_each((sql.LEXEMES, *counting), parameters)
    documents = _documents(scope, counted)
    lists = weighted_lists(
        [QueryLexeme(*row) for row in found],
        scope.facets,
        all_facets=corpus.facets,
        window_share=documents / max(scope.documents, 1),
        budget=WHOLE_LISTS_POSTINGS,
    )
    return lists, documents


def _documents(scope: SearchScope, counted: Sequence[Sequence[Row]]) -> int:
    """Read what COUNT_IN_WINDOW answered: a count as far as it went, and two plans that expect rows."""
    if not counted:
        return scope.documents
    [[[count]], *plans] = counted
    if count < COMPARED_VECTORS:
        return int(count)
    in_window, at_any_time = (int(plan[0][0][0]["Plan"]["Plan Rows"]) for plan in plans)
    estimated = round(scope.documents * in_window / max(at_any_time, 1))
    return max(int(count), min(scope.documents, estimated))


def both_legs(
    lists: Sequence[WeightedList],
    vector: NDArray[np.float32] | None,
    corpus: SearchCorpus,
    scope: SearchScope,
    *,
    documents: int,
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the best items by BM25 and those nearest to the query's vector, each with their scores, best first.

    `documents` is what `weighed` counted. Without lists or without a vector that leg is empty.
    """
    lexical = _lexical_statements(lists, scope)
    near: tuple[str, ...] = ()
    parameters = _list_parameters(lists, scope)
    if vector is not None and vector.any():
        walks = _walks_graph(len(vector), documents, corpus)
        near = _walk(len(vector), scope) if walks else _comparing(len(vector), scope, documents=documents)
        nearest = WALKED_ITEMS if walks and lists else LEG_DEPTH
        parameters |= _near_parameters(vector, corpus, nearest=nearest)
    if not scope.facets or not (lexical or near):
        return {}, {}
    answers = rows_of_each((*lexical, *near), parameters)
    return _middle(answers[: len(lexical)]), _nearest(answers[len(lexical) :])


def _lexical_statements(lists: Sequence[WeightedList], scope: SearchScope) -> tuple[str, ...]:
    in_window = sql.IN_WINDOW if scope.is_windowed else ""
    whole = sql.WHOLE_LISTS.format(in_window=in_window)
    if not lists:
        return ()
    if all(one.is_whole for one in lists):
        return (sql.BEST.format(lists=whole),)
    slices = sql.SLICES.format(in_window=in_window)
    rescored = sql.RESCORED.format(long_lists=sql.LONG_LISTS, whole=whole, slices=slices, exact=sql.EXACT)
    return (sql.IN_ORDER, rescored, sql.IN_ANY_ORDER)


def _middle(answers: Sequence[Sequence[Row]]) -> dict[str, float]:
    """Read what the statement in the middle found: those around it are about settings."""
    return dict(answers[len(answers) // 2]) if answers else {}


def _list_parameters(lists: Sequence[WeightedList], scope: SearchScope) -> dict[str, object]:
    parameters = scope.parameters() | {"limit": LEG_DEPTH, "rescored": RESCORED}
    parameters |= _columns([one for one in lists if one.is_whole], "whole_")
    parameters |= _columns([one for one in lists if not one.is_whole], "long_")
    return parameters | {"slice": max(1, SLICE_POSTINGS // max(1, len(scope.facets)))}


def _columns(lists: Sequence[WeightedList], prefix: str) -> dict[str, object]:
    return {
        f"{prefix}facets": [one.facet for one in lists],
        f"{prefix}lexemes": [one.lexeme for one in lists],
        f"{prefix}weights": [one.weight for one in lists],
        f"{prefix}bases": [one.base for one in lists],
        f"{prefix}slopes": [one.slope for one in lists],
    }


def _walk(dimension: int, scope: SearchScope) -> tuple[str, ...]:
    """Walk the graph until enough of what it meets passes the filters, and compare what is not in it yet."""
    walk = sql.NEAREST.format(
        embedding=f"(embedding::halfvec({dimension}))",
        query=f"%(query)s::halfvec({dimension})",
        which=f"AND in_graph AND dimension = {dimension}",
        in_window=sql.VECTORS_IN_WINDOW if scope.is_windowed else "",
    )
    return (sql.WALK, walk, sql.AFTER_WALK, _comparison(scope, "AND NOT in_graph"))


def _comparing(dimension: int, scope: SearchScope, *, documents: int) -> tuple[str, ...]:
    """Compare each vector that the filters let through."""
    # The very words of the index that holds vectors, else the table is visited for their dimension.
    indexed = f"AND dimension <= {INDEXED_DIMENSIONS}" if dimension <= INDEXED_DIMENSIONS else ""
    compared = _comparison(scope, indexed)
    return (compared,) if documents < SHARED_VECTORS else (sql.SHARE, compared, sql.AFTER_SHARE)


def _comparison(scope: SearchScope, which: str) -> str:
    return sql.NEAREST.format(
        embedding="embedding",
        query="%(query)s::halfvec",
        which=which,
        in_window=sql.VECTORS_IN_WINDOW if scope.is_windowed else "",
    )


def _near_parameters(vector: NDArray[np.float32], corpus: SearchCorpus, *, nearest: int) -> dict[str, object]:
    return {"embedder": corpus.embedder, "query": HalfVector(vector).to_text(), "nearest": nearest}


def _nearest(answers: Sequence[Sequence[Row]]) -> dict[str, float]:
    """Read what the vectors' statements found: every second one is about settings, where there are several."""
    found: dict[str, float] = {}
    for answer in answers[1::2] if len(answers) > 1 else answers:
        found.update(answer)
    return dict(sorted(found.items(), key=lambda entry: -entry[1])[:LEG_DEPTH])


def scores_across(
    lexical: Mapping[str, float],
    dense: Mapping[str, float],
    lists: Sequence[WeightedList],
    vector: NDArray[np.float32],
    corpus: SearchCorpus,
    scope: SearchScope,
) -> tuple[dict[str, float], dict[str, float], dict[str, str]]:
    """Score what only the other leg found, and say which of all the items repeats which.

    The scores are the BM25 of items that hold a lexeme of the query, and cosines.
    """
    only_dense = [item_id for item_id in dense if item_id not in lexical] if lists else []
    only_lexical = [item_id for item_id in lexical if item_id not in dense] if vector.any() else []
    parameters = scope.parameters() | _near_parameters(vector, corpus, nearest=0) | _columns(lists, "long_")
    parameters |= {"only_dense": uuid_array(only_dense), "only_lexical": uuid_array(only_lexical)}
    parameters["items"] = uuid_array({**lexical, **dense})
    also_lexical, also_dense, originals = rows_of_each((sql.LEXICAL_SCORES, sql.DENSE_SCORES, ORIGINALS), parameters)
    return dict(also_lexical), dict(also_dense), dict(originals)


def _walks_graph(dimension: int, documents: int, corpus: SearchCorpus) -> bool:
    """Say whether walking the graph, of all tenants, costs less than comparing all that the filters let through."""
    if dimension not in GRAPH_DIMENSIONS or documents <= COMPARED_VECTORS:
        return False
    everything = max(corpus.all_vectors, documents)
    return documents * documents > GRAPH_COST * LEG_DEPTH * everything
