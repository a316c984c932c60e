"""Chats that speak for a brand: tied by a code, found again by their number, bounded in how much they may ask.

Before a chat's tenant is known, everything goes through database functions that return the least.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kairo.errors import NotFound
from kairo.platform.database.sql import first_row, rows
from kairo.platform.tenancy.contracts import (
    ChatCode,
    ChatCodeUnknown,
    ChatLinkDTO,
    ChatTurn,
    LinkedChat,
    Principal,
    Role,
)
from kairo.platform.tenancy.models import ChatLink, ChatLinkCode
from kairo.platform.tenancy.secrets import new_code, sha256_hex, typed_code

CODE_LIFE = timedelta(minutes=15)
FLOOD_SPAN = timedelta(minutes=1)
ALLOWED_IN_SPAN = 20
"""So many messages and presses of a chat are answered within FLOOD_SPAN; the next is told to slow down, once."""
UPDATES_KEPT = timedelta(days=2)
"""Telegram itself forgets what was not fetched after a day."""


def issue_chat_code(*, brand_id: UUID, role: Role, at: datetime) -> ChatCode:
    """Make the code that ties a chat to this brand of the running transaction's tenant."""
    code = new_code()
    expires_at = at + CODE_LIFE
    ChatLinkCode.objects.create(brand_id=brand_id, role=role, code_sha256=sha256_hex(code), expires_at=expires_at)
    return ChatCode(code=code, expires_at=expires_at)


def link_chat(code: str, *, transport: str, chat_id: int, at: datetime) -> LinkedChat:
    """Use a code up, and set the transaction to its tenant; a chat that spoke for another brand leaves it.

    Raises:
        ChatCodeUnknown: mistyped, used or too old.
    """
    row = first_row(
        "SELECT * FROM tenancy_link_chat(%s, %s, %s, %s)", [sha256_hex(typed_code(code)), transport, chat_id, at]
    )
    if row is None:
        raise ChatCodeUnknown("This code is mistyped, was used before or has expired. Make a new one in the settings.")
    return _linked(row)


def linked_chat(*, transport: str, chat_id: int) -> LinkedChat | None:
    """Return for whom a chat speaks, and set the transaction to that tenant; None for a chat that is not linked."""
    row = first_row("SELECT * FROM tenancy_find_chat(%s, %s)", [transport, chat_id])
    return _linked(row) if row else None


def _linked(row: tuple[object, ...]) -> LinkedChat:
    tenant_id, tenant_slug, brand_id, role = row
    principal = Principal(tenant_id=UUID(str(tenant_id)), tenant_slug=str(tenant_slug), role=Role(str(role)))
    return LinkedChat(principal=principal, brand_id=UUID(str(brand_id)))


def take_update(*, transport: str, update_id: int, chat_id: int, at: datetime) -> ChatTurn:
    """Take note of what a chat sent, and tell whether to answer it; the same update is answered once only."""
    arguments = [transport, update_id, chat_id, at, FLOOD_SPAN, UPDATES_KEPT]
    [[recent]] = rows("SELECT tenancy_take_chat_update(%s, %s, %s, %s, %s, %s)", arguments)
    if recent == 0:
        return ChatTurn.KNOWN
    if recent <= ALLOWED_IN_SPAN:
        return ChatTurn.ANSWER
    return ChatTurn.SLOW_DOWN if recent == ALLOWED_IN_SPAN + 1 else ChatTurn.IGNORE


def chats_of_tenant() -> list[ChatLinkDTO]:
    """List the chats that speak for the running transaction's tenant, the newest first."""
    return [_contract(link) for link in ChatLink.objects.order_by("-linked_at", "-id")]


def change_brand(*, transport: str, chat_id: int, brand_id: UUID) -> None:
    """Let a chat of the running transaction's tenant speak for another of its brands."""
    ChatLink.objects.filter(transport=transport, chat_id=chat_id).update(brand_id=brand_id)


def unlink_chat(link_id: UUID) -> None:
    """Let a chat speak for nobody.

    Raises:
        NotFound: no such chat of this tenant.
    """
    deleted, _ = ChatLink.objects.filter(id=link_id).delete()
    if not deleted:
        raise NotFound("There is no such chat.")


def _contract(link: ChatLink) -> ChatLinkDTO:
    return ChatLinkDTO(
        id=link.id,
        transport=link.transport,
        chat_id=link.chat_id,
        brand_id=link.brand_id,
        role=Role(link.role),
        linked_at=link.linked_at,
    )
