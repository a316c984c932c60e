"""Chats that speak for a brand, under the settings: codes that link them, the linked ones, and how one is unlinked."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Page
from kairo.platform.database.clock import now
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import ChatCode, ChatLinkDTO, Principal
from kairo.shapes import Strict
from kairo.stages.brands import queries as brands

router = Router(tags=["settings"])


class NewChatCode(Strict):
    brand_id: UUID


@router.post("/settings/telegram/link-codes", response={201: ChatCode, 404: Problem, **PROBLEMS})
def make_chat_code(request: HttpRequest, body: NewChatCode) -> Status[ChatCode]:
    """Make a code that links a Telegram chat to a brand: send `/link CODE` there within 15 minutes.

    The chat may do what you may do. The code is in this answer and can never be read again.
    """
    principal: Principal = request.auth  # type: ignore[attr-defined]
    brand = brands.brand(body.brand_id)
    made = chats.issue_chat_code(brand_id=brand.id, role=principal.role, at=now())
    return Status(201, made)


@router.get("/settings/telegram/chats", response={200: Page[ChatLinkDTO], **PROBLEMS})
def list_chats(request: HttpRequest) -> Page[ChatLinkDTO]:
    """List the chats that speak for the account's brands."""
    return Page(items=chats.chats_of_tenant())


@router.delete("/settings/telegram/chats/{link_id}", response={204: None, **PROBLEMS})
def unlink_chat(request: HttpRequest, link_id: UUID) -> Status[None]:
    """Let a chat speak for nobody."""
    chats.unlink_chat(link_id)
    return Status(204, None)
