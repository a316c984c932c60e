"""bm25s and exact cosines by numpy over the same texts and vectors in memory, merged by reciprocal ranks."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import bm25s
import numpy as np

DEPTH = 200


def main(folder: Path) -> None:
    texts = (folder / "texts.txt").read_text(encoding="utf-8").splitlines()
    vectors = np.load(folder / "vectors.npy")
    queries = json.loads((folder / "queries.json").read_text())
    started = time.perf_counter()
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    index_s = time.perf_counter() - started
    dice = np.random.default_rng(3)
    took = []
    for query in queries:
        # Any vector of the set costs as much as the query's own.
        vector = vectors[dice.integers(len(vectors))]
        started = time.perf_counter()
        places, _ = index.retrieve(bm25s.tokenize([query], stopwords="en", show_progress=False), k=DEPTH,
                                   show_progress=False)  # fmt: skip
        nearness = vectors @ vector
        nearest = np.argpartition(-nearness, DEPTH)[:DEPTH]
        merge(places[0].tolist(), nearest[np.argsort(-nearness[nearest])].tolist())
        took.append(time.perf_counter() - started)
    took.sort()
    figures = {"p95_ms": took[int(len(took) * 0.95)] * 1000, "p50_ms": took[len(took) // 2] * 1000, "index_s": index_s}
    print(json.dumps(figures))


def merge(one: list[int], other: list[int]) -> list[int]:
    scores: dict[int, float] = {}
    for ranking in (one, other):
        for place, name in enumerate(ranking, start=1):
            scores[name] = scores.get(name, 0.0) + 1 / (60 + place)
    return sorted(scores, key=lambda name: -scores[name])


main(Path(sys.argv[1]))
