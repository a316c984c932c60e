"""What a slot tells its supervisor through shared memory: it must be readable after the slot was killed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from mmap import mmap
from uuid import UUID

_VERSION = struct.Struct("=Q")
_WORK = struct.Struct("=16s16sqdd")
_CANCEL = struct.Struct("=16sd")
_COUNT = struct.Struct("=Q")
_WORK_AT = _VERSION.size
_CANCEL_AT = _WORK_AT + _WORK.size
_COUNT_AT = _CANCEL_AT + _CANCEL.size
_NO_ID = bytes(16)


@dataclass(frozen=True)
class WorkInProgress:
    """The job that a slot runs; times are of the machine's monotonic clock."""

    job_id: UUID
    tenant_id: UUID
    lock_token: int
    since: float
    time_limit_s: float
    cancel_asked_at: float | None = None


class SlotStatus:
    """One slot's page of shared memory, which the supervisor reads; an odd version says that a write is under way."""

    def __init__(self) -> None:
        self._page = mmap(-1, _COUNT_AT + _COUNT.size)

    def show(self, work: WorkInProgress | None) -> None:
        """Publish what the slot is doing now."""
        version = self._version() + 1
        _VERSION.pack_into(self._page, 0, version)
        if work is None:
            _WORK.pack_into(self._page, _WORK_AT, _NO_ID, _NO_ID, 0, 0, 0)
        else:
            ids = (work.job_id.bytes, work.tenant_id.bytes, work.lock_token)
            _WORK.pack_into(self._page, _WORK_AT, *ids, work.since, work.time_limit_s)
        _VERSION.pack_into(self._page, 0, version + 1)

    def show_cancel(self, job_id: UUID, asked_at: float) -> None:
        """Publish since when the slot's job has been asked to stop; comes from another thread than `show`."""
        _CANCEL.pack_into(self._page, _CANCEL_AT, job_id.bytes, asked_at)

    def count(self) -> None:
        """Count one more job that the slot is done with."""
        _COUNT.pack_into(self._page, _COUNT_AT, self.counted + 1)

    @property
    def counted(self) -> int:
        counted: int = _COUNT.unpack_from(self._page, _COUNT_AT)[0]
        return counted

    def read(self) -> WorkInProgress | None:
        """Return what the slot is doing; None: nothing, or a write was under way."""
        version = self._version()
        job_id, tenant_id, token, since, limit_s = _WORK.unpack_from(self._page, _WORK_AT)
        asked_of, asked_at = _CANCEL.unpack_from(self._page, _CANCEL_AT)
        if version % 2 or version != self._version() or job_id == _NO_ID:
            return None
        return WorkInProgress(
            job_id=UUID(bytes=job_id),
            tenant_id=UUID(bytes=tenant_id),
            lock_token=token,
            since=since,
            time_limit_s=limit_s,
            cancel_asked_at=asked_at if asked_of == job_id else None,
        )

    def _version(self) -> int:
        version: int = _VERSION.unpack_from(self._page, 0)[0]
        return version
