"""The shapes of live events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import Unauthenticated, Unavailable
from kairo.platform.telemetry.contracts import RunEventDTO
from kairo.shapes import Frozen

END: Final = "end"
PUBLISH_EVENTS: Final = "live.publish"
MAX_SEQ = 2_147_483_647


class WsTicketRefused(Unauthenticated):
    code = "ws_ticket_refused"


class WsTicketDTO(Frozen):
    """A ticket that opens one socket; its text is shown this once and stored nowhere."""

    ticket: str
    expires_at: datetime


class StreamEnd(Frozen):
    """The last frame of a run on which nobody works any more; it has the form of an event, and no place of its own."""

    run_id: UUID
    seq: int
    type: Literal["end"] = END
    data: dict[str, JsonValue] = {}
    at: datetime


@dataclass(frozen=True)
class Frame:
    """One event in its form on the wire: `text` is its JSON object, {run_id, seq, type, data, at}."""

    seq: int
    type: str
    text: str


@dataclass(frozen=True)
class FollowedRun:
    """Which run is followed, and as which tenant."""

    tenant_id: UUID
    run_id: UUID


class ChannelAway(Unavailable):
    """The channel that events are published on cannot be reached."""

    code = "channel_away"


class MirrorState(StrEnum):
    """Whether a run's events are on their channel: `behind` while it is away, `missed` after a day of that."""

    FOLLOWING = "following"
    BEHIND = "behind"
    MISSED = "missed"


class MirrorDTO(Frozen):
    """How far a run's events have been published on a channel."""

    run_id: UUID
    channel: str
    state: MirrorState
    published_seq: int
    behind_since: datetime | None = None
    error: str | None = None


class PublishEvents(Frozen):
    """The message that asks for a look at what of a run is not yet published."""

    run_id: UUID


def flat(event: RunEventDTO | StreamEnd, facts: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return an event without the box around its data: {type, run_id, seq, at}, `facts` and the data beside them."""
    own: dict[str, JsonValue] = event.model_dump(mode="json", include={"type", "run_id", "seq", "at"})
    return {**event.data, **facts, **own}


def flat_json(event: RunEventDTO | StreamEnd, facts: Mapping[str, JsonValue]) -> str:
    """Return a flat event as its JSON text."""
    return json.dumps(flat(event, facts), separators=(",", ":"), ensure_ascii=False)
