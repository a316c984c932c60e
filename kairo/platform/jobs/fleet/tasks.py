"""The tasks of `celery -A kairo worker`: run this job, look at what is due, and those that other producers name."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, connections
from pydantic import JsonValue

from kairo.platform.jobs.fleet.application import RING_DUE, RUN_JOB
from kairo.platform.jobs.fleet.named_tasks import NamedTask, ask_by_message, named_tasks
from kairo.platform.jobs.fleet.redis_channel import outlive_lost_connections
from kairo.platform.jobs.fleet.ringing import ring_due
from kairo.platform.jobs.on_call import OnCall
from kairo.platform.telemetry.context import logger

log = logger(__name__)

POOLS = {"prefork", "processes", "solo"}
DATABASE_AWAY_S = 60.0
LOOK_AGAIN_S = 1.0
PR_SET_PDEATHSIG = 1

_on_call: dict[int, OnCall] = {}


def register_tasks(app: Any) -> None:
    """Give a Celery application its tasks, and see to the processes of its workers."""
    from celery.signals import setup_logging, worker_init, worker_process_init  # type: ignore[import-untyped]

    app.task(run_job, name=RUN_JOB)
    app.task(ring_due, name=RING_DUE)
    for named in named_tasks():
        app.task(_taking(named), name=named.name, bind=True)
    outlive_lost_connections()
    setup_logging.connect(_keep_our_logs, weak=False)
    worker_init.connect(_require_processes, weak=False)
    worker_process_init.connect(_die_with_worker, weak=False)


def run_job(job_id: str) -> str:
    """Run a job if it is due, in the slot of this process, and say what became of it."""
    return _slot().do(UUID(job_id))


def _taking(named: NamedTask[Any]) -> Callable[..., str]:
    def take(task: Any, *args: JsonValue, **kwargs: JsonValue) -> str:
        return take_message(named, str(task.request.id), args, kwargs)

    return take


def take_message(
    named: NamedTask[Any], message_id: str, args: Sequence[JsonValue], kwargs: Mapping[str, JsonValue]
) -> str:
    """Make the job that a producer asks for; while the database is away, the message waits."""
    from celery.exceptions import Reject  # type: ignore[import-untyped]

    deadline = time.monotonic() + DATABASE_AWAY_S
    while True:
        try:
            job_id = ask_by_message(named, message_id=message_id, args=args, kwargs=kwargs)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > deadline:
                raise Reject(reason="the database is away", requeue=True) from error
            time.sleep(LOOK_AGAIN_S)
        else:
            return f"asked for {named.name} {job_id}"
        finally:
            connections.close_all()


def _slot() -> OnCall:
    # By process: the slot of a process that this one was forked from is not its own.
    if os.getpid() not in _on_call:
        _on_call.clear()
        _on_call[os.getpid()] = OnCall()
    return _on_call[os.getpid()]


def _keep_our_logs(**_: object) -> None:
    """Have Celery write its logs through ours, which mask what must not be told."""


def _require_processes(sender: Any, **_: object) -> None:
    chosen = getattr(sender, "pool_cls", "prefork")
    pool = chosen if isinstance(chosen, str) else chosen.__module__.rpartition(".")[2]
    if pool.partition(":")[0].rpartition(".")[2] not in POOLS:
        # An exception in a signal of Celery's would only be logged.
        raise SystemExit(f"Jobs run in processes: start the worker with --pool prefork or solo, not {pool}.")


def _die_with_worker(**_: object) -> None:
    """Have this process told when its worker is gone: its job goes back, and nothing is left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
