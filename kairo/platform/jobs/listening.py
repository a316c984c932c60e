"""Waiting for the doorbell on a connection of its own; without one (behind pgbouncer) the wait is only a pause."""

from __future__ import annotations

import select
import time
from collections.abc import Collection

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from kairo.platform.jobs.doorbell import CHANNEL


class Listener:
    """Hears the rings of some queues; anything readable on `also` ends a wait too."""

    def __init__(self, queues: Collection[str], *, also: int | None = None) -> None:
        self._queues = frozenset(queues)
        self._also = [also] if also is not None else []
        self._connection: BaseDatabaseWrapper | None = None

    def open(self) -> None:
        """Start to listen: from here on no ring is missed.

        Raises:
            django.db.OperationalError: the database is away.
        """
        if self._connection is not None:
            return
        opened = connections.create_connection(DEFAULT_DB_ALIAS)
        with opened.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        self._connection = opened

    def close(self) -> None:
        """Stop to listen; a broken connection is put away in the same way."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def wait(self, timeout_s: float) -> bool:
        """Wait for a ring, and say whether one came in time.

        Raises:
            django.db.OperationalError: the database went away.
        """
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            own = [self._connection.connection.fileno()] if self._connection is not None else []
            readable, _, _ = select.select([*own, *self._also], [], [], left_s)
            if any(descriptor in readable for descriptor in self._also):
                return False
            if readable and self._rung():
                return True
        return False

    def _rung(self) -> bool:
        if self._connection is None:
            return False
        with self._connection.wrap_database_errors:
            heard = {notice.payload for notice in self._connection.connection.notifies(timeout=0)}
        return bool(heard & self._queues)
