"""What stands behind a button: short (Telegram allows 64 bytes), and signed for the chat that it was sent to."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from kairo.errors import Invalid
from kairo.shapes import Frozen

MAX_BYTES = 64
_SALT = "kairo.telegram.button"
_SIGNATURE_CHARACTERS = 16


class Action(StrEnum):
    """What a button does; the letter is what is sent."""

    EXPLAIN = "e"
    SOURCES = "s"
    REFRESH = "r"
    WINDOW = "w"
    PAGE = "p"
    BOARD_PAGE = "b"


class ButtonForged(Invalid):
    """A button that this bot did not send to this chat."""

    code = "button_forged"


class Button(Frozen):
    """A press as it was meant: on which stored thing, and with which number (a page, or a window's place)."""

    action: Action
    subject: UUID
    number: int = 0


def button_data(button: Button, *, chat_id: int) -> str:
    """Return the data of a button, at most MAX_BYTES."""
    subject = base64.urlsafe_b64encode(button.subject.bytes).rstrip(b"=").decode()
    body = f"{button.action}{subject}{button.number}"
    return f"{body}.{_signature(body, chat_id)}"


def read_button(data: str, *, chat_id: int) -> Button:
    """Return what a button meant.

    Raises:
        ButtonForged: the signature is not of this chat.
    """
    body, _, signature = data.rpartition(".")
    if not body or not constant_time_compare(signature, _signature(body, chat_id)):
        raise ButtonForged("This button does not belong to this chat.")
    try:
        subject = UUID(bytes=base64.urlsafe_b64decode(body[1:23] + "=="))
        return Button(action=Action(body[0]), subject=subject, number=int(body[23:]))
    except (ValueError, binascii.Error) as error:
        raise ButtonForged("This button is of another version. Ask again.") from error


def _signature(body: str, chat_id: int) -> str:
    digest = salted_hmac(_SALT, f"{chat_id}|{body}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARACTERS]
