"""Following whatever run is the newest of a topic: the one that is there, and then the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import InterfaceError, OperationalError

from kairo.platform.live.contracts import END, FollowedRun, Frame
from kairo.platform.live.following import USUAL, Pace, follow
from kairo.platform.live.ports import WorkedOn
from kairo.platform.live.switchboard import switchboard
from kairo.platform.telemetry.context import logger

log = logger(__name__)


@dataclass(frozen=True)
class NewestRun:
    """The run that a topic has come to, and the place of its last event so far."""

    run: FollowedRun
    last_seq: int


Newest = Callable[[], NewestRun | None]


async def follow_newest(
    topic: UUID, newest: Newest, *, after_seq: int, is_worked_on: WorkedOn, pace: Pace = USUAL
) -> AsyncGenerator[list[Frame], None]:
    """Walk through the events of a topic's newest run, then of those that come after it, each from its first event.

    `after_seq` is a place in the newest run; one that lies past its end is of an earlier run, and the newest is told
    from its beginning. `newest` looks the newest run up, in a thread. Where nothing has run yet, the first run is
    waited for. It ends as `follow` does, but for the end of a run.
    """
    board = switchboard()
    clock = asyncio.get_running_loop().time
    came_at = clock()
    told: UUID | None = None
    with board.follower(topic) as rung:
        while not board.closed and clock() - came_at < pace.longest_stream_s:
            rung.clear()
            found = await _look(topic, newest)
            if found is None or found.run.run_id == told:
                yield []
                with suppress(TimeoutError):
                    async with asyncio.timeout(pace.poll_s):
                        await rung.wait()
                continue
            first = after_seq if told is None and after_seq <= found.last_seq else 0
            kind = ""
            async with aclosing(follow(found.run, after_seq=first, is_worked_on=is_worked_on, pace=pace)) as pages:
                async for frames in pages:
                    yield frames
                    kind = frames[-1].type if frames else kind
            if kind != END:
                return
            told = found.run.run_id


async def _look(topic: UUID, newest: Newest) -> NewestRun | None:
    try:
        return await switchboard().looks.find((topic, "newest"), newest)
    except (OperationalError, InterfaceError) as error:
        log.warning("live_look_failed", topic=str(topic), error=type(error).__name__)
        return None
