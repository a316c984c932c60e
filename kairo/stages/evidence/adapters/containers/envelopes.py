"""Records that hold other records: a page of a search, a feed, a thread with its replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import JsonValue

from kairo.stages.evidence.ports import Record

LIST_NAMES = (
    "hits",
    "items",
    "posts",
    "statuses",
    "feed",
    "thread",
    "data",
    "children",
    "results",
    "records",
    "itemList",
    "videos",
)
"""Under these names the pages of known interfaces carry their records."""

_CARRIERS = frozenset((*LIST_NAMES, "replies", "parent"))
_DEEPEST_ENVELOPE = 4


def unfolded(record: Record, recognised: Callable[[Record], bool]) -> Iterator[Record]:
    """Yield the records that a record carries, or the record itself when it carries none.

    A record that some format recognises is never opened, except a thread: its replies are posts of their own.
    """
    if _CARRIERS.isdisjoint(record):
        yield record
        return
    found = False
    for part in _parts(record, recognised):
        found = True
        yield part
    if not found:
        yield record


def _parts(record: Record, recognised: Callable[[Record], bool]) -> Iterator[Record]:
    waiting: list[tuple[Record, int]] = [(record, 0)]
    while waiting:
        current, depth = waiting.pop()
        around = _around_thread_post(current)
        if around is not None:
            yield {"post": current["post"]}
            waiting.extend((reply, depth) for reply in reversed(around))
        elif depth and (recognised(current) or depth > _DEEPEST_ENVELOPE):
            yield current
        elif not recognised(current):
            carried = _carried(current)
            waiting.extend((part, depth + 1) for part in reversed(carried))
            if depth and not carried:
                yield current


def _around_thread_post(record: Record) -> list[Record] | None:
    replies, parent = record.get("replies"), record.get("parent")
    if not isinstance(record.get("post"), dict) or not (isinstance(replies, list) or isinstance(parent, dict)):
        return None
    return [part for part in (parent, *(replies if isinstance(replies, list) else ())) if isinstance(part, dict)]


def _carried(record: Record) -> list[Record]:
    for name in LIST_NAMES:
        value = record.get(name)
        parts: list[JsonValue] = value if isinstance(value, list) else [value]
        if parts and all(isinstance(part, dict) for part in parts):
            return [part for part in parts if isinstance(part, dict)]
    return []
