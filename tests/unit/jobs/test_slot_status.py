"""What a supervisor reads of a slot, in whatever moment the slot was killed."""

from __future__ import annotations

import os
import signal
from uuid import uuid4

from kairo.platform.jobs.slot_status import SlotStatus, WorkInProgress


def some_work(**changes: float) -> WorkInProgress:
    return WorkInProgress(uuid4(), uuid4(), lock_token=3, since=changes.get("since", 1.5), time_limit_s=300)


def test_work_is_read_as_it_was_shown_until_it_is_done() -> None:
    status, work = SlotStatus(), some_work()
    assert status.read() is None

    status.show(work)
    assert status.read() == work
    status.show(None)
    assert status.read() is None


def test_a_wish_to_cancel_belongs_to_one_job() -> None:
    status, first, second = SlotStatus(), some_work(), some_work()

    status.show(first)
    status.show_cancel(first.job_id, 7.25)
    shown = status.read()
    assert shown is not None
    assert shown.cancel_asked_at == 7.25
    status.show(second)
    assert status.read() == second


def test_what_a_killed_process_showed_can_still_be_read() -> None:
    status, work = SlotStatus(), some_work()
    pid = os.fork()
    if pid == 0:
        status.count()
        status.count()
        status.show(work)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)

    assert status.read() == work
    assert status.counted == 2
