"""Workers that are killed and stopped at random, and what is left when the storm is over."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations
from tests.verification.jobs.storm_kinds import Work
from tests.verification.jobs.storm_worker import run_storm_worker

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", "tests.verification.jobs.storm_worker"])

WORKERS = 3
LOOK_EVERY_S = 0.05
AT_WORK = """
SELECT id, lock_token FROM job WHERE state = 'running' AND checkpoint IS NOT NULL AND locked_by LIKE %s
"""
STILL_HELD = "SELECT 1 FROM job WHERE id = %s AND lock_token = %s AND state = 'running'"
TAKEN_OVER = "SELECT 1 FROM job WHERE id = %s AND lock_token > %s"
LEFT = "SELECT count(*) FROM job WHERE state IN ('pending', 'running')"


def make_storm_table(url: str) -> None:
    """Make the table that the jobs of the storm write to."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "CREATE TABLE public.storm_row (job_id uuid NOT NULL, step text NOT NULL, token bigint NOT NULL)"
        )
        server.execute("GRANT SELECT, INSERT ON public.storm_row TO kairo_app")


def drop_storm_table(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("DROP TABLE public.storm_row")


def enqueue_work(tenant: UUID, count: int, work: Work, *, kind: str = "storm.work") -> list[UUID]:
    """Ask for jobs of the storm."""
    with tenant_transaction(tenant):
        return [operations.enqueue(kind, work).id for _ in range(count)]


class StormWorker:
    """`kairo worker` with one slot, as two processes of its own."""

    def __init__(
        self, database: str, output: Path, *, target: Callable[[str, str, Sequence[str]], None] = run_storm_worker
    ) -> None:
        self.output = output
        output.touch()
        arguments = ("--concurrency", "1", "--poll-interval", "0.2")
        self._process = _PROCESSES.Process(target=target, args=(database, str(output), arguments))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def slot(self) -> int | None:
        """Return the process id of its slot, if there is one just now."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        try:
            return int(children.read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def signal_slot(self, number: signal.Signals) -> int | None:
        """Send the slot a signal, and return which process got it."""
        slot = self.slot()
        if slot is not None:
            send(slot, number)
        return slot

    def kill(self) -> None:
        """End it as the loss of its machine would."""
        self.signal_slot(signal.SIGKILL)
        self._process.kill()
        self._process.join()

    def end(self) -> None:
        """Ask it to stop, and make it where it does not."""
        self._process.terminate()
        self._process.join(15)
        self.kill()

    def lost_claims(self) -> int:
        """Count the jobs that it said it had lost."""
        return sum(line.startswith("lost storm.") for line in self.output.read_text().splitlines())


def _held_by(worker: StormWorker) -> str:
    # A slot's claims carry the name that its supervisor gave it, with the supervisor's process id.
    return f"%:{worker.pid}:%"


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@dataclass(frozen=True)
class Frozen:
    """A stopped slot, and the claim that it held in the middle of its work where that is known."""

    worker: StormWorker
    slot: int
    since: float
    claim: tuple[UUID, int] | None


@dataclass
class Storm:
    """Blows over three workers until nothing is left to do; the same seed makes the same choices."""

    url: str
    database: str
    directory: Path
    seed: int
    lease_s: float
    pause_s: float = 0.5
    deeds: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._started: list[StormWorker] = []
        self._running = [self._start() for _ in range(WORKERS)]
        self._frozen: list[Frozen] = []
        self._deeds_to_come: list[Callable[[StormWorker], None]] = []
        self._server = psycopg.connect(self.url, autocommit=True, options="-c search_path=public")

    def blow(self, *, strikes: int, within_s: float, until: Callable[[], bool] | None = None) -> float:
        """Strike so many times and wait until no job is left, or `until` holds; return how many seconds that took."""
        began_at = due_at = time.monotonic()
        over = until or self.nothing_left
        while not over() or (self._frozen and until is None):
            now = time.monotonic()
            assert now - began_at < within_s, f"Not done in {within_s:g} s: {self.deeds}, {self.ask(LEFT)} left"
            if now >= due_at and self.deeds.total() < strikes:
                due_at = now + self._dice.uniform(0.6, 1.4) * self.pause_s
                self._strike()
            self._thaw(now)
            time.sleep(LOOK_EVERY_S)
        return time.monotonic() - began_at

    def kill_holder_of(self, job_id: UUID) -> float:
        """Kill the worker in the middle of a job, and return after how many seconds another has it."""
        holders: list[StormWorker] = []
        while not holders:
            assert not self.nothing_left(), "The job ended before anybody was seen at it."
            assert all(worker.is_alive for worker in self._running), "A worker ended by itself."
            holders = [w for w in self._running if any(job == job_id for job, _ in self.ask(AT_WORK, [_held_by(w)]))]
            time.sleep(LOOK_EVERY_S)
        [(token,)] = self.ask("SELECT lock_token FROM job WHERE id = %s", [job_id])
        self._kill_worker(holders[0])
        killed_at = time.monotonic()
        while not self.ask(TAKEN_OVER, [job_id, token]):
            assert time.monotonic() - killed_at < 10 * self.lease_s, "Nobody took the job over."
            time.sleep(LOOK_EVERY_S / 5)
        return time.monotonic() - killed_at

    def nothing_left(self) -> bool:
        return self.ask(LEFT) == [(0,)]

    def ask(self, question: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Ask the database as its superuser."""
        return self._server.execute(question.encode(), parameters).fetchall()

    def calm(self) -> None:
        """End all workers; stopped ones go on first."""
        for frozen in self._frozen:
            send(frozen.slot, signal.SIGCONT)
        for worker in self._running:
            worker.end()
        self._server.close()

    @property
    def refused(self) -> int:
        """How many claims were found lost by workers who still wanted to act on them."""
        return sum(worker.lost_claims() for worker in self._started)

    def _start(self) -> StormWorker:
        worker = StormWorker(self.database, self.directory / f"storm-{len(self._started)}.out")
        self._started.append(worker)
        return worker

    def _strike(self) -> None:
        awake = [w for w in self._running if w not in [frozen.worker for frozen in self._frozen]]
        if len(awake) < WORKERS - 1:
            return
        worker = self._dice.choice(awake)
        if not self._deeds_to_come:
            kinds = [self._kill_worker, self._kill_slot, self._stop_blindly, self._stop_at_work, self._stop_at_work]
            self._deeds_to_come = self._dice.sample(kinds, len(kinds))
        self._deeds_to_come.pop()(worker)

    def _kill_worker(self, worker: StormWorker) -> None:
        worker.kill()
        self._running[self._running.index(worker)] = self._start()
        self.deeds["workers killed"] += 1

    def _kill_slot(self, worker: StormWorker) -> None:
        if worker.signal_slot(signal.SIGKILL) is not None:
            self.deeds["slots killed"] += 1

    def _stop_blindly(self, worker: StormWorker) -> None:
        slot = worker.signal_slot(signal.SIGSTOP)
        if slot is not None:
            self._frozen.append(Frozen(worker, slot, time.monotonic(), None))
            self.deeds["stopped anywhere"] += 1

    def _stop_at_work(self, worker: StormWorker) -> None:
        """Stop a slot between its last report and its completion."""
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            claims = self.ask(AT_WORK, [_held_by(worker)])
            slot = worker.signal_slot(signal.SIGSTOP) if claims else None
            if slot is not None and self.ask(STILL_HELD, claims[0]):
                job_id, token = claims[0]
                assert isinstance(job_id, UUID)
                assert isinstance(token, int)
                self._frozen.append(Frozen(worker, slot, time.monotonic(), (job_id, token)))
                self.deeds["stopped at work"] += 1
                return
            if slot is not None:
                send(slot, signal.SIGCONT)
            time.sleep(0.005)

    def _thaw(self, now: float) -> None:
        for frozen in list(self._frozen):
            if self._may_go_on(frozen, now - frozen.since):
                self._frozen.remove(frozen)
                send(frozen.slot, signal.SIGCONT)

    def _may_go_on(self, frozen: Frozen, stopped_s: float) -> bool:
        if frozen.claim is None:
            return stopped_s > 1.25 * self.lease_s
        return bool(self.ask(TAKEN_OVER, frozen.claim)) or stopped_s > 15 * self.lease_s
