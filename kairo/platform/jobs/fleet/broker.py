"""The line to the broker on which this process sends: bounded in time, never in the way of what sends."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from kairo.platform.jobs.fleet.application import RUN_JOB, fleet_app, time_limits_s
from kairo.platform.jobs.fleet.breaker import Breaker
from kairo.platform.telemetry.context import logger

log = logger(__name__)

Answer = TypeVar("Answer")
LONGEST_WAIT_S = 0.5
AMQP = {"amqp", "amqps", "pyamqp"}


class BrokerLine:
    """One connection for all threads of a process; a forked process opens its own.

    What cannot be said within half a second is not said: the broker is left alone for a while, and beat makes up for
    it.
    """

    _lock: Lock
    _connection: Any
    _producer: Any
    _breaker: Breaker

    def __init__(self) -> None:
        self._begin_anew()
        # After a fork the connection is the parent's, and its lock may be held by a thread that is not here.
        os.register_at_fork(after_in_child=self._begin_anew)

    def send(self, queue: str, job_id: UUID) -> bool:
        """Send the message of a job, and say whether the broker took it."""
        limit_s = time_limits_s()[queue]

        def publish() -> bool:
            fleet_app().send_task(
                RUN_JOB, args=[str(job_id)], queue=queue, producer=self._producer, time_limit=limit_s, retry=False
            )
            return True

        return self._ask(publish) or False

    def waiting(self, queue: str) -> int | None:
        """Count a queue's messages that no worker has; None: the broker did not answer."""

        def count() -> int:
            declared = self._producer.channel.queue_declare(queue=queue, durable=True, auto_delete=False)
            return int(declared.message_count)

        return self._ask(count)

    def hang_up(self) -> None:
        """Close the line and forget whatever happened on it."""
        self._close()
        self._begin_anew()

    def answers(self) -> bool:
        """Tell whether the broker answers now, on a connection of its own."""
        try:
            _connected().release()
        except Exception as error:  # noqa: BLE001 - each transport has errors of its own
            log.info("broker_asked_in_vain", error=type(error).__name__)
            return False
        return True

    def _ask(self, question: Callable[[], Answer]) -> Answer | None:
        fleet_app()  # What is wrong with our own installation is not the broker's fault.
        if self._breaker.is_open or not self._lock.acquire(timeout=LONGEST_WAIT_S):
            return None
        try:
            answer = self._ask_once_or_twice(question)
        except Exception as error:  # noqa: BLE001 - each transport has errors of its own, and none may reach the caller
            self._close()
            pause_s = self._breaker.fail()
            log.warning("broker_away", error=f"{type(error).__name__}: {error}", asks_again_after_s=pause_s)
            return None
        else:
            if self._breaker.succeed():
                log.info("broker_back")
            return answer
        finally:
            self._lock.release()

    def _ask_once_or_twice(self, question: Callable[[], Answer]) -> Answer:
        if self._producer is not None:
            try:
                return question()
            except Exception as error:  # noqa: BLE001 - each transport has errors of its own
                # What broke may have been the line alone: the broker was started again, or did not hear of us for long.
                log.info("broker_line_broke", error=type(error).__name__)
                self._close()
        self._connection = _connected()
        self._producer = fleet_app().amqp.Producer(self._connection)
        return question()

    def _begin_anew(self) -> None:
        self._lock = Lock()
        self._connection = self._producer = None
        self._breaker = Breaker()

    def _close(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.collect(socket_timeout=LONGEST_WAIT_S)


def _connected() -> Any:
    """Open a connection that gives up soon; a worker's own waits for its broker as long as it takes."""
    app = fleet_app()
    if urlsplit(app.conf.broker_url).scheme in AMQP:
        impatience = {"read_timeout": LONGEST_WAIT_S, "write_timeout": LONGEST_WAIT_S}
    else:
        impatience = {"socket_timeout": LONGEST_WAIT_S, "socket_connect_timeout": LONGEST_WAIT_S}
    connection = app.connection_for_write(
        connect_timeout=LONGEST_WAIT_S, heartbeat=0, transport_options={**impatience, "max_retries": 0}
    )
    try:
        return connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=LONGEST_WAIT_S)
    except Exception:
        connection.collect(socket_timeout=LONGEST_WAIT_S)
        raise


LINE = BrokerLine()
