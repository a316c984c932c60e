"""YAKE: the ten best phrases of up to three words of each text."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import yake


def main(path: Path) -> None:
    texts = json.loads(path.read_text(encoding="utf-8"))
    extractor = yake.KeywordExtractor(lan="en", n=3, top=10)
    started = time.perf_counter()
    found = [[phrase for phrase, _ in extractor.extract_keywords(text)] for text in texts]
    print(json.dumps({"seconds": time.perf_counter() - started, "found": found}))


main(Path(sys.argv[1]))
