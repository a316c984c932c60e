"""Retrieval on judged collections, through the product's own search: hybrid beside each leg, plain RRF and bm25s.

    python -m bench.insights_retrieval

Each collection is imported as posts of a brand of its own, and every judged query is searched by the product in each
mode. nDCG@10 and recall@100; whether hybrid is below BM25 is told by a paired bootstrap over the queries. With the
peers installed the same is done with MiniLM, which a local server offers by the embeddings protocol.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bench.table import PEERS_PYTHON, ROOT, Line, ask_peer, durable_server, report

DATA = ROOT.parent / "shared" / "data" / "nlp"
COLLECTIONS = ("scifact", "cisi")
REACH = {"scifact": "≥ .70", "cisi": "≥ .41"}
REACH_MINILM = {"scifact": "≥ .735", "cisi": "≥ .453"}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DEPTH = 100
RESAMPLES = 10_000
SURE = 0.05
TRIES = 40
"""A large model on a busy machine takes longer for its batch than the product waits: what is stored stays so."""


@dataclass(frozen=True)
class Collection:
    """A judged collection: texts by id, queries by id, and which documents answer each query."""

    name: str
    texts: dict[str, tuple[str, str]]
    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Quality:
    """nDCG@10 of each query, and the mean recall of the first hundred."""

    ndcg: dict[str, float]
    recall: float

    @property
    def mean(self) -> float:
        return sum(self.ndcg.values()) / len(self.ndcg)


def main() -> None:
    """Measure every collection that is there and report it."""
    present = [read_collection(name) for name in COLLECTIONS if (DATA / name).exists()]
    if not present:
        print(f"retrieval is skipped: there is no collection in {DATA}")
        return
    lines: list[Line] = []
    with durable_server(), minilm_endpoint() as address:
        for collection in present:
            lines += measured(collection, "static", REACH)
        if address is None:
            print("MiniLM is left out: torch, sentence-transformers and its weights are not installed with the peers")
        else:
            offer(address)
            for collection in present:
                lines += measured(collection, "MiniLM", REACH_MINILM)
    report("insights_retrieval", lines)


def read_collection(name: str) -> Collection:
    """Read a collection's corpus, judged queries and judgements."""
    folder = DATA / name
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.test.txt").read_text().splitlines():
        query_id, _, document_id, gain = line.split()
        if int(gain) > 0:
            relevant.setdefault(query_id, {})[document_id] = int(gain)
    return Collection(
        name=name,
        texts={row["_id"]: (row["title"], row["text"]) for row in records(folder / "corpus.jsonl.gz")},
        queries={
            row["_id"]: row["text"] for row in records(folder / "queries.test.jsonl.gz") if row["_id"] in relevant
        },
        relevant=relevant,
    )


def records(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def measured(collection: Collection, embedder: str, reach: Mapping[str, str]) -> list[Line]:
    """Import a collection, search it in every mode, and put the figures side by side."""
    from kairo.stages.evidence.contracts import SearchMode

    tenant_id, brand_id, ids = imported(collection, slug=f"{collection.name}-{embedder.lower()}")
    found = {mode: searched(collection, tenant_id, brand_id, ids, mode) for mode in SearchMode}
    found_by_rrf = {
        query_id: plain_rrf(found[SearchMode.LEXICAL][query_id], found[SearchMode.DENSE][query_id])
        for query_id in collection.queries
    }
    hybrid, bm25, dense = (quality(collection, found[mode]) for mode in SearchMode)
    below = probability_below(hybrid.ndcg, bm25.ndcg)
    verdict = f"significantly below BM25 (p {below:.3f})" if below < SURE else f"not below BM25 (p {below:.3f})"
    name = f"{collection.name} {embedder}"
    goal = reach[collection.name]
    lines = [
        Line(f"{name} nDCG@10", hybrid.mean, "its BM25 leg", bm25.mean, "", goal, verdict),
        Line(f"{name} nDCG@10", hybrid.mean, "its dense leg", dense.mean, "", goal),
        Line(f"{name} nDCG@10", hybrid.mean, "plain RRF", quality(collection, found_by_rrf).mean, "", goal),
        Line(
            f"{name} R@100",
            hybrid.recall,
            "its BM25 leg",
            bm25.recall,
            "",
            "≥ .935" if name == "scifact static" else "",
        ),
    ]
    return [*lines, beside_bm25s(collection, hybrid, name, goal)] if embedder == "static" else lines


def imported(collection: Collection, *, slug: str) -> tuple[UUID, UUID, dict[str, str]]:
    """Import the collection as posts of a tenant of its own; returns tenant, brand and each item's document."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.embeddings import EmbedderUnavailable
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.brands import operations as brands
    from kairo.stages.brands.contracts import BrandFile
    from kairo.stages.evidence import operations

    tenant_id = create_tenant(slug=slug).id
    with tenant_transaction(tenant_id):
        file = BrandFile.model_validate({"brand": {"slug": slug, "name": collection.name}})
        brand, _, _ = brands.import_brand(file=file, at=NOW)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{collection.name}.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for document_id, (title, text) in collection.texts.items():
                lines.write(json.dumps(as_post(document_id, title, text), ensure_ascii=False) + "\n")
        for _ in range(TRIES):
            with suppress(EmbedderUnavailable):
                operations.import_file(tenant_id=tenant_id, brand_id=brand.id, path=path, at=NOW)
                break
        taken = operations.import_file(tenant_id=tenant_id, brand_id=brand.id, path=path, at=NOW)
    assert taken.known == len(collection.texts), f"{taken.known} of {len(collection.texts)} documents were taken"
    return tenant_id, brand.id, {document_id: document_id for document_id in collection.texts}


def as_post(document_id: str, title: str, text: str) -> dict[str, str]:
    return {
        "platform": "papers",
        "platform_item_id": document_id,
        "title": title,
        "text": f"{title}\n{text}",
        "language": "en",
        "published_at": "2026-05-01T00:00:00Z",
    }


def searched(
    collection: Collection, tenant_id: UUID, brand_id: UUID, ids: Mapping[str, str], mode: object
) -> dict[str, list[str]]:
    """Search every judged query and return the documents found, best first."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.evidence import operations

    found: dict[str, list[str]] = {}
    for query_id, text in collection.queries.items():
        with tenant_transaction(tenant_id):
            answer = operations.search(brand_id, text[:1000], at=NOW, k=DEPTH, mode=mode)  # type: ignore[arg-type]
        assert not answer.degraded, answer.degraded
        found[query_id] = [ids[item.platform_item_id] for item in answer.items]
    return found


def quality(collection: Collection, found: Mapping[str, Sequence[str]]) -> Quality:
    """Judge rankings: nDCG@10 of each query, and the mean recall of the first hundred."""
    ndcg, recalled = {}, 0.0
    for query_id, relevant in collection.relevant.items():
        ranked = found[query_id]
        gained = sum(relevant.get(name, 0) / math.log2(place + 2) for place, name in enumerate(ranked[:10]))
        best = sum(
            gain / math.log2(place + 2) for place, gain in enumerate(sorted(relevant.values(), reverse=True)[:10])
        )
        ndcg[query_id] = gained / best
        recalled += len(relevant.keys() & set(ranked[:DEPTH])) / len(relevant)
    return Quality(ndcg=ndcg, recall=recalled / len(collection.relevant))


def plain_rrf(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """Merge by unweighted reciprocal ranks, k = 60."""
    scores: dict[str, float] = {}
    for ranking in (one, other):
        for place, name in enumerate(ranking, start=1):
            scores[name] = scores.get(name, 0.0) + 1 / (60 + place)
    return sorted(scores, key=lambda name: -scores[name])


def probability_below(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """Return how probable it is, by a paired bootstrap, to see such a loss if ours were as good; 1 where ours wins."""
    differences = [ours[query_id] - theirs[query_id] for query_id in ours]
    mean = sum(differences) / len(differences)
    if mean >= 0:
        return 1.0
    dice = random.Random(7)
    centred = [difference - mean for difference in differences]
    means = (sum(dice.choices(centred, k=len(centred))) / len(centred) for _ in range(RESAMPLES))
    return sum(value <= mean for value in means) / RESAMPLES


def beside_bm25s(collection: Collection, ours: Quality, name: str, goal: str) -> Line:
    """Put ours beside bm25s over the same texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.json"
        texts = {document_id: f"{title}\n{text}" for document_id, (title, text) in collection.texts.items()}
        path.write_text(json.dumps({"texts": texts, "queries": collection.queries}))
        answer = ask_peer("with_bm25s.py", str(path))
        what = f"{name} nDCG@10"
        if isinstance(answer, str):
            return Line(what, ours.mean, "bm25s", None, "", goal, answer)
        theirs = quality(collection, json.loads((Path(folder) / "found.json").read_text()))
    return Line(what, ours.mean, "bm25s", theirs.mean, "", goal)


@contextmanager
def minilm_endpoint() -> Iterator[str | None]:
    """Serve MiniLM on this machine for as long as the block runs, and yield its address; None where it is missing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if not PEERS_PYTHON.exists():
        yield None
        return
    server = subprocess.Popen([str(PEERS_PYTHON), str(ROOT / "bench" / "peers" / "minilm_endpoint.py"), str(port)])
    try:
        yield f"http://127.0.0.1:{port}/v1" if is_up(server, port) else None
    finally:
        server.terminate()
        server.wait()


def is_up(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server listens, or has ended because something is not installed."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False


def offer(address: str) -> None:
    """Have the product embed by the server at this address from now on."""
    from django.conf import settings

    settings.KAIRO_EMBEDDER = "openai:all-MiniLM-L6-v2"
    settings.KAIRO_EMBEDDINGS_URL = address
    settings.KAIRO_OUTBOUND_NETWORKS = ("127.0.0.0/8",)


if __name__ == "__main__":
    os.environ.setdefault("KAIRO_LOG_LEVEL", "WARNING")
    main()
