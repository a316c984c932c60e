"""What becomes due follows the one clock; a worker's lease does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import ProgrammingError, connections
from django.utils import timezone
from pytest_django import Settings

from kairo.errors import Invalid
from kairo.platform.database.clock import ClockIsReal, move_clock, now, release_clock, set_clock
from kairo.platform.jobs.claims import claim, release_stale
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.crons import fire_due_crons
from kairo.platform.jobs.jobs import ARCHIVE
from kairo.platform.jobs.slots import ALL_QUEUES, run_due
from tests.integration.jobs.conftest import ask, job_of
from tests.virtual_clock import virtual_clock

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
CRONS = f"SELECT count(*) FROM job WHERE kind = '{ARCHIVE}'"


@pytest.fixture
def clock(database: str) -> Iterator[None]:
    with virtual_clock():
        yield


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize("start", [MONDAY, MONDAY + timedelta(days=3650)], ids=["in the past", "in the future"])
def test_a_job_that_fails_comes_back_after_exactly_30_60_and_120_seconds(
    tenant: UUID, clock: None, start: datetime
) -> None:
    set_clock(start)
    job_id = ask(tenant, "tests.error")

    ran = [run_due()]
    for pause_s in (30, 60, 120):
        move_clock(seconds(pause_s) - MOMENT)
        ran.append(run_due())
        move_clock(MOMENT)
        ran.append(run_due())

    job = job_of(tenant, job_id)
    assert ran == [1, 0, 1, 0, 1, 0, 1]
    assert (job.state, job.attempts) == (JobState.FAILED, 4)
    assert [error.at - start for error in job.error_history] == [seconds(0), seconds(30), seconds(90), seconds(210)]


def test_a_job_for_later_waits_for_the_clock_and_not_for_real_time(tenant: UUID, clock: None) -> None:
    set_clock(MONDAY)
    job_id = ask(tenant, "tests.nothing", available_at=MONDAY + timedelta(days=2))

    early = run_due()
    move_clock(timedelta(days=2))
    late = run_due()

    assert (early, late) == (0, 1)
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED


def test_a_round_of_the_clock_enqueues_each_due_time_once(
    tenant: UUID, stranger: UUID, clock: None, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as server:
        set_clock(MONDAY)
        counts = []
        for by in (timedelta(0), timedelta(hours=15) - MOMENT, MOMENT, timedelta(0), timedelta(hours=1)):
            move_clock(by)
            fire_due_crons()
            fire_due_crons()
            counts.append(server.execute(CRONS).fetchone())
        run_due()
        move_clock(timedelta(days=3))
        fire_due_crons()
        counts.append(server.execute(CRONS).fetchone())

    assert counts == [(0,), (0,), (2,), (2,), (2,), (4,)]


def test_a_lease_is_kept_in_real_time(tenant: UUID, clock: None) -> None:
    set_clock(MONDAY)
    ask(tenant, "tests.nothing")
    held = claim(worker="w", queues=ALL_QUEUES, kinds={"tests.nothing"}, wanted=1, last_turn=0)

    move_clock(timedelta(days=1))

    assert len(held) == 1
    assert release_stale() == []


def test_processes_share_the_clock_through_the_database(tenant: UUID, clock: None, database: str) -> None:
    set_clock(MONDAY)
    tell = "import django; django.setup(); from kairo.platform.database.clock import now; print(now().isoformat())"
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    told = {}

    for follows in ("true", "false"):
        process = subprocess.run(
            [sys.executable, "-c", tell],
            env=os.environ
            | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kairo.config.settings", "KAIRO_VIRTUAL_CLOCK": follows},
            capture_output=True,
            text=True,
            check=True,
        )
        told[follows] = datetime.fromisoformat(process.stdout.strip())

    assert told["true"] == now() == MONDAY
    assert abs(told["false"] - timezone.now()) < timedelta(minutes=1)


def test_without_the_setting_nothing_moves_the_clock(tenant: UUID, settings: Settings) -> None:
    assert settings.KAIRO_VIRTUAL_CLOCK is False

    for attempt in (lambda: set_clock(MONDAY), lambda: move_clock(seconds(1)), release_clock):
        with pytest.raises(ClockIsReal, match="KAIRO_VIRTUAL_CLOCK"):
            attempt()

    assert abs(now() - timezone.now()) < seconds(5)


def test_a_moment_left_in_the_database_is_nothing_to_a_process_of_real_time(tenant: UUID, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("INSERT INTO virtual_clock (stands_at) VALUES ('1999-01-01Z')")

    job_id = ask(tenant, "tests.nothing")

    assert run_due() == 1
    assert job_of(tenant, job_id).state is JobState.SUCCEEDED


def test_the_product_s_own_role_cannot_set_the_clock(database: str) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("INSERT INTO virtual_clock (stands_at) VALUES (now())")


def test_a_moment_without_a_time_zone_is_refused(clock: None) -> None:
    with pytest.raises(Invalid, match="time zone"):
        set_clock(datetime(2026, 3, 2))  # noqa: DTZ001


def test_a_clock_that_nobody_set_shows_real_time_and_moves_on_from_there(clock: None) -> None:
    assert abs(now() - timezone.now()) < seconds(5)

    moved = move_clock(timedelta(days=1))

    assert now() == moved
    assert abs(moved - timezone.now() - timedelta(days=1)) < seconds(5)
    release_clock()
    assert abs(now() - timezone.now()) < seconds(5)
