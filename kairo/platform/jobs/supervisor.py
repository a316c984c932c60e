"""The parent of the slots: it starts, watches, ends and replaces them; it forks, so it has no connection or thread."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from django.db import connections

from kairo.platform.jobs.fences import Fence
from kairo.platform.jobs.registry import load_kinds
from kairo.platform.jobs.rules import CANCEL_DEADLINE_S
from kairo.platform.jobs.runner import worker_name
from kairo.platform.jobs.slot_process import LAST_WORDS_S, Aftermath, Lifeline, Sentence, run_slot
from kairo.platform.jobs.slot_status import SlotStatus, WorkInProgress
from kairo.platform.jobs.slots import Announce, Slot, WorkOrder
from kairo.platform.telemetry.context import logger

log = logger(__name__)

LOOK_EVERY_S = 0.05
LONG_LIFE_S = 10.0
MAX_PAUSE_S = 30.0
HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


@dataclass
class Child:
    """One running slot; `sentence` and `judged` say for which attempt it was killed."""

    order: WorkOrder
    worker: str
    status: SlotStatus = field(default_factory=SlotStatus)
    pid: int = 0
    since: float = field(default_factory=time.monotonic)
    short_lives: int = 0
    sentence: Sentence | None = None
    judged: WorkInProgress | None = None
    is_last: bool = False

    def kill(self) -> None:
        """End the slot and what its handler has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def aftermath(self) -> Aftermath:
        """Say what the dead slot left; a sentence holds only for the attempt that it was passed for."""
        work = self.status.read()
        if self.sentence is None or work is None or not _same_attempt(work, self.judged):
            return Aftermath(worker=self.worker)
        fence = Fence(work.job_id, work.tenant_id, work.lock_token, self.worker)
        return Aftermath(self.worker, self.sentence, fence, work.time_limit_s)


@dataclass(frozen=True)
class _Heir:
    """A slot that is to follow a dead one at a time."""

    order: WorkOrder
    aftermath: Aftermath
    due_at: float
    short_lives: int


def supervise(order: WorkOrder, *, concurrency: int, announce: Announce, grace_s: float = 10.0) -> None:
    """Run slots until the order is done, or until SIGTERM or SIGINT ends them within the grace period."""
    load_kinds()
    connections.close_all()
    with heard_signals() as woken, life_pipe() as (descriptor, kept_open):
        supervisor = Supervisor(Lifeline(descriptor, grace_s), kept_open, announce)
        supervisor.start(_shares(order, concurrency))
        supervisor.run(woken)


def _shares(order: WorkOrder, concurrency: int) -> list[WorkOrder]:
    if order.max_jobs is None:
        return [order] * concurrency
    slots = min(concurrency, order.max_jobs)
    share, rest = divmod(order.max_jobs, max(slots, 1))
    return [replace(order, max_jobs=share + (place < rest)) for place in range(slots)]


@contextlib.contextmanager
def heard_signals(heard: Collection[signal.Signals] = HEARD) -> Iterator[int]:
    """Have signals only wake the loop, which then sees what happened; yields what becomes readable."""
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    before = {number: signal.signal(number, lambda *_: None) for number in heard}
    descriptor = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        yield woken
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wake)


@contextlib.contextmanager
def life_pipe() -> Iterator[tuple[int, int]]:
    """Yield the end that slots watch, and the one whose closing tells them that this process is gone."""
    descriptor, kept_open = os.pipe()
    try:
        yield descriptor, kept_open
    finally:
        os.close(descriptor)
        os.close(kept_open)


class Supervisor:
    """Starts slots, looks after them, ends them and has them followed."""

    def __init__(self, lifeline: Lifeline, kept_open: int, announce: Announce) -> None:
        self._lifeline = lifeline
        self._kept_open = kept_open
        self._announce = announce
        self._children: list[Child] = []
        self._heirs: list[_Heir] = []
        self._kill_at: float | None = None

    def start(self, orders: list[WorkOrder]) -> None:
        """Start a slot for each order."""
        for order in orders:
            self._fork(order)

    def run(self, woken: int) -> None:
        """Look after the slots until none is left."""
        try:
            while self._children or self._heirs:
                select.select([woken], [], [], LOOK_EVERY_S)
                self.look(woken)
        finally:
            for child in self._children:
                child.kill()

    def look(self, woken: int) -> None:
        """Do what has to be done just now."""
        self._hear(woken)
        self._judge()
        self._reap()
        self._succeed()

    def _hear(self, woken: int) -> None:
        with contextlib.suppress(BlockingIOError):
            stops = sum(number in (signal.SIGTERM, signal.SIGINT) for number in os.read(woken, 256))
            for _ in range(stops):
                self._stop()

    def _stop(self) -> None:
        """Ask the slots to stop; asked twice, make them."""
        if self._kill_at is not None:
            self._kill_at = time.monotonic()
            return
        self._kill_at = time.monotonic() + self._lifeline.grace_s + LAST_WORDS_S + 1
        self._announce("stopping")
        for child in self._children:
            os.kill(child.pid, signal.SIGTERM)

    def _judge(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.sentence is not None:
                continue
            work = child.status.read()
            sentence = self._sentence(work, now)
            if sentence is not None:
                child.sentence, child.judged = sentence, work
                child.kill()

    def _sentence(self, work: WorkInProgress | None, now: float) -> Sentence | None:
        if self._kill_at is not None and now >= self._kill_at:
            return Sentence.STOPPED
        if work is None:
            return None
        if work.cancel_asked_at is not None and now - work.cancel_asked_at > CANCEL_DEADLINE_S:
            return Sentence.CANCELLED
        return Sentence.TIME_LIMIT if now - work.since > work.time_limit_s else None

    def _reap(self) -> None:
        for child in list(self._children):
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                self._children.remove(child)
                self._bury(child, os.waitstatus_to_exitcode(status))

    def _bury(self, child: Child, exit_code: int) -> None:
        if exit_code == 0 or child.is_last:
            return
        child.kill()  # What its handler had started is still there if the slot was not killed from here.
        aftermath = child.aftermath()
        if child.sentence is None:
            log.error("slot_died", worker=child.worker, exit_code=exit_code)
        now = time.monotonic()
        died_early = child.sentence is None and now - child.since < LONG_LIFE_S
        short_lives = child.short_lives + 1 if died_early else 0
        pause_s = min(MAX_PAUSE_S, 0.25 * 2.0**short_lives) if child.sentence is None else 0
        self._heirs.append(_Heir(_rest_of(child, aftermath), aftermath, now + pause_s, short_lives))

    def _succeed(self) -> None:
        now = time.monotonic()
        for heir in list(self._heirs):
            if heir.due_at <= now or self._kill_at is not None:
                self._heirs.remove(heir)
                self._fork(heir.order, heir.aftermath, heir.short_lives)

    def _fork(self, order: WorkOrder, aftermath: Aftermath | None = None, short_lives: int = 0) -> None:
        child = Child(order, worker_name(), short_lives=short_lives)
        if self._kill_at is not None:
            # It only settles what another left, in the time that it has for that.
            child.order, child.is_last = replace(order, max_jobs=0), True
            self._kill_at = time.monotonic() + LAST_WORDS_S
        sys.stdout.flush()
        # Until the slot has its own handlers, a signal must wait and not be taken for the parent's.
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        child.pid = os.fork()
        if child.pid == 0:
            os.close(self._kept_open)
            run_slot(lambda woken: self._slot(child, woken), self._lifeline, aftermath)
        with contextlib.suppress(OSError):
            os.setpgid(child.pid, child.pid)  # Both sides do: whoever comes first.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        self._children.append(child)

    def _slot(self, child: Child, woken: int) -> Slot:
        """Make the slot that the child is; called in the child."""
        return Slot(child.order, self._announce, child.status, wake_on=woken, worker=child.worker)


def _same_attempt(work: WorkInProgress, judged: WorkInProgress | None) -> bool:
    return judged is not None and (work.job_id, work.lock_token) == (judged.job_id, judged.lock_token)


def _rest_of(child: Child, aftermath: Aftermath) -> WorkOrder:
    if child.order.max_jobs is None:
        return child.order
    spent = child.status.counted + (aftermath.fence is not None)
    return replace(child.order, max_jobs=max(0, child.order.max_jobs - spent))
