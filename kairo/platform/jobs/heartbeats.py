"""The thread beside the handler: it keeps claims alive, frees those of silent workers, fires crons."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from kairo.platform.jobs.claims import beat, release_stale
from kairo.platform.jobs.crons import fire_due_crons
from kairo.platform.jobs.doorbell import ring
from kairo.platform.jobs.fences import lease_s
from kairo.platform.jobs.workbench import Workbench
from kairo.platform.telemetry.context import logger

log = logger(__name__)

TICK_S = 0.1


def _nobody_to_tell(_: UUID, __: float) -> None:
    """Let a wish to cancel be heard at the handler's next report only."""


class Heart:
    """Beats every quarter of a lease for as long as the block runs; has the thread's own connection."""

    def __init__(
        self, bench: Workbench, *, worker: str, on_cancel: Callable[[UUID, float], None] = _nobody_to_tell
    ) -> None:
        self._bench = bench
        self._worker = worker
        self._on_cancel = on_cancel
        self._stop = Event()
        self._thread = Thread(target=self._run, name="heart", daemon=True)
        self._beaten_at = time.monotonic()
        self._away = False

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def beats(self) -> bool:
        """Whether the thread is there; without it no claim may be kept."""
        return self._thread.is_alive()

    def _run(self) -> None:
        due_at = time.monotonic()
        while not self._stop.wait(TICK_S):
            try:
                if time.monotonic() >= due_at:
                    due_at = time.monotonic() + lease_s() / 4 * random.uniform(0.8, 1.0)  # noqa: S311
                    self._beat()
            except (OperationalError, InterfaceError) as error:
                self._notice_silence(error)
        connection.close()

    def _beat(self) -> None:
        fences = self._bench.fences()
        asked_at = time.monotonic()
        standing = beat(fences)
        self._beaten_at = asked_at
        self._bench.drop({fence.job_id for fence in fences} - set(standing))
        attempt = self._bench.in_hand
        age_s = standing.get(attempt.job.id) if attempt else None
        if attempt is not None and age_s is not None:
            self._on_cancel(attempt.job.id, asked_at - age_s)
        self._sweep()
        self._away = False

    def _sweep(self) -> None:
        released = release_stale()
        for job_id, queue in released:
            log.warning("job_released", job_id=str(job_id), reason="its worker went silent")
            ring(queue, job_id)
        if settings.KAIRO_CRONS:
            for queue in fire_due_crons():
                ring(queue)

    def _notice_silence(self, error: Exception) -> None:
        connection.close()
        if not self._away:
            log.warning("heartbeat_failed", error=str(error).strip())
        self._away = True
        if time.monotonic() - self._beaten_at > lease_s():
            self._bench.drop({fence.job_id for fence in self._bench.fences()})
