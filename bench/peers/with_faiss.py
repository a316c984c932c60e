"""FAISS's flat index of inner products, asked one vector at a time on one thread."""

from __future__ import annotations

import json
import sys
import time

import faiss
import numpy as np

faiss.omp_set_num_threads(1)
data = np.load(sys.argv[1])
index = faiss.IndexFlatIP(data["stored"].shape[1])
index.add(data["stored"])
spent, found = [], []
for vector in data["asked"][:10]:
    index.search(vector[None, :], 10)
for vector in data["asked"]:
    started = time.perf_counter()
    _, nearest = index.search(vector[None, :], 10)
    spent.append(time.perf_counter() - started)
    found.append(nearest[0].tolist())
print(json.dumps({"ms": float(np.median(spent)) * 1_000, "found": found}))
