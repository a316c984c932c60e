"""The shapes of live events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue

from kairo.errors import Unauthenticated
from kairo.shapes import Frozen

END: Final = "end"
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
