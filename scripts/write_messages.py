"""Write the catalogues of the pages and of the bot: `python scripts/write_messages.py`.

Each .po file gets every marked message, keeps what was translated, loses what is marked no more, and is compiled to the
.mo file beside it, which is checked in. The messages that wait for a translation are listed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

from tests.catalogues import catalogue_files, compiled, marked_words, read_po, written_po  # noqa: E402

HEAD = ("", None)


def main() -> None:
    """Bring every catalogue up to date."""
    for room, path in catalogue_files():
        known = read_po(path.read_text(encoding="utf-8"))
        plurals = int(known[HEAD][0].partition("nplurals=")[2][0])
        catalogue = {HEAD: known[HEAD]}
        for key in marked_words(room):
            catalogue[key] = known.get(key) or ("",) * (plurals if key[1] else 1)
        path.write_text(written_po(catalogue), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        for words, _ in sorted(key for key, said in catalogue.items() if not all(said)):
            sys.stdout.write(f"{path.relative_to(ROOT)}: {words}\n")


if __name__ == "__main__":
    main()
