"""The two legs of a search, each with the filters inside: BM25 over postings, and nearness of vectors.

Nothing here embeds: whoever searches brings the query's vector.
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
from kairo.platform.database.sql import rows, rows_of_each
from kairo.stages.evidence.queries.search_hits import uuid_array
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
WHOLE_LISTS_POSTINGS = 40_000
"""So many postings a search reads of the rarer lexemes, which takes about 20 ms; see `ranking.weighted_lists`."""
SLICE_POSTINGS = 4_000
"""Of each longer list its most telling postings, so many in all facets together."""
RESCORED = 1_000
"""So many of the best by the lists that were read get the exact weights of the longer ones too."""
COUNTED_DOCUMENTS = 60_000
"""How far documents in a window are counted."""
COMPARED_VECTORS = 20_000
"""So few vectors are always compared one by one, which takes about 15 ms."""
GRAPH_COST = 12
"""What the graph spends on one hit, in vectors compared one by one."""
GRAPH_DIMENSIONS = frozenset({256, 384, 512, 768, 1024, 1536})

# Compiling a statement takes longer than running it, however expensive the many small walks of an index look.
_CORPUS = """
SELECT set_config('jit', 'off', true), corpus.version, corpus.embedder,
       (SELECT reltuples FROM pg_class WHERE oid = 'evidence_vector'::regclass),
       facet.number, facet.platform, facet.language, facet.documents, facet.lexemes
FROM evidence_corpus corpus
LEFT JOIN evidence_facet facet ON facet.tenant_id = corpus.tenant_id AND facet.brand_id = corpus.brand_id
  AND facet.documents > 0
WHERE corpus.tenant_id = (SELECT %(tenant)s::uuid) AND corpus.brand_id = %(brand)s
ORDER BY facet.number
"""

# Each language's own dictionary makes lexemes of the query's words; pairs of letters are the same in all.
_LEXEMES = """
SELECT asked.language, asked.lexeme, asked.times, known.documents
FROM (
  SELECT language, one.lexeme, cardinality(one.positions) AS times
  FROM unnest(%(languages)s::text[], %(dictionaries)s::text[]) AS spoken (language, dictionary),
       unnest(to_tsvector(spoken.dictionary::regconfig, %(words)s)) AS one
  UNION ALL
  SELECT language, pair, count(*)
  FROM unnest(%(languages)s::text[]) AS language, unnest(string_to_array(%(pairs)s, ' ')) AS pair
  WHERE pair <> '' GROUP BY 1, 2
) asked
JOIN evidence_lexeme known ON known.tenant_id = (SELECT %(tenant)s::uuid) AND known.brand_id = %(brand)s
  AND known.language = asked.language AND known.lexeme = asked.lexeme
WHERE known.documents > 0
"""

_COUNT_IN_WINDOW = """
SELECT count(*) FROM (
  SELECT 1 FROM evidence_vector
  WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = ANY (%(facets)s)
    AND published_at >= %(since)s AND published_at < %(until)s
  LIMIT %(limit)s
) AS counted
"""

# A condition on every impact lets the index go straight to the window's postings within each of them.
_IN_WINDOW = "AND impact = ANY (%(levels)s) AND published_at >= %(since)s AND published_at < %(until)s"
_PART = "list.weight * posting.frequency / (posting.frequency + list.base + list.slope * posting.length)"
_WHOLE_LISTS = f"""
  SELECT posting.item_id, {_PART} AS score
  FROM unnest(%(facets)s::integer[], %(lexemes)s::text[], %(weights)s::float8[], %(bases)s::float8[],
              %(slopes)s::float8[]) AS list (facet, lexeme, weight, base, slope),
  LATERAL (
    SELECT item_id, frequency, length FROM evidence_posting
    WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = list.facet AND lexeme = list.lexeme {{in_window}}
    OFFSET 0
  ) posting
"""  # noqa: S608 - our own constants
_SLICES = f"""
  SELECT posting.item_id, {_PART} AS score
  FROM unnest(%(long_facets)s::integer[], %(long_lexemes)s::text[], %(long_weights)s::float8[],
              %(long_bases)s::float8[], %(long_slopes)s::float8[]) AS list (facet, lexeme, weight, base, slope),
  LATERAL (
    SELECT item_id, frequency, length FROM evidence_posting
    WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = list.facet AND lexeme = list.lexeme {{in_window}}
    ORDER BY impact DESC
    LIMIT %(slice)s
  ) posting
"""  # noqa: S608 - our own constants
_BEST = """
SELECT item_id, sum(score) AS score FROM ({lists}) AS found
GROUP BY item_id ORDER BY score DESC, item_id LIMIT %(limit)s
"""
# What the longer lists bring to the best of the others stands in the documents themselves.
_RESCORED = """
WITH whole AS MATERIALIZED ({whole}),
known AS (
  SELECT item_id, sum(score) AS score FROM whole GROUP BY item_id ORDER BY score DESC LIMIT %(rescored)s
), likely AS (
  SELECT item_id, sum(score) AS score FROM (SELECT * FROM whole UNION ALL {slices}) AS found
  GROUP BY item_id ORDER BY score DESC LIMIT %(rescored)s
), candidate AS MATERIALIZED (
  SELECT item_id FROM known UNION SELECT item_id FROM likely
)
SELECT candidate.item_id, COALESCE(already.score, 0) + COALESCE(long.score, 0) AS score
FROM candidate
LEFT JOIN (SELECT item_id, sum(score) AS score FROM whole GROUP BY item_id) already USING (item_id),
{exact}
ORDER BY score DESC, candidate.item_id
LIMIT %(limit)s
"""
_EXACT = """LATERAL (
  SELECT facet, length, lexemes, frequencies FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)s::uuid) AND known.item_id = candidate.item_id
    AND known.brand_id = %(brand)s
  OFFSET 0
) document,
LATERAL (
  SELECT sum(list.weight * posting.frequency / (posting.frequency + list.base + list.slope * document.length)) AS score
  FROM unnest(%(long_facets)s::integer[], %(long_lexemes)s::text[], %(long_weights)s::float8[],
              %(long_bases)s::float8[], %(long_slopes)s::float8[]) AS list (facet, lexeme, weight, base, slope),
  LATERAL (SELECT document.frequencies[array_position(document.lexemes, list.lexeme)] AS frequency) posting
  WHERE list.facet = document.facet AND posting.frequency IS NOT NULL
) long"""
_LEXICAL_SCORES = f"""
SELECT candidate.item_id, long.score FROM unnest(%(items)s::uuid[]) AS candidate (item_id), {_EXACT}
WHERE long.score IS NOT NULL
"""  # noqa: S608 - our own constants
_DENSE_SCORES = """
SELECT candidate.item_id, -(stored.embedding <#> %(query)s::halfvec)
FROM unnest(%(compared)s::uuid[]) AS candidate (item_id),
LATERAL (
  SELECT facet, published_at FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)s::uuid) AND known.item_id = candidate.item_id
    AND known.brand_id = %(brand)s
  OFFSET 0
) document,
LATERAL (
  SELECT embedding FROM evidence_vector known
  WHERE known.tenant_id = (SELECT %(tenant)s::uuid) AND known.facet = document.facet
    AND known.published_at = document.published_at AND known.item_id = candidate.item_id
    AND known.embedder = %(embedder)s
  OFFSET 0
) stored
"""

_NEAREST = """
SELECT item_id, -({embedding} <#> {query}) AS nearness FROM evidence_vector
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = ANY (%(facets)s) AND embedder = %(embedder)s {which} {in_window}
ORDER BY {embedding} <#> {query}
LIMIT %(limit)s
"""
_VECTORS_IN_WINDOW = "AND published_at >= %(since)s AND published_at < %(until)s"
_WALK = """
SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.max_scan_tuples', '40000', true),
       set_config('hnsw.ef_search', %(width)s::text, true)
"""
_AFTER_WALK = "SELECT set_config('enable_sort', 'on', true), set_config('enable_seqscan', 'on', true)"


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
    found = rows(_CORPUS, {"tenant": current_tenant(), "brand": brand_id})
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


def documents_in(scope: SearchScope) -> int:
    """Count what the filters let through, in a window no further than COUNTED_DOCUMENTS."""
    if not scope.is_windowed or not scope.facets:
        return scope.documents
    return int(rows(_COUNT_IN_WINDOW, scope.parameters() | {"limit": COUNTED_DOCUMENTS})[0][0])


def lexical_leg(lists: Sequence[WeightedList], scope: SearchScope, *, limit: int = LEG_DEPTH) -> dict[UUID, float]:
    """Return the best items by BM25 with their scores, best first."""
    whole = [one for one in lists if one.is_whole]
    long = [one for one in lists if not one.is_whole]
    if not lists:
        return {}
    in_window = _IN_WINDOW if scope.is_windowed else ""
    parameters = scope.parameters() | {"limit": limit, "rescored": RESCORED}
    parameters |= _columns(whole, "") | _columns(long, "long_")
    parameters["slice"] = max(1, SLICE_POSTINGS // max(1, len(scope.facets)))
    reading = _WHOLE_LISTS.format(in_window=in_window)
    if not long:
        statement = _BEST.format(lists=reading)
    else:
        statement = _RESCORED.format(whole=reading, slices=_SLICES.format(in_window=in_window), exact=_EXACT)
    return dict(rows(statement, parameters))


def weighted_query(query: str, corpus: SearchCorpus, scope: SearchScope, *, documents: int) -> list[WeightedList]:
    """Weigh the query's lexemes, each by its language; `documents` is what `documents_in` counted."""
    lexed = lexed_query(query)
    languages = sorted({facet.language for facet in scope.facets})
    parameters = scope.parameters() | {
        "languages": languages,
        "dictionaries": [dictionary(language) for language in languages],
        "words": lexed.words,
        "pairs": lexed.pairs,
    }
    lexemes = [QueryLexeme(*row) for row in rows(_LEXEMES, parameters)]
    return weighted_lists(
        lexemes,
        scope.facets,
        all_facets=corpus.facets,
        # Where more are in the window than were counted, all of them may be.
        window_share=1.0 if documents >= COUNTED_DOCUMENTS else documents / max(scope.documents, 1),
        budget=WHOLE_LISTS_POSTINGS,
    )


def _columns(lists: Sequence[WeightedList], prefix: str) -> dict[str, object]:
    return {
        f"{prefix}facets": [one.facet for one in lists],
        f"{prefix}lexemes": [one.lexeme for one in lists],
        f"{prefix}weights": [one.weight for one in lists],
        f"{prefix}bases": [one.base for one in lists],
        f"{prefix}slopes": [one.slope for one in lists],
    }


def dense_leg(
    vector: NDArray[np.float32], corpus: SearchCorpus, scope: SearchScope, *, documents: int, limit: int = LEG_DEPTH
) -> dict[UUID, float]:
    """Return the items nearest to the query's vector with their cosines, nearest first.

    Where the filters let few through, each is compared; else the graph is walked.
    """
    if not scope.facets or not vector.any():
        return {}
    if _walks_graph(len(vector), documents, corpus, limit):
        return walked_leg(vector, corpus, scope, limit=limit)
    return _compared(vector, corpus, scope, limit=limit)


def walked_leg(
    vector: NDArray[np.float32], corpus: SearchCorpus, scope: SearchScope, *, limit: int
) -> dict[UUID, float]:
    """Walk the graph until enough of what it meets passes the filters, and compare what is not in it yet."""
    dimension = len(vector)
    walk = _NEAREST.format(
        embedding=f"(embedding::halfvec({dimension}))",
        query=f"%(query)s::halfvec({dimension})",
        which=f"AND in_graph AND dimension = {dimension}",
        in_window=_VECTORS_IN_WINDOW if scope.is_windowed else "",
    )
    outside = _comparison(scope, which="AND NOT in_graph")
    parameters = _nearest_parameters(vector, corpus, scope, limit) | {"width": 2 * limit}
    _, walked, _, compared = rows_of_each((_WALK, walk, _AFTER_WALK, outside), parameters)
    found: dict[UUID, float] = dict(walked) | dict(compared)
    return dict(sorted(found.items(), key=lambda entry: -entry[1])[:limit])


def _compared(
    vector: NDArray[np.float32], corpus: SearchCorpus, scope: SearchScope, *, limit: int
) -> dict[UUID, float]:
    """Compare each vector that the filters let through."""
    return dict(rows(_comparison(scope), _nearest_parameters(vector, corpus, scope, limit)))


def _comparison(scope: SearchScope, *, which: str = "") -> str:
    return _NEAREST.format(
        embedding="embedding",
        query="%(query)s::halfvec",
        which=which,
        in_window=_VECTORS_IN_WINDOW if scope.is_windowed else "",
    )


def scores_across(
    lexical: Mapping[UUID, float],
    dense: Mapping[UUID, float],
    lists: Sequence[WeightedList],
    vector: NDArray[np.float32],
    corpus: SearchCorpus,
    scope: SearchScope,
) -> tuple[dict[UUID, float], dict[UUID, float]]:
    """Score what only the other leg found: the BM25 of items that hold a lexeme of the query, and cosines."""
    only_dense = [item_id for item_id in dense if item_id not in lexical] if lists else []
    only_lexical = [item_id for item_id in lexical if item_id not in dense] if vector.any() else []
    parameters = _nearest_parameters(vector, corpus, scope, 0) | _columns(lists, "long_")
    parameters |= {"items": uuid_array(only_dense), "compared": uuid_array(only_lexical)}
    also_lexical, also_dense = rows_of_each((_LEXICAL_SCORES, _DENSE_SCORES), parameters)
    return dict(also_lexical), dict(also_dense)


def _nearest_parameters(
    vector: NDArray[np.float32], corpus: SearchCorpus, scope: SearchScope, limit: int
) -> dict[str, object]:
    asked = {"embedder": corpus.embedder, "limit": limit, "query": HalfVector(vector).to_text()}
    return scope.parameters() | asked


def _walks_graph(dimension: int, documents: int, corpus: SearchCorpus, limit: int) -> bool:
    """Say whether walking the graph, of all tenants, costs less than comparing all that the filters let through."""
    if dimension not in GRAPH_DIMENSIONS or documents <= COMPARED_VECTORS:
        return False
    everything = max(corpus.all_vectors, documents)
    return documents * documents > GRAPH_COST * limit * everything
