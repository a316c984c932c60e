"""Which function does which kind of job. Stages register theirs in their jobs.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.module_loading import autodiscover_modules
from pydantic import BaseModel

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobCancellation, JobFailure, Queue
from kairo.platform.jobs.rules import MAX_ATTEMPTS

PayloadT = TypeVar("PayloadT", bound=BaseModel)
Handler = Callable[[PayloadT, JobContext], Completion]
FailureHandler = Callable[[PayloadT, JobFailure], None]
CancelHandler = Callable[[PayloadT, JobCancellation], None]


class UnknownJobKind(LookupError):
    """No installed stage does this kind of job: a mistake in our code."""


@dataclass(frozen=True)
class JobKind(Generic[PayloadT]):
    """A kind of job: its handler, and what holds for its jobs unless an enqueue says otherwise."""

    name: str
    payload: type[PayloadT]
    handler: Handler[PayloadT]
    queue: Queue
    time_limit_s: int
    max_attempts: int
    when_failed: FailureHandler[PayloadT] | None
    when_cancelled: CancelHandler[PayloadT] | None = None


# Payloads differ from kind to kind; each is validated by its kind's own model before a handler sees it.
_KINDS: dict[str, JobKind[Any]] = {}


def handles(
    kind: str,
    *,
    payload: type[PayloadT],
    queue: str = Queue.DEFAULT,
    time_limit_s: int = 300,
    max_attempts: int = MAX_ATTEMPTS,
    when_failed: FailureHandler[PayloadT] | None = None,
    when_cancelled: CancelHandler[PayloadT] | None = None,
) -> Callable[[Handler[PayloadT]], Handler[PayloadT]]:
    """Register the function below as what does jobs of this kind.

    `when_failed` runs in the transaction that moves the job to failed for good, however it came to that;
    `when_cancelled` in the one that cancels it, whether it waited, ran or had to be ended.
    """

    def register(handler: Handler[PayloadT]) -> Handler[PayloadT]:
        known = _KINDS.get(kind)
        if known is not None and known.handler is not handler:
            raise ValueError(f"Two functions want to do the job {kind!r}: {known.handler!r} and {handler!r}.")
        _KINDS[kind] = JobKind(
            name=kind,
            payload=payload,
            handler=handler,
            queue=Queue(queue),
            time_limit_s=time_limit_s,
            max_attempts=max_attempts,
            when_failed=when_failed,
            when_cancelled=when_cancelled,
        )
        return handler

    return register


def load_kinds() -> frozenset[str]:
    """Import the jobs.py of every installed stage and return the kinds that this process can do."""
    autodiscover_modules("jobs")
    return frozenset(_KINDS)


def known_kinds() -> list[JobKind[Any]]:
    """List the kinds that are registered up to now."""
    return list(_KINDS.values())


def job_kind(name: str) -> JobKind[Any]:
    """Return a kind of job; the stages are loaded if it is not known yet.

    Raises:
        UnknownJobKind: no installed stage has it.
    """
    if name not in _KINDS:
        load_kinds()
    if name not in _KINDS:
        raise UnknownJobKind(f"No installed stage does jobs of the kind {name!r}.")
    return _KINDS[name]
