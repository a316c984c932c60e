"""The scheduler of `celery -A kairo beat`: it looks at the table itself, so that nothing waits for a free worker."""

from __future__ import annotations

from typing import Any

from celery.beat import Scheduler  # type: ignore[import-untyped]
from django.db import InterfaceError, OperationalError, connection

from kairo.platform.jobs.fleet.application import RING_DUE
from kairo.platform.jobs.fleet.ringing import ring_due
from kairo.platform.telemetry.context import logger

log = logger(__name__)


class Bellringer(Scheduler):  # type: ignore[misc]
    """Keeps its schedule in memory: what was due and when stands in the database."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Do the ring here; any other entry is sent as usual."""
        if entry.task != RING_DUE:
            super().apply_entry(entry, producer)
            return
        try:
            log.debug("beat_rang", said=ring_due())
        except (OperationalError, InterfaceError) as error:
            connection.close()
            log.warning("database_away", error=str(error).strip())

    @property
    def producer(self) -> Any:
        """Give none: to ask for one would wait for the broker, and what is due by the clock must not."""
        return None

    @property
    def info(self) -> str:
        return "    . schedule -> in memory; due times stand in the database"
