"""A follower within the process: when it looks, when it speaks, when it leaves."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import InterfaceError, OperationalError

from kairo.platform.database.ids import new_id
from kairo.platform.jobs.of_runs import is_worked_on
from kairo.platform.live.contracts import FollowedRun, Frame
from kairo.platform.live.following import USUAL, Pace, follow
from kairo.platform.telemetry.contracts import EventType, RunNotFound
from tests.integration.live.writers import append, complete_job, on_own_connection, started_job, started_run


def following(
    tenant: UUID, run_id: UUID, *, pace: Pace = USUAL, after_seq: int = 0
) -> AsyncGenerator[list[Frame], None]:
    return follow(FollowedRun(tenant, run_id), after_seq=after_seq, is_worked_on=is_worked_on, pace=pace)


async def to_the_end(pages: AsyncGenerator[list[Frame], None]) -> list[Frame]:
    return [frame async for page in pages for frame in page]


def test_a_silent_run_gives_signs_of_life(tenant: UUID) -> None:
    run_id = started_run(tenant)
    spoke_at: list[float] = []

    async def listen() -> list[int]:
        pages: list[int] = []
        async with aclosing(following(tenant, run_id, pace=replace(USUAL, sign_of_life_s=0.3))) as frames:
            while len(pages) < 3:
                pages.append(len(await anext(frames)))
                spoke_at.append(time.monotonic())
        return pages

    assert asyncio.run(listen()) == [1, 0, 0]
    assert 0.25 < spoke_at[2] - spoke_at[1] < 1


def test_nobody_follows_longer_than_the_longest_stream(tenant: UUID) -> None:
    run_id = started_run(tenant)
    pace = replace(USUAL, longest_stream_s=0.3, poll_s=0.1)

    frames = asyncio.run(asyncio.wait_for(to_the_end(following(tenant, run_id, pace=pace)), 5))

    assert [(frame.seq, frame.type) for frame in frames] == [(1, "step")]


@pytest.mark.parametrize("after_seq", [0, 7])
def test_a_run_that_is_not_there_is_not_followed(tenant: UUID, after_seq: int) -> None:
    with pytest.raises(RunNotFound):
        asyncio.run(to_the_end(following(tenant, uuid4(), after_seq=after_seq)))


def test_a_database_that_is_away_for_a_moment_only_delays(tenant: UUID) -> None:
    run_id = started_run(tenant)
    append(tenant, run_id, EventType.RUN_COMPLETE)
    answers = iter([OperationalError("the server has gone"), InterfaceError("connection already closed")])

    def is_worked_on_after_outage(run_id: UUID) -> bool:
        error = next(answers, None)
        if error is not None:
            raise error
        return is_worked_on(run_id)

    pages = follow(
        FollowedRun(tenant, run_id),
        after_seq=0,
        is_worked_on=is_worked_on_after_outage,
        pace=replace(USUAL, poll_s=0.1),
    )
    frames = asyncio.run(asyncio.wait_for(to_the_end(pages), 5))

    assert [(frame.seq, frame.type) for frame in frames] == [(1, "step"), (2, "run_complete"), (2, "end")]
    assert next(answers, None) is None


def test_what_is_told_at_the_very_end_is_never_left_out(tenant: UUID) -> None:
    runs = [new_id() for _ in range(40)]
    jobs = [(started_job(tenant, run_id), started_job(tenant, run_id)) for run_id in runs]
    # A follower that looks without a pause meets the end at every instant of a look.
    restless = Pace(look_again_s=(), poll_s=0.001)
    dice = random.Random(7)

    def complete_all() -> None:
        for first, last in jobs:
            complete_job(tenant, first)
            time.sleep(dice.uniform(0, 0.02))
            complete_job(tenant, last, steps=2)

    async def listen() -> list[list[Frame]]:
        followed = asyncio.gather(*(to_the_end(following(tenant, run_id, pace=restless)) for run_id in runs))
        await asyncio.to_thread(on_own_connection, complete_all)
        return await asyncio.wait_for(followed, 20)

    for frames in asyncio.run(listen()):
        assert [frame.seq for frame in frames] == [1, 2, 3, 4, 4]
        assert frames[-1].type == "end"


def test_a_run_is_followed_from_before_its_first_event(tenant: UUID) -> None:
    run_id = new_id()
    job_id = started_job(tenant, run_id)

    async def listen() -> list[Frame]:
        followed = asyncio.ensure_future(to_the_end(following(tenant, run_id)))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(on_own_connection, partial(append, tenant, run_id, EventType.RUN_START))
        await asyncio.to_thread(on_own_connection, partial(complete_job, tenant, job_id))
        return await asyncio.wait_for(followed, 5)

    assert [frame.type for frame in asyncio.run(listen())] == ["run_start", "run_complete", "end"]
