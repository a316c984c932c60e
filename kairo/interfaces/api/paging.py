"""Lists page by cursor: `?cursor=&limit=` in, `{items, next_cursor}` out."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from ninja import Query
from pydantic import Field

from kairo.shapes import Frozen

ItemT = TypeVar("ItemT")

Limit = Annotated[int, Query(ge=1, le=200)]


class Page(Frozen, Generic[ItemT]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[ItemT]
    next_cursor: str | None = Field(default=None)
