"""A slot that is brought the ids of jobs one at a time, instead of looking for work itself."""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass, field
from uuid import UUID

from django.db import InterfaceError, OperationalError

from kairo.platform.jobs.claims import claim_by_message
from kairo.platform.jobs.doorbell import ring
from kairo.platform.jobs.slots import Slot

ID_BYTES = 16
END_OF_ANSWER = b"\n"


@dataclass
class ErrandSlot(Slot):
    """Reads an id, runs that job if it may, and answers with one line; `said` is what the slot announces."""

    errands: socket.socket = field(kw_only=True)
    said: list[str] = field(kw_only=True)

    def _claim_and_run(self) -> bool:
        job_id = self._next_errand()
        if job_id is None:
            return False
        self.said[:] = [f"gave up {job_id}: it waits in the table"]
        try:
            self._run_if_due(job_id)
        except (OperationalError, InterfaceError):
            self.said.append(f"the database is away: {job_id} waits in the table")
            raise
        finally:
            self.errands.sendall(self.said[-1].replace("\n", " ").encode() + END_OF_ANSWER)
        return True

    def _next_errand(self) -> UUID | None:
        woken = [self.wake_on] if self.wake_on is not None else []
        readable, _, _ = select.select([self.errands, *woken], [], [])
        if self.errands not in readable:
            return None
        brought = self.errands.recv(ID_BYTES)
        return UUID(bytes=brought) if len(brought) == ID_BYTES else None

    def _run_if_due(self, job_id: UUID) -> None:
        job = claim_by_message(job_id, worker=self.worker, kinds=self._kinds)
        self._notice_database()
        if job is None:
            self.said.append(f"nothing to do for {job_id}: not there, not due, running, ended, or its account is busy")
            return
        self.bench.put([job])
        while not self.stopping and (attempt := self.bench.take()) is not None:
            self._run(attempt)
        self._write_down()
        ring(job.queue)
