"""What Telegram sends: of each update the few fields that the bot reads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from kairo.shapes import Frozen

LANGUAGES = ("en", "ru")
MAX_TEXT = 4096
"""Telegram's own bound of a message, in characters."""


class Press(Frozen):
    """A press of a button under one of the bot's messages."""

    id: str
    data: str
    message_id: int | None


class TelegramUpdate(Frozen):
    """A message or a press of a button, as a job keeps it."""

    update_id: int
    chat_id: int
    language: str
    text: str = ""
    press: Press | None = None


class _Person(BaseModel):
    language_code: str | None = None
    is_bot: bool = False


class _Chat(BaseModel):
    id: int = Field(ge=-(2**63), lt=2**63)


class _Message(BaseModel):
    message_id: int | None = None
    chat: _Chat
    sender: _Person | None = Field(None, alias="from")
    text: str | None = Field(None, max_length=MAX_TEXT)


class _Press(BaseModel):
    id: str = Field(max_length=100)
    sender: _Person = Field(alias="from")
    message: _Message | None = None
    data: str | None = Field(None, max_length=64)


class _Update(BaseModel):
    update_id: int = Field(ge=0, lt=2**63)
    message: _Message | None = None
    callback_query: _Press | None = None


def read_update(sent: Any) -> TelegramUpdate | None:
    """Return what a chat wants, or None for what the bot does not serve: joined groups, stickers, other bots."""
    try:
        update = _Update.model_validate(sent)
    except ValidationError:
        return None
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    message = update.message
    if message is None or not message.text or (message.sender is not None and message.sender.is_bot):
        return None
    return TelegramUpdate(
        update_id=update.update_id, chat_id=message.chat.id, language=_language(message.sender), text=message.text
    )


def read_command(text: str) -> tuple[str, str]:
    """Return a message's first word as the command that is meant, and what follows it.

    In groups Telegram adds the bot's name to a command: "/trends@kairo_bot 1w" is ("/trends", "1w").
    """
    word, _blank, argument = text.strip().partition(" ")
    return word.split("@", 1)[0].lower(), argument.strip()


def _pressed(update_id: int, press: _Press) -> TelegramUpdate | None:
    if press.message is None or not press.data:
        return None
    return TelegramUpdate(
        update_id=update_id,
        chat_id=press.message.chat.id,
        language=_language(press.sender),
        press=Press(id=press.id, data=press.data, message_id=press.message.message_id),
    )


def _language(person: _Person | None) -> str:
    """Return the language of the person's Telegram as far as the bot speaks it, English otherwise."""
    code = (person.language_code if person else None) or ""
    spoken = code.split("-")[0].lower()
    return spoken if spoken in LANGUAGES else LANGUAGES[0]
