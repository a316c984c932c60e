"""Secrets go in by many doors and come out by none: not in logs, tracebacks, commands' output or answers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from kairo.platform.database.roles import APP_ROLE
from kairo.platform.tenancy.operations import issue_token
from tests.verification.accounts import Account
from tests.verification.conftest import ADMIN_TOKEN, PASSWORD, SECRET_KEY
from tests.verification.ledger import tables
from tests.verification.served import Served, served, signed_in

UNREACHABLE = "127.0.0.1:1"
# What an @ and a slash inside a password make of an address, and addresses that are none.
READABLE = [
    f"postgresql://{APP_ROLE}:{PASSWORD}@{UNREACHABLE}/kairo",
    f"postgresql://{APP_ROLE}:correct%2Dstaple@{UNREACHABLE}/kairo",
]
UNREADABLE = [
    f"postgresq://{APP_ROLE}:staple@{UNREACHABLE}/kairo",
    f"host=127.0.0.1 port=1 password=staple user={APP_ROLE} sslmod=off",
    "staple",
]
COMMANDS = [["config"], ["migrate"], ["tenant", "create", "acme"], ["worker", "--once"]]


def test_no_secret_that_comes_in_by_a_request_is_told(server: Served, account: Account) -> None:
    token = issue_token(tenant_id=account.tenant_id, name="program").token
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    browser, link = signed_in(server, account)
    session = browser.headers["Cookie"].split("kairo_session=")[1].split(";")[0]

    with httpx.Client(base_url=server.address) as program:
        ticket = program.post("/api/ws-ticket", headers={"Authorization": f"Bearer {token}"}).json()["ticket"]
        answers = [
            program.get("/api/brands", headers={"Authorization": f"Bearer {token}"}),
            program.get("/api/brands", headers={"Authorization": f"Bearer {wrong}"}),
            program.get("/api/brands", headers={"Authorization": f"Basic {wrong}"}),
            program.get(
                "/api/jobs", params={"token": token, "state": token}, headers={"Authorization": f"Bearer {token}"}
            ),
            program.get(f"/api/{token}", headers={"Authorization": f"Bearer {token}"}),
            program.get("/sign-in", params={"token": ""}),
            program.post("/sign-in", data={"token": link}),
            browser.get("/nowhere"),
            browser.get("/", headers={"Host": "evil.example"}),
        ]
    _open_sockets(server, account, ticket, wrong)

    told = server.written + "".join(str(answer.headers) + answer.text for answer in answers)
    assert [secret for secret in (token, wrong, link, session, ticket) if secret in told] == []
    assert [secret for secret in (PASSWORD, "battery/staple", SECRET_KEY, ADMIN_TOKEN) if secret in told] == []
    assert "[hidden]" in server.written


def _open_sockets(server: Served, account: Account, ticket: str, wrong: str) -> None:
    async def open_one(query: str) -> None:
        with suppress(ConnectionClosed):
            async with connect(f"ws://127.0.0.1:{server.port}/ws/runs/{account.ids['run_id']}/?{query}") as socket:
                await socket.recv()

    for query in (f"ticket={ticket}", f"ticket={wrong}", f"token={wrong}"):
        asyncio.run(open_one(query))


def test_a_database_that_is_away_is_told_of_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://{APP_ROLE}:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@{UNREACHABLE}/kairo"
    with served(tmp_path / "log", DATABASE_URL=url, KAIRO_LOG_LEVEL="DEBUG") as server:
        with ThreadPoolExecutor(4) as threads:
            paths = ("/api/brands", "/", "/readyz", "/healthz")
            answers = list(threads.map(lambda path: httpx.get(f"{server.address}{path}", timeout=30), paths))
        told = server.written + "".join(str(answer.headers) + answer.text for answer in answers)
    assert [answer.status_code for answer in answers] == [503, 503, 503, 200]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers[:3])
    assert "database_away" in told
    assert "Traceback" not in told
    assert "staple" not in told
    assert APP_ROLE + ":" not in told


@pytest.mark.parametrize(
    ("url", "arguments"),
    [(url, command) for url in READABLE for command in COMMANDS] + [(url, ["config"]) for url in UNREADABLE],
)
def test_no_command_tells_the_password_of_the_database(url: str, arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "kairo.interfaces.cli.main", *arguments],
        env=os.environ | {"DATABASE_URL": url, "KAIRO_OWNER_DATABASE_URL": url, "KAIRO_LOG_LEVEL": "DEBUG"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "staple" not in ran.stdout + ran.stderr


def test_what_is_stored_of_a_token_is_no_way_in(account: Account, lasting_database: str) -> None:
    secret = account.token.removeprefix("kairo_api_")

    with psycopg.connect(lasting_database) as server:
        rows = [row for table in tables(server) for row in _texts(server, table)]

    assert rows
    assert [row for row in rows if secret in row] == []


def _texts(server: psycopg.Connection, table: str) -> list[str]:
    found = server.execute(sql.SQL("SELECT part::text FROM {} part").format(sql.Identifier(table)))
    return [text for (text,) in found.fetchall()]
