"""What the stage asks of the outside world: shapes of records, translated into captured items, and live sources.

Another package adds a shape under the entry point group `kairo.sources`, a source under `kairo.live_sources`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from pydantic import JsonValue

from kairo.stages.evidence.contracts import CapturedItem, RejectedRecord, SurfaceType

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


@dataclass(frozen=True, slots=True)
class Place:
    """What a live source must know of a surface: of which type it is, and its key as a person wrote it."""

    surface_type: SurfaceType
    key: str


class BadPlace(ValueError):
    """A source cannot read this place; `reason` says what to write instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reply(Protocol):
    """An answer from the network, whatever its status; header names are in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...

    @property
    def final_url(self) -> str: ...

    @property
    def charset(self) -> str | None: ...

    @property
    def etag(self) -> str | None: ...

    @property
    def last_modified(self) -> str | None: ...

    def text(self, *, otherwise: str = "utf-8") -> str:
        """Return the body in its declared character set, or the other. Raises KairoError when it is not in it."""
        ...


class Web(Protocol):
    """The only way of a live source to the network: guarded, bounded, and at each host's pace."""

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Reply:
        """Ask for a page, with its marks only if it has changed since.

        Raises KairoError, to be let pass: the address is refused, the answer too large or too late, or the host wants
        to be left alone for now.
        """
        ...

    def send(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        max_seconds: float | None = None,
    ) -> Reply:
        """Make a request that carries something, e.g. to a service with a key. Raises as `get` does."""
        ...


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One step of reading a place.

    `cursor` is handed to the next step; None: there is no further page. `marks` replace what the surface keeps for its
    next capture (an ETag, say); None leaves them. A step may bring no records, while an outside service still works;
    `unchanged` says that there is nothing new since the marks.
    """

    records: Sequence[RawRecord] = ()
    cursor: str | None = None
    marks: Mapping[str, str] | None = None
    warnings: Sequence[str] = ()
    cost_usd: Decimal | None = None
    unchanged: bool = False


class LiveSource(Protocol):
    """A place on the network that is read again and again.

    Another package adds one by naming an object like this under the entry point group `kairo.live_sources`.
    """

    platform: str
    """What stands in a surface's `platform`: lower case, unique among the live sources."""
    label: str
    """What people read: "RSS and Atom feeds"."""
    keys: Mapping[SurfaceType, str]
    """The types of places that it reads, each with an example of a key."""
    newest_first: bool
    """True where the newest posts come first: reading then ends at a page that was seen before."""
    is_paid: bool
    """True where a reading costs money: it does not begin once the day's limit is reached."""
    format: SourceFormat
    """What translates its records."""

    def check(self, place: Place) -> None:
        """Judge a key by its form alone. Raises BadPlace."""
        ...

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        """Read one page, the first where `cursor` is None.

        Raises UnableToCapture when the place cannot be read, and lets pass what `web` raises.
        """
        ...
