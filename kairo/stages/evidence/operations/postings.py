"""What search reads, kept in step with the items: documents, postings, corpus statistics and vectors.

All of it is written in the transaction that normalises an item and removed in the one that erases it, so that the
counts behind every score are exact at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.platform.database.batches import batch_execute, batch_rows
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import Row, execute, rows
from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.rules.lexemes import MAX_WORD_CHARACTERS, NO_LANGUAGE, dictionary, lexed_document
from kairo.stages.evidence.rules.ranking import IMPACT_LENGTH, IMPACT_LEVELS, K1, B

BATCH_ITEMS = 1000

# The brands on whose surfaces the items were seen and whose search does not know them yet.
_UNPOSTED = """
SELECT DISTINCT new.item, surface.brand_id
FROM unnest(%(item)b::uuid[]) AS new (item),
LATERAL (
  SELECT surface_id FROM evidence_sighting sighting
  WHERE sighting.tenant_id = (SELECT %(tenant)b::uuid) AND sighting.item_id = new.item OFFSET 0
) seen
JOIN surface ON surface.id = seen.surface_id AND surface.tenant_id = (SELECT %(tenant)b::uuid)
WHERE NOT EXISTS (
  SELECT 1 FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.item_id = new.item
    AND known.brand_id = surface.brand_id)
"""

# Whoever changes a corpus holds this row until he commits: counts of one brand are changed by one at a time, and
# always after this row, so that nobody waits for a second one in a circle.
_NEW_VERSION = """
INSERT INTO evidence_corpus (id, tenant_id, brand_id, version, embedder)
SELECT new.id, %(tenant)b, new.brand, 1, %(embedder)b
FROM unnest(%(corpus)b::uuid[], %(brands)b::uuid[]) AS new (id, brand) ORDER BY new.brand
ON CONFLICT (tenant_id, brand_id) DO UPDATE SET version = evidence_corpus.version + 1
"""
_NEW_FACETS = """
INSERT INTO evidence_facet (id, tenant_id, brand_id, platform, language)
SELECT new.id, %(tenant)b, new.brand, new.platform, new.language
FROM unnest(%(facet)b::uuid[], %(facet_brand)b::uuid[], %(facet_platform)b::text[], %(facet_language)b::text[])
  AS new (id, brand, platform, language)
WHERE NOT EXISTS (
  SELECT 1 FROM evidence_facet known
  WHERE known.tenant_id = %(tenant)b AND known.brand_id = new.brand AND known.platform = new.platform
    AND known.language = new.language)
ORDER BY new.brand, new.platform, new.language
ON CONFLICT (tenant_id, brand_id, platform, language) DO NOTHING
"""

_IMPACT = f"""LEAST(floor({IMPACT_LEVELS} * {{frequency}}::float8
  / ({{frequency}} + {K1} * ({1 - B} + {B} * {{length}} / {IMPACT_LENGTH}::float8))), {IMPACT_LEVELS - 1})::smallint"""

# Lexemes of PostgreSQL's dictionaries and pairs of letters are one list; a lexeme's frequency is how often it stands
# in the text, as far as PostgreSQL counts (255 times).
_POST = f"""
WITH new AS MATERIALIZED (
  SELECT * FROM unnest(%(item)b::uuid[], %(words)b::text[], %(pairs)b::text[], %(dictionary)b::text[])
    AS new (item, words, pairs, dictionary)
), lexed AS MATERIALIZED (
  SELECT item, array_agg(lexeme ORDER BY lexeme) AS lexemes, array_agg(frequency ORDER BY lexeme) AS frequencies,
         sum(frequency)::integer AS length
  FROM (
    SELECT item, left(one.lexeme, {MAX_WORD_CHARACTERS}) AS lexeme,
           LEAST(sum(cardinality(one.positions)), 32767)::smallint AS frequency
    FROM new, unnest(to_tsvector(new.dictionary::regconfig, new.words)) AS one
    WHERE new.words <> '' GROUP BY 1, 2
    UNION ALL
    SELECT item, pair, LEAST(count(*), 32767)::smallint
    FROM new, unnest(string_to_array(new.pairs, ' ')) AS pair
    WHERE new.pairs <> '' GROUP BY 1, 2
  ) counted GROUP BY item
), placed AS MATERIALIZED (
  SELECT wanted.id, wanted.item, wanted.brand, facet.number AS facet, facet.language,
         COALESCE(wanted.dated_at, '-infinity') AS published_at
  FROM unnest(%(document)b::uuid[], %(document_item)b::uuid[], %(document_brand)b::uuid[],
              %(document_platform)b::text[], %(document_language)b::text[], %(document_at)b::timestamptz[])
    AS wanted (id, item, brand, platform, language, dated_at)
  JOIN evidence_facet facet ON facet.tenant_id = %(tenant)b AND facet.brand_id = wanted.brand
    AND facet.platform = wanted.platform AND facet.language = wanted.language
), posted AS MATERIALIZED (
  INSERT INTO evidence_document (id, tenant_id, brand_id, item_id, facet, published_at, length, lexemes, frequencies)
  SELECT placed.id, %(tenant)b, placed.brand, placed.item, placed.facet, placed.published_at,
         COALESCE(lexed.length, 0), COALESCE(lexed.lexemes, '{{}}'), COALESCE(lexed.frequencies, '{{}}')
  FROM placed LEFT JOIN lexed ON lexed.item = placed.item
  ON CONFLICT (tenant_id, item_id, brand_id) DO NOTHING
  RETURNING brand_id, item_id, facet, published_at, length, lexemes, frequencies
), postings AS (
  INSERT INTO evidence_posting (tenant_id, facet, lexeme, impact, published_at, item_id, frequency, length)
  SELECT %(tenant)b, facet, one.lexeme, {_IMPACT.format(frequency="one.frequency", length="length")}, published_at,
         item_id, one.frequency, length
  FROM posted, unnest(lexemes, frequencies) AS one (lexeme, frequency)
  ORDER BY facet, one.lexeme, 4, published_at, item_id
), counted AS (
  INSERT INTO evidence_lexeme AS known (tenant_id, brand_id, language, lexeme, documents)
  SELECT %(tenant)b, posted.brand_id, spoken.language, one.lexeme, count(*)
  FROM posted JOIN (SELECT DISTINCT facet, language FROM placed) spoken ON spoken.facet = posted.facet,
  unnest(posted.lexemes) AS one (lexeme)
  GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
  ON CONFLICT (tenant_id, brand_id, language, lexeme) DO UPDATE SET documents = known.documents + excluded.documents
), grown AS (
  UPDATE evidence_facet facet SET documents = facet.documents + more.documents, lexemes = facet.lexemes + more.lexemes
  FROM (SELECT facet, count(*) AS documents, sum(length) AS lexemes FROM posted GROUP BY facet) more
  WHERE facet.tenant_id = %(tenant)b AND facet.number = more.facet
)
INSERT INTO evidence_vector (tenant_id, embedder, facet, published_at, item_id, dimension, embedding)
SELECT %(tenant)b, stored.embedder, posted.facet, posted.published_at, posted.item_id,
       vector_dims(stored.embedding), stored.embedding
FROM posted,
LATERAL (
  SELECT embedder, embedding FROM normalized_evidence_item known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.item_id = posted.item_id AND known.embedding IS NOT NULL
  OFFSET 0
) stored
ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own constants

# Items that are stored and normalised, and that a brand has seen, but whose search does not know them.
_MISSING = """
SELECT item.id, item.platform, stored.language, item.published_at, stored.normalized_text, item.transcript
FROM evidence_item item
JOIN normalized_evidence_item stored ON stored.tenant_id = item.tenant_id AND stored.item_id = item.id
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND (%(after)s::uuid IS NULL OR item.id > %(after)s)
  AND EXISTS (
    SELECT 1 FROM evidence_sighting seen JOIN surface ON surface.id = seen.surface_id
    WHERE seen.tenant_id = item.tenant_id AND seen.item_id = item.id AND NOT EXISTS (
      SELECT 1 FROM evidence_document known
      WHERE known.tenant_id = item.tenant_id AND known.item_id = item.id AND known.brand_id = surface.brand_id))
  AND (item.author_key IS NULL OR (item.platform, item.author_key) NOT IN (
    SELECT gone.platform, gone.author_key FROM author_erasure gone
    WHERE gone.tenant_id = (SELECT %(tenant)s::uuid) AND gone.erased_at IS NULL))
ORDER BY item.id
LIMIT %(limit)s
"""
_SEEN_AGAIN = """
SELECT item.id, item.platform, stored.language, item.published_at, stored.normalized_text, item.transcript
FROM unnest(%(platforms)b::text[], %(platform_item_ids)b::text[]) AS seen (platform, platform_item_id),
LATERAL (
  SELECT * FROM evidence_item known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.platform = seen.platform
    AND known.platform_item_id = seen.platform_item_id
  OFFSET 0
) item,
LATERAL (
  SELECT language, normalized_text FROM normalized_evidence_item known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.item_id = item.id OFFSET 0
) stored
WHERE NOT EXISTS (
  SELECT 1 FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.item_id = item.id
    AND known.brand_id = (SELECT brand_id FROM surface WHERE tenant_id = %(tenant)b AND id = %(surface)b))
"""

_BRANDS_OF = """
SELECT DISTINCT brand_id FROM evidence_document
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND item_id = ANY (%(items)s)
"""
_CHANGED = """
UPDATE evidence_corpus SET version = version + 1
WHERE id IN (SELECT id FROM evidence_corpus corpus
             WHERE corpus.tenant_id = %(tenant)s AND corpus.brand_id = ANY (%(brands)s)
             ORDER BY corpus.brand_id FOR UPDATE)
"""
_UNPOST = """
WITH gone AS MATERIALIZED (
  DELETE FROM evidence_document WHERE tenant_id = (SELECT %(tenant)s::uuid) AND item_id = ANY (%(items)s)
  RETURNING brand_id, item_id, facet, published_at, length, lexemes
), postings AS (
  DELETE FROM evidence_posting posting
  USING gone, unnest(gone.lexemes) AS one (lexeme)
  WHERE posting.tenant_id = (SELECT %(tenant)s::uuid) AND posting.facet = gone.facet AND posting.lexeme = one.lexeme
    AND posting.impact = ANY (%(levels)s) AND posting.published_at = gone.published_at
    AND posting.item_id = gone.item_id
), counted AS (
  UPDATE evidence_lexeme known SET documents = known.documents - less.documents
  FROM (
    SELECT gone.brand_id, facet.language, one.lexeme, count(*) AS documents
    FROM gone JOIN evidence_facet facet ON facet.tenant_id = %(tenant)s AND facet.number = gone.facet,
    unnest(gone.lexemes) AS one (lexeme) GROUP BY 1, 2, 3
  ) less
  WHERE known.tenant_id = %(tenant)s AND known.brand_id = less.brand_id AND known.language = less.language
    AND known.lexeme = less.lexeme
), shrunk AS (
  UPDATE evidence_facet facet SET documents = facet.documents - less.documents, lexemes = facet.lexemes - less.lexemes
  FROM (SELECT facet, count(*) AS documents, sum(length) AS lexemes FROM gone GROUP BY facet) less
  WHERE facet.tenant_id = %(tenant)s AND facet.number = less.facet
)
DELETE FROM evidence_vector vector USING gone
WHERE vector.tenant_id = (SELECT %(tenant)s::uuid) AND vector.facet = gone.facet
  AND vector.published_at = gone.published_at AND vector.item_id = gone.item_id
"""


@dataclass(frozen=True, slots=True)
class PostedItem:
    """Of a normalised item, what its documents are made of; `text` is what its author and its video say."""

    id: UUID
    platform: str
    language: str | None
    published_at: datetime | None
    text: str


def post_items(items: Sequence[PostedItem], *, tenant_id: UUID) -> int:
    """Make normalised items findable for every brand that saw them; return for how many brands' searches each is new.

    Posting the same items again changes nothing.
    """
    by_id = {item.id: item for item in items}
    wanted = batch_rows(_UNPOSTED, {"tenant": tenant_id, "item": list(by_id)})
    if not wanted:
        return 0
    documents = [(by_id[item_id], brand_id) for item_id, brand_id in wanted]
    facets = sorted({(str(brand_id), item.platform, item.language or NO_LANGUAGE) for item, brand_id in documents})
    brands = sorted({brand_id for _, brand_id in documents})
    parameters: dict[str, object] = {
        "tenant": tenant_id,
        "embedder": default_embedder().name,
        "brands": brands,
        "corpus": [new_id() for _ in brands],
        "facet": [new_id() for _ in facets],
        "facet_brand": [UUID(brand_id) for brand_id, _, _ in facets],
        "facet_platform": [platform for _, platform, _ in facets],
        "facet_language": [language for _, _, language in facets],
    }
    batch_execute(_NEW_VERSION, parameters)
    batch_execute(_NEW_FACETS, parameters)
    batch_execute(_POST, parameters | _document_columns(documents))
    return len(documents)


def post_seen_again(seen: Sequence[tuple[str, str]], *, tenant_id: UUID, surface_id: UUID) -> int:
    """Make known items, as (platform, platform_item_id), findable for the brand of a surface that sees them now."""
    parameters: dict[str, object] = {
        "tenant": tenant_id,
        "surface": surface_id,
        "platforms": [platform for platform, _ in seen],
        "platform_item_ids": [item_id for _, item_id in seen],
    }
    items = [_posted_item(row) for row in batch_rows(_SEEN_AGAIN, parameters)]
    return post_items(items, tenant_id=tenant_id) if items else 0


def post_missing(*, tenant_id: UUID, progress: Callable[[int], None] | None = None) -> int:
    """Make findable what is normalised although no search knows it, a batch a transaction; return how many items."""
    after: UUID | None = None
    total = 0
    while True:
        with tenant_transaction(tenant_id):
            found = rows(_MISSING, {"tenant": tenant_id, "after": after, "limit": BATCH_ITEMS})
            items = [_posted_item(row) for row in found]
            if not items:
                return total
            post_items(items, tenant_id=tenant_id)
        after = items[-1].id
        total += len(items)
        if progress is not None:
            progress(total)


def unpost_items(item_ids: Sequence[UUID], *, tenant_id: UUID) -> None:
    """Take items out of every search and of the counts behind its scores, as if they had never been there."""
    parameters: dict[str, object] = {"tenant": tenant_id, "items": list(item_ids)}
    brands = [row[0] for row in rows(_BRANDS_OF, parameters)]
    if not brands:
        return
    execute(_CHANGED, parameters | {"brands": brands})
    execute(_UNPOST, parameters | {"levels": list(range(IMPACT_LEVELS))})


def _posted_item(row: Row) -> PostedItem:
    item_id, platform, language, published_at, text, transcript = row
    return PostedItem(item_id, platform, language, published_at, "\n".join(filter(None, (text, transcript))))


def _document_columns(documents: Sequence[tuple[PostedItem, UUID]]) -> dict[str, object]:
    items = list({item.id: item for item, _ in documents}.values())
    lexed = [lexed_document(item.text) for item in items]
    return {
        "item": [item.id for item in items],
        "words": [text.words for text in lexed],
        "pairs": [text.pairs for text in lexed],
        "dictionary": [dictionary(item.language) for item in items],
        "document": [new_id() for _ in documents],
        "document_item": [item.id for item, _ in documents],
        "document_brand": [brand_id for _, brand_id in documents],
        "document_platform": [item.platform for item, _ in documents],
        "document_language": [item.language or NO_LANGUAGE for item, _ in documents],
        "document_at": [item.published_at for item, _ in documents],
    }
