"""VADER: 0 negative, 1 neutral, 2 positive of each text, by its authors' thresholds of 0.05."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


def main(path: Path) -> None:
    texts = json.loads(path.read_text(encoding="utf-8"))
    analyzer = SentimentIntensityAnalyzer()
    started = time.perf_counter()
    compounds = [analyzer.polarity_scores(text)["compound"] for text in texts]
    found = [2 if compound >= 0.05 else 0 if compound <= -0.05 else 1 for compound in compounds]
    print(json.dumps({"seconds": time.perf_counter() - started, "found": found}))


main(Path(sys.argv[1]))
