"""Who may open a socket: with a ticket that works once, or with the session of an own page."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.live.contracts import WsTicketRefused
from kairo.platform.live.tickets import TICKET_LIFE, issue_ticket, redeem_ticket
from kairo.platform.telemetry.contracts import EventType
from tests.integration.live.clients import close_code, socket_url, ticket_for
from tests.integration.live.writers import append, started_run

COMPLETE = 1000


@pytest.fixture
def run_id(tenant: UUID) -> UUID:
    """A run that has ended: a socket that may follow it is closed as complete."""
    run_id = started_run(tenant)
    append(tenant, run_id, EventType.RUN_COMPLETE)
    return run_id


def test_a_ticket_works_once(token: str, address: str, run_id: UUID) -> None:
    async def use_twice() -> list[int]:
        url = socket_url(address, run_id, ticket=await ticket_for(address, token))
        return [await close_code(url), await close_code(url)]

    assert asyncio.run(use_twice()) == [COMPLETE, 4401]


def test_of_many_who_come_with_one_ticket_at_once_one_gets_in(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        ticket = issue_ticket(at=timezone.now()).ticket

    def come(_: int) -> bool:
        try:
            return redeem_ticket(ticket) == tenant
        except WsTicketRefused:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        got_in = list(threads.map(come, range(8)))

    assert got_in.count(True) == 1


def test_an_expired_ticket_is_refused_and_cleared_away(tenant: UUID, address: str, run_id: UUID, database: str) -> None:
    with tenant_transaction(tenant):
        old = issue_ticket(at=timezone.now() - TICKET_LIFE)

    code = asyncio.run(close_code(socket_url(address, run_id, ticket=old.ticket)))
    with tenant_transaction(tenant):
        issue_ticket(at=timezone.now())

    assert code == 4401
    with psycopg.connect(database) as server:
        assert server.execute("SELECT count(*) FROM ws_ticket").fetchone() == (1,)


@pytest.mark.parametrize("forged", ["", "x", "kairo_ws_" + "A" * 43, "%00", "%F0%9F", "x" * 5000])
def test_a_forged_ticket_is_refused_even_with_a_good_session(
    address: str, run_id: UUID, session_cookie: str, forged: str
) -> None:
    url = f"ws://{address}/ws/runs/{run_id}/?ticket={forged or 'kairo_ws_'}"

    code = asyncio.run(close_code(url, additional_headers={"Cookie": session_cookie}, origin=f"http://{address}"))

    assert code == 4401


def test_only_the_hash_of_a_ticket_is_stored(tenant: UUID, database: str) -> None:
    with tenant_transaction(tenant):
        ticket = issue_ticket(at=timezone.now()).ticket

    with psycopg.connect(database) as server:
        rows = server.execute("SELECT ws_ticket::text FROM ws_ticket").fetchall()
    assert len(rows) == 1
    assert ticket not in rows[0][0]
    assert ticket.removeprefix("kairo_ws_") not in rows[0][0]


def test_a_stranger_finds_no_run(token: str, stranger_token: str, address: str, run_id: UUID) -> None:
    async def codes() -> list[int]:
        foreign = socket_url(address, run_id, ticket=await ticket_for(address, stranger_token))
        missing = socket_url(address, uuid4(), ticket=await ticket_for(address, token))
        misspelt = socket_url(address, "not-a-run", ticket=await ticket_for(address, token))
        nowhere = f"ws://{address}/ws/nowhere/"
        return [await close_code(url) for url in (foreign, missing, misspelt, nowhere)]

    assert asyncio.run(codes()) == [4404] * 4


@pytest.mark.parametrize("after_seq", ["-1", "x", "2147483648", "1e3", "²"])
def test_a_seq_that_is_none_is_refused(token: str, address: str, run_id: UUID, after_seq: str) -> None:
    async def code() -> int:
        ticket = await ticket_for(address, token)
        return await close_code(socket_url(address, run_id, after_seq=quote(after_seq), ticket=ticket))

    assert asyncio.run(code()) == 4422


def test_nobody_is_turned_away(address: str, run_id: UUID) -> None:
    anonymous = asyncio.run(close_code(socket_url(address, run_id)))
    stale = asyncio.run(close_code(socket_url(address, run_id), additional_headers={"Cookie": "kairo_session=old"}))

    assert (anonymous, stale) == (4401, 4401)


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ("http://{address}", COMPLETE),
        ("http://evil.example", 4403),
        ("http://{address}.evil.example", 4403),
        ("http://127.0.0.1", 4403),
        ("null", 4403),
        (None, 4403),
    ],
)
def test_a_session_opens_a_socket_from_an_own_page_only(
    address: str, run_id: UUID, session_cookie: str, origin: str | None, code: int
) -> None:
    page = origin.format(address=address) if origin else None

    found = asyncio.run(
        close_code(socket_url(address, run_id), additional_headers={"Cookie": session_cookie}, origin=page)
    )

    assert found == code


def test_a_page_gets_a_ticket_with_its_csrf_token_only(session_cookie: str, address: str) -> None:
    url, csrf = f"http://{address}/api/ws-ticket", "a" * 32

    without = httpx.post(url, headers={"Cookie": session_cookie})
    with_it = httpx.post(url, headers={"Cookie": f"{session_cookie}; csrftoken={csrf}", "X-CSRFToken": csrf})
    nobody = httpx.post(url)

    assert (without.status_code, without.json()["code"]) == (403, "csrf_failed")
    assert with_it.status_code == 200
    assert set(with_it.json()) == {"ticket", "expires_at"}
    assert nobody.status_code == 401
