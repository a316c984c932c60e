"""What a model is asked to write for a gather; untrusted until `rules/grounding.py` has looked at it."""

from __future__ import annotations

from pydantic import Field

from kairo.shapes import Strict


class WrittenSource(Strict):
    """A passage by the id that the question gave it, and words copied from it."""

    id: str = Field(max_length=20)
    quote: str = Field(min_length=1, max_length=1_500)


class WrittenItem(Strict):
    """One item as a model wrote it."""

    content: str = Field(min_length=1, max_length=2_000)
    summary: str = Field(min_length=1, max_length=400)
    context: str = Field(default="", max_length=800)
    sources: list[WrittenSource] = Field(min_length=1, max_length=5)


class WrittenItems(Strict):
    """A model's whole answer."""

    items: list[WrittenItem] = Field(max_length=20)
