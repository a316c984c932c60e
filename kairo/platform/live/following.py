"""Following a run: first what has happened, then what happens, then the end; at the follower's own pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from kairo.platform.live.contracts import END, FollowedRun, Frame, StreamEnd
from kairo.platform.live.ports import WorkedOn
from kairo.platform.live.reading import PAGE_EVENTS, JoinedLooks, has_ended_before, page_of, still_worked_on
from kairo.platform.live.switchboard import switchboard
from kairo.platform.telemetry.context import logger
from kairo.platform.telemetry.runs import ENDS

log = logger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often a follower looks and speaks, in seconds."""

    # Writers ring at most every 100 ms a run: the looks after a ring find what they have told nobody of.
    look_again_s: tuple[float, ...] = (0.02, 0.03, 0.04, 0.05)
    poll_s: float = 2.0
    sign_of_life_s: float = 15.0
    # Whoever comes back is authenticated anew: a revoked token follows for no longer than this.
    longest_stream_s: float = 3600.0


USUAL = Pace()


async def follow(
    run: FollowedRun, *, after_seq: int, is_worked_on: WorkedOn, pace: Pace = USUAL
) -> AsyncGenerator[list[Frame], None]:
    """Walk through a run's events in order, from the one after `after_seq`, as they come.

    An empty list is a sign of life after a silence. The last frame is `end` where nobody works on the run any more;
    where it is missing, the follower should come back with the last seq it has seen. The next page is read when the
    follower asks for it: one that is slow is late, and costs no memory.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    board = switchboard()
    with board.follower(run.run_id) as rung:
        follower = _Follower(run, after_seq, is_worked_on, board.looks, pace)
        while not board.closed and not follower.overstays:
            rung.clear()
            frames = await follower.look()
            if frames or follower.has_been_silent:
                follower.speaks()
                yield frames
            if frames and frames[-1].type == END:
                return
            if not follower.expects_more and await _rung_within(rung, follower.pause_s):
                follower.empty_looks = 0


async def _rung_within(rung: asyncio.Event, timeout_s: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await rung.wait()
    return rung.is_set()


class _Follower:
    """How far one follower is, and when to look again."""

    def __init__(
        self, run: FollowedRun, after_seq: int, is_worked_on: WorkedOn, looks: JoinedLooks, pace: Pace
    ) -> None:
        self.seq = after_seq
        self.empty_looks = len(pace.look_again_s)
        self.expects_more = False
        self._run = run
        self._is_worked_on = is_worked_on
        self._looks = looks
        self._pace = pace
        self._ended: bool | None = None
        self._clock = asyncio.get_running_loop().time
        self._came_at = self._spoke_at = self._clock()

    @property
    def overstays(self) -> bool:
        return self._clock() - self._came_at > self._pace.longest_stream_s

    @property
    def has_been_silent(self) -> bool:
        return self._silence_left_s <= 0

    @property
    def pause_s(self) -> float:
        again_s = self._pace.look_again_s
        pause_s = again_s[self.empty_looks] if self.empty_looks < len(again_s) else self._until_poll_s
        return max(0.0, min(pause_s, self._silence_left_s))

    @property
    def _until_poll_s(self) -> float:
        # Followers of one run poll at the same moment, so that one look serves them all; runs are spread.
        every_s = self._pace.poll_s
        offset_s = every_s * (self._run.run_id.int % 1000) / 1000
        return every_s - (self._clock() + offset_s) % every_s

    @property
    def _silence_left_s(self) -> float:
        return self._spoke_at + self._pace.sign_of_life_s - self._clock()

    def speaks(self) -> None:
        self._spoke_at = self._clock()

    async def look(self) -> list[Frame]:
        """Return what is new; a database that is away has nothing new."""
        try:
            frames = await self._find()
        except (OperationalError, InterfaceError) as error:
            log.warning("live_look_failed", run_id=str(self._run.run_id), error=type(error).__name__)
            frames = []
            self.empty_looks = len(self._pace.look_again_s)
        self.expects_more = False
        if not frames:
            self.empty_looks += 1
            return frames
        self.seq = frames[-1].seq
        self.empty_looks = 0
        self._ended = self._ended or any(frame.type in ENDS for frame in frames)
        self.expects_more = self._ended or len(frames) == PAGE_EVENTS
        return frames

    async def _find(self) -> list[Frame]:
        # Asked before the events are read: what is read when nobody works any more is all there will ever be.
        is_over = await self._is_over()
        frames = await self._looks.find((self._run, "page", self.seq), partial(page_of, self._run, self.seq))
        return frames if frames or not is_over else [self._end()]

    async def _is_over(self) -> bool:
        if self._ended is None:
            self._ended = await self._looks.find(
                (self._run, "ended"), partial(has_ended_before, self._run, self._is_worked_on)
            )
        if not self._ended:
            return False
        return not await self._looks.find(
            (self._run, "worked on"), partial(still_worked_on, self._run, self._is_worked_on)
        )

    def _end(self) -> Frame:
        end = StreamEnd(run_id=self._run.run_id, seq=self.seq, at=timezone.now())
        return Frame(seq=end.seq, type=end.type, text=end.model_dump_json())
