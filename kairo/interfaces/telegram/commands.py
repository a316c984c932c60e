"""`kairo telegram`: run the bot by fetching its updates, or tell Telegram where to deliver them."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType
from typing import Annotated
from urllib.parse import urlsplit

import typer

from kairo.errors import FieldError, Invalid
from kairo.interfaces.telegram.bot_api import bot_api
from kairo.interfaces.telegram.polling import poll
from kairo.interfaces.telegram.webhook import PATH, webhook_secret

telegram_app = typer.Typer(help="The Telegram bot (TELEGRAM_BOT_TOKEN).", no_args_is_help=True)


class InvalidWebhookAddress(Invalid):
    code = "invalid_webhook_address"


@telegram_app.command("poll", epilog="Example: TELEGRAM_BOT_TOKEN=… kairo telegram poll")
def poll_command() -> None:
    """Fetch what chats send until Ctrl-C; needs no address of one's own. Workers make the answers."""
    stopped = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with bot_api() as api:
        api.delete_webhook()
        typer.echo("The bot listens. Ctrl-C stops it.")
        poll(api, stopped=stopped, told=lambda count: typer.echo(f"{count} taken"))


@telegram_app.command("webhook", epilog="Example: kairo telegram webhook https://kairo.example.com")
def webhook_command(
    address: Annotated[str, typer.Argument(help="Where this Kairo is served, as Telegram reaches it; https.")],
) -> None:
    """Let Telegram deliver updates to this installation."""
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        problem = FieldError("address", "an address like https://kairo.example.com")
        raise InvalidWebhookAddress(f"{address!r} is no address: give {problem.message}.", errors=(problem,))
    url = f"{address.rstrip('/')}/{PATH}"
    with bot_api() as api:
        api.set_webhook(url, secret=webhook_secret())
    typer.echo(f"Telegram delivers to {url}.")


@telegram_app.command("off", epilog="Example: kairo telegram off")
def off_command() -> None:
    """Let Telegram deliver nowhere; it keeps updates for a day, for `kairo telegram poll`."""
    with bot_api() as api:
        api.delete_webhook()
    typer.echo("Telegram delivers nowhere now.")
