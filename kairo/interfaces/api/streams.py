"""A run's events as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse

from kairo.platform.jobs.of_runs import is_worked_on
from kairo.platform.live.contracts import FollowedRun, Frame
from kairo.platform.live.following import follow
from kairo.platform.live.reading import has_ended_before

EVENT_STREAM = "text/event-stream"
COME_BACK_AFTER_MS = 1000


def wants_stream(request: HttpRequest) -> bool:
    """Tell whether the caller would rather have a stream than the JSON that is there already."""
    return request.get_preferred_type(["application/json", EVENT_STREAM]) == EVENT_STREAM


def event_stream(run: FollowedRun, *, after_seq: int) -> StreamingHttpResponse:
    """Answer with the run's events from the one after `after_seq`, then with those to come.

    Raises:
        RunNotFound: no such run of this tenant.
    """
    has_ended_before(run, is_worked_on)
    answer = StreamingHttpResponse(_chunks(run, after_seq), content_type=EVENT_STREAM)
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return answer


async def _chunks(run: FollowedRun, after_seq: int) -> AsyncGenerator[str, None]:
    # The request's connection would stay with the request until the stream ends, and a pool has only so many.
    await sync_to_async(connections.close_all)()
    yield f"retry: {COME_BACK_AFTER_MS}\n\n"
    async with aclosing(follow(run, after_seq=after_seq, is_worked_on=is_worked_on)) as pages:
        async for frames in pages:
            yield "".join(map(_event, frames)) or ":\n\n"


def _event(frame: Frame) -> str:
    return f"id: {frame.seq}\nevent: {frame.type}\ndata: {frame.text}\n\n"
