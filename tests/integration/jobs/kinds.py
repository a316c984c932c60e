"""Kinds of jobs that exist for the tests; imported by the tests and by the workers that they start."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import BaseModel

from kairo.errors import Invalid
from kairo.platform.database.sessions import current_tenant
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobFailure, JobState, PermanentFailure, RetryLater
from kairo.platform.jobs.registry import handles
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import record


def ledger_of(tenant: UUID) -> UUID:
    """Name the run whose events are the effects of a tenant's jobs, in the order in which they were committed."""
    return uuid5(tenant, "ledger")


class Note(BaseModel):
    text: str = ""
    sleep_s: float = 0
    file: str = ""


def note_down(text: str) -> None:
    """Leave a trace in the tenant's ledger, as part of the running transaction."""
    record(ledger_of(current_tenant()), kind="ledger", events=[(EventType.ACTION, {"text": text})])


def _note_failure(note: Note, failure: JobFailure) -> None:
    note_down(f"failed {failure.reason.value} after {failure.attempts}: {failure.error}")


@handles("tests.note", payload=Note, when_failed=_note_failure)
def write_note(note: Note, job: JobContext) -> Completion:
    time.sleep(note.sleep_s)
    return Completion(
        outcome={"text": note.text}, effects=lambda: note_down(note.text), result_url=f"/notes/{note.text}"
    )


@handles("tests.nothing", payload=Note)
def do_nothing(note: Note, job: JobContext) -> Completion:
    return Completion()


@handles("tests.odd_result", payload=Note)
def return_what_cannot_be_stored(note: Note, job: JobContext) -> Completion:
    return Completion(outcome={"text": "\0"})


@handles("tests.error", payload=Note, when_failed=_note_failure)
def raise_error(note: Note, job: JobContext) -> Completion:
    raise ValueError(f"cannot do {note.text}")


@handles("tests.later", payload=Note)
def ask_for_later(note: Note, job: JobContext) -> Completion:
    raise RetryLater("The source is resting.", after_s=7)


@handles("tests.permanent", payload=Note, when_failed=_note_failure)
def give_up(note: Note, job: JobContext) -> Completion:
    raise PermanentFailure("The source is gone.")


@handles("tests.invalid", payload=Note)
def refuse_input(note: Note, job: JobContext) -> Completion:
    raise Invalid("The file has no rows.")


@handles("tests.thin", payload=Note)
def find_too_little(note: Note, job: JobContext) -> Completion:
    return Completion(state=JobState.INSUFFICIENT_EVIDENCE, effects=lambda: note_down("too little"))


@handles("tests.broken_effects", payload=Note)
def break_effects(note: Note, job: JobContext) -> Completion:
    def effects() -> None:
        note_down("half done")
        raise ValueError("the other half")

    return Completion(effects=effects)


def _break(note: Note, failure: JobFailure) -> None:
    note_down("never kept")
    raise ValueError("nor can it be told")


@handles("tests.broken_failure", payload=Note, max_attempts=1, when_failed=_break)
def break_failure(note: Note, job: JobContext) -> Completion:
    raise ValueError("no")


@handles("tests.steps", payload=Note)
def go_step_by_step(note: Note, job: JobContext) -> Completion:
    for done in range(1, 4):
        job.progress(f"step {done}", done=done, total=3)
    return Completion()


@handles("tests.patient", payload=Note, time_limit_s=60)
def report_often(note: Note, job: JobContext) -> Completion:
    Path(note.file).write_text("started")
    for done in range(1000):
        job.progress("waiting", done=done)
        time.sleep(0.02)
    return Completion(effects=lambda: note_down("was not cancelled"))


@handles("tests.checkpoints", payload=Note)
def stop_after_checkpoint(note: Note, job: JobContext) -> Completion:
    if job.checkpointed is None:
        job.checkpoint({"page": 2}, effects=lambda: note_down("pages 1 and 2"))
        raise ValueError("after page 2")
    return Completion(effects=lambda: note_down(f"went on from {job.checkpointed}"))


@handles("tests.deadly", payload=Note, when_failed=_note_failure)
def kill_the_worker(note: Note, job: JobContext) -> Completion:
    os.kill(os.getpid(), signal.SIGKILL)
    return Completion()


@handles("tests.endless", payload=Note, time_limit_s=1, when_failed=_note_failure)
def never_return(note: Note, job: JobContext) -> Completion:
    """Wait outside Python, with a process of its own that must not outlive the attempt."""
    sleeper = subprocess.Popen(["/bin/sleep", "60"])
    Path(note.file).write_text(str(sleeper.pid))
    sleeper.wait()
    return Completion()


def _wait_at_gate(file: str) -> None:
    """Say who is here; the first one goes on when the gate is opened, any other at once."""
    with Path(file).open("a+") as started:
        started.seek(0)
        first = not started.read()
        started.write(f"{os.getpid()}\n")
    while first and not Path(f"{file}.open").exists():
        time.sleep(0.02)


@handles("tests.gate", payload=Note, when_failed=_note_failure)
def wait_in_handler(note: Note, job: JobContext) -> Completion:
    _wait_at_gate(note.file)
    return Completion(effects=lambda: note_down(f"by attempt {job.fence.lock_token}"))


@handles("tests.gate_in_effects", payload=Note, when_failed=_note_failure)
def wait_in_effects(note: Note, job: JobContext) -> Completion:
    def effects() -> None:
        note_down(f"by attempt {job.fence.lock_token}")
        _wait_at_gate(note.file)

    return Completion(effects=effects)


@handles("tests.paid", payload=Note)
def pay_once(note: Note, job: JobContext) -> Completion:
    calls = Path(note.file)

    def call(word: str) -> str:
        with calls.open("a") as lines:
            lines.write(f"{word}\n")
        return word

    job.step("ask", {"question": note.text}, lambda: call("model"))
    job.effect("send", lambda idempotency_key: call(idempotency_key))
    if job.attempt == 1:
        raise ValueError("after both")
    return Completion()
