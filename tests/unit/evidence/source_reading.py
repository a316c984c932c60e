"""Read files as captured items, in as few words as a test wants to spend on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kairo.stages.evidence.adapters.files import open_source
from kairo.stages.evidence.contracts import CapturedItem, RejectedRecord

RECEIVED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
_FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "sources"


@dataclass(frozen=True)
class WhatWasRead:
    format_name: str
    format_has_author: bool
    found: list[CapturedItem | RejectedRecord]

    @property
    def items(self) -> list[CapturedItem]:
        return [found for found in self.found if isinstance(found, CapturedItem)]

    @property
    def rejects(self) -> list[RejectedRecord]:
        return [found for found in self.found if isinstance(found, RejectedRecord)]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(reject.row, reject.code) for reject in self.rejects]


def read(path: Path, *, format_name: str = "auto", mapping: Mapping[str, str] | None = None) -> WhatWasRead:
    with open_source(path, format_name=format_name, mapping=mapping, received_at=RECEIVED_AT) as reading:
        return WhatWasRead(reading.format_name, reading.format_has_author, list(reading))


def fixture(name: str) -> Path:
    return _FIXTURES / name
