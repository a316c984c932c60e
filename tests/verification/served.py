"""Kairo as a company serves it: uvicorn in a process of its own, as talkative as it can be, behind TLS."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.utils import timezone

from kairo.platform.tenancy.operations import issue_sign_in_link
from tests.verification.accounts import Account

STARTED_WITHIN_S = 60.0
STOPPED_WITHIN_S = 20.0


@dataclass(frozen=True)
class Served:
    """A running server: where it answers, and everything that it has written so far."""

    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def written(self) -> str:
        return self.log.read_text()


@contextmanager
def served(log: Path, **environment: str) -> Iterator[Served]:
    """Run the server until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Served(port=probe.getsockname()[1], log=log)
    command = [sys.executable, "-m", "uvicorn", "kairo.config.asgi:application", "--port", str(server.port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--log-level", "trace", "--no-proxy-headers"],
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_answer(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(STOPPED_WITHIN_S)


def _await_answer(server: Served, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{server.address}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{server.written}")


def signed_in(server: Served, account: Account) -> tuple[httpx.Client, str]:
    """Sign in as a browser does, and return it with the token of the link."""
    token = issue_sign_in_link(tenant_id=account.tenant_id, email="ada@example.com", at=timezone.now())
    browser = httpx.Client(base_url=server.address.replace("127.0.0.1", "localhost"))
    page = browser.get("/sign-in", params={"token": token})
    # The client would keep cookies for https to itself.
    for cookie in page.headers.get_list("set-cookie"):
        browser.headers["Cookie"] = cookie.split(";")[0]
    field = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    origin = str(browser.base_url).replace("http:", "https:")
    answer = browser.post("/sign-in", data={"token": token, "csrfmiddlewaretoken": field}, headers={"Origin": origin})
    assert answer.status_code == 302, answer.text
    cookies = [cookie.split(";")[0] for cookie in answer.headers.get_list("set-cookie")]
    browser.headers["Cookie"] = "; ".join(cookies)
    return browser, token
