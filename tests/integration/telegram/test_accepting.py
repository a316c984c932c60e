"""What a chat sends is taken once, bounded, and answered to whom it is due; against a Bot API server of others."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from kairo.interfaces.telegram.accepting import ANSWER, accept
from kairo.interfaces.telegram.bot_api import bot_api
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.chats import ALLOWED_IN_SPAN, CODE_LIFE
from kairo.platform.tenancy.contracts import Role
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.integration.telegram.bot_server import Person

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant, brand__name="Glow Lab").id


def _code(tenant: UUID, brand_id: UUID, *, at: datetime | None = None) -> str:
    with tenant_transaction(tenant):
        return chats.issue_chat_code(brand_id=brand_id, role=Role.EDITOR, at=at or timezone.now()).code


def _take_all(at: datetime | None = None) -> int:
    """Fetch what waits at the server and take it, as the polling bot does; return how many there were."""
    with bot_api() as api:
        found = api.updates(after=0)
        for sent in found:
            accept(sent, messages=api, at=at or timezone.now())
    return len(found)


def _asked_jobs(tenant: UUID) -> int:
    with tenant_transaction(tenant):
        return len(jobs.jobs(kind=ANSWER, limit=100)[0])


def test_a_stranger_gets_help_and_nothing_else(person: Person) -> None:
    for text in ("/start", "/help", "/today", "/trends 1w", "what is new?"):
        person.writes(text)

    _take_all()

    start, help_, *others = person.texts()
    assert start == help_
    assert "/link CODE" in start
    assert len(others) == 3
    assert all("not linked yet" in other for other in others)


def test_a_code_links_a_chat_once(person: Person, tenant: UUID, brand_id: UUID, bot: str) -> None:
    code = _code(tenant, brand_id)
    other = Person(server=bot, chat_id=person.chat_id + 1_000_000_000)

    person.writes(f"/link {code.lower().replace('-', ' ')}")
    _take_all()
    other.writes(f"/link {code}")
    _take_all()

    assert ["Glow Lab" in text for text in person.texts()] == [True]
    assert ["was used before" in text for text in other.texts()] == [True]
    with tenant_transaction(tenant):
        [link] = chats.chats_of_tenant()
    assert (link.chat_id, link.brand_id, link.role) == (person.chat_id, brand_id, Role.EDITOR)


def test_a_code_expires(person: Person, tenant: UUID, brand_id: UUID) -> None:
    now = timezone.now()
    code = _code(tenant, brand_id, at=now - CODE_LIFE - timedelta(seconds=1))

    person.writes(f"/link {code}")
    _take_all(at=now)

    assert "expired" in person.texts()[0]
    with tenant_transaction(tenant):
        assert chats.chats_of_tenant() == []


def test_a_chat_that_is_linked_anew_leaves_its_account(
    person: Person, tenant: UUID, brand_id: UUID, stranger: UUID
) -> None:
    person.writes(f"/link {_code(tenant, brand_id)}")
    _take_all()
    person.writes(f"/link {_code(stranger, stored_brand(stranger).id)}")
    _take_all()

    with tenant_transaction(tenant):
        assert chats.chats_of_tenant() == []
    with tenant_transaction(stranger):
        assert [link.chat_id for link in chats.chats_of_tenant()] == [person.chat_id]


def test_what_a_linked_chat_asks_becomes_a_job_of_its_account(person: Person, tenant: UUID, brand_id: UUID) -> None:
    person.writes(f"/link {_code(tenant, brand_id)}")
    _take_all()

    person.writes("/today")
    _take_all()

    assert _asked_jobs(tenant) == 1


def test_a_replayed_update_changes_nothing(person: Person, tenant: UUID, brand_id: UUID) -> None:
    person.writes(f"/link {_code(tenant, brand_id)}")
    _take_all()
    person.writes("/today")
    with bot_api() as api:
        [update] = api.updates(after=0)
        for _ in range(3):
            accept(update, messages=api, at=timezone.now())

    assert _asked_jobs(tenant) == 1


def test_a_flood_is_told_once_to_slow_down_and_heard_again_later(person: Person, tenant: UUID, brand_id: UUID) -> None:
    at = timezone.now()
    person.writes(f"/link {_code(tenant, brand_id)}")
    for _ in range(ALLOWED_IN_SPAN + 5):
        person.writes("/today")
    _take_all(at=at)

    told = [text for text in person.texts() if "a lot at once" in text]
    asked = _asked_jobs(tenant)
    person.writes("/today")
    _take_all(at=at + timedelta(seconds=61))

    assert len(told) == 1
    assert asked == ALLOWED_IN_SPAN - 1
    assert _asked_jobs(tenant) == asked + 1


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {},
        {"update_id": "x"},
        {"update_id": 1, "message": {"chat": {"id": 2**70}, "text": "/start"}},
        {"update_id": 1, "message": {"chat": {"id": 1}}},
        {"update_id": 1, "message": {"chat": {"id": 1}, "text": "x" * 5000}},
        {"update_id": 1, "edited_message": {"chat": {"id": 1}, "text": "/start"}},
        {"update_id": 1, "callback_query": {"id": "1", "from": {}, "data": "x" * 65, "message": {"chat": {"id": 1}}}},
        {"update_id": 1, "message": {"chat": {"id": 1}, "text": "/start", "from": {"is_bot": True}}},
    ],
)
def test_what_is_no_message_to_the_bot_is_left_alone(sent: object, bot: str) -> None:
    with bot_api() as api:
        accept(sent, messages=api, at=timezone.now())

    assert Person(server=bot, chat_id=1).history() == []


def test_russian_is_spoken_with_russians(bot: str, person: Person) -> None:
    person.language = "ru-RU"
    person.writes("/start")

    _take_all()

    assert re.search("[а-яё]{4}", person.texts()[0])


def test_the_web_makes_codes_and_unlinks(person: Person, tenant: UUID, brand_id: UUID, stranger: UUID) -> None:
    client = caller(tenant)
    made = client.post(
        "/api/settings/telegram/link-codes", {"brand_id": str(brand_id)}, content_type="application/json"
    )
    person.writes(f"/link {made.json()['code']}")
    _take_all()
    [listed] = client.get("/api/settings/telegram/chats").json()["items"]
    path = f"/api/settings/telegram/chats/{listed['id']}"

    refused = caller(stranger).delete(path)
    removed = client.delete(path)
    person.writes("/today")
    _take_all()

    assert made.status_code == 201
    assert listed["chat_id"] == person.chat_id
    assert (refused.status_code, removed.status_code) == (404, 204)
    assert "not linked yet" in person.texts()[-1]


def test_a_bot_without_a_token_says_what_to_do(settings: Settings) -> None:
    settings.TELEGRAM_BOT_TOKEN = None

    with pytest.raises(Exception, match="@BotFather"), bot_api():
        pytest.fail("A bot was opened without a token")


def test_the_token_is_in_no_log(person: Person, capfd: pytest.CaptureFixture[str]) -> None:
    person.writes("/start")

    _take_all()

    shown = capfd.readouterr()
    assert "TEST-token" not in shown.out + shown.err
