"""Reads of the graph. Nothing here embeds: whoever asks brings the vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import Row
from kairo.stages.knowledge.rules.graph import Established

INDEXED_DIMENSIONS = 1024
"""Vectors of no more dimensions stand in the index beside the brand's key."""
NEAREST = 50
MOST_OF_DEPARTMENT = 2_000
MOST_CONSIDERED = 400
_HALFVEC_HEAD_BYTES = 4

# The tenant stands in a subquery so that the planner thinks of an average one: a tenant that its statistics have not
# met yet it takes for empty, and would walk through all rows.
_NEAR = """
WITH near AS (
  (SELECT id FROM (
    SELECT id, embedding <#> %(query)b::halfvec AS distance FROM knowledge_node
    WHERE tenant_id = (SELECT %(tenant)b::uuid) AND brand_id = %(brand)b AND embedder = %(embedder)b
      AND embedding IS NOT NULL {indexed}
    ORDER BY distance LIMIT %(most)b
  ) AS nearest)
  UNION
  (SELECT id FROM knowledge_node
   WHERE tenant_id = (SELECT %(tenant)b::uuid) AND brand_id = %(brand)b AND content_hash = %(hash)b
     AND content_hash <> ''
   ORDER BY id DESC LIMIT %(most)b)
)
SELECT node.id, node.content, node.summary, node.language, node.content_hash, node.embedder,
       halfvec_send(node.embedding)
FROM near JOIN knowledge_node node ON node.tenant_id = (SELECT %(tenant)b::uuid) AND node.id = near.id
"""
_OF_DEPARTMENT = """
SELECT id, content, summary, language, content_hash, embedder, halfvec_send(embedding) FROM knowledge_node
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND brand_id = %(brand)b AND department = %(department)b
ORDER BY id DESC LIMIT %(most)b
"""
_ESTABLISHED = """
SELECT id, department, content, confidence, COALESCE(-(embedding <#> %(query)b::halfvec), 0), halfvec_send(embedding)
FROM knowledge_node
WHERE tenant_id = (SELECT %(tenant)b::uuid) AND brand_id = %(brand)b AND department = ANY (%(departments)b::text[])
  AND embedder = %(embedder)b
ORDER BY embedding <#> %(query)b::halfvec NULLS LAST, id DESC LIMIT %(most)b
"""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """Of one node, what is compared; `vector` is empty where its text has no words."""

    id: UUID
    content: str
    summary: str | None
    language: str | None
    content_hash: str
    embedder: str
    vector: NDArray[np.float32]


def near_statements(
    brand_id: UUID, *, vector: NDArray[np.float32], embedder: str, content_hash: str, most: int = NEAREST
) -> list[Statement]:
    """Return a brand's nodes that may say the same: the nearest by vector, and those with the same words."""
    indexed = f"AND dimension <= {INDEXED_DIMENSIONS}" if len(vector) <= INDEXED_DIMENSIONS else ""
    parameters = {"query": HalfVector(vector), "embedder": embedder, "hash": content_hash, "most": most}
    return [_statement(row) for row in batch_rows(_NEAR.format(indexed=indexed), _scope(brand_id) | parameters)]


def statements_of(brand_id: UUID, *, department: str, most: int = MOST_OF_DEPARTMENT) -> list[Statement]:
    """Return a department's nodes, newest first."""
    parameters = _scope(brand_id) | {"department": department, "most": most}
    return [_statement(row) for row in batch_rows(_OF_DEPARTMENT, parameters)]


def established(
    brand_id: UUID,
    *,
    departments: Sequence[str],
    vector: NDArray[np.float32],
    embedder: str,
    most: int = MOST_CONSIDERED,
) -> list[Established]:
    """Return what these departments established, what is nearest to the vector first."""
    parameters = _scope(brand_id) | {
        "departments": list(departments),
        "query": HalfVector(vector),
        "embedder": embedder,
        "most": most,
    }
    return [
        Established(
            node_id=row[0],
            department=row[1],
            content=row[2],
            confidence=row[3],
            relevance=row[4],
            vector=read_vector(row[5]),
        )
        for row in batch_rows(_ESTABLISHED, parameters)
    ]


def read_vector(packed: bytes | None) -> NDArray[np.float32]:
    """Read the binary form of a halfvec: its dimension, a blank, then half floats in network order."""
    if packed is None:
        return np.zeros(0, dtype=np.float32)
    return np.frombuffer(packed, dtype=">f2", offset=_HALFVEC_HEAD_BYTES).astype(np.float32)


def _scope(brand_id: UUID) -> dict[str, object]:
    return {"tenant": current_tenant(), "brand": brand_id}


def _statement(row: Row) -> Statement:
    return Statement(
        id=row[0],
        content=row[1],
        summary=row[2],
        language=row[3],
        content_hash=row[4],
        embedder=row[5],
        vector=read_vector(row[6]),
    )
