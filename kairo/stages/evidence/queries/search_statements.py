"""The statements of a search: what SQL does of it, each with the filters inside."""

from __future__ import annotations

# Compiling a statement takes longer than running it, however expensive the many small walks of an index look.
CORPUS = """
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
LEXEMES = """
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

# Counting very many takes too long. From a number on the planner's statistics tell which share a window has.
COUNT_IN_WINDOW = (
    """
    SELECT count(*) FROM (
      SELECT 1 FROM evidence_vector
      WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = ANY (%(facets)s)
        AND published_at >= %(since)s AND published_at < %(until)s
      LIMIT %(limit)s
    ) AS counted
    """,
    """
    EXPLAIN (FORMAT JSON) SELECT FROM evidence_vector
    WHERE tenant_id = %(tenant)s AND published_at >= %(since)s AND published_at < %(until)s
    """,
    "EXPLAIN (FORMAT JSON) SELECT FROM evidence_vector WHERE tenant_id = %(tenant)s",
)

# A condition on every impact lets the index go straight to the window's postings within each of them.
IN_WINDOW = "AND impact = ANY (%(levels)s) AND published_at >= %(since)s AND published_at < %(until)s"
_PART = "list.weight * posting.frequency / (posting.frequency + list.base + list.slope * posting.length)"
WHOLE_LISTS = f"""
  SELECT posting.item_id, {_PART} AS score
  FROM unnest(%(whole_facets)s::integer[], %(whole_lexemes)s::text[], %(whole_weights)s::float8[],
              %(whole_bases)s::float8[], %(whole_slopes)s::float8[]) AS list (facet, lexeme, weight, base, slope),
  LATERAL (
    SELECT item_id, frequency, length FROM evidence_posting
    WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = list.facet AND lexeme = list.lexeme {{in_window}}
    OFFSET 0
  ) posting
"""  # noqa: S608 - our own constants
SLICES = f"""
  SELECT posting.item_id, {_PART} AS score
  FROM long_list list,
  LATERAL (
    SELECT item_id, frequency, length FROM evidence_posting
    WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = list.facet AND lexeme = list.lexeme {{in_window}}
    ORDER BY impact DESC
    LIMIT %(slice)s
  ) posting
"""  # noqa: S608 - our own constants
# Told once: the parameters as they are would be read anew for each document.
LONG_LISTS = """long_list AS MATERIALIZED (
  SELECT * FROM unnest(%(long_facets)s::integer[], %(long_lexemes)s::text[], %(long_weights)s::float8[],
                       %(long_bases)s::float8[], %(long_slopes)s::float8[]) AS list (facet, lexeme, weight, base, slope)
)"""
BEST = """
SELECT item_id::text, sum(score) AS score FROM ({lists}) AS found
GROUP BY found.item_id ORDER BY score DESC, found.item_id LIMIT %(limit)s
"""
# What the longer lists bring to the best of the others stands in the documents themselves.
# Else the planner reads the longest lists as a whole and sorts them, where the index has them in order.
IN_ORDER = "SELECT set_config('enable_sort', 'off', true)"
IN_ANY_ORDER = "SELECT set_config('enable_sort', 'on', true)"
RESCORED = """
WITH {long_lists}, whole AS MATERIALIZED (
  SELECT item_id, sum(score) AS score FROM ({whole}) AS found GROUP BY item_id
), known AS (
  SELECT item_id FROM whole ORDER BY score DESC LIMIT %(rescored)s
), likely AS (
  SELECT item_id FROM (SELECT * FROM whole UNION ALL {slices}) AS found
  GROUP BY item_id ORDER BY sum(score) DESC LIMIT %(rescored)s
), candidate AS MATERIALIZED (
  SELECT item_id FROM known UNION SELECT item_id FROM likely
)
SELECT candidate.item_id::text, COALESCE(whole.score, 0) + COALESCE(long.score, 0) AS score
FROM candidate
LEFT JOIN whole USING (item_id),
{exact}
ORDER BY score DESC, candidate.item_id
LIMIT %(limit)s
"""
EXACT = """LATERAL (
  SELECT facet, length, lexemes, frequencies FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)s::uuid) AND known.item_id = candidate.item_id
    AND known.brand_id = %(brand)s
  OFFSET 0
) document,
LATERAL (
  SELECT sum(list.weight * posting.frequency / (posting.frequency + list.base + list.slope * document.length)) AS score
  FROM (SELECT * FROM long_list WHERE facet = document.facet OFFSET 0) list,
  LATERAL (SELECT document.frequencies[array_position(document.lexemes, list.lexeme)] AS frequency) posting
  WHERE posting.frequency IS NOT NULL
) long"""
LEXICAL_SCORES = f"""
WITH {LONG_LISTS}
SELECT candidate.item_id::text, long.score FROM unnest(%(only_dense)s::uuid[]) AS candidate (item_id), {EXACT}
WHERE long.score IS NOT NULL
"""  # noqa: S608 - our own constants
DENSE_SCORES = """
SELECT candidate.item_id::text, -(stored.embedding <#> %(query)s::halfvec)
FROM unnest(%(only_lexical)s::uuid[]) AS candidate (item_id),
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

NEAREST = """
SELECT item_id::text, -({embedding} <#> {query}) AS nearness FROM evidence_vector
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND facet = ANY (%(facets)s) AND embedder = %(embedder)s {which} {in_window}
ORDER BY {embedding} <#> {query}
LIMIT %(nearest)s
"""
VECTORS_IN_WINDOW = "AND published_at >= %(since)s AND published_at < %(until)s"
WALK = """
SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.max_scan_tuples', '40000', true),
       set_config('hnsw.ef_search', %(nearest)s::text, true)
"""
AFTER_WALK = "SELECT set_config('enable_sort', 'on', true), set_config('enable_seqscan', 'on', true)"
# On one processor a comparison of many takes as long as all the rest of a search.
SHARE = "SELECT set_config('parallel_setup_cost', '0', true), set_config('min_parallel_index_scan_size', '0', true)"
AFTER_SHARE = """
SELECT set_config('parallel_setup_cost', '1000', true), set_config('min_parallel_index_scan_size', '512kB', true)
"""
