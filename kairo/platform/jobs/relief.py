"""The thread that sees to what lies around a slow job: others need not wait for it, and its start is shown."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType

from django.db import InterfaceError, OperationalError, connection

from kairo.platform.jobs import endings
from kairo.platform.jobs.attempts import Attempt
from kairo.platform.jobs.fences import HandlerStopped
from kairo.platform.jobs.workbench import Workbench
from kairo.platform.telemetry.context import logger

log = logger(__name__)

LOOK_EVERY_S = 0.1
SLOW_S = 0.2


class Relief:
    """Watches the job in hand for as long as the block runs; has a connection only while there is something to do.

    Apart from the heart: what is done here may have to wait for locks, and a heartbeat must not.
    """

    def __init__(self, bench: Workbench, *, write_down: Callable[[], None]) -> None:
        self._bench = bench
        self._write_down = write_down
        self._relieved: Attempt | None = None
        self._stop = Event()
        self._thread = Thread(target=self._run, name="relief", daemon=True)

    def __enter__(self) -> Relief:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            attempt = self._bench.in_hand
            if attempt is None or attempt is self._relieved or attempt.took_s < SLOW_S:
                continue
            try:
                self._relieve(attempt)
            except (OperationalError, InterfaceError) as error:
                log.warning("relief_failed", error=str(error).strip())
            finally:
                connection.close()

    def _relieve(self, attempt: Attempt) -> None:
        self._write_down()
        for fence in self._bench.take_waiting():
            endings.release(fence)
        try:
            attempt.begin()
        except HandlerStopped as stop:
            log.info("job_to_be_stopped", reason=str(stop))  # The handler hears it at its next report.
        self._relieved = attempt
