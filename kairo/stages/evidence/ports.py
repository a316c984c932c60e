"""What the stage asks of the outside world: one shape of a source's records, translated into captured items.

Another package adds a shape by naming an object like this under the entry point group `kairo.sources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from pydantic import JsonValue

from kairo.stages.evidence.contracts import CapturedItem, RejectedRecord

Record: TypeAlias = Mapping[str, JsonValue]
"""The fields of one record as the source wrote them; nothing about their types or sizes may be taken for granted."""


class BadRecord(ValueError):
    """One record cannot become an item; `code` is a stable word, `reason` a sentence for a person."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SourceFormat(Protocol):
    """One shape of records, recognised by its keys and not by the platform that it comes from."""

    name: str
    """What people write after `--format`: lower case, unique."""
    label: str
    """What people read: "Instagram posts from Apify"."""
    format_has_author: bool
    """False only where the shape has no author field at all, never where a field is empty."""

    def recognises(self, record: Record) -> bool:
        """Say by its keys whether the record has this shape."""
        ...

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        """Translate one record of this shape.

        Raises BadRecord, and nothing else whatever the record holds, when it cannot become an item.
        """
        ...


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as a container holds it: its fields, or why they could not be read.

    `row` is where a person finds it, from 1: the line of a JSONL file, the row of a table (its heading is row 1), the
    place in a list.
    """

    row: int
    fields: Record | None = None
    error: RejectedRecord | None = None
