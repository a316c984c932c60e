"""One worker: it claims jobs and runs them one at a time, until it is told to stop or has done what was asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection

from kairo.platform.jobs import endings
from kairo.platform.jobs.attempts import Attempt, FinishedAttempt
from kairo.platform.jobs.claims import ClaimedJob, claim, release_stale
from kairo.platform.jobs.contracts import JobState, Queue
from kairo.platform.jobs.endings import Ended
from kairo.platform.jobs.fences import Fence
from kairo.platform.jobs.heartbeats import Heart
from kairo.platform.jobs.listening import Listener
from kairo.platform.jobs.registry import load_kinds
from kairo.platform.jobs.relief import Relief
from kairo.platform.jobs.rules import batch_size, idle_delay_s
from kairo.platform.jobs.runner import run_attempt, worker_name, write_down
from kairo.platform.jobs.slot_status import SlotStatus, WorkInProgress
from kairo.platform.jobs.workbench import Workbench
from kairo.platform.telemetry.context import logger

log = logger(__name__)

Announce = Callable[[str], None]
ALL_QUEUES = tuple(queue.value for queue in Queue)
PACE_WEIGHT = 0.3
UNKNOWN_PACE_S = 1.0
WRITE_DOWN_AFTER_S = 0.05
# One failure may be a connection that broke while nobody used it.
AWAY_AFTER_FAILURES = 2
DRY_RUN_JOBS = 100


@dataclass(frozen=True)
class WorkOrder:
    """What a worker is to do; `max_jobs` None is no bound, `once` ends it when nothing is due."""

    queues: Sequence[str] = ALL_QUEUES
    poll_interval_s: float = 5.0
    max_jobs: int | None = None
    once: bool = False


def run_due(order: WorkOrder | None = None, announce: Announce | None = None) -> int:
    """Run what is due in this process until nothing is, and return how many jobs that were."""
    slot = Slot(order or WorkOrder(once=True), announce or _keep_quiet)
    release_stale()
    slot.work()
    return slot.status.counted


def dry_run(order: WorkOrder, announce: Announce) -> int:
    """Claim what is due, say what it is, and put it all back; return how many jobs that were."""
    worker = worker_name()
    wanted = order.max_jobs or DRY_RUN_JOBS
    jobs = claim(worker=worker, queues=order.queues, kinds=load_kinds(), wanted=wanted, last_turn=_any_turn())
    try:
        for job in jobs:
            announce(_claimed_line(job))
    finally:
        for job in jobs:
            endings.release(job.fence)
            announce(f"released {job.kind} {job.id}")
    return len(jobs)


@dataclass
class Slot:
    """Works through an order; `stop` may be called from any thread."""

    order: WorkOrder
    announce: Announce
    status: SlotStatus = field(default_factory=SlotStatus)
    bench: Workbench = field(default_factory=Workbench)
    wake_on: int | None = None
    worker: str = field(default_factory=worker_name)

    def __post_init__(self) -> None:
        self._kinds = load_kinds()
        self._listener = Listener(self.order.queues, also=self.wake_on)
        self._last_turn = _any_turn()
        self._pace_s = UNKNOWN_PACE_S
        self._empty_looks = 0
        self.stopping = False
        self._failures = 0
        self._heart = Heart(self.bench, worker=self.worker, on_cancel=self.status.show_cancel)

    def stop(self) -> None:
        """End the work after the job in hand."""
        self.stopping = True

    def work(self) -> None:
        """Claim and run until stopped, or until the order is done."""
        try:
            with self._heart as heart, Relief(self.bench, write_down=self._write_down):
                while heart.beats and not self.stopping and self._wanted() > 0:
                    if not self._round():
                        break
                put_back(self.bench.take_waiting())
                if not heart.beats:
                    raise RuntimeError("The thread that keeps the claims alive has ended.")
        finally:
            self._listener.close()

    def _round(self) -> bool:
        try:
            return self._claim_and_run()
        except (OperationalError, InterfaceError) as error:
            self._wait_for_database(error)
            return True

    def _claim_and_run(self) -> bool:
        """Do one round; False says that the order is done."""
        if not self.order.once:
            self._listener.open()
        jobs = claim(
            worker=self.worker,
            queues=self.order.queues,
            kinds=self._kinds,
            wanted=self._wanted(),
            last_turn=self._last_turn,
        )
        self._notice_database()
        if not jobs:
            return self._pause()
        self._empty_looks = 0
        self._last_turn = jobs[-1].turn
        self.bench.put(jobs)
        while not self.stopping and (attempt := self.bench.take()) is not None:
            self._run(attempt)
            if self.bench.oldest_finished_s > WRITE_DOWN_AFTER_S:
                self._write_down()
        self._write_down()
        return True

    def _wanted(self) -> int:
        size = batch_size(self._pace_s)
        if self.order.max_jobs is None:
            return size
        return min(size, self.order.max_jobs - self.status.counted)

    def _run(self, attempt: Attempt) -> None:
        fence, limit_s = attempt.job.fence, attempt.job.time_limit_s
        self.announce(_claimed_line(attempt.job))
        self.status.show(WorkInProgress(fence.job_id, fence.tenant_id, fence.lock_token, attempt.since, limit_s))
        try:
            ended = run_attempt(attempt)
        finally:
            self.bench.put_away()
            self.status.show(None)
            self.status.count()
        self._pace_s += PACE_WEIGHT * (attempt.took_s - self._pace_s)
        if isinstance(ended, FinishedAttempt):
            self.bench.lay_down(ended)
        else:
            self.announce(_ended_line(attempt.job, ended, attempt.took_s))

    def _write_down(self) -> None:
        for finished, ended in write_down(self.bench.take_finished()):
            self.announce(_ended_line(finished.attempt.job, ended, finished.took_s))

    def _pause(self) -> bool:
        if self.order.once:
            # Two looks: the first may have met rows that another worker's claim had locked and left.
            self._empty_looks += 1
            return self._empty_looks < 2
        delay_s = idle_delay_s(self._empty_looks, poll_interval_s=self.order.poll_interval_s)
        self._empty_looks += 1
        if self._listener.wait(delay_s * random.uniform(0.9, 1.0)):  # noqa: S311
            self._empty_looks = 0
        return True

    def _wait_for_database(self, error: Exception) -> None:
        connection.close()
        self._listener.close()
        self.bench.take_waiting()
        self._failures += 1
        if self._failures == AWAY_AFTER_FAILURES:
            log.warning("database_away", error=str(error).strip())
            self.announce("the database is away; waiting for it")
        pause_s = idle_delay_s(self._failures, poll_interval_s=self.order.poll_interval_s)
        self._listener.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311

    def _notice_database(self) -> None:
        if self._failures >= AWAY_AFTER_FAILURES:
            self.announce("the database is back")
        self._failures = 0


def put_back(fences: Sequence[Fence]) -> None:
    """Release claims; what cannot be released now is when its lease ends."""
    try:
        for fence in fences:
            endings.release(fence)
    except (OperationalError, InterfaceError) as error:
        log.warning("release_failed", error=str(error).strip())


def _claimed_line(job: ClaimedJob) -> str:
    return f"claimed {job.kind} {job.id} attempt {job.attempt} of {job.max_attempts}"


def _ended_line(job: ClaimedJob, ended: Ended, took_s: float) -> str:
    if ended.state is None:
        return f"lost {job.kind} {job.id}: another worker may have it"
    word = "failed attempt of" if ended.state is JobState.PENDING else ended.state.value
    note = f": {ended.note}" if ended.note else ""
    return f"{word} {job.kind} {job.id} after {took_s:.3f} s{note}"


def _any_turn() -> int:
    return random.randrange(-(2**63), 2**63)  # noqa: S311


def _keep_quiet(_: str) -> None:
    """Announce nothing."""
