"""Finding and masking of what identifies a person: e-mail, phone, US social security number, payment card, IBAN.

Everything but bare runs of digits is decided by shape and checksum, so that a log line costs microseconds;
`phonenumbers` is imported only for the few numbers that look like nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kairo.platform.policy.numbers import is_card, is_iban, is_ssn
from kairo.platform.policy.phones import find_phones


class PiiType(StrEnum):
    """What a span gives away."""

    EMAIL = "email"
    PHONE = "phone"
    SSN = "ssn"
    CARD = "card"
    IBAN = "iban"


@dataclass(frozen=True)
class PiiSpan:
    """Where it stands: `text[start:end]`."""

    type: PiiType
    start: int
    end: int


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~\-]"
# A handle of the Fediverse (@ada@example.social) is public; a picture's name (logo@2x.png) is no address.
_EMAIL = re.compile(
    rf"""
    (?<![@\w.!\#$%&'*+/=?^`{{|}}~\-]){_LOCAL}{{1,64}}
    (?:[@＠]|\s?[\[(]\s?at\s?[\])]\s?)
    (?:[\w\-]{{1,63}}(?:[.．。｡]|\s?[\[(]\s?dot\s?[\])]\s?)){{1,8}}
    (?!(?:png|jpe?g|gif|webp|svg)\b)[^\W\d_][\w\-]{{1,62}}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SEPARATOR = r"[ \u00a0\u202f.\-\u2010-\u2013]"
# One letter glued before the digits makes them an identifier (a licence, an order), a word does not; + makes a phone.
_DIGIT_GROUPS = re.compile(rf"(?<!\b[^\W\d_])(?<![\d+])(?<!wa\.me/)\d+(?:{_SEPARATOR}\d+)*")
_IBAN_START = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?=(?:[ \u00a0-]?[A-Z0-9]){11,30})", re.IGNORECASE)
_SSN = re.compile(r"(?<![\d\-])\d{3}([\-\u2010-\u2013])\d{2}\1\d{4}(?![\d\-]*\d)")
_NAMED_SSN = re.compile(r"(?:\bssn\b|social security)\D{0,20}(\d{3}[ .]?\d{2}[ .]?\d{4})(?!\d)", re.IGNORECASE)


def find_pii(text: str, *, region: str | None = None) -> tuple[PiiSpan, ...]:
    """Find what identifies a person, in the order of the text; spans do not overlap.

    `region` (ISO 3166, such as "RU") makes numbers that are only valid there count as phones too.
    """
    visible, places = _visible(text)
    taken: list[PiiSpan] = []
    for kind, find in _FINDERS:
        _take(taken, kind, find(visible))
    _take(taken, PiiType.PHONE, find_phones(visible, region=region))
    spans = (PiiSpan(span.type, places(span.start), places(span.end - 1) + 1) for span in taken)
    return tuple(sorted(spans, key=lambda span: span.start))


def mask(text: str, spans: Iterable[PiiSpan]) -> str:
    """Replace each span by the name of what it was, such as [email]; spans must not overlap."""
    parts: list[str] = []
    end = 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += (text[end : span.start], f"[{span.type}]")
        end = span.end
    return "".join((*parts, text[end:]))


def mask_pii(text: str) -> str:
    """Replace everything that identifies a person."""
    return mask(text, find_pii(text))


def _visible(text: str) -> tuple[str, Callable[[int], int]]:
    """Return the text without invisible characters, which hide an address from a search, and a way back."""
    if not _INVISIBLE.search(text):
        return text, lambda place: place
    kept = [place for place, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join(text[place] for place in kept), kept.__getitem__


def _take(taken: list[PiiSpan], kind: PiiType, found: Iterable[tuple[int, int]]) -> None:
    """Add what overlaps nothing that was found before: the finders run from the surest to the vaguest."""
    taken += [
        PiiSpan(kind, start, end)
        for start, end in found
        if not any(span.start < end and start < span.end for span in taken)
    ]


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text or "＠" in text or "at" in text.lower():
        yield from (match.span() for match in _EMAIL.finditer(text))


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN_START.finditer(text):
        end = is_iban(text, match.start())
        if end:
            yield match.start(), end


def _cards(text: str) -> Iterator[tuple[int, int]]:
    """Find cards among the groups of each run of digits: a year or a house number may stand before one."""
    for run in _DIGIT_GROUPS.finditer(text):
        groups = [match.span() for match in re.finditer(r"\d+", run.group())]
        yield from ((run.start() + start, run.start() + end) for start, end in _cards_among(run.group(), groups))


def _cards_among(run: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(groups):
        # Nineteen digits are at most the next nineteen groups.
        for last in range(min(len(groups), first + 19) - 1, first - 1, -1):
            start, end = groups[first][0], groups[last][1]
            if is_card(run[start:end]):
                yield start, end
                first = last
                break
        first += 1


def _ssns(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _SSN.finditer(text) if is_ssn(match.group()))
    yield from (match.span(1) for match in _NAMED_SSN.finditer(text) if is_ssn(match.group(1)))


_FINDERS: tuple[tuple[PiiType, Callable[[str], Iterator[tuple[int, int]]]], ...] = (
    (PiiType.EMAIL, _emails),
    (PiiType.IBAN, _ibans),
    (PiiType.CARD, _cards),
    (PiiType.SSN, _ssns),
)
