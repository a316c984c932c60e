"""Tickets for sockets: browsers cannot send a header with a socket, and a token must not stand in an address."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sql import first_row
from kairo.platform.live.contracts import WsTicketDTO, WsTicketRefused
from kairo.platform.live.models import WsTicket
from kairo.platform.tenancy.secrets import new_token, sha256_hex

PREFIX = "kairo_ws_"
TICKET_LIFE = timedelta(seconds=60)


def issue_ticket(*, at: datetime) -> WsTicketDTO:
    """Make a ticket for the running transaction's tenant; tickets that nobody came with are cleared away."""
    WsTicket.objects.filter(expires_at__lt=at).delete()
    ticket = new_token(PREFIX)
    row = WsTicket.objects.create(token_sha256=sha256_hex(ticket), expires_at=at + TICKET_LIFE)
    return WsTicketDTO(ticket=ticket, expires_at=row.expires_at)


def redeem_ticket(ticket: str) -> UUID:
    """Use a ticket up and return its tenant; of two who come with it at once, in any process, one gets in.

    Raises:
        WsTicketRefused: unknown, used or expired.
    """
    row = first_row("SELECT live_redeem_ticket(%s)", [sha256_hex(ticket)])
    if row is None or row[0] is None:
        raise WsTicketRefused("The ticket is unknown, used or expired. Get a new one from POST /api/ws-ticket.")
    return UUID(str(row[0]))
