"""A file of any known layout and shape, read as captured items: the one way in for imports.

Every record that is read comes out once, as an item or as a refusal with its row and its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from types import TracebackType

from kairo.stages.evidence.adapters.containers.layouts import records_in
from kairo.stages.evidence.adapters.fields.raw import excerpt
from kairo.stages.evidence.adapters.fields.texts import optional_text, storable_text
from kairo.stages.evidence.adapters.formats.generic import MappedPosts
from kairo.stages.evidence.adapters.formats.youtube import holds_segments_alone
from kairo.stages.evidence.adapters.registry import known_formats
from kairo.stages.evidence.contracts import CapturedItem, RejectedRecord, UnreadableFile
from kairo.stages.evidence.ports import BadRecord, RawRecord, Record, SourceFormat

AUTO = "auto"
RECORDS_LOOKED_AT = 20
_MOST_BROKEN_FIRST = 200
_KEYS_NAMED = 12


class SourceReading:
    """The records of an open file, one at a time and once; use it in a `with` where it may not be read to its end."""

    def __init__(
        self, source: SourceFormat, sample: list[RawRecord], rest: Generator[RawRecord], *, received_at: datetime
    ) -> None:
        self._source = source
        self._received_at = received_at
        self._rest = rest
        self._first = [self._translated(record) for record in sample]
        seen = [first.format_has_author for first in self._first if isinstance(first, CapturedItem)]
        self.format_name = source.name
        self.format_has_author = any(seen) if seen else source.format_has_author

    def __iter__(self) -> Iterator[CapturedItem | RejectedRecord]:
        first, self._first = self._first, []
        for found in chain(first, map(self._translated, self._rest)):
            if self.format_has_author and isinstance(found, CapturedItem) and not found.format_has_author:
                yield replace(found, format_has_author=True)
            else:
                yield found

    def __enter__(self) -> SourceReading:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._rest.close()

    def _translated(self, record: RawRecord) -> CapturedItem | RejectedRecord:
        if record.fields is None:
            return record.error or RejectedRecord(record.row, "unreadable", "the record could not be read")
        try:
            if not self._source.recognises(record.fields):
                raise _misfit(record.fields, self._source)
            return self._source.to_item(record.fields, received_at=self._received_at)
        except BadRecord as error:
            return RejectedRecord(record.row, error.code, error.reason, excerpt(record.fields))


def check_format(format_name: str, mapping: Mapping[str, str] | None = None) -> None:
    """Refuse a format or a mapping that no file could be read with. Raises UnreadableFile."""
    _candidates(format_name, mapping)


def open_source(
    path: Path,
    *,
    name: str | None = None,
    format_name: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    received_at: datetime,
) -> SourceReading:
    """Open a file and find out its format by its first records.

    `name` is what people call the file, where its path is another; its ending tells JSON lines from a document.
    `mapping` {our field: their heading} reads records that have no shape of their own. `received_at` bounds the dates.
    Raises UnreadableFile, which says what was found and what to do, when the file fits no format, or not the named one.
    """
    candidates = _candidates(format_name, mapping)
    name = name or path.name
    rest = _records(path, name, lambda record: any(candidate.recognises(record) for candidate in candidates))
    sample = _sample(rest)
    try:
        source = _chosen(candidates, sample, name)
    except UnreadableFile:
        rest.close()
        raise
    return SourceReading(source, sample, rest, received_at=received_at)


def _records(path: Path, name: str, recognised: Callable[[Record], bool]) -> Generator[RawRecord]:
    yield from records_in(path, recognised, name=name)


def _candidates(format_name: str, mapping: Mapping[str, str] | None) -> tuple[SourceFormat, ...]:
    if mapping is not None:
        if format_name not in (AUTO, MappedPosts.name):
            raise UnreadableFile(f"a mapping is for the generic format, not for {format_name}", code="bad_mapping")
        return (MappedPosts(mapping),)
    formats = known_formats()
    if format_name == AUTO:
        return formats
    named = tuple(known for known in formats if known.name == format_name)
    if not named:
        raise UnreadableFile(f"there is no format {format_name!r}; known are {_names(formats)}", code="unknown_format")
    return named


def _sample(records: Iterator[RawRecord]) -> list[RawRecord]:
    """Take the first records that can be read, with what stood between them."""
    sample: list[RawRecord] = []
    readable = 0
    while readable < RECORDS_LOOKED_AT and len(sample) < _MOST_BROKEN_FIRST:
        record = next(records, None)
        if record is None:
            break
        sample.append(record)
        readable += record.fields is not None
    return sample


def _chosen(candidates: tuple[SourceFormat, ...], sample: list[RawRecord], name: str) -> SourceFormat:
    """Return the candidate that recognises the most of the first records; of equals the more specific one."""
    fields = [record.fields for record in sample if record.fields is not None]
    if not fields:
        raise _nothing_readable(sample, name)
    fits = Counter({candidate.name: sum(map(candidate.recognises, fields)) for candidate in candidates})
    best = max(candidates, key=lambda candidate: fits[candidate.name])
    if not fits[best.name]:
        raise _nothing_fits(candidates, fields[0], name)
    absent = best.absent_from(fields) if isinstance(best, MappedPosts) else []
    if absent:
        raise UnreadableFile(
            f"{name} has no heading {', '.join(absent)}, which the mapping names; it has {_keys(fields[0])}",
            code="bad_mapping",
        )
    return best


def _nothing_readable(sample: list[RawRecord], name: str) -> UnreadableFile:
    if not sample:
        return UnreadableFile(f"{name} holds no records", code="no_records")
    first = sample[0].error
    reason = first.reason if first else "it holds nothing that can be read"
    return UnreadableFile(f"{name}: no record can be read; the first one: {reason}", code=first.code if first else None)


def _nothing_fits(candidates: tuple[SourceFormat, ...], fields: Record, name: str) -> UnreadableFile:
    if holds_segments_alone(fields):
        return UnreadableFile(
            f"{name} is a transcript that does not say of which video: its id and its date are missing. Bring it as a "
            "generic record with platform youtube, platform_item_id, published_at and the text under transcript",
            code="transcript_without_video",
        )
    seen = f"its first record has {_keys(fields)}"
    if isinstance(candidates[0], MappedPosts):
        wanted = ", ".join(candidates[0].headings())
        message = f"{name} does not fit the mapping, which looks for {wanted}; {seen}"
    elif len(candidates) == 1:
        fitting = [known.name for known in known_formats() if known.recognises(fields)]
        message = f"{name} is not in the format {candidates[0].name}; {seen}"
        message += f", as {fitting[0]} has" if fitting else ""
    else:
        message = (
            f"{name} fits no known format; {seen}. Known are {_names(candidates)}. "
            "Name the columns with a mapping, or use the headings of the generic format"
        )
    return UnreadableFile(message, code="unknown_format")


def _misfit(fields: Record, source: SourceFormat) -> BadRecord:
    error = optional_text(fields, "error")
    if error:
        description = optional_text(fields, "errorDescription", "message")
        return BadRecord("source_error", f"the source reported {error[:100]} {description[:150]}".strip())
    return BadRecord("unknown_shape", f"the record is not one of {source.name}: it has {_keys(fields)}")


def _keys(fields: Record) -> str:
    named = ", ".join(storable_text(key[:40]) for key in islice(fields, _KEYS_NAMED))
    return f"the fields {named}" if named else "no fields"


def _names(formats: tuple[SourceFormat, ...]) -> str:
    return ", ".join(known.name for known in formats)
