"""The id of the running run: it follows the work through requests, jobs, logs and answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars

from kairo.platform.database.ids import new_id


@contextmanager
def run_context(run_id: UUID | None = None, **names: str) -> Iterator[UUID]:
    """Run the block under a run id (a new one if none is given); `names` go into every log line."""
    current = run_id or new_id()
    with bound_contextvars(run_id=str(current), **names):
        yield current


def current_run_id() -> UUID | None:
    """Return the id of the running run, or None outside any."""
    bound = get_contextvars().get("run_id")
    return UUID(bound) if bound else None


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
