"""Count in how many everyday texts each stem stands, for the rarity of words in keyphrases.

    python scripts/count_words.py ../shared/data

English: XED subtitles (CC BY 4.0; five lines make a text) and Reddit posts of 2013 (PDDL). Russian: XED subtitles.
Writes kairo/stages/insights/rules/rarity/<language>.txt: the number of texts, then stem and count, sorted.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kairo.stages.insights.rules.stems import stems_of

FOLDER = Path(__file__).resolve().parents[1] / "kairo" / "stages" / "insights" / "rules" / "rarity"
WORD = re.compile(r"[^\W\d_]+")
LINES_A_TEXT = 5
POST_CHARACTERS = 1_500
SUBREDDITS = ("Coffee", "SkincareAddiction", "Sneakers", "headphones")
FEWEST = {"en": 3, "ru": 2}


def main(shared: Path) -> None:
    """Count both languages and write their files."""
    _write("en", [*_subtitles(shared / "nlp/xed/en.jsonl.gz"), *_posts(shared / "evidence/reddit-top-2013")])
    _write("ru", list(_subtitles(shared / "nlp/xed/ru.jsonl.gz")))


def _subtitles(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [str(json.loads(line)["text"]) for line in file]
    yield from (" ".join(lines[at : at + LINES_A_TEXT]) for at in range(0, len(lines), LINES_A_TEXT))


def _posts(folder: Path) -> Iterator[str]:
    for name in SUBREDDITS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            yield from (f"{row['title']} {row['selftext'][:POST_CHARACTERS]}" for row in csv.DictReader(file))


def _write(language: str, texts: list[str]) -> None:
    counts = Counter(stem for text in texts for stem in set(stems_of(WORD.findall(text), language)))
    kept = sorted((stem, count) for stem, count in counts.items() if count >= FEWEST[language])
    lines = [str(len(texts)), *(f"{stem} {count}" for stem, count in kept)]
    (FOLDER / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python scripts/count_words.py ../shared/data")
    main(Path(sys.argv[1]))
