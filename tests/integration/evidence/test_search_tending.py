"""The background work of search: a change of the embedder, and the graph of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import EmbedderUnavailable, default_embedder
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import SearchMode
from kairo.stages.evidence.operations.tending import embed_anew, fill_graph
from kairo.stages.evidence.queries import search as legs
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, posts

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Letters:
    """An embedder that counts letters; it is away from its n-th call on."""

    name = "letters"
    dimension = 26

    def __init__(self, *, away_from: int | None = None) -> None:
        self._calls = 0
        self._away_from = away_from

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._calls += 1
        if self._away_from is not None and self._calls >= self._away_from:
            raise EmbedderUnavailable("The embedder is away.")
        counted = np.array([[text.lower().count(chr(97 + at)) for at in range(26)] for text in texts], np.float32)
        unit: NDArray[np.float32] = counted / np.linalg.norm(counted, axis=1, keepdims=True)
        return unit


@pytest.fixture
def brand(tenant: UUID, tmp_path: Path) -> UUID:
    brand_id = stored_brand(tenant).id
    lines = [*posts(11, at=NOW), *posts(1, at=NOW, platform_item_id="undated", published_at=None, text="No date here")]
    import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=NOW)
    return brand_id


def vectors(url: str) -> dict[str, int]:
    with psycopg.connect(url) as server:
        return dict(server.execute("SELECT embedder, count(*) FROM evidence_vector GROUP BY 1").fetchall())


def serving(tenant: UUID, brand: UUID) -> tuple[str, int]:
    with tenant_transaction(tenant):
        corpus = legs.search_corpus(brand)
    return corpus.embedder, corpus.version


def test_another_embedder_takes_over_when_all_its_vectors_are_there(database: str, tenant: UUID, brand: UUID) -> None:
    before = serving(tenant, brand)

    made = embed_anew(tenant_id=tenant, embedder=Letters())

    assert (made, vectors(database)) == (12, {"letters": 12})
    assert (before[0], serving(tenant, brand)) == ("static", ("letters", before[1] + 1))
    assert embed_anew(tenant_id=tenant, embedder=Letters()) == 0


def test_until_then_the_old_one_serves(database: str, tenant: UUID, brand: UUID) -> None:
    with pytest.raises(EmbedderUnavailable):
        embed_anew(tenant_id=tenant, embedder=Letters(away_from=1))

    assert (serving(tenant, brand)[0], vectors(database)) == ("static", {"static": 12})
    with tenant_transaction(tenant):
        answer = operations.search(brand, "red cheeks", at=NOW, mode=SearchMode.DENSE)
    assert answer.items[0].platform_item_id == "post-0"


def test_search_goes_on_by_words_where_its_embedder_cannot_be_asked(tenant: UUID, brand: UUID) -> None:
    embed_anew(tenant_id=tenant, embedder=Letters())

    with tenant_transaction(tenant):
        answer = operations.search(brand, "red cheeks", at=NOW)

    assert answer.items[0].platform_item_id == "post-0"
    assert len(answer.degraded) == 1
    assert answer.degraded[0].startswith("dense: ")


def test_the_graph_finds_what_comparing_everything_finds(tenant: UUID, brand: UUID) -> None:
    with tenant_transaction(tenant):
        corpus = legs.search_corpus(brand)
        scope = legs.search_scope(brand, corpus, since=None, until=None, languages=(), platforms=["instagram"])
        vector = default_embedder().embed(["a gentle acid for sensitive skin"])[0]
        _, compared = legs.both_legs([], vector, corpus, scope, documents=12)

    assert fill_graph(tenant_id=tenant) == 0
    assert fill_graph(tenant_id=tenant, most_fresh=5) == 12
    with tenant_transaction(tenant):
        _, walked = legs.both_legs([], vector, corpus, scope, documents=1_000_000)

    assert walked == pytest.approx(compared)
