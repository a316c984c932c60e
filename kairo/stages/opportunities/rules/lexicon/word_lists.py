"""Word lists as they are best read: words with blanks between them."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
