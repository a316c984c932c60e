"""What keeps search quick and whole in the background: forgotten items, the graph of vectors, another embedder."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pgvector import HalfVector

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute, rows
from kairo.platform.embeddings import Embedder, default_embedder
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.stages.evidence.operations.postings import post_missing

FRESH_VECTORS = 20_000
"""So many vectors of a brand are compared with every query before they move into the graph: about 15 ms."""
BATCH_VECTORS = 500

_FRESH = """
SELECT facet.brand_id, count(*)
FROM evidence_vector vector JOIN evidence_facet facet
  ON facet.tenant_id = vector.tenant_id AND facet.number = vector.facet
WHERE vector.tenant_id = (SELECT %(tenant)s::uuid) AND NOT vector.in_graph
GROUP BY facet.brand_id HAVING count(*) > %(most)s
"""
_INTO_GRAPH = """
UPDATE evidence_vector SET in_graph = true
WHERE tenant_id = (SELECT %(tenant)s::uuid) AND ctid = ANY (ARRAY(
  SELECT fresh.ctid FROM evidence_vector fresh
  WHERE fresh.tenant_id = (SELECT %(tenant)s::uuid) AND NOT fresh.in_graph AND fresh.facet = ANY (ARRAY(
    SELECT number FROM evidence_facet WHERE tenant_id = (SELECT %(tenant)s::uuid) AND brand_id = %(brand)s))
  LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
"""

_OTHERS = """
SELECT brand_id, embedder FROM evidence_corpus WHERE tenant_id = (SELECT %(tenant)s::uuid) AND embedder <> %(embedder)s
ORDER BY brand_id
"""
# Another embedder's vectors lie beside the old ones until all are there; the normalised item's own follows with them.
_WITHOUT_VECTOR = """
SELECT document.item_id, document.facet, document.published_at::text, stored.normalized_text, item.transcript
FROM evidence_document document
JOIN normalized_evidence_item stored ON stored.tenant_id = document.tenant_id AND stored.item_id = document.item_id
JOIN evidence_item item ON item.tenant_id = document.tenant_id AND item.id = document.item_id
WHERE document.tenant_id = (SELECT %(tenant)s::uuid) AND document.brand_id = %(brand)s
  AND stored.embedding IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM evidence_vector made
    WHERE made.tenant_id = document.tenant_id AND made.facet = document.facet
      AND made.published_at = document.published_at AND made.item_id = document.item_id
      AND made.embedder = %(embedder)s)
LIMIT %(limit)s
"""
_ADD_VECTORS = """
INSERT INTO evidence_vector (tenant_id, embedder, facet, published_at, item_id, dimension, embedding)
SELECT %(tenant)b, %(embedder)b, new.facet, new.published_at::timestamptz, new.item, %(dimension)b::smallint,
       new.embedding
FROM unnest(%(facet)b::integer[], %(published_at)b::text[], %(item)b::uuid[], %(embedding)b::halfvec[])
  AS new (facet, published_at, item, embedding)
WHERE EXISTS (
  SELECT 1 FROM evidence_document known
  WHERE known.tenant_id = (SELECT %(tenant)b::uuid) AND known.item_id = new.item AND known.facet = new.facet)
ON CONFLICT DO NOTHING
"""
_RENEW_ITEMS = """
UPDATE normalized_evidence_item stored SET embedder = %(embedder)b, embedding = new.embedding
FROM unnest(%(item)b::uuid[], %(embedding)b::halfvec[]) AS new (item, embedding)
WHERE stored.tenant_id = (SELECT %(tenant)b::uuid) AND stored.item_id = new.item
"""
_TAKE_OVER = """
UPDATE evidence_corpus SET embedder = %(embedder)s, version = version + 1
WHERE tenant_id = %(tenant)s AND brand_id = %(brand)s
"""
_FORGET_OTHERS = """
DELETE FROM evidence_vector WHERE tenant_id = (SELECT %(tenant)s::uuid) AND embedder <> %(embedder)s
  AND facet = ANY (ARRAY(
    SELECT number FROM evidence_facet WHERE tenant_id = (SELECT %(tenant)s::uuid) AND brand_id = %(brand)s))
"""


def tend_search(*, job: JobContext) -> Completion:
    """Do what search has waiting for a tenant; each batch is a transaction, so that work resumes where it stopped."""
    posted = post_missing(tenant_id=job.tenant_id)
    embedded = embed_anew(tenant_id=job.tenant_id, embedder=default_embedder())
    moved = fill_graph(tenant_id=job.tenant_id)
    return Completion(outcome={"posted": posted, "embedded": embedded, "moved_into_graph": moved})


def fill_graph(*, tenant_id: UUID, most_fresh: int = FRESH_VECTORS) -> int:
    """Move the vectors of brands with more than `most_fresh` outside of the graph into it; return how many."""
    with tenant_transaction(tenant_id):
        waiting = rows(_FRESH, {"tenant": tenant_id, "most": most_fresh})
    moved = 0
    for brand_id, _ in waiting:
        parameters = {"tenant": tenant_id, "brand": brand_id, "limit": BATCH_VECTORS}
        while True:
            with tenant_transaction(tenant_id):
                batch = execute(_INTO_GRAPH, parameters)
            if not batch:
                break
            moved += batch
    return moved


def embed_anew(*, tenant_id: UUID, embedder: Embedder) -> int:
    """Make this embedder's vectors for every corpus that another one serves; return how many were made.

    Until a corpus has all of them its searches go on with the old ones, of which none is left afterwards.

    Raises:
        EmbedderUnavailable: it is away; what is embedded stays, and the next time goes on from there.
    """
    with tenant_transaction(tenant_id):
        waiting = rows(_OTHERS, {"tenant": tenant_id, "embedder": embedder.name})
    made = 0
    for brand_id, _ in waiting:
        parameters: dict[str, object] = {"tenant": tenant_id, "brand": brand_id, "embedder": embedder.name}
        while batch := _without_vector(parameters, tenant_id):
            _add_vectors(batch, parameters, tenant_id=tenant_id, embedder=embedder)
            made += len(batch)
        with tenant_transaction(tenant_id):
            execute(_TAKE_OVER, parameters)
            execute(_FORGET_OTHERS, parameters)
    return made


def _without_vector(parameters: dict[str, object], tenant_id: UUID) -> list[tuple[object, ...]]:
    with tenant_transaction(tenant_id):
        return rows(_WITHOUT_VECTOR, parameters | {"limit": BATCH_VECTORS})


def _add_vectors(
    batch: Sequence[tuple[object, ...]], parameters: dict[str, object], *, tenant_id: UUID, embedder: Embedder
) -> None:
    """Embed outside of any transaction, then store."""
    texts = ["\n".join(str(part) for part in (text, transcript) if part) for *_, text, transcript in batch]
    vectors = embedder.embed(texts)
    columns: dict[str, object] = {
        "dimension": vectors.shape[1],
        "item": [row[0] for row in batch],
        "facet": [row[1] for row in batch],
        "published_at": [row[2] for row in batch],
        "embedding": [HalfVector(vector) for vector in vectors],
    }
    with tenant_transaction(tenant_id):
        batch_execute(_ADD_VECTORS, parameters | columns)
        batch_execute(_RENEW_ITEMS, parameters | columns)
