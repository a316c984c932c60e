"""`kairo run` as a person meets it: one command serves a ready demo board, Ctrl-C leaves nothing behind."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.conftest import TEMPLATE
from tests.integration.cli.installations import Installation, fill_from, free_port, new_directory


@pytest.fixture
def installation() -> Iterator[Installation]:
    made = Installation(new_directory())
    yield made
    shutil.rmtree(made.directory, ignore_errors=True)


@pytest.fixture
def used_installation(installation: Installation, migrated_database: str) -> Installation:
    """An installation whose tables were made before: making them takes most of a first start."""
    fill_from(make_conninfo(migrated_database, dbname=TEMPLATE), installation.directory)
    return installation


def await_state(client: httpx.Client, url: str, state: str) -> dict[str, object]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        board = client.get(url).json()
        if board["meta"]["state"] == state:
            return dict(board)
        time.sleep(0.2)
    raise AssertionError(f"the board did not become {state}: {board['meta']}")


def test_run_serves_a_ready_demo_board_and_ctrl_c_leaves_no_process(installation: Installation) -> None:
    served = installation.serve()
    link = re.search(r"http://\S+", served.await_line("Sign in")).group()  # type: ignore[union-attr]
    token = installation.kairo("token", "create", "--tenant", "demo", "--name", "test").stdout.strip()
    address = f"http://127.0.0.1:{installation.port}"

    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
        [brand] = client.get("/api/brands").json()["items"]
        board = await_state(client, f"/api/brands/{brand['id']}/today", "ready")
        ready = client.get("/readyz").json()
    with httpx.Client(follow_redirects=True) as person:
        form = person.get(link)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form.text))
        page = person.post(f"{address}/sign-in", data=fields, headers={"Referer": link})
    exit_code = served.stop()

    assert brand["is_synthetic"] is True
    assert isinstance(board["opportunities"], list)
    assert len(board["opportunities"]) >= 5
    assert ready["status"] == "ready"
    assert page.status_code == 200
    assert "synthetic" in page.text.lower()
    assert exit_code == 0
    assert installation.processes() == []
    assert not any("Traceback" in line for line in served.lines), served.lines


def test_a_second_run_on_the_same_data_and_a_taken_port_are_refused_in_words(used_installation: Installation) -> None:
    served = used_installation.serve("--no-demo")
    served.await_line("Kairo is ready")

    same_data = used_installation.kairo("run", "--no-browser", "--port", str(free_port()))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        same_port = Installation(new_directory()).kairo("run", "--no-browser", "--port", str(taken.getsockname()[1]))
    served.stop(signal.SIGTERM)

    assert same_data.returncode == 1
    assert "is in use by another Kairo" in same_data.stderr
    assert same_port.returncode == 1
    assert "--port" in same_port.stderr
    assert "Traceback" not in same_data.stderr + same_port.stderr


def test_commands_work_with_and_without_a_running_server(installation: Installation, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("brand")
    (folder / "glow.yaml").write_text("tenant: acme\nbrand: {slug: glow, name: Glow}\n")

    made = installation.json("brand", "import", str(folder / "glow.yaml"))
    served = installation.serve("--no-demo")
    served.await_line("Kairo is ready")
    listed = installation.json("brand", "list")
    again = installation.json("brand", "import", str(folder / "glow.yaml"))
    unknown = installation.kairo("today", "show", "--brand", "nobody")
    misused = installation.kairo("today", "show")
    served.stop()

    assert (made["created"], again["created"], again["changed"]) == (True, False, False)
    assert [(brand["tenant"], brand["slug"]) for brand in listed["brands"]] == [("acme", "glow")]
    assert (unknown.returncode, misused.returncode) == (1, 2)
    assert "kairo brand list" in unknown.stderr
    assert "Traceback" not in unknown.stderr


def test_a_server_of_ones_own_is_used_once_it_was_migrated(installation: Installation, migrated_database: str) -> None:
    name = f"own_{installation.port}"
    with psycopg.connect(migrated_database, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    url = make_conninfo(migrated_database, dbname=name)
    own = Installation(installation.directory, settings={"DATABASE_URL": url})

    too_early = own.kairo("brand", "list")
    migrated = own.kairo("migrate")
    served = own.serve("--no-demo")
    served.await_line("Kairo is ready")
    own.json("tenant", "create", "acme")
    token = own.kairo("token", "create", "--tenant", "acme", "--name", "test").stdout.strip()
    answers = [
        httpx.get(f"http://127.0.0.1:{own.port}/api/brands", headers={"Authorization": f"Bearer {token}"})
        for _ in range(30)
    ]
    exit_code = served.stop()
    with psycopg.connect(migrated_database, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    assert (too_early.returncode, migrated.returncode, exit_code) == (1, 0, 0)
    assert "kairo migrate" in too_early.stderr
    assert {answer.status_code for answer in answers} == {200}
    assert not (installation.directory / "postgres").exists()
