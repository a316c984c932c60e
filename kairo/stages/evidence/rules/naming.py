"""What a file that somebody sends is called here: its name is what a person reads, and never a path."""

from __future__ import annotations

from kairo.stages.evidence.rules.characters import without_unseen

LONGEST_NAME = 200
NAMELESS = "upload"


def surface_name(file_name: str) -> str:
    """Return a file's name without folders and unseen characters; of a long one the end, which tells its layout."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return " ".join(without_unseen(last).split())[-LONGEST_NAME:].strip() or NAMELESS
