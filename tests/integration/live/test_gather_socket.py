"""A project's gathers over a WebSocket: flat events, through cuts and on to the next gather, for nobody else."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import aclosing
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from websockets.asyncio.client import connect

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import events_of
from kairo.stages.knowledge.contracts.gathers import GatherState
from kairo.stages.knowledge.models import AutomatedGather
from kairo.stages.knowledge.operations.announcing import announce_gather
from tests.factories.boards import make_brand
from tests.factories.knowledge_pages import StagedGather, staged_gather
from tests.integration.live.clients import Frame, Frames, by_stream, close_code, seen_through_cuts, ticket_for
from tests.integration.live.writers import append_from_several, complete_job, on_own_connection

COMPLETE = 1000


@pytest.fixture
def project(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def url_of(address: str, project: UUID | str, *, ticket: str, **asked: object) -> str:
    named = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"ws://{address}/ws/automated-gather/{project}/?ticket={ticket}{named}"


async def by_gather_socket(
    project: UUID, address: str, token: str, run_id: UUID | None, after_seq: int, *, named: bool = False
) -> Frames:
    """Follow a project's gathers; `named`: of one run only."""
    asked: dict[str, object] = {"after_seq": after_seq} | ({"run_id": run_id} if named else {})
    async with connect(url_of(address, project, ticket=await ticket_for(address, token), **asked)) as socket:
        try:
            async for text in socket:
                yield json.loads(text)
        finally:
            socket.transport.abort()


def tell(tenant: UUID, project: UUID, gather: StagedGather, *types: EventType) -> None:
    with tenant_transaction(tenant):
        announce_gather(
            project_id=project,
            run_id=gather.run_id,
            kind="automated_gather_creation",
            events=[(event_type, {"department": "voice", "department_name": "Voice"}) for event_type in types],
            at=timezone.now(),
        )


def end(tenant: UUID, gather: StagedGather) -> None:
    with tenant_transaction(tenant):
        AutomatedGather.objects.filter(id=gather.id).update(state=GatherState.COMPLETED)
    complete_job(tenant, gather.job_id)


async def first(frames: Frames, count: int) -> list[Frame]:
    async with aclosing(frames):
        return [await anext(frames) for _ in range(count)]


def test_events_come_flat_with_the_project_and_the_department(
    tenant: UUID, token: str, address: str, project: UUID
) -> None:
    gather = staged_gather(tenant, project, at=timezone.now())
    tell(tenant, project, gather, EventType.DEPARTMENT_STARTED, EventType.ITERATION_COMPLETE)

    frames = asyncio.run(first(by_gather_socket(project, address, token, None, 0), 2))

    assert [(frame["seq"], frame["type"]) for frame in frames] == [(1, "department_started"), (2, "iteration_complete")]
    assert {frame["project_id"] for frame in frames} == {str(project)}
    assert {frame["run_id"] for frame in frames} == {str(gather.run_id)}
    assert frames[0]["department"] == "voice"
    assert set(frames[0]) == {"type", "project_id", "run_id", "seq", "at", "department", "department_name"}


def test_random_cuts_lose_and_double_nothing_over_socket_and_stream(
    tenant: UUID, token: str, address: str, project: UUID
) -> None:
    gather = staged_gather(tenant, project, at=timezone.now())
    tell(tenant, project, gather, EventType.DEPARTMENT_STARTED)
    events, dice = 121, random.Random(7)
    write = partial(append_from_several, tenant, gather.run_id, writers=3, events=events - 1, longest_pause_s=0.05)

    async def follow() -> list[list[int]]:
        seen = [
            seen_through_cuts(transport, address, token, gather.run_id, events=events, cuts=12, dice=dice)
            for transport in (partial(by_gather_socket, project), by_stream)
        ]
        *followed, _ = await asyncio.gather(*seen, asyncio.to_thread(on_own_connection, write))
        return [one for one in followed if one is not None]

    followed = asyncio.run(follow())

    assert followed == [list(range(1, events + 1))] * 2


def test_who_waits_for_the_first_gather_gets_it_and_then_the_next(
    tenant: UUID, token: str, address: str, project: UUID
) -> None:
    def start() -> StagedGather:
        gather = staged_gather(tenant, project, at=timezone.now())
        tell(tenant, project, gather, EventType.DEPARTMENT_STARTED)
        return gather

    async def follow() -> list[tuple[str, int, int]]:
        seen = []
        async with aclosing(by_gather_socket(project, address, token, None, 0)) as frames:
            waiting = asyncio.ensure_future(anext(frames))
            await asyncio.sleep(0.2)
            assert not waiting.done()
            gathers: list[StagedGather] = []
            await asyncio.to_thread(on_own_connection, lambda: gathers.append(start()))
            seen.append(await asyncio.wait_for(waiting, 10))
            await asyncio.to_thread(on_own_connection, partial(end, tenant, gathers[0]))
            seen += [await anext(frames), await anext(frames)]
            await asyncio.to_thread(on_own_connection, lambda: gathers.append(start()))
            seen.append(await asyncio.wait_for(anext(frames), 10))
            runs = [str(gather.run_id) for gather in gathers]
        return [(frame["type"], frame["seq"], runs.index(frame["run_id"])) for frame in seen]

    told = asyncio.run(follow())

    assert told == [
        ("department_started", 1, 0),
        ("run_complete", 2, 0),
        ("end", 2, 0),
        ("department_started", 1, 1),
    ]


def test_a_seq_of_an_earlier_gather_brings_the_newest_from_its_start_and_a_named_run_its_rest(
    tenant: UUID, token: str, address: str, project: UUID
) -> None:
    old = staged_gather(tenant, project, at=timezone.now())
    tell(tenant, project, old, *[EventType.ITERATION_COMPLETE] * 5)
    end(tenant, old)
    new = staged_gather(tenant, project, at=timezone.now())
    tell(tenant, project, new, EventType.DEPARTMENT_STARTED)

    async def follow() -> tuple[list[Frame], list[Frame]]:
        newest = await first(by_gather_socket(project, address, token, None, 4), 1)
        named = by_gather_socket(project, address, token, old.run_id, 4, named=True)
        return newest, [frame async for frame in named]

    newest, rest = asyncio.run(follow())

    assert [(frame["run_id"], frame["seq"]) for frame in newest] == [(str(new.run_id), 1)]
    assert [(frame["type"], frame["seq"]) for frame in rest] == [
        ("iteration_complete", 5),
        ("run_complete", 6),
        ("end", 6),
    ]


def test_nobody_else_finds_the_project_or_its_runs(
    tenant: UUID, stranger: UUID, token: str, stranger_token: str, address: str, project: UUID
) -> None:
    gather = staged_gather(tenant, project, at=timezone.now())
    tell(tenant, project, gather, EventType.DEPARTMENT_STARTED)
    elsewhere = make_brand(stranger, slug="elsewhere").id
    other = make_brand(tenant, slug="other").id

    async def codes() -> list[int]:
        async def code(named: UUID | str, whose: str, **asked: object) -> int:
            return await close_code(url_of(address, named, ticket=await ticket_for(address, whose), **asked))

        return [
            await code(project, stranger_token),
            await code(elsewhere, stranger_token, run_id=gather.run_id),
            await code(other, token, run_id=gather.run_id),
            await code(uuid4(), token),
            await code("not-a-project", token),
            await code(project, token, run_id="x"),
            await code(project, token, after_seq="-1"),
            await close_code(f"ws://{address}/ws/automated-gather/{project}/"),
        ]

    assert asyncio.run(codes()) == [4404, 4404, 4404, 4404, 4404, 4404, 4422, 4401]
    with tenant_transaction(tenant):
        assert len(events_of(gather.run_id)) == 1


def test_a_session_opens_it_from_an_own_page_only(
    tenant: UUID, address: str, project: UUID, session_cookie: str
) -> None:
    gather = staged_gather(tenant, project, at=timezone.now())
    end(tenant, gather)
    url = f"ws://{address}/ws/automated-gather/{project}/?run_id={gather.run_id}"
    cookie = {"Cookie": session_cookie}

    async def codes() -> list[int]:
        own = await close_code(url, additional_headers=cookie, origin=f"http://{address}")
        foreign = await close_code(url, additional_headers=cookie, origin="http://evil.example")
        return [own, foreign]

    assert asyncio.run(codes()) == [COMPLETE, 4403]
