"""By webhook and by polling the same updates are taken, each once; nobody else gets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from kairo.interfaces.telegram.accepting import ANSWER
from kairo.interfaces.telegram.bot_api import BotApi, BotUnavailable, bot_api
from kairo.interfaces.telegram.polling import poll
from kairo.interfaces.telegram.webhook import PATH, webhook_secret
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import Role
from tests.factories.brands import stored_brand
from tests.integration.telegram.bot_server import Person

pytestmark = pytest.mark.usefixtures("database")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@contextmanager
def _door() -> Iterator[tuple[str, list[bytes]]]:
    """Listen where the Bot API server delivers, and keep what it sends."""
    delivered: list[bytes] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            delivered.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{PATH}", delivered
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _deliver(body: bytes | str, *, secret: str | None = None) -> int:
    """Hand a delivery to the webhook as Telegram does, which shows the secret that it was given."""
    shown = webhook_secret() if secret is None else secret
    answer = Client(raise_request_exception=False).post(
        f"/{PATH}", body, content_type="application/json", headers={SECRET_HEADER: shown}
    )
    status: int = answer.status_code
    return status


def _linked(person: Person, tenant: UUID) -> Person:
    brand = stored_brand(tenant)
    with tenant_transaction(tenant):
        code = chats.issue_chat_code(brand_id=brand.id, role=Role.EDITOR, at=timezone.now()).code
        chats.link_chat(code, transport="telegram", chat_id=person.chat_id, at=timezone.now())
    return person


def _asked(tenant: UUID) -> int:
    with tenant_transaction(tenant):
        return len(jobs.jobs(kind=ANSWER)[0])


def test_what_the_server_delivers_is_taken_once(person: Person, tenant: UUID) -> None:
    _linked(person, tenant)
    with _door() as (address, delivered), bot_api() as api:
        api.set_webhook(address, secret=webhook_secret())
        person.writes("/today")
        person.writes("/help")
        api.delete_webhook()

    statuses = [_deliver(body) for body in [*delivered, *delivered]]

    assert len(delivered) == 2
    assert statuses == [204] * 4
    assert _asked(tenant) == 2


@pytest.mark.parametrize("secret", ["", "guessed", "x" * 64])
def test_who_does_not_know_the_secret_learns_nothing(bot: str, tenant: UUID, secret: str) -> None:
    update = {"update_id": 1, "message": {"chat": {"id": 1}, "text": "/start"}}

    assert _deliver(json.dumps(update), secret=secret) == 404
    assert Person(server=bot, chat_id=1).history() == []


def test_without_a_bot_there_is_no_webhook(settings: Settings) -> None:
    settings.TELEGRAM_BOT_TOKEN = None

    assert _deliver("{}") == 404


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[" * 100_000, 400), ("null", 204), ("x" * 1_000_001, 413)])
def test_a_delivery_that_is_none_is_refused_or_left_alone(bot: str, body: str, status: int) -> None:
    assert _deliver(body) == status


def test_polling_takes_what_waits_and_stops_when_told(person: Person, tenant: UUID) -> None:
    _linked(person, tenant)
    person.writes("/today")
    person.writes("/help")
    stopped, taken = Event(), []

    def told(count: int) -> None:
        taken.append(count)
        stopped.set()

    with bot_api() as api:
        poll(api, stopped=stopped, told=told)

    assert sum(taken) == 2
    assert _asked(tenant) == 2


class _AwayFirst(BotApi):
    """The Bot API as it is after the network was away for two calls."""

    def __init__(self, api: BotApi) -> None:
        self.__dict__.update(api.__dict__)
        self.failures = 2

    def updates(self, *, after: int) -> list[dict[str, object]]:
        if self.failures:
            self.failures -= 1
            raise BotUnavailable("The network is away.")
        return super().updates(after=after)


def test_polling_waits_while_telegram_is_away(person: Person, tenant: UUID) -> None:
    _linked(person, tenant)
    person.writes("/today")
    waits: list[float | None] = []

    class Patience(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return super().wait(0)

    stopped = Patience()
    with bot_api() as api:
        poll(_AwayFirst(api), stopped=stopped, told=lambda _count: stopped.set())

    assert waits == [1.0, 2.0]
    assert _asked(tenant) == 1
