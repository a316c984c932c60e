"""Telling of a gather: to its run, to the webhook that it names, and to the Redis channel of its project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.jobs.operations import enqueue
from kairo.platform.live.contracts import flat
from kairo.platform.live.mirroring import mirror
from kairo.platform.outbound.addressed import endpoint_at, send_to
from kairo.platform.outbound.operations import announce
from kairo.platform.telemetry.contracts import EventType, RunEventDTO
from kairo.platform.telemetry.runs import record

CHANNEL = "automated-gather:{project_id}"
WEBHOOK_DESCRIPTION = "Events of gathers that name this address as their webhook_url"


def check_webhook(url: str, *, at: datetime) -> None:
    """Refuse an address that events may not be sent to, and make its endpoint, whose key signs them, if it is new.

    Raises:
        UnsafeAddress: the URL has a form that webhooks may not be sent to.
        TooManyEndpoints: the tenant has as many endpoints as it may.
    """
    endpoint_at(url=url, at=at, description=WEBHOOK_DESCRIPTION)


def announce_gather(
    *,
    project_id: UUID,
    run_id: UUID,
    kind: str,
    events: Sequence[tuple[EventType, Mapping[str, JsonValue]]],
    at: datetime,
    webhook_url: str | None = None,
    job_id: UUID | None = None,
) -> list[RunEventDTO]:
    """Tell of what happened in a gather, if and only if the caller's transaction commits; return it with its places.

    Each event goes to the run, to the endpoints that ask for it, to `webhook_url`, and to the project's channel where
    Redis is configured. `project_id` and `job_id` are added to its data.
    """
    about: dict[str, JsonValue] = {"project_id": str(project_id)}
    known = about | ({"job_id": str(job_id)} if job_id is not None else {})
    written = record(run_id, kind=kind, events=[(event_type, {**data, **known}) for event_type, data in events])
    for event in written:
        _send(event, about, webhook_url=webhook_url, at=at)
    mirror(run_id, channel=CHANNEL.format(project_id=project_id), facts=about, at=at, enqueue=enqueue)
    return written


def _send(event: RunEventDTO, about: Mapping[str, JsonValue], *, webhook_url: str | None, at: datetime) -> None:
    payload = flat(event, about)
    name = event.type.value
    # The same id at every endpoint, so that one that both asks for events and is named gets each once.
    event_id = uuid5(event.run_id, f"seq {event.seq}")
    # A delivery is a run of its own: the gather's run is not told of it, and does not stay open until it has arrived.
    own_run = partial(enqueue, run_id=new_id())
    announce(event=name, payload=payload, at=at, enqueue=own_run, event_id=event_id)
    if webhook_url is not None:
        send_to(
            url=webhook_url,
            event=name,
            payload=payload,
            event_id=event_id,
            at=at,
            enqueue=own_run,
            description=WEBHOOK_DESCRIPTION,
        )
