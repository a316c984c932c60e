"""A worker as a process, forked from one that has loaded everything, that asks a model server of the test."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_WORKERS = multiprocessing.get_context("forkserver")
_WORKERS.set_forkserver_preload(["__main__", "tests.integration.jobs.worker_entry"])


class GatherWorker:
    """`kairo worker` in a process group of its own; `kill` is SIGKILL to all of it."""

    def __init__(self, database: str, output: Path, model_url: str) -> None:
        name = str(conninfo_to_dict(database)["dbname"])
        self._process = _WORKERS.Process(target=_be_worker, args=(name, str(output), model_url))
        self._process.start()

    def kill(self) -> None:
        """End the worker and its slots at whatever instruction they are."""
        assert self._process.pid is not None
        slots = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        pids = [int(pid) for pid in slots.read_text().split()] if slots.exists() else []
        for pid in (self._process.pid, *pids):
            _kill(pid)
        self._process.join(15)


def _be_worker(database: str, output: str, model_url: str, arguments: Sequence[str] = ()) -> None:
    from django.conf import settings

    from tests.integration.jobs.worker_entry import run_worker

    settings.KAIRO_LLM_BASE_URL = model_url
    run_worker(database, output, ["--concurrency", "1", "--poll-interval", "0.2", *arguments])


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
