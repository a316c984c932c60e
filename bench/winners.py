"""The winner index beside FAISS, numpy in memory and pgvector's graph; and what neighbours tell of an ad's outcome.

    python -m bench.winners        BENCH_SCALE=.1 (default): 1,000 and 10,000 winners; 1: 100,000 too
    BENCH_SIZES=100000             only these sizes

Vectors lie in five hundred clouds, as texts of few topics do. Ours is the product's own query, filters and row-level
security included, on PostgreSQL's own settings; all are asked the same, one after another, and recall@10 is of the
true ten by 64-bit cosine. What neighbours tell is measured on public posts with scores, because no public ads come
with both their texts and their outcomes; that an ad found to have won goes on winning, on public ads without texts.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from bench.table import PEERS_PYTHON, ROOT, SCALE, Line, durable_server, report

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "").split(",") if size] or [
    size for size in (1_000, 10_000, 100_000) if size <= max(10_000, 100_000 * SCALE)
]
DIMENSION = 256
ASKED = 100
K = 10
DATA = Path(os.environ.get("KAIRO_SHARED_DATA", ROOT.parent / "shared" / "data"))
FOLDS = 5

Vectors = NDArray[np.float32]


def clouds(count: int, generator: np.random.Generator, centres: Vectors) -> Vectors:
    """Draw vectors of length 1 around centres."""
    drawn = centres[generator.integers(0, len(centres), count)] + 0.8 * generator.normal(size=(count, DIMENSION))
    unit: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return unit


def truth(stored: Vectors, asked: Vectors) -> list[set[int]]:
    """Return the ten nearest of each by 64-bit cosine."""
    wide = stored.astype(np.float64)
    found = []
    for vector in asked.astype(np.float64):
        cosines = wide @ vector
        nearest = np.argpartition(-cosines, K)[:K]
        found.append(set(nearest.tolist()))
    return found


def timed(ask: Callable[[Vectors], set[int]], asked: Vectors, true: Sequence[set[int]]) -> tuple[float, float]:
    """Return the median milliseconds of one question, and recall@10."""
    for vector in asked[:10]:
        ask(vector)
    spent, hits = [], 0
    for vector, nearest in zip(asked, true, strict=True):
        started = time.perf_counter()
        found = ask(vector)
        spent.append(time.perf_counter() - started)
        hits += len(found & nearest)
    return float(np.median(spent)) * 1_000, hits / (K * len(asked))


def load(url: str, tenant_id: UUID, stored: Vectors) -> None:
    """Copy winners into the product's table, as its superuser."""
    with psycopg.connect(url) as server:
        server.execute("DELETE FROM ad_winner")
        copying = (
            "COPY ad_winner (id, tenant_id, ad_id, text, embedder, is_given, dimension, embedding, origin, metrics,"
            " metadata, why, added_at, updated_at) FROM STDIN"
        )
        with server.cursor() as cursor, cursor.copy(copying) as copy:
            for number, vector in enumerate(stored):
                copy.write_row(
                    (
                        UUID(int=number), tenant_id, str(number), "Fresh beans at your door. " * 6, "static", True,
                        DIMENSION, "[" + ",".join(map(repr, vector.tolist())) + "]", "added", '{"roas": 3.0}',
                        json.dumps({"platform": "meta" if number % 10 else "tiktok"}), "Benchmark.", "2026-06-01",
                        "2026-06-01",
                    )
                )  # fmt: skip
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("VACUUM ANALYZE ad_winner")


def ours(tenant_id: UUID, filters: dict[str, str] | None = None) -> Callable[[Vectors], set[int]]:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.learning.queries.winners import similar_winners

    def ask(vector: Vectors) -> set[int]:
        with tenant_transaction(tenant_id):
            found = similar_winners(vector=vector, embedder="static", k=K, filters=filters)
        return {int(winner.ad_id) for winner in found}

    return ask


def in_memory(stored: Vectors) -> Callable[[Vectors], set[int]]:
    def ask(vector: Vectors) -> set[int]:
        cosines = stored @ vector
        return set(np.argpartition(-cosines, K)[:K].tolist())

    return ask


def by_graph(server: psycopg.Connection[tuple[int]]) -> Callable[[Vectors], set[int]]:
    def ask(vector: Vectors) -> set[int]:
        literal = "[" + ",".join(map(repr, vector.tolist())) + "]"
        statement = f"SELECT ad_id::int FROM ad_winner ORDER BY embedding::vector({DIMENSION}) <#> %s LIMIT {K}"
        return {number for (number,) in server.execute(statement, [literal])}

    return ask


def by_faiss(stored: Vectors, asked: Vectors, true: Sequence[set[int]]) -> tuple[float, float] | str:
    """Ask FAISS's flat index in the peers' environment, on one thread as one process of ours has."""
    with tempfile.TemporaryDirectory() as directory:
        np.savez(Path(directory) / "v.npz", stored=stored, asked=asked)
        if not PEERS_PYTHON.exists():
            return "peers are not installed: run make bench-peers"
        done = subprocess.run(
            [str(PEERS_PYTHON), str(ROOT / "bench" / "peers" / "with_faiss.py"), str(Path(directory) / "v.npz")],
            capture_output=True,
            text=True,
            timeout=300,
        )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no message"])[-1][:80]
    told = json.loads(done.stdout.splitlines()[-1])
    hits = sum(len(set(found) & nearest) for found, nearest in zip(told["found"], true, strict=True))
    return told["ms"], hits / (K * len(asked))


def search_lines(url: str, tenant_id: UUID) -> list[Line]:
    generator = np.random.default_rng(1)
    centres: Vectors = generator.normal(size=(500, DIMENSION)).astype(np.float32)
    lines = []
    for size in SIZES:
        stored, asked = clouds(size, generator, centres), clouds(ASKED, generator, centres)
        true = truth(stored, asked)
        load(url, tenant_id, stored)
        own, recall = timed(ours(tenant_id), asked, true)
        filtered, _ = timed(ours(tenant_id, {"platform": "tiktok"}), asked, true)
        flat = by_faiss(stored, asked, true)
        memory, memory_recall = timed(in_memory(stored), asked, true)
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("SET maintenance_work_mem = '1GB'")
            started = time.perf_counter()
            server.execute(
                f"CREATE INDEX bench_graph ON ad_winner USING hnsw ((embedding::vector({DIMENSION})) vector_ip_ops)"
            )
            built = time.perf_counter() - started
            graph, graph_recall = timed(by_graph(server), asked, true)
            server.execute("DROP INDEX bench_graph")
        name = f"{size:,} winners"
        reach = f"recall {recall:.3f}"
        if isinstance(flat, str):
            lines.append(Line(name, own, "FAISS flat, in memory", None, "ms", reach, flat))
        else:
            lines.append(Line(name, own, "FAISS flat, in memory", flat[0], "ms", reach, f"its recall {flat[1]:.3f}"))
        lines.append(Line(name, own, "numpy, in memory", memory, "ms", reach, f"its recall {memory_recall:.3f}"))
        note = f"its recall {graph_recall:.3f}; built in {built:.0f} s"
        lines.append(Line(name, own, "pgvector hnsw", graph, "ms", reach, note))
        lines.append(Line(f"{name}, a tenth by filter", filtered, "", None, "ms"))
    return lines


def posts() -> dict[str, list[tuple[str, float]]]:
    """Read titles with the logarithm of their scores, community by community."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for path in sorted((DATA / "evidence" / "reddit-top-2013").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["title"] and (row["score"] or "").isdigit() and int(row["score"]) > 0:
                    found[path.stem].append((row["title"], float(np.log(int(row["score"])))))
    return found


def launches() -> dict[str, list[tuple[str, float]]]:
    """Read what products say of themselves with the logarithm of their votes."""
    with (DATA / "evidence" / "producthunt-daily" / "posts.jsonl").open(encoding="utf-8") as file:
        told = [json.loads(line) for line in file]
    return {
        "Product Hunt": [
            (f"{one['tagline_zh']} {one['description_zh']}", float(np.log(1 + one["votes"]))) for one in told
        ]
    }


def neighbour_lines() -> list[Line]:
    """Predict each text's outcome from its 50 nearest of the other folds, beside the mean of those folds."""
    from kairo.platform.embeddings import embedder_named
    from kairo.stages.learning.rules.neighbours import expected_outcome

    lines = []
    communities = posts()
    together = {"Reddit, all four": [row for rows in communities.values() for row in rows]}
    for name, rows in {**together, **communities, **launches()}.items():
        vectors = embedder_named("static").embed([text for text, _ in rows])
        outcomes = np.array([outcome for _, outcome in rows])
        generator = np.random.default_rng(4)
        fold = generator.integers(0, FOLDS, len(rows))
        ours_wrong, mean_wrong = np.zeros(len(rows)), np.zeros(len(rows))
        for part in range(FOLDS):
            known = np.flatnonzero(fold != part)
            usual = float(outcomes[known].mean())
            for place in np.flatnonzero(fold == part):
                cosines = vectors[known] @ vectors[place]
                near = np.argpartition(-cosines, 50)[:50]
                told = expected_outcome(cosines[near].tolist(), outcomes[known][near].tolist(), usual=usual)
                ours_wrong[place], mean_wrong[place] = (told - outcomes[place]) ** 2, (usual - outcomes[place]) ** 2
        saved = mean_wrong - ours_wrong
        picked = generator.integers(0, len(rows), (1_000, len(rows)))
        low, high = np.quantile(saved[picked].mean(axis=1) / mean_wrong.mean(), [0.025, 0.975])
        reach = f"{saved.mean() / mean_wrong.mean():+.1%} ({low:+.1%} … {high:+.1%})"
        what = f"squared error, {name} ({len(rows):,})"
        lines.append(Line(what, ours_wrong.mean() * 100, "the usual outcome", mean_wrong.mean() * 100, "/100", reach))
    return lines


def winning_lines() -> list[Line]:
    """Split the enquiries of public Facebook ads by lot in two: who wins by one half, is it ahead in the other?"""
    from kairo.stages.learning.rules.winning import AdOutcome, judge_campaign

    with (DATA / "ads" / "kag_facebook" / "KAG_conversion_data.csv").open(newline="") as file:
        ads = list(csv.DictReader(file))
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for ad in ads:
        groups[f"{ad['xyz_campaign_id']} {ad['age']} {ad['gender']}"].append(ad)
    generator = np.random.default_rng(6)
    lifts, ahead, called = [], 0, 0
    for _ in range(20):
        for group in groups.values():
            halves = [int(generator.binomial(int(ad["Total_Conversion"]), 0.5)) for ad in group]
            spent = [float(ad["Spent"]) / 2 for ad in group]
            outcomes = [
                AdOutcome(str(place), spend, half, float(half))
                for place, (spend, half) in enumerate(zip(spent, halves, strict=True))
            ]
            for one in judge_campaign(outcomes, seed=1, draws=2_000):
                if not one.is_winner:
                    continue
                place = int(one.ad_id)
                rest = [int(ad["Total_Conversion"]) - half for ad, half in zip(group, halves, strict=True)]
                others = (sum(rest) - rest[place]) / (sum(spent) - spent[place])
                lift = rest[place] / spent[place] / others if others else np.nan
                called, ahead = called + 1, ahead + (lift > 1)
                lifts.append(lift)
    if not called:
        return [Line("winners of half of the results", 0, "", None, "%", "", "none was found")]
    note = f"{called} winners in 20 splits; median lift {np.nanmedian(lifts):.2f}"
    return [Line("winners ahead in the other half", 100 * ahead / called, "of chance", 50.0, "%", "", note)]


def main() -> None:
    lines = []
    with durable_server() as url:
        from kairo.platform.tenancy.operations import create_tenant

        lines += search_lines(url, create_tenant(slug="bench").id)
    lines += neighbour_lines()
    lines += winning_lines()
    report("winners", lines)


if __name__ == "__main__":
    main()
