"""Each command, each button and each error of a linked chat; against a Bot API server of others."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kairo.interfaces.telegram.accepting import ANSWER, accept
from kairo.interfaces.telegram.bot_api import bot_api
from kairo.interfaces.telegram.callbacks import Action, Button, button_data
from kairo.interfaces.telegram.replies import MAX_MESSAGE, units
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands.contracts import BrandDTO
from tests.factories.board_jobs import regenerate_now
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post
from tests.integration.telegram.bot_server import Person

pytestmark = pytest.mark.usefixtures("database")

NOISE = "The new cold brew maker leaks, and the descaling light never goes off."
PRAISE = "I love the cold brew maker, the taste is wonderful and it is quiet."


@pytest.fixture
def brand(tenant: UUID, tmp_path: Path) -> BrandDTO:
    """A brand whose market speaks of a cold brew maker, well and badly."""
    made = stored_brand(tenant, brand__name="Glow Lab")
    now = timezone.now()
    lines = [
        post(number, at=now - timedelta(hours=number), text=f"{NOISE if number % 2 else PRAISE} ({number})")
        for number in range(24)
    ]
    import_posts(lines, tenant_id=tenant, brand_id=made.id, folder=tmp_path, at=now)
    return made


@pytest.fixture
def linked(person: Person, tenant: UUID, brand: BrandDTO) -> Person:
    """Somebody whose chat speaks for the brand."""
    with tenant_transaction(tenant):
        code = chats.issue_chat_code(brand_id=brand.id, role=Role.EDITOR, at=timezone.now()).code
    person.writes(f"/link {code}")
    _take_all()
    return person


def _take_all(at: datetime | None = None) -> None:
    with bot_api() as api:
        for sent in api.updates(after=0):
            accept(sent, messages=api, at=at or timezone.now())


def _worked_off(tenant: UUID) -> list[JobDTO]:
    """Take what was sent, answer it, and return the jobs that did, the oldest first."""
    _take_all()
    with tenant_transaction(tenant):
        waiting = jobs.jobs(kind=ANSWER, state=JobState.PENDING)[0]
    for each in waiting[::-1]:
        run_job_by_id(each.id)
    with tenant_transaction(tenant):
        return [jobs.job(each.id) for each in waiting[::-1]]


def _asks(linked: Person, tenant: UUID, text: str) -> str:
    """Send a message and return what the bot's newest message says then."""
    linked.writes(text)
    [job] = _worked_off(tenant)
    assert job.state is JobState.SUCCEEDED, job.error
    return linked.texts()[-1]


def _presses(linked: Person, tenant: UUID, label: str) -> None:
    newest = next(message for message in reversed(linked.history()) if (message.get("reply_markup")))
    linked.presses(linked.buttons()[label], message_id=newest["id"])
    [job] = _worked_off(tenant)
    assert job.state is JobState.SUCCEEDED, job.error


@pytest.mark.parametrize("text", ["/trends 1w", "/trends", "/analyze keywords", "/analyze topics cold brew 1m"])
def test_an_answer_cites_its_posts(linked: Person, tenant: UUID, text: str) -> None:
    answered = _asks(linked, tenant, text)

    assert "[1]" in answered
    assert "“" in answered
    assert {"Why", "Sources", "Refresh"} <= set(linked.buttons())
    assert units(answered) <= MAX_MESSAGE


def test_the_buttons_lead_on_from_an_answer(linked: Person, tenant: UUID) -> None:
    _asks(linked, tenant, "/analyze sentiment cold brew")
    before = len(linked.history())

    _presses(linked, tenant, "Why")
    _presses(linked, tenant, "Sources")
    _presses(linked, tenant, "1m")
    _presses(linked, tenant, "Refresh")

    why, sources = linked.texts()[before:]
    assert "Made by: local" in why
    assert sources.startswith("[1]")
    assert "1m" not in linked.buttons()


def test_a_progress_message_becomes_the_answer(linked: Person, tenant: UUID) -> None:
    before = len(linked.history())

    _asks(linked, tenant, "/analyze keywords")

    assert len(linked.history()) == before + 1


def test_the_board_is_read_and_paged(linked: Person, tenant: UUID, brand: BrandDTO) -> None:
    without = _asks(linked, tenant, "/today")
    regenerate_now(tenant_id=tenant, brand_id=brand.id)
    board = _asks(linked, tenant, "/today")

    assert "board" in without
    assert board != without


def test_a_run_is_told_of(linked: Person, tenant: UUID, brand: BrandDTO) -> None:
    job = regenerate_now(tenant_id=tenant, brand_id=brand.id)

    assert str(job.run_id) in _asks(linked, tenant, f"/run {job.run_id}")
    assert "no such run" in _asks(linked, tenant, f"/run {uuid4()}")
    assert "Give the id" in _asks(linked, tenant, "/run now")


def test_another_accounts_run_is_not_there(linked: Person, tenant: UUID, stranger: UUID, tmp_path: Path) -> None:
    theirs = regenerate_now(tenant_id=stranger, brand_id=stored_brand(stranger).id)

    assert "no such run" in _asks(linked, tenant, f"/run {theirs.run_id}")


def test_a_chat_changes_its_brand(linked: Person, tenant: UUID) -> None:
    stored_brand(tenant, brand__slug="other", brand__name="Other Brand")

    listed = _asks(linked, tenant, "/brand")
    changed = _asks(linked, tenant, "/brand other")
    unknown = _asks(linked, tenant, "/brand nobody")

    assert "Glow Lab" in listed
    assert "Other Brand" in changed
    assert "no brand of that name" in unknown
    with tenant_transaction(tenant):
        [link] = chats.chats_of_tenant()
    assert str(link.brand_id) in unknown or "→ Other Brand" in unknown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/trends 2y", "24h, 3d, 1w, 1m"),
        ("/analyze", "keywords, sentiment or topics"),
        ("/analyze everything", "keywords, sentiment or topics"),
        ("/dance", "do not know that command"),
        ("hello there", "do not know that command"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_can(linked: Person, tenant: UUID, text: str, told: str) -> None:
    assert told in _asks(linked, tenant, text)


def test_nothing_to_cite_is_said_plainly(linked: Person, tenant: UUID) -> None:
    answered = _asks(linked, tenant, "/analyze sentiment zzzzqqqq")

    assert "[1]" not in answered
    assert len(answered) > 10


def test_a_forged_button_does_nothing(linked: Person, tenant: UUID) -> None:
    before = linked.history()
    stolen = button_data(Button(action=Action.SOURCES, subject=uuid4()), chat_id=linked.chat_id + 1)

    linked.presses(stolen, message_id=before[-1]["id"])
    [job] = _worked_off(tenant)

    assert job.state is JobState.SUCCEEDED
    assert linked.history() == before


def test_a_button_of_anothers_answer_leads_nowhere(linked: Person, tenant: UUID) -> None:
    unknown = button_data(Button(action=Action.SOURCES, subject=uuid4()), chat_id=linked.chat_id)

    linked.presses(unknown, message_id=linked.history()[-1]["id"])
    [job] = _worked_off(tenant)

    assert job.state is JobState.SUCCEEDED
    assert "[1]" not in linked.texts()[-1]


def test_a_person_who_speaks_russian_is_answered_in_russian(linked: Person, tenant: UUID) -> None:
    linked.language = "ru"

    assert "Не знаю" in _asks(linked, tenant, "/dance")


def test_a_chat_that_was_unlinked_meanwhile_learns_so(linked: Person, tenant: UUID) -> None:
    linked.writes("/today")
    _take_all()
    with tenant_transaction(tenant):
        [link] = chats.chats_of_tenant()
        chats.unlink_chat(link.id)
    [job] = _worked_off(tenant)

    assert job.state is JobState.SUCCEEDED
    assert "not linked yet" in linked.texts()[-1]


def test_an_answer_that_was_given_is_not_given_again(linked: Person, tenant: UUID) -> None:
    linked.writes("/help")
    [job] = _worked_off(tenant)
    told = len(linked.history())

    run_job_by_id(job.id)

    assert len(linked.history()) == told
