"""What a handler is given, and what it gives back."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from uuid import UUID

from django.db.models.functions import Now
from pydantic import BaseModel, JsonValue

from kairo.platform.jobs.contracts import EffectState, JobProgress, JobState
from kairo.platform.jobs.fences import Fence, FenceLost, JobCancelled, own_transaction, refuse, wanted_job
from kairo.platform.jobs.models import Effect, JobStep
from kairo.platform.jobs.rules import COMPLETED
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record

__all__ = ["Completion", "FenceLost", "JobCancelled", "JobContext"]


@dataclass(frozen=True)
class Completion:
    """The end of a job's work; `effects` run in the transaction that completes the job, or not at all.

    They only write: what takes time was done before, since the job's row is locked meanwhile.
    """

    state: JobState = JobState.SUCCEEDED
    outcome: Mapping[str, JsonValue] = field(default_factory=dict)
    effects: Callable[[], None] | None = None
    result_url: str | None = None

    def __post_init__(self) -> None:
        if self.state not in COMPLETED:
            raise ValueError(f"A handler completes with succeeded or insufficient_evidence, not with {self.state}.")


@dataclass
class JobContext:
    """A running job as its handler sees it. Every report checks that the job is still the handler's.

    Each report commits by itself and is made outside tenant_transaction(…); each may raise FenceLost or JobCancelled,
    which a handler lets pass.
    """

    job_id: UUID
    tenant_id: UUID
    kind: str
    attempt: int
    run_id: UUID
    fence: Fence
    begin: Callable[[], None] = field(default=lambda: None, repr=False)
    checkpointed: JsonValue | None = None
    fence_lost: Event = field(default_factory=Event)
    _steps: list[tuple[str, float]] = field(default_factory=list, repr=False)

    def progress(self, step: str, *, done: int = 0, total: int = 0, note: str = "") -> None:
        """Show how far the job is, and add the step to its run."""
        progress = JobProgress(step=step, done=done, total=total, note=note).model_dump()
        with self._report():
            self._change(progress=progress)
            self._append(EventType.STEP, progress)
        if not self._steps or self._steps[-1][0] != step:
            self._steps.append((step, time.monotonic()))

    def steps_ms(self) -> dict[str, int]:
        """Return how long each step has taken up to now, in whole milliseconds; one that came again is added up."""
        ends = [since for _, since in self._steps[1:]] + [time.monotonic()]
        took: dict[str, float] = {}
        for (step, since), until in zip(self._steps, ends, strict=False):
            took[step] = took.get(step, 0.0) + until - since
        return {step: round(seconds * 1000) for step, seconds in took.items()}

    def checkpoint(self, value: JsonValue, effects: Callable[[], None] | None = None) -> None:
        """Keep `value` for a later attempt, together with the database effects of the work up to here."""
        with self._report():
            self._change(checkpoint=value, worker_losses=0)
            if effects is not None:
                effects()
        self.checkpointed = value

    def record(self, event_type: EventType, /, **data: JsonValue) -> None:
        """Add an event to the job's run."""
        with self._report():
            self._check()
            self._append(event_type, data)

    def step(self, key: str, given: BaseModel | JsonValue, compute: Callable[[], JsonValue]) -> JsonValue:
        """Return what `compute` gives for this input; a later attempt gets the kept output instead of paying again."""
        digest = _digest(given)
        with self._report():
            self._check()
            kept = JobStep.objects.filter(job_id=self.job_id, key=key, input_hash=digest).first()
        if kept is not None:
            return _json(kept.output)
        output = compute()
        with self._report():
            self._check()
            JobStep.objects.update_or_create(
                job_id=self.job_id, key=key, defaults={"input_hash": digest, "output": output}
            )
        return output

    def effect(self, key: str, act: Callable[[str], JsonValue]) -> JsonValue:
        """Act on the outside world once: `act` gets an idempotency key that is the same in every attempt.

        A crash after the act and before its result is kept repeats the call with the same key: the provider must
        take it for the same request.
        """
        with self._report():
            self._check()
            effect, _ = Effect.objects.get_or_create(job_id=self.job_id, key=key)
        if effect.state == EffectState.DONE:
            return _json(effect.result)
        result = act(str(effect.id))
        with own_transaction(self.fence):
            # Not fenced: it did happen, whoever has the job now.
            Effect.objects.filter(id=effect.id).update(state=EffectState.DONE, result=result, done_at=Now())
        return result

    @contextmanager
    def _report(self) -> Iterator[None]:
        if self.fence_lost.is_set():
            raise FenceLost(f"No heartbeat of job {self.job_id} could be given in time.")
        self.begin()
        with own_transaction(self.fence):
            yield

    def _change(self, **values: object) -> None:
        if not wanted_job(self.fence).update(**values):
            refuse(self.fence)

    def _check(self) -> None:
        if not wanted_job(self.fence).select_for_update().exists():
            refuse(self.fence)

    def _append(self, event_type: EventType, data: Mapping[str, JsonValue]) -> None:
        record(self.run_id, kind=self.kind, events=[(event_type, {"job_id": str(self.job_id), **data})])


def _digest(given: BaseModel | JsonValue) -> str:
    plain = given.model_dump(mode="json") if isinstance(given, BaseModel) else given
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _json(value: object) -> JsonValue:
    plain: JsonValue = value  # type: ignore[assignment]
    return plain
