"""The events of a project's gathers over a WebSocket: `/ws/automated-gather/{project_id}/?after_seq=&run_id=&ticket=`.

Here an event is one flat object: its own type, project_id, run_id, seq and at, with its data beside them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.of_runs import is_worked_on
from kairo.platform.live.contracts import FollowedRun, Frame
from kairo.platform.live.following import follow
from kairo.platform.live.newest import NewestRun, follow_newest
from kairo.platform.live.reading import in_reader
from kairo.platform.telemetry.contracts import RunNotFound
from kairo.platform.telemetry.runs import last_seq_of
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import queries as knowledge


async def gather_pages(
    tenant_id: UUID, project_id: UUID, *, run_id: UUID | None, after_seq: int
) -> AsyncGenerator[list[Frame], None]:
    """Walk through the events of one gather's run, or, without `run_id`, of the project's newest and those after it.

    Raises:
        BrandNotFound: no such project of this tenant.
        RunNotFound: the project has no gather with this run.
    """
    await in_reader(partial(_require_there, tenant_id, project_id, run_id))
    if run_id is not None:
        pages = follow(FollowedRun(tenant_id, run_id), after_seq=after_seq, is_worked_on=is_worked_on)
    else:
        newest = partial(_newest, tenant_id, project_id)
        pages = follow_newest(project_id, newest, after_seq=after_seq, is_worked_on=is_worked_on)
    async with aclosing(pages):
        async for frames in pages:
            yield [_flat(frame, project_id) for frame in frames]


def _require_there(tenant_id: UUID, project_id: UUID, run_id: UUID | None) -> None:
    with tenant_transaction(tenant_id):
        brands.brand(project_id)
        if run_id is None:
            return
        gather = knowledge.gather_of_run(run_id)
        if gather is None or gather.project_id != project_id:
            raise RunNotFound(f"This project has no gather with the run {run_id}.")


def _newest(tenant_id: UUID, project_id: UUID) -> NewestRun | None:
    with tenant_transaction(tenant_id):
        gather = knowledge.newest_gather(project_id)
        if gather is None:
            return None
        return NewestRun(FollowedRun(tenant_id, gather.run_id), last_seq=last_seq_of(gather.run_id))


def _flat(frame: Frame, project_id: UUID) -> Frame:
    event = json.loads(frame.text)
    facts = event.pop("data")
    text = json.dumps({**facts, "project_id": str(project_id), **event}, separators=(",", ":"), ensure_ascii=False)
    return Frame(seq=frame.seq, type=frame.type, text=text)
