"""Hybrid search with filters over many items, beside bm25s and exact numpy in memory without filters.

    python -m bench.search_scale        BENCH_SCALE=.1 (default): 1,000, 10,000 and 100,000 items; 1: up to 1,000,000
    BENCH_KEEP_DIR=/var/lib/kairo/bench-search     keeps the loaded servers there, and measures those that it finds
    BENCH_SIZES=1000000                            only these sizes

Posts of five hundred topics over a year, four platforms, two languages, are loaded by COPY and indexed in bulk as the
product's migration defines it. Searches go through the product's own operation, each for the first time. Recall is of
its first hundred against the same search with every posting read and every vector compared. Each size has a server and
a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from bench.import_posts import vocabulary
from bench.table import ROOT, SCALE, Line, ask_peer, at_share, beside, durable_server, report

SIZES = [round(size * SCALE) for size in (10_000, 100_000, 1_000_000)]
SEARCHES = 200
WARM_UP = 200
RECALLED = 60
DEPTH = 100
TOPICS = 500
TOPIC_WORDS = 60
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLATFORMS = ("instagram", "tiktok", "reddit", "youtube")
LANGUAGES = ("en", "en", "en", "nl")
CHUNK = 20_000
COLUMNS = ("uuid", "text", "text", "timestamptz", "text", "halfvec")
FILTERS: tuple[dict[str, object], ...] = (
    {},
    {"window": "1m"},
    {"platforms": ["reddit", "tiktok"]},
    {"languages": ["en"]},
    {"window": "3m", "platforms": ["instagram"]},
)

_STAGING = """
CREATE UNLOGGED TABLE bench_post (item_id uuid, platform text, language text, published_at timestamptz, words text,
                                  embedding halfvec(256))
"""
_FACETS = """
INSERT INTO evidence_facet (id, tenant_id, brand_id, platform, language)
SELECT gen_random_uuid(), %(tenant)s, %(brand)s, platform, language FROM bench_post GROUP BY platform, language
"""
_CORPUS = """
INSERT INTO evidence_corpus (id, tenant_id, brand_id, version, embedder)
VALUES (gen_random_uuid(), %(tenant)s, %(brand)s, 1, 'static')
"""
_ITEMS = """
INSERT INTO evidence_item (id, tenant_id, platform, platform_item_id, format_has_author, text_content, media_type,
                           hashtags, language, published_at, captured_at, raw_json)
SELECT item_id, %(tenant)s, platform, item_id::text, true, words, 'text', '{}', language, published_at, published_at,
       '{}' FROM bench_post
"""
_NORMALIZED = """
INSERT INTO normalized_evidence_item (id, tenant_id, item_id, normalized_text, content_hash, language,
                                      holds_real_content, engagement_score, embedder, embedding, has_transcript,
                                      signature_bands, normalized_at)
SELECT uuidv7(), %(tenant)s, item_id, words, '', language, true, .5, 'static', embedding, false, '{}', published_at
FROM bench_post
"""
_DOCUMENTS = """
INSERT INTO evidence_document (id, tenant_id, brand_id, item_id, facet, published_at, length, lexemes, frequencies)
SELECT gen_random_uuid(), %(tenant)s, %(brand)s, item_id, number, published_at,
       (SELECT sum(frequency) FROM unnest(lexed.frequencies) AS frequency), lexed.lexemes, lexed.frequencies
FROM bench_post JOIN evidence_facet facet USING (platform, language),
LATERAL (
  SELECT array_agg(lexeme) AS lexemes, array_agg(cardinality(positions)::smallint) AS frequencies
  FROM unnest(to_tsvector(CASE language WHEN 'en' THEN 'english' ELSE 'dutch' END::regconfig, words))
) lexed
WHERE facet.tenant_id = %(tenant)s AND lexed.lexemes IS NOT NULL
"""
_POSTINGS = """
INSERT INTO evidence_posting (tenant_id, facet, lexeme, impact, published_at, item_id, frequency, length)
SELECT %(tenant)s, facet, lexeme, {impact}, published_at, item_id, frequency, length
FROM evidence_document, unnest(lexemes, frequencies) AS one (lexeme, frequency) WHERE tenant_id = %(tenant)s
"""
_COUNTS = (
    """
    INSERT INTO evidence_lexeme (tenant_id, brand_id, language, lexeme, documents)
    SELECT %(tenant)s, %(brand)s, language, lexeme, count(*)
    FROM evidence_posting JOIN evidence_facet facet ON facet.number = evidence_posting.facet GROUP BY language, lexeme
    """,
    """
    UPDATE evidence_facet SET documents = counted.documents, lexemes = counted.lexemes
    FROM (SELECT facet, count(*) AS documents, sum(length) AS lexemes FROM evidence_document GROUP BY facet) counted
    WHERE number = counted.facet
    """,
)
_VECTORS = """
INSERT INTO evidence_vector (tenant_id, embedder, facet, published_at, item_id, dimension, embedding, in_graph)
SELECT %(tenant)s, 'static', number, published_at, item_id, 256, embedding, true
FROM bench_post JOIN evidence_facet facet USING (platform, language) WHERE facet.tenant_id = %(tenant)s
"""


_SIZE = """
SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('evidence_posting')
UNION ALL SELECT pg_relation_size('evidence_vector_graph_256')
UNION ALL SELECT pg_database_size(current_database())
"""


@dataclass(frozen=True)
class Loaded:
    """Whose items were loaded, and how long their indexes took."""

    tenant_id: UUID
    brand_id: UUID
    postings_s: float
    graph_s: float

    def keep(self, path: Path) -> None:
        """Write it down beside the server's data: what is there is loaded as a whole."""
        path.write_text(json.dumps([str(self.tenant_id), str(self.brand_id), self.postings_s, self.graph_s]))

    @classmethod
    def kept(cls, path: Path) -> Loaded:
        tenant_id, brand_id, postings_s, graph_s = json.loads(path.read_text())
        return cls(UUID(tenant_id), UUID(brand_id), postings_s, graph_s)


def main() -> None:
    """Measure each size in a process of its own, and report."""
    if "--measure" in sys.argv:
        print(json.dumps(measure(int(sys.argv[-1]))))
        return
    chosen = os.environ.get("BENCH_SIZES", "")
    sizes = [int(size) for size in chosen.split(",")] if chosen else SIZES
    lines: list[Line] = []
    for size in sizes:
        command = [sys.executable, "-m", "bench.search_scale", "--measure", str(size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
        lines += lines_of(size, json.loads(done.stdout.splitlines()[-1]))
    report("search_scale", lines)


def lines_of(size: int, figures: Mapping[str, float]) -> Iterator[Line]:
    """Put the figures of one size beside those of bm25s and numpy."""
    of = f"{size:,} items: "
    peer = "bm25s + numpy, no filters"
    theirs: dict[str, float] | str = {name[5:]: value for name, value in figures.items() if name.startswith("peer_")}
    theirs = theirs or "the peer gave no figures"
    yield beside(f"{of}hybrid p95", figures["p95_ms"], peer, theirs, "p95_ms", "ms", "≤ 60")
    yield beside(f"{of}hybrid p50", figures["p50_ms"], peer, theirs, "p50_ms", "ms", "")
    yield Line(f"{of}recall@100, hybrid", 100 * figures["hybrid"], "all compared", 100.0, "%", "≥ 95")
    yield Line(f"{of}recall@100, BM25", 100 * figures["lexical"], "every posting", 100.0, "%")
    yield Line(f"{of}recall@100, vectors", 100 * figures["dense"], "every vector", 100.0, "%")
    yield beside(f"{of}index of words", figures["postings_s"], "bm25s", theirs, "index_s", "s", "")
    yield Line(f"{of}graph of vectors", figures["graph_s"], "no index", None, "s")
    for name in ("postings_mb", "graph_mb", "database_mb"):
        yield Line(f"{of}{name.removesuffix('_mb')}", figures[name], "", None, "MB")


def measure(size: int) -> dict[str, float]:
    """Load a server with items, or take the kept one, and search it."""
    home = os.environ.get("BENCH_KEEP_DIR")
    kept = Path(home) / str(size) if home else None
    with durable_server(kept) as url, tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        done = folder / "loaded.json"
        if not done.exists():
            load(url, folder, size).keep(done)
        loaded = Loaded.kept(done)
        queries = asked(SEARCHES + WARM_UP)
        forget_rankings(loaded)
        for place, query in enumerate(queries[SEARCHES:]):
            search(loaded, query, FILTERS[place % len(FILTERS)])
        took = [seconds(loaded, query, FILTERS[place % len(FILTERS)]) for place, query in enumerate(queries[:SEARCHES])]
        hybrid, lexical, dense = recalls(loaded, queries[:RECALLED])
        (folder / "queries.json").write_text(json.dumps(queries[:SEARCHES]))
        theirs = ask_peer("with_bm25s_and_numpy.py", str(folder), timeout_s=1200)
        figures = {"p95_ms": at_share(took, 0.95) * 1000, "p50_ms": at_share(took, 0.5) * 1000}
        figures |= {"hybrid": hybrid, "lexical": lexical, "dense": dense}
        figures |= {"postings_s": loaded.postings_s, "graph_s": loaded.graph_s, **megabytes(url)}
    if isinstance(theirs, str):
        print(theirs, file=sys.stderr)
        return figures
    return figures | {f"peer_{name}": value for name, value in theirs.items()}


def megabytes(url: str) -> dict[str, float]:
    """Return how large the lists of words, the graph of vectors and the whole database are on disk."""
    with psycopg.connect(url) as server:
        sizes = [float(row[0]) / 2**20 for row in server.execute(_SIZE).fetchall()]
    return dict(zip(("postings_mb", "graph_mb", "database_mb"), sizes, strict=True))


def load(url: str, folder: Path, size: int) -> Loaded:
    """Fill the tables that search reads, in bulk; the texts and vectors are written down for the peer too."""
    from kairo.stages.evidence.operations.postings import _IMPACT

    tenant_id, brand_id = a_brand()
    whose = {"tenant": tenant_id, "brand": brand_id}
    with psycopg.connect(url, autocommit=True) as server:
        register_vector(server)
        server.execute("SET maintenance_work_mem = '3GB'")
        server.execute("SET work_mem = '256MB'")
        server.execute("SET session_replication_role = replica")
        server.execute(_STAGING)
        copy_posts(server, folder, size)
        for statement in (_FACETS, _CORPUS, _ITEMS, _NORMALIZED, _DOCUMENTS):
            server.execute(statement, whose)
            told(statement)
        started = time.perf_counter()
        with server.transaction():
            key = server.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'evidence_posting_pkey'"
            ).fetchone()
            assert key is not None
            server.execute("ALTER TABLE evidence_posting DROP CONSTRAINT evidence_posting_pkey")
            server.execute(_POSTINGS.format(impact=_IMPACT.format(frequency="frequency", length="length")), whose)
            server.execute(f"ALTER TABLE evidence_posting ADD {key[0]}")
        postings_s = time.perf_counter() - started
        told(_POSTINGS)
        for statement in _COUNTS:
            server.execute(statement, whose)
        started = time.perf_counter()
        with server.transaction():
            graph = server.execute("SELECT pg_get_indexdef('evidence_vector_graph_256'::regclass)").fetchone()
            assert graph is not None
            server.execute("DROP INDEX evidence_vector_graph_256")
            server.execute(_VECTORS, whose)
            server.execute(graph[0])
        graph_s = time.perf_counter() - started
        told(graph[0])
        server.execute("DROP TABLE bench_post")
        server.execute("VACUUM (ANALYZE) evidence_posting, evidence_document, evidence_vector, evidence_lexeme")
        server.execute("VACUUM (ANALYZE) evidence_item, evidence_facet, normalized_evidence_item")
        server.execute("CHECKPOINT")
    return Loaded(tenant_id, brand_id, postings_s, graph_s)


def told(statement: str) -> None:
    """Say what is done: loading a million takes many minutes."""
    print(f"{time.strftime('%H:%M:%S')} {statement.strip().splitlines()[0][:60]}", file=sys.stderr, flush=True)


def a_brand() -> tuple[UUID, UUID]:
    """Make a tenant and a brand."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.brands import operations
    from kairo.stages.brands.contracts import BrandFile

    tenant_id = create_tenant(slug="bench").id
    with tenant_transaction(tenant_id):
        file = BrandFile.model_validate({"brand": {"slug": "bench", "name": "Bench"}})
        brand, _, _ = operations.import_brand(file=file, at=NOW)
    return tenant_id, brand.id


def copy_posts(server: psycopg.Connection, folder: Path, size: int) -> None:
    """COPY posts with their vectors, a chunk at a time."""
    from kairo.platform.database.ids import new_id
    from kairo.platform.embeddings import default_embedder

    dice = random.Random(5)
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", mode="w+", dtype=np.float32, shape=(size, 256))
    posts = texts(dice)
    with (folder / "texts.txt").open("w", encoding="utf-8") as lines:
        for start in range(0, size, CHUNK):
            said = [next(posts) for _ in range(min(CHUNK, size - start))]
            embedded = default_embedder().embed(said)
            vectors[start : start + len(said)] = embedded
            lines.writelines(f"{text}\n" for text in said)
            halves = embedded.astype(np.float16)
            with server.cursor().copy("COPY bench_post FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(COLUMNS)
                for text, half in zip(said, halves, strict=True):
                    published_at = NOW - timedelta(seconds=dice.randrange(365 * 24 * 3600))
                    copy.write_row(
                        (new_id(), dice.choice(PLATFORMS), dice.choice(LANGUAGES), published_at, text, HalfVector(half))
                    )
            told(f"COPY through {start + len(said):,}")


def topics() -> tuple[list[str], list[list[str]]]:
    """Return all words, the frequent ones first, and the words of each topic."""
    words = vocabulary()
    dice = random.Random(11)
    return words, [dice.sample(words[200:], TOPIC_WORDS) for _ in range(TOPICS)]


def texts(dice: random.Random) -> Iterator[str]:
    """Yield texts of 6 to 40 words without end: half of them common ones by Zipf's law, half of one topic's."""
    words, of_topic = topics()
    common = [1 / (rank + 8) for rank in range(len(words))]
    special = [1 / (rank + 3) for rank in range(TOPIC_WORDS)]
    total = np.cumsum(common).tolist()
    special_total = np.cumsum(special).tolist()
    while True:
        length = dice.randint(6, 40)
        topic = dice.choice(of_topic)
        said = dice.choices(words, cum_weights=total, k=length - length // 2)
        said += dice.choices(topic, cum_weights=special_total, k=length // 2)
        dice.shuffle(said)
        yield " ".join(said)


def asked(count: int) -> list[str]:
    """Make queries as people write them: two to four words of one post that nobody wrote."""
    dice = random.Random(23)
    posts = texts(dice)
    return [" ".join(dice.sample(next(posts).split(), dice.randint(2, 4))) for _ in range(count)]


def search(loaded: Loaded, query: str, filters: dict[str, object]) -> list[UUID]:
    """Search through the product's operation."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.evidence import operations

    with tenant_transaction(loaded.tenant_id):
        answer = operations.search(loaded.brand_id, query, at=NOW, k=DEPTH, **filters)  # type: ignore[arg-type]
    return [item.id for item in answer.items]


def seconds(loaded: Loaded, query: str, filters: dict[str, object]) -> float:
    started = time.perf_counter()
    found = search(loaded, query, filters)
    assert found, f"nothing was found for {query!r}"
    return time.perf_counter() - started


def recalls(loaded: Loaded, queries: Sequence[str]) -> tuple[float, float, float]:
    """Return recall@100 of hybrid, of the words' leg and of the vectors' leg against the exact ones."""
    from kairo.stages.evidence.contracts import SearchMode
    from kairo.stages.evidence.queries import search as legs

    modes = (SearchMode.HYBRID, SearchMode.LEXICAL, SearchMode.DENSE)
    asked_for = [
        (query, {**FILTERS[place % len(FILTERS)], "mode": mode})
        for mode in modes
        for place, query in enumerate(queries)
    ]
    quick = [search(loaded, query, filters) for query, filters in asked_for]
    forget_rankings(loaded)
    usual = legs.WHOLE_LISTS_POSTINGS, legs.GRAPH_COST
    legs.WHOLE_LISTS_POSTINGS, legs.GRAPH_COST = 10**12, 10**12
    exact = [search(loaded, query, filters) for query, filters in asked_for]
    legs.WHOLE_LISTS_POSTINGS, legs.GRAPH_COST = usual
    shares = [len(set(ours) & set(all_)) / len(all_) if all_ else 1.0 for ours, all_ in zip(quick, exact, strict=True)]
    hybrid, lexical, dense = np.array(shares).reshape(len(modes), len(queries)).mean(axis=1).tolist()
    return hybrid, lexical, dense


def forget_rankings(loaded: Loaded) -> None:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.database.sql import execute

    with tenant_transaction(loaded.tenant_id):
        execute("DELETE FROM evidence_search")


if __name__ == "__main__":
    main()
