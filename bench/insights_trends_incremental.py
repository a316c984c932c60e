"""The price of new items: how long until they are clustered and looked at, beside doing everything anew.

    python -m bench.insights_trends_incremental [growth] [ingest]    both by default
    BENCH_TRENDS_ITEMS=1000000 BENCH_SCALE=1                         the largest of growth's three sizes, full size
    BENCH_TRENDS_SIZES=1000000                                       only these sizes

`growth` takes new items in where many are clustered already, then does everything anew and compares the rows.
`ingest` takes 10,000 new items (at any scale) from their file to their scores, on an installation with few.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from bench.table import SCALE, Line, durable_server, report

NEW_ITEMS = 10_000
WARM_UP_ITEMS = 1_000


def main() -> None:
    """Run the parts that the arguments name, or both."""
    parts: dict[str, Callable[[str], Iterator[Line]]] = {"growth": incremental, "ingest": ingest}
    with durable_server() as url:
        lines = [line for name in sys.argv[1:] or parts for line in parts[name](url)]
    report("insights_trends_incremental", lines)


class Stopwatch:
    """Seconds that passed, and seconds of processor time of this process and of PostgreSQL's for it."""

    def __enter__(self) -> Stopwatch:
        self._started = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        self.passed, self.client, self.server = (
            now - then for now, then in zip(self._now(), self._started, strict=True)
        )

    @property
    def processors(self) -> float:
        return self.client + self.server

    def __str__(self) -> str:
        return f"{self.passed:.1f} s, of processors {self.client:.1f} + {self.server:.1f} s"

    @staticmethod
    def _now() -> tuple[float, float, float]:
        from bench.import_posts import server_cpu_s

        return time.perf_counter(), time.process_time(), server_cpu_s()


def ingest(url: str) -> Iterator[Line]:
    """Take new items in end to end: their file read, normalised and stored, clustered, looked at."""
    from bench.import_posts import NOW
    from kairo.platform.tenancy.operations import create_tenant
    from tests.factories.brands import stored_brand

    tenant = create_tenant(slug="bench-ingest").id
    brand = stored_brand(tenant).id
    taken_in(tenant, brand, WARM_UP_ITEMS, seed=1, at=NOW)
    stored, followed = taken_in(tenant, brand, NEW_ITEMS, seed=7, at=NOW)
    for what, watches in (
        ("ingest end to end, 10,000 items", (stored, followed)),
        ("  read, normalised, stored", (stored,)),
        ("  clustered and looked at", (followed,)),
    ):
        passed, processors = sum(one.passed for one in watches), sum(one.processors for one in watches)
        note = f"{NEW_ITEMS / processors:,.0f} a second of processor time"
        yield Line(what, NEW_ITEMS / passed, "–", None, "a second", "", note)


def incremental(url: str) -> Iterator[Line]:
    """Take new items in where many are clustered already, then do everything anew and compare the rows.

    At three sizes, each a tenant of its own: what new items cost must not grow with what is there.
    """
    most = int(os.environ.get("BENCH_TRENDS_ITEMS", round(1_000_000 * SCALE)))
    sizes = [int(size) for size in os.environ.get("BENCH_TRENDS_SIZES", "").split(",") if size]
    fresh = round(NEW_ITEMS * min(1.0, SCALE * 10))
    for known in sizes or (most // 100, most // 10, most):
        yield from incremental_at(url, known, fresh)


def incremental_at(url: str, known: int, fresh: int) -> Iterator[Line]:
    """Measure one size; the known items are stored in bulk, the new ones come in through the import.

    Long sizes tell what they have found as they go.
    """
    from bench.import_posts import NOW
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.insights import operations
    from tests.factories.brands import stored_brand

    tenant = create_tenant(slug=f"bench-{known}").id
    brand = stored_brand(tenant).id
    store_known(url, tenant, known, at=NOW)
    told(f"{known:,} known items are stored")
    with Stopwatch() as first:
        operations.rebuild(tenant_id=tenant, progress=lambda items: told(f"  {items:,} clustered"))
        operations.score(tenant_id=tenant, at=NOW)
    told(f"{known:,} known items clustered, counted, looked at: {first}")
    taken_in(tenant, brand, WARM_UP_ITEMS, seed=5, at=NOW)
    stored, new = taken_in(tenant, brand, fresh, seed=7, at=NOW)
    told(f"{fresh:,} new items: read and stored {stored}; clustered, counted, looked at {new}")
    rows = digests(tenant)
    with Stopwatch() as again:
        operations.rebuild(tenant_id=tenant, progress=lambda items: told(f"  {items:,} clustered anew"))
        operations.score(tenant_id=tenant, at=NOW)
    same = digests(tenant) == rows
    told(f"all anew: {again}; the same rows: {'yes' if same else 'NO'}")
    yield Line(
        f"{fresh:,} new items at {known:,}", again.passed / new.passed, "recomputation of all", 1.0, "x faster",
        "≥ 50 at 1", f"{new}; all: {again}; by processor time {again.processors / new.processors:.1f} x; "
        f"the same rows: {'yes' if same else 'NO'}",
    )  # fmt: skip
    yield Line(f"  clustered and scored at {known:,}", fresh / new.passed, "–", None, "a second")
    yield Line(
        f"  imported, clustered, scored at {known:,}", fresh / (stored.passed + new.passed), "–", None, "a second"
    )


def taken_in(tenant: UUID, brand: UUID, count: int, *, seed: int, at: datetime) -> tuple[Stopwatch, Stopwatch]:
    """Import generated posts, then cluster and look at them; returns how long each took."""
    from bench.import_posts import write_posts
    from kairo.stages.evidence.operations import import_file
    from kairo.stages.insights import operations

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.jsonl"
        write_posts(path, count, seed=seed)
        with Stopwatch() as stored:
            import_file(path=path, tenant_id=tenant, brand_id=brand, at=at)
        with Stopwatch() as followed:
            operations.follow_new_items(tenant_id=tenant, at=at)
    return stored, followed


def told(what: str) -> None:
    """Say how far a long run is, with the machine's load."""
    print(f"{time.strftime('%H:%M:%S')} {what} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


_STAGING = """
CREATE TEMPORARY TABLE bench_known (number int, platform text, author text, words text, published_at timestamptz,
                                    embedding halfvec(256))
"""
_KNOWN_TYPES = ("int4", "text", "text", "text", "timestamptz", "halfvec")
_KNOWN = (
    """
    INSERT INTO evidence_item (id, tenant_id, platform, platform_item_id, author_ref, format_has_author, text_content,
                               media_type, hashtags, language, published_at, captured_at, raw_json)
    SELECT uuidv7(), %(tenant)s, platform, 'known-' || number, author, true, words, 'text', '{}', 'en', published_at,
           %(at)s, '{}' FROM bench_known ORDER BY number
    """,
    """
    INSERT INTO normalized_evidence_item (id, tenant_id, item_id, normalized_text, content_hash, language,
                                          holds_real_content, engagement_score, embedder, embedding, has_transcript,
                                          signature_bands, normalized_at)
    SELECT uuidv7(), %(tenant)s, item.id, words, md5(words), 'en', true, (number %% 100) / 100.0, 'static', embedding,
           false, '{}', %(at)s
    FROM bench_known known JOIN evidence_item item ON item.tenant_id = %(tenant)s AND item.platform = known.platform
      AND item.platform_item_id = 'known-' || number
    ORDER BY number
    """,
    "ANALYZE evidence_item, normalized_evidence_item",
)


def store_known(url: str, tenant: UUID, count: int, *, at: datetime) -> None:
    """Store normalised items of the last three weeks in bulk, as an import would leave them for clustering."""
    import psycopg
    from pgvector import HalfVector
    from pgvector.psycopg import register_vector

    from bench.import_posts import PLATFORMS, texts
    from kairo.platform.embeddings import default_embedder

    dice = random.Random(3)
    said = texts(dice, count)
    with psycopg.connect(url) as server:
        register_vector(server)
        server.execute("SET session_replication_role = replica")
        server.execute(_STAGING)
        number = 0
        while some := list(itertools.islice(said, 10_000)):
            with server.cursor().copy("COPY bench_known FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(_KNOWN_TYPES)
                for text, vector in zip(some, default_embedder().embed(some), strict=True):
                    published_at = at - timedelta(seconds=dice.randrange(21 * 86_400))
                    author = f"person{dice.randrange(count)}"
                    copy.write_row((number, dice.choice(PLATFORMS), author, text, published_at, HalfVector(vector)))
                    number += 1
        for statement in _KNOWN:
            server.execute(statement, {"tenant": tenant, "at": at})


def digests(tenant: UUID) -> dict[str, tuple[object, ...]]:
    """Return for each table of clustering how many rows there are, and a sum that any other row would change."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.database.sql import rows
    from tests.integration.insights.cluster_rows import _STATEMENTS

    told = "SELECT count(*), sum(hashtextextended(one::text, 0)::numeric) FROM ({}) AS one"
    with tenant_transaction(tenant):
        return {name: rows(told.format(_STATEMENTS[name]))[0] for name in ("clusters", "links", "buckets")}


if __name__ == "__main__":
    main()
