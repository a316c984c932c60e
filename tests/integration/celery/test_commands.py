"""Celery's commands as an operator types them, and what Kairo says of its fleet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
import typer
from django.test import Client
from psycopg.conninfo import make_conninfo

from kairo.interfaces.cli.doctor import doctor_command
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.fleet.ringing import ring_due
from tests.integration.celery.conftest import OwnRedis, free_port
from tests.integration.jobs.conftest import ask, job_of, wait_for

RingThrough = Callable[[str], None]
PRODUCERS_NAMES = {
    "automated_gather_creation",
    "evaluate_department",
    "process_hubspot_deal_change",
    "aggregate_crm_pipeline_values",
}


def celery(database: str, broker: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return a command of Celery and its environment, on one database of the tests' server."""
    environment = os.environ | {"DATABASE_URL": make_conninfo(database), "CELERY_BROKER_URL": broker}
    return [sys.executable, "-m", "celery", "-A", "kairo", *arguments], environment


def test_a_worker_of_one_queue_tells_which_tasks_it_has(database: str, own_redis: OwnRedis, tmp_path: Path) -> None:
    command, environment = celery(database, own_redis.url, "worker", "-Q", "cpu_intensive", "-c", "1", "-l", "info")
    log = tmp_path / "worker.log"
    with log.open("w") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as worker:
        try:
            wait_for(lambda: " ready." in log.read_text() or worker.poll() is not None, within_s=60)
            asking, environment = celery(database, own_redis.url, "inspect", "registered", "--json", "-t", "10")
            answer = subprocess.run(asking, env=environment, capture_output=True, text=True, check=False)
        finally:
            worker.terminate()

    assert answer.returncode == 0, answer.stderr + log.read_text()
    [tasks] = json.loads(answer.stdout).values()
    assert PRODUCERS_NAMES | {"kairo.run_job", "kairo.ring_due"} == set(tasks)
    assert "cpu_intensive    exchange" in log.read_text()
    assert "default          exchange" not in log.read_text()


def test_without_a_broker_or_without_celery_one_sentence_says_what_is_missing(database: str) -> None:
    command, environment = celery(database, "", "report")
    no_broker = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    missing = "import sys; sys.modules['celery'] = None; import kairo.celery"
    _, environment = celery(database, "redis://127.0.0.1/0")
    no_celery = subprocess.run(
        [sys.executable, "-c", missing], env=environment, capture_output=True, text=True, check=False
    )

    assert (no_broker.returncode, no_celery.returncode) == (1, 1)
    assert no_broker.stderr.startswith("KAIRO_JOBS_ENGINE=celery needs CELERY_BROKER_URL")
    assert no_celery.stderr == "Celery is not installed. Install it: pip install 'kairo[celery]'\n"


def test_readyz_asks_the_broker_where_there_is_a_fleet(
    tenant: UUID, client: Client, own_redis: OwnRedis, ring_through: RingThrough
) -> None:
    embedded = client.get("/readyz").json()
    ring_through(own_redis.url)
    ready = client.get("/readyz")
    ring_through(f"redis://127.0.0.1:{free_port()}/0")
    away = client.get("/readyz")

    assert "broker" not in embedded["checks"]
    assert (ready.status_code, ready.json()["checks"]["broker"]) == (200, "ok")
    assert (away.status_code, away.json()["checks"]["broker"]) == (503, "away")


def test_who_asks_for_work_does_not_hear_of_a_broker_that_is_away(tenant: UUID, ring_through: RingThrough) -> None:
    for address in (f"redis://127.0.0.1:{free_port()}/0", f"amqp://guest:guest@127.0.0.1:{free_port()}//"):
        ring_through(address)

        asked = [ask(tenant, "tests.nothing") for _ in range(20)]

        assert {job_of(tenant, job_id).state for job_id in asked} == {JobState.PENDING}
        assert ring_due().endswith("sent 0 messages")


def test_doctor_says_who_of_the_fleet_is_there(
    tenant: UUID, own_redis: OwnRedis, ring_through: RingThrough, capsys: pytest.CaptureFixture[str]
) -> None:
    def fleet() -> dict[str, tuple[str, str]]:
        capsys.readouterr()
        with suppress(typer.Exit):
            doctor_command(as_json=True)
        found = json.loads(capsys.readouterr().out)["findings"]
        return {one["name"]: (one["verdict"], one["detail"]) for one in found}

    ring_through(own_redis.url)
    alone = fleet()
    ring_due()
    with_beat = fleet()
    ring_through(f"redis://127.0.0.1:{free_port()}/0")
    without_broker = fleet()

    assert alone["broker"] == ("ok", "answers")
    assert alone["Celery workers"] == ("warning", "none answered")
    assert alone["Celery beat"] == ("warning", "was never seen")
    assert with_beat["Celery beat"][0] == "ok"
    assert without_broker["broker"] == ("missing", "does not answer")
