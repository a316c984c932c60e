"""datasketch: MinHash LSH over sets of three-character shingles; each text is looked up, then added."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

PERMUTATIONS = 128
SHINGLE = 3


def main(path: Path, threshold: float) -> None:
    texts = json.loads(path.read_text(encoding="utf-8"))
    started = time.perf_counter()
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    pairs = []
    signatures: list[MinHash] = []
    for place, text in enumerate(texts):
        lowered = text.lower()
        shingles = {lowered[start : start + SHINGLE].encode() for start in range(max(1, len(lowered) - SHINGLE + 1))}
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch(list(shingles))
        near = [(signature.jaccard(signatures[earlier]), -earlier) for earlier in index.query(signature)]
        if near and max(near)[0] >= threshold:
            pairs.append((place, -max(near)[1]))
        signatures.append(signature)
        index.insert(place, signature)
    print(json.dumps({"seconds": time.perf_counter() - started, "pairs": pairs}))


main(Path(sys.argv[1]), float(sys.argv[2]))
