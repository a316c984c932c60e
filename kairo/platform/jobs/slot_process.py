"""A slot as a process of its own, and what it settles first: the attempt that its predecessor was killed in."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Event, Thread, Timer
from typing import NoReturn

from django.db import InterfaceError, OperationalError, connection

from kairo.platform.jobs import endings
from kairo.platform.jobs.claims import release_stale
from kairo.platform.jobs.contracts import FailureReason
from kairo.platform.jobs.doorbell import ring
from kairo.platform.jobs.endings import Ended
from kairo.platform.jobs.fences import Fence
from kairo.platform.jobs.rules import AttemptFailure
from kairo.platform.jobs.slots import Announce, Slot, put_back
from kairo.platform.telemetry.context import logger

log = logger(__name__)

LAST_WORDS_S = 3.0
SETTLE_EVERY_S = 1.0


class Sentence(Enum):
    """Why a slot's attempt was ended from outside."""

    TIME_LIMIT = "time limit"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Aftermath:
    """What a killed slot left: its name, and the claim that it was killed for, if it was."""

    worker: str
    sentence: Sentence | None = None
    fence: Fence | None = None
    time_limit_s: float = 0


@dataclass(frozen=True)
class Lifeline:
    """The slot's end of a pipe that only the supervisor holds open: at its end the supervisor is gone."""

    descriptor: int
    grace_s: float


def run_slot(slot_for: Callable[[int], Slot], lifeline: Lifeline, aftermath: Aftermath | None) -> NoReturn:
    """Be a slot until its work ends or the supervisor is gone; `slot_for` gets what wakes the slot. Never returns."""
    exit_code = 1
    try:
        os.setpgid(0, 0)
        woken, wake = os.pipe()
        slot = slot_for(woken)
        _Watch(slot, lifeline, wake).start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
        if aftermath is not None:
            _settle_patiently(aftermath, slot)
        slot.work()
        exit_code = 0
    except BaseException as error:
        log.error("slot_failed", exc_info=error)
    finally:
        sys.stdout.flush()
        # The supervisor's own exit handlers were inherited, and are not the slot's to run.
        os._exit(exit_code)


class _Watch(Thread):
    """Hears signals and the supervisor's end while the main thread is busy, also inside C code."""

    def __init__(self, slot: Slot, lifeline: Lifeline, wake: int) -> None:
        super().__init__(name="watch", daemon=True)
        self._slot = slot
        self._lifeline = lifeline
        self._wake = wake
        self._signals = _signals_as_bytes()

    def run(self) -> None:
        deadline: float | None = None
        while deadline is None or time.monotonic() < deadline:
            left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            readable, _, _ = select.select([self._lifeline.descriptor, self._signals], [], [], left_s)
            if self._lifeline.descriptor in readable:
                break
            if self._signals in readable and signal.SIGTERM in os.read(self._signals, 64) and deadline is None:
                deadline = time.monotonic() + self._lifeline.grace_s
                self._slot.stop()
                os.write(self._wake, b"stop")
        self._leave()

    def _leave(self) -> NoReturn:
        """End this process and what its handler has started; the claims go back without an attempt."""
        last_words = Timer(LAST_WORDS_S, _kill_own_group)
        last_words.daemon = True
        last_words.start()
        put_back(self._slot.bench.fences())
        _kill_own_group()


def _signals_as_bytes() -> int:
    """Have signals written to a pipe; the main thread must not be needed to hear them."""
    heard, said = os.pipe()
    os.set_blocking(said, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.set_wakeup_fd(said)
    return heard


def _kill_own_group() -> NoReturn:
    sys.stdout.flush()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _settle_patiently(aftermath: Aftermath, slot: Slot) -> None:
    while not slot.stopping:
        try:
            settle(aftermath, slot.announce)
        except (OperationalError, InterfaceError) as error:
            log.warning("settling_failed", error=str(error).strip())
            connection.close()
            Event().wait(SETTLE_EVERY_S)
        else:
            return


def settle(aftermath: Aftermath, announce: Announce) -> None:
    """Write down how the attempt of a killed slot ended, and free whatever else it held."""
    if aftermath.fence is not None and aftermath.sentence is not None:
        ended = _carry_out(aftermath.sentence, aftermath.fence, aftermath.time_limit_s)
        if ended.state is not None:
            note = f": {ended.note}" if ended.note else ""
            announce(f"ended for its {aftermath.sentence.value}: {aftermath.fence.job_id} is {ended.state.value}{note}")
    for job_id, queue in release_stale(dead_worker=aftermath.worker):
        log.warning("job_released", job_id=str(job_id), reason="its worker died")
        announce(f"released {job_id}: its worker died")
        ring(queue, job_id)


def _carry_out(sentence: Sentence, fence: Fence, time_limit_s: float) -> Ended:
    if sentence is Sentence.CANCELLED:
        return endings.cancel(fence)
    if sentence is Sentence.STOPPED:
        endings.release(fence)
        return Ended(None)
    failure = AttemptFailure(
        error=f"time limit of {time_limit_s:g} s exceeded", retryable=True, reason=FailureReason.TIME_LIMIT
    )
    return endings.fail_attempt(fence, failure)
