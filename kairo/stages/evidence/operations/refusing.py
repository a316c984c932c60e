"""What an import refuses: kept with its reasons in the run, and, for a local file, beside it as a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from kairo.platform.database.sql import execute, rows
from kairo.stages.evidence.contracts import CapturedItem, RejectedRecord
from kairo.stages.evidence.models import Rejection
from kairo.stages.evidence.rules.erasing import author_digest

MOST_REJECTIONS_KEPT = 10_000

_HOLD_OFF_ERASURES = "SELECT pg_advisory_xact_lock_shared(hashtextextended('evidence.erasure:' || %s, 0))"
_ERASED = "SELECT platform, author_digest FROM author_erasure WHERE tenant_id = %s"


def keep_rejections(run_id: UUID, rejects: Sequence[RejectedRecord], *, after: int) -> None:
    """Keep refused records of a run that has refused `after` before them, up to the bound."""
    kept = rejects[: max(0, MOST_REJECTIONS_KEPT - after)]
    Rejection.objects.bulk_create(
        Rejection(
            capture_run_id=run_id,
            place=place,
            row=reject.row,
            code=reject.code,
            reason=reject.reason,
            excerpt=reject.excerpt,
        )
        for place, reject in enumerate(kept, start=after + 1)
    )


def without_erased_authors(
    batch: Sequence[tuple[CapturedItem, str] | RejectedRecord], *, tenant_id: UUID, after: int
) -> tuple[list[tuple[CapturedItem, str]], list[RejectedRecord]]:
    """Split a batch into what may be stored and what is refused; `after` records were read before it.

    Until the transaction ends no erasure deletes: it finds either nothing of this batch or all of it.
    """
    execute(_HOLD_OFF_ERASURES, [str(tenant_id)])
    erased = {tuple(row) for row in rows(_ERASED, [tenant_id])}
    kept: list[tuple[CapturedItem, str]] = []
    refused: list[RejectedRecord] = []
    for place, record in enumerate(batch, start=after + 1):
        if isinstance(record, RejectedRecord):
            refused.append(record)
        elif erased and _key(record[0], tenant_id) in erased:
            refused.append(_of_erased_author(place))
        else:
            kept.append(record)
    return kept, refused


def _key(item: CapturedItem, tenant_id: UUID) -> tuple[str, str]:
    return item.platform, author_digest(item.author_ref or "", platform=item.platform, tenant_id=tenant_id)


def _of_erased_author(row: int) -> RejectedRecord:
    return RejectedRecord(row, "erased_author", "its author was erased on request: nothing of theirs is taken in again")


def rejected_file(run_id: UUID) -> Path:
    """Return where the refused records of a local import lie."""
    return Path(settings.KAIRO_DATA_DIR) / "rejected" / f"{run_id}.jsonl"


class RejectedFile:
    """The refused records of one run as JSONL, made at the first of them."""

    def __init__(self, run_id: UUID, *, goes_on: bool) -> None:
        self._path = rejected_file(run_id)
        self._goes_on = goes_on
        self._stack = ExitStack()
        self._file: IO[str] | None = None

    def __enter__(self) -> RejectedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def path(self) -> Path | None:
        """Where the file is, None as long as there is none."""
        return self._path if self._file or (self._goes_on and self._path.exists()) else None

    def write(self, rejects: Sequence[RejectedRecord]) -> None:
        """Add refused records."""
        for reject in rejects:
            line = {"row": reject.row, "code": reject.code, "reason": reject.reason, "excerpt": reject.excerpt}
            self._opened().write(json.dumps(line, ensure_ascii=False) + "\n")

    def _opened(self) -> IO[str]:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._stack.enter_context(self._path.open("a" if self._goes_on else "w", encoding="utf-8"))
        return self._file
