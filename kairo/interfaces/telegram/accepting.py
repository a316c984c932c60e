"""How an update comes in: noted once, bounded in number, and handed to a job of the chat's tenant.

A chat that speaks for nobody has no tenant, thus no job: it is answered at once, and learns how to be linked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from kairo.interfaces.telegram.bot_api import BotRefused, BotUnavailable, Messages
from kairo.interfaces.telegram.replies import Reply, said
from kairo.interfaces.telegram.updates import TelegramUpdate, read_command, read_update
from kairo.interfaces.telegram.wording import help_reply, linked_reply, not_linked_reply
from kairo.platform.database.sessions import scoped_to
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.operations import enqueue
from kairo.platform.tenancy.chats import link_chat, linked_chat, take_update
from kairo.platform.tenancy.contracts import ChatCodeUnknown, ChatTurn
from kairo.stages.brands import queries as brands

TRANSPORT = "telegram"
ANSWER = "telegram.answer"
QUEUE = Queue.IO

log = structlog.get_logger(__name__)


def accept(sent: Any, *, messages: Messages, at: datetime) -> None:
    """Take an update; the same update again changes nothing."""
    update = read_update(sent)
    if update is None:
        return
    with override(update.language):
        with transaction.atomic():
            reply = _taken(update, at=at)
        if reply is not None:
            _tell(update, reply, messages)


def _taken(update: TelegramUpdate, *, at: datetime) -> Reply | None:
    turn = take_update(transport=TRANSPORT, update_id=update.update_id, chat_id=update.chat_id, at=at)
    if turn in {ChatTurn.KNOWN, ChatTurn.IGNORE}:
        return None
    if turn is ChatTurn.SLOW_DOWN:
        return Reply(html=said(_("That is a lot at once. I listen again in a minute.")))
    command, argument = read_command(update.text)
    if command == "/link":
        return _link(update, argument, at=at)
    chat = linked_chat(transport=TRANSPORT, chat_id=update.chat_id)
    if chat is None:
        return help_reply() if command in {"/start", "/help"} else not_linked_reply()
    with scoped_to(chat.principal.tenant_id):
        enqueue(ANSWER, update)
    return None


def _link(update: TelegramUpdate, code: str, *, at: datetime) -> Reply:
    try:
        chat = link_chat(code, transport=TRANSPORT, chat_id=update.chat_id, at=at)
    except ChatCodeUnknown:
        return Reply(html=said(_("This code is mistyped, was used before or has expired. Make a new one in Kairo.")))
    with scoped_to(chat.principal.tenant_id):
        return linked_reply(brands.brand(chat.brand_id).name)


def _tell(update: TelegramUpdate, reply: Reply, messages: Messages) -> None:
    try:
        if update.press is not None:
            messages.acknowledge(update.press.id)
        messages.send(update.chat_id, reply)
    except (BotRefused, BotUnavailable) as error:
        # The person sees no answer and asks again; that is a new update.
        log.warning("telegram.not_told", chat_id=update.chat_id, error=error.message)
