"""A run's events, published on a channel as well. The rows are the truth, and what is published follows them.

Each commit is followed by a look that publishes what is new. A job that was enqueued in the same transaction looks once
more: what the first look missed, because the process ended or the channel was away, is late then, and not lost.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from pydantic import JsonValue

from kairo.platform.database.clock import now
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.live.contracts import (
    PUBLISH_EVENTS,
    ChannelAway,
    MirrorDTO,
    MirrorState,
    PublishEvents,
    flat_json,
)
from kairo.platform.live.mirror_rules import LOOK_AGAIN_S, is_missed, next_look_at
from kairo.platform.live.models import RunMirror
from kairo.platform.live.ports import Channel, Enqueue
from kairo.platform.live.redis_channel import redis_channel
from kairo.platform.telemetry.context import logger
from kairo.platform.telemetry.contracts import EventType, RunEventDTO
from kairo.platform.telemetry.runs import events_of, record

log = logger(__name__)

PAGE_EVENTS = 200
LEFT_ALONE_S = 5.0

_away_until: dict[str, float] = {}


def mirror(
    run_id: UUID, *, channel: str, at: datetime, enqueue: Enqueue, facts: Mapping[str, JsonValue] | None = None
) -> None:
    """Have the run's events up to the caller's commit published on a channel, where Redis is configured.

    `facts` stand beside the own data of every event. To be called in the transaction of each event. `enqueue` is
    `kairo.platform.jobs.operations.enqueue`.
    """
    if not settings.REDIS_URL:
        return
    RunMirror.objects.get_or_create(
        run_id=run_id, defaults={"channel": channel, "facts": dict(facts or {}), "created_at": at}
    )
    _look_later(run_id, next_look_at(at), enqueue)
    # Robust: the caller's work has committed by then, and must not appear to have failed.
    transaction.on_commit(partial(_publish_now, current_tenant(), run_id), robust=True)


def catch_up(*, tenant_id: UUID, run_id: UUID, at: datetime, channel: Channel | None = None) -> MirrorDTO:
    """Publish all that is not yet published, in order; to be called outside transactions.

    A channel that is away leaves the mirror `behind`, and `missed` for good after a day of that.
    """
    while True:
        with tenant_transaction(tenant_id):
            row = RunMirror.objects.get(run_id=run_id)
            events = events_of(run_id, after_seq=row.published_seq, limit=PAGE_EVENTS)
        if not events or row.state == MirrorState.MISSED:
            return row.to_contract()
        try:
            seq = _published(channel, row, events)
        except ChannelAway as error:
            return _note_away(tenant_id, run_id, error, at)
        with tenant_transaction(tenant_id):
            _note_published(run_id, seq, at)


def _published(channel: Channel | None, row: RunMirror, events: Sequence[RunEventDTO]) -> int:
    messages = [flat_json(event, row.facts) for event in events]
    at_redis = channel or redis_channel(str(settings.REDIS_URL))
    return at_redis.publish(row.channel, run_id=row.run_id, after_seq=row.published_seq, messages=messages)


def look_again(run_id: UUID, *, at: datetime, enqueue: Enqueue) -> None:
    """Ask for another look at a mirror that is behind."""
    _look_later(run_id, next_look_at(at, every_s=LOOK_AGAIN_S), enqueue)


def _look_later(run_id: UUID, due_at: datetime, enqueue: Enqueue) -> None:
    # A run of its own: the mirrored run must not be told of, nor kept open by, what copies it.
    key = f"{PUBLISH_EVENTS}:{run_id}:{due_at.timestamp():.0f}"
    enqueue(PUBLISH_EVENTS, PublishEvents(run_id=run_id), dedupe_key=key, available_at=due_at, run_id=new_id())


def _publish_now(tenant_id: UUID, run_id: UUID) -> None:
    url = str(settings.REDIS_URL)
    if time.monotonic() < _away_until.get(url, 0.0):
        return  # The writer of events must not wait for a Redis that is away at each of them.
    if catch_up(tenant_id=tenant_id, run_id=run_id, at=now()).state is MirrorState.BEHIND:
        _away_until[url] = time.monotonic() + LEFT_ALONE_S


def _note_published(run_id: UUID, seq: int, at: datetime) -> None:
    row = RunMirror.objects.select_for_update().get(run_id=run_id)
    if row.state == MirrorState.MISSED:
        return
    row.published_seq = max(row.published_seq, seq)
    row.state, row.behind_since, row.error, row.published_at = MirrorState.FOLLOWING, None, None, at
    row.save()


def _note_away(tenant_id: UUID, run_id: UUID, error: ChannelAway, at: datetime) -> MirrorDTO:
    log.warning("run_mirror_behind", mirrored_run_id=str(run_id), error=error.message)
    with tenant_transaction(tenant_id):
        row = RunMirror.objects.select_for_update().get(run_id=run_id)
        row.behind_since = row.behind_since or at
        row.error = error.message
        row.state = MirrorState.MISSED if is_missed(row.behind_since, at=at) else MirrorState.BEHIND
        row.save()
        if row.state == MirrorState.MISSED:
            _tell_missed(row)
        return row.to_contract()


def _tell_missed(row: RunMirror) -> None:
    log.error("run_mirror_missed", mirrored_run_id=str(row.run_id), channel=row.channel, error=row.error)
    facts: dict[str, JsonValue] = {
        "action": "run_mirror",
        "state": MirrorState.MISSED.value,
        "mirrored_run_id": str(row.run_id),
        "channel": row.channel,
        "published_seq": row.published_seq,
        "error": row.error,
    }
    record(new_id(), kind=PUBLISH_EVENTS, events=[(EventType.ACTION, facts)])
