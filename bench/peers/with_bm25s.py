"""bm25s with its English stop words and the Snowball stemmer: an index of all texts, then each query's best hundred."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bm25s

DEPTH = 100


def main(path: Path) -> None:
    collection = json.loads(path.read_text(encoding="utf-8"))
    names = list(collection["texts"])
    stemmer = _stemmer()
    tokens = bm25s.tokenize(list(collection["texts"].values()), stopwords="en", stemmer=stemmer, show_progress=False)
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index(tokens, show_progress=False)
    found = {}
    for query_id, text in collection["queries"].items():
        query = bm25s.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False)
        places, _ = index.retrieve(query, k=min(DEPTH, len(names)), show_progress=False)
        found[query_id] = [names[place] for place in places[0]]
    (path.parent / "found.json").write_text(json.dumps(found))
    print(json.dumps({"queries": len(found)}))


def _stemmer() -> object | None:
    try:
        import Stemmer
    except ImportError:
        return None
    return Stemmer.Stemmer("english")


main(Path(sys.argv[1]))
