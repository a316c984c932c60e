"""The shapes of a search and of what it finds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from kairo.errors import Invalid
from kairo.shapes import Frozen

MAX_QUERY_CHARACTERS = 1_000
MAX_SEARCH_RESULTS = 200
MAX_SNIPPET_CHARACTERS = 240


class InvalidSearch(Invalid):
    """The search cannot be made as it is asked: nothing to look for, too much, or a window that is none."""

    code = "invalid_search"


class SearchMode(StrEnum):
    """Which legs search: the words, the meaning, or both merged."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"
    DENSE = "dense"


class SearchCache(StrEnum):
    HIT = "hit"
    MISS = "miss"


class SearchRanks(Frozen):
    """An item's place in each leg, from 1; null where that leg did not find it, or was not asked."""

    lexical: int | None = None
    dense: int | None = None


class SearchScores(Frozen):
    """An item's BM25 score and the cosine between its vector and the query's."""

    lexical: float | None = None
    dense: float | None = None


class SearchHitDTO(Frozen):
    """One item that a search found. `snippet` stands letter by letter in its text or transcript."""

    id: UUID
    platform_item_id: str
    title: str | None = None
    snippet: Annotated[str, StringConstraints(max_length=MAX_SNIPPET_CHARACTERS)]
    url: str | None = None
    author: str | None = None
    platform: str
    language: str | None = None
    published_at: datetime | None = None
    score: float
    ranks: SearchRanks
    scores: SearchScores


class SearchAnswer(Frozen):
    """The items of a search, best first; `degraded` names what could not take part and why."""

    items: list[SearchHitDTO] = []
    query: str
    mode: SearchMode
    cache: SearchCache
    degraded: list[str] = []
    next_cursor: str | None = None
