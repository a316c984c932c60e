"""Looking at a run's rows: in a few threads, in the tenant's transaction, once for all who ask for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import close_old_connections

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.live.contracts import FollowedRun, Frame
from kairo.platform.live.ports import WorkedOn
from kairo.platform.telemetry.contracts import RunNotFound
from kairo.platform.telemetry.runs import events_of, has_told_its_end

READERS = 4
PAGE_EVENTS = 500

Found = TypeVar("Found")
_threads = ThreadPoolExecutor(READERS, thread_name_prefix="live-reader")


async def in_reader(look: Callable[[], Found]) -> Found:
    """Run a look at the database in a thread; its connection goes back to the pool after it."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(_with_usable_connection, look))


def _with_usable_connection(look: Callable[[], Found]) -> Found:
    close_old_connections()
    try:
        return look()
    finally:
        close_old_connections()


class JoinedLooks:
    """Does a look once for all who ask for it before it starts; what it finds is as new as its latest asker needs."""

    def __init__(self) -> None:
        self._free_reader = asyncio.Semaphore(READERS)
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}

    async def find(self, key: Hashable, look: Callable[[], Found]) -> Found:
        """Return what the look finds; `key` tells which looks are the same."""
        task: asyncio.Task[Found] | None = self._waiting.get(key)
        if task is None:
            task = self._waiting[key] = asyncio.create_task(self._start(key, look))
            # Where every asker has left, nobody else takes note of its failure.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # One asker who leaves must not take the others' look away.
        return await asyncio.shield(task)

    async def _start(self, key: Hashable, look: Callable[[], Found]) -> Found:
        async with self._free_reader:
            # From here on the look may miss a commit: whoever asks now gets another one.
            del self._waiting[key]
            return await in_reader(look)


def page_of(run: FollowedRun, after_seq: int) -> list[Frame]:
    """List the next frames of a run; one that is worked on and has told nothing yet has none."""
    with tenant_transaction(run.tenant_id):
        try:
            events = events_of(run.run_id, after_seq=after_seq, limit=PAGE_EVENTS)
        except RunNotFound:
            return []
        return [Frame(seq=event.seq, type=event.type.value, text=event.model_dump_json()) for event in events]


def has_ended_before(run: FollowedRun, is_worked_on: WorkedOn) -> bool:
    """Tell whether the run has told of an end already.

    Raises:
        RunNotFound: no such run of this tenant, and nobody works on one.
    """
    with tenant_transaction(run.tenant_id):
        try:
            return has_told_its_end(run.run_id)
        except RunNotFound:
            if is_worked_on(run.run_id):
                return False
            raise


def still_worked_on(run: FollowedRun, is_worked_on: WorkedOn) -> bool:
    """Tell whether events may still follow."""
    with tenant_transaction(run.tenant_id):
        return is_worked_on(run.run_id)
