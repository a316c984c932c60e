"""The Bot API, through python-telegram-bot: sending, changing a message, answering a press, fetching updates."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import structlog
from django.conf import settings

from kairo.errors import Invalid, Unavailable
from kairo.interfaces.telegram.callbacks import button_data
from kairo.interfaces.telegram.replies import Reply

PATIENCE_S = 10.0
LONG_POLL_S = 25
ALLOWED_UPDATES = ["message", "callback_query"]

log = structlog.get_logger(__name__)


class BotUnavailable(Unavailable):
    """Telegram cannot be reached, or asks to wait."""

    code = "telegram_unavailable"


class BotRefused(Invalid):
    """Telegram refuses: the chat has blocked the bot, or the message is not there any more."""

    code = "telegram_refused"


class Messages(Protocol):
    """What answering a chat needs of the Bot API."""

    def send(self, chat_id: int, reply: Reply) -> int | None: ...

    def change(self, chat_id: int, message_id: int, reply: Reply) -> None: ...

    def typing(self, chat_id: int) -> None: ...

    def acknowledge(self, press_id: str, text: str = "") -> None: ...


class BotApi:
    """The Bot API as plain calls; made by `bot_api`."""

    def __init__(self, runner: asyncio.Runner, bot: Any) -> None:
        self._runner = runner
        self._bot = bot

    def send(self, chat_id: int, reply: Reply) -> int | None:
        """Send a message and return its number."""
        sent = self._call("sendMessage", _message(chat_id, reply))
        return sent.get("message_id") if isinstance(sent, dict) else None

    def change(self, chat_id: int, message_id: int, reply: Reply) -> None:
        """Let a message say something else; saying the same again changes nothing."""
        try:
            self._call("editMessageText", {**_message(chat_id, reply), "message_id": message_id})
        except BotRefused as refusal:
            if "not modified" not in refusal.message:
                raise

    def typing(self, chat_id: int) -> None:
        """Show that an answer is being made; where that fails, the answer comes all the same."""
        try:
            self._call("sendChatAction", {"chat_id": chat_id, "action": "typing"})
        except (BotRefused, BotUnavailable) as error:
            log.info("telegram.typing_not_shown", error=error.message)

    def acknowledge(self, press_id: str, text: str = "") -> None:
        """Let a pressed button rest; one that was pressed too long ago rests already."""
        try:
            self._call("answerCallbackQuery", {"callback_query_id": press_id, "text": text})
        except BotRefused as refusal:
            log.info("telegram.press_not_acknowledged", error=refusal.message)

    def updates(self, *, after: int) -> list[dict[str, Any]]:
        """Wait for updates with a number above `after`, and return them."""
        asked = {"offset": after + 1, "timeout": LONG_POLL_S, "allowed_updates": ALLOWED_UPDATES}
        found = self._call("getUpdates", asked, patience_s=LONG_POLL_S + PATIENCE_S)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else []

    def set_webhook(self, url: str, *, secret: str) -> None:
        """Let Telegram send updates to an address, with a secret that shows them to be Telegram's."""
        self._call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": ALLOWED_UPDATES})

    def delete_webhook(self) -> None:
        """Let Telegram keep updates until they are fetched."""
        self._call("deleteWebhook", {})

    def _call(self, method: str, values: dict[str, Any], *, patience_s: float = PATIENCE_S) -> Any:
        from telegram import error

        asked = self._bot.do_api_request(
            method, api_kwargs=values, read_timeout=patience_s, write_timeout=PATIENCE_S, connect_timeout=PATIENCE_S
        )
        try:
            return self._runner.run(asked)
        except error.RetryAfter as wait:
            raise BotUnavailable(f"Telegram asks to wait {wait.retry_after} seconds.") from wait
        except (error.BadRequest, error.Forbidden, error.EndPointNotFound) as refusal:
            raise BotRefused(f"Telegram refuses {method}: {refusal.message}") from refusal
        except error.InvalidToken as refusal:
            raise BotRefused("Telegram does not know this bot: check TELEGRAM_BOT_TOKEN.") from refusal
        except error.TelegramError as failure:
            raise BotUnavailable(f"Telegram cannot be reached for {method}: {failure.message}") from failure


@contextmanager
def bot_api() -> Iterator[BotApi]:
    """Open the Bot API for the block.

    Raises:
        Invalid: there is no token, or the library is not installed; says what to do.
    """
    token = settings.TELEGRAM_BOT_TOKEN
    if not token:
        raise Invalid("The bot has no token: get one from @BotFather and set TELEGRAM_BOT_TOKEN.")
    try:
        from telegram import Bot
        from telegram.request import HTTPXRequest
        from telegram.warnings import PTBUserWarning
    except ImportError as error:
        raise Invalid("The bot needs one more package: pip install 'kairo[telegram]'.") from error
    # Plain calls are meant: servers of one's own answer with fewer or other fields than the library's classes hold.
    warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
    with asyncio.Runner() as runner:
        request = HTTPXRequest()
        runner.run(request.initialize())
        try:
            base = settings.KAIRO_TELEGRAM_API_URL.rstrip("/")
            yield BotApi(runner, Bot(token, base_url=f"{base}/bot", request=request))
        finally:
            runner.run(request.shutdown())


def _message(chat_id: int, reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {
        "chat_id": chat_id,
        "text": reply.html,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if reply.buttons:
        keyboard = [
            [{"text": each.label, "callback_data": button_data(each.button, chat_id=chat_id)} for each in row]
            for row in reply.buttons
        ]
        message["reply_markup"] = {"inline_keyboard": keyboard}
    return message
