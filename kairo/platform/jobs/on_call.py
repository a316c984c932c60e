"""Inside a process that another program owns: a slot beside it, which runs the jobs that the process is told of.

The job runs in a process of its own, as with embedded workers, by the same code: what exceeds its time is ended for
real, and when the owning process dies, its slot puts the job back and goes.
"""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Callable
from uuid import UUID

from django.db import connections

from kairo.platform.jobs.errands import END_OF_ANSWER, ErrandSlot
from kairo.platform.jobs.slot_process import Aftermath, Lifeline
from kairo.platform.jobs.slots import Slot, WorkOrder
from kairo.platform.jobs.supervisor import LOOK_EVERY_S, Child, Supervisor, heard_signals
from kairo.platform.telemetry.context import logger

log = logger(__name__)

GRACE_S = 10.0
MOST_READ = 65536
# SIGINT is for whoever owns the process: Ctrl-C in a terminal reaches all of its children.
HEARD_HERE = frozenset({signal.SIGTERM, signal.SIGCHLD})


class OnCall(Supervisor):
    """One slot, forked at the first job and kept for the next ones; belongs to the process that made it."""

    def __init__(self) -> None:
        descriptor, kept_open = os.pipe()
        super().__init__(Lifeline(descriptor, GRACE_S), kept_open, _write_log)
        self._desk, self._slot_s_desk = socket.socketpair()

    def do(self, job_id: UUID) -> str:
        """Have the slot run a job if it is due, and say in one line what became of it."""
        with heard_signals(HEARD_HERE) as woken:
            self.look(woken)
            self._await_slot(woken)
            try:
                self._desk.sendall(job_id.bytes)
                said = self._await_answer(woken)
            except (BrokenPipeError, ConnectionResetError):
                said = f"the slot died before it took {job_id}, which waits in the table"
        if self._kill_at is not None:
            # It was kept from the owner until the job had been put back.
            os.kill(os.getpid(), signal.SIGTERM)
        return said

    def _await_slot(self, woken: int) -> None:
        if not self._heirs and not self._children:
            self._fork(WorkOrder())
        while not self._children:
            select.select([woken], [], [], LOOK_EVERY_S)
            self.look(woken)

    def _await_answer(self, woken: int) -> str:
        [child] = self._children
        desk: list[socket.socket] = [self._desk]
        heard = b""
        while child in self._children:
            readable, _, _ = select.select([woken, *desk], [], [], LOOK_EVERY_S)
            if self._desk in readable:
                part = self._desk.recv(MOST_READ)
                heard += part
                if heard.endswith(END_OF_ANSWER):
                    return heard.decode().strip()
                if not part:
                    desk.clear()
            self.look(woken)
        # Whoever follows settles what the dead slot has left.
        while self._heirs:
            select.select([woken], [], [], LOOK_EVERY_S)
            self.look(woken)
        return f"ended from outside: {child.sentence.value if child.sentence else 'its process died'}"

    def _fork(self, order: WorkOrder, aftermath: Aftermath | None = None, short_lives: int = 0) -> None:
        # No connection may be open in both halves, and no errand may outlive the slot that it was brought to.
        connections.close_all()
        self._desk.close()
        self._desk, self._slot_s_desk = socket.socketpair()
        super()._fork(order, aftermath, short_lives)
        self._slot_s_desk.close()

    def _slot(self, child: Child, woken: int) -> Slot:
        self._desk.close()
        said: list[str] = []
        say: Callable[[str], None] = said.append
        return ErrandSlot(
            child.order, say, child.status, wake_on=woken, worker=child.worker, errands=self._slot_s_desk, said=said
        )


def _write_log(line: str) -> None:
    log.info("slot_on_call", said=line)
