"""A run's events on a real Redis channel: in order and each once, through outages, crashes and several publishers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import redis
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import Settings

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.live.contracts import PUBLISH_EVENTS, MirrorState
from kairo.platform.live.mirroring import catch_up, mirror
from kairo.platform.live.models import RunMirror
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.models import RunEvent
from kairo.platform.telemetry.runs import record
from tests.integration.live.redis_listeners import REDIS_URL, Listener, WayToRedis, listening


class Run:
    """A run whose events go out on a channel of its own."""

    def __init__(self, tenant: UUID) -> None:
        self.tenant = tenant
        self.id = new_id()
        self.channel = f"tests:{self.id}"
        self.listener: Listener

    def tell(self, *types: EventType) -> None:
        with tenant_transaction(self.tenant):
            record(self.id, kind="tests.mirror", events=[(event_type, {"text": "é"}) for event_type in types])
            facts = {"project_id": "p1"}
            mirror(self.id, channel=self.channel, facts=facts, at=timezone.now(), enqueue=enqueue)

    def state(self) -> RunMirror:
        with tenant_transaction(self.tenant):
            return RunMirror.objects.get(run_id=self.id)

    def looks(self) -> list[Job]:
        with tenant_transaction(self.tenant):
            return list(Job.objects.filter(kind=PUBLISH_EVENTS, state=JobState.PENDING).order_by("available_at"))

    def look(self) -> None:
        """Do the look that was enqueued, at its time."""
        [waiting, *_] = self.looks()
        with tenant_transaction(self.tenant):
            Job.objects.filter(id=waiting.id).update(available_at=timezone.now() - timedelta(seconds=1))
        run_job_by_id(waiting.id)

    def seqs(self, count: int) -> list[int]:
        return [message["seq"] for message in self.listener.heard(count)]


@pytest.fixture
def run(tenant: UUID, settings: Settings) -> Iterator[Run]:
    settings.REDIS_URL = REDIS_URL
    run = Run(tenant)
    with listening(run.channel) as run.listener:
        yield run
    redis.Redis.from_url(REDIS_URL).delete(f"kairo:published:{run.id}")


@pytest.fixture
def way(settings: Settings, run: Run) -> Iterator[WayToRedis]:
    """The only way to Redis that the product knows, closed."""
    way = WayToRedis()
    settings.REDIS_URL = way.url
    yield way
    way.close()


def test_what_is_committed_is_published_flat_with_the_project(run: Run) -> None:
    run.tell(EventType.DEPARTMENT_STARTED, EventType.ITERATION_COMPLETE)

    heard = run.listener.heard(2)

    assert [(message["seq"], message["type"]) for message in heard] == [
        (1, "department_started"),
        (2, "iteration_complete"),
    ]
    assert set(heard[0]) == {"type", "run_id", "seq", "at", "text", "project_id"}
    assert (heard[0]["run_id"], heard[0]["project_id"], heard[0]["text"]) == (str(run.id), "p1", "é")


def test_nothing_is_published_of_what_is_rolled_back(run: Run) -> None:
    with tenant_transaction(run.tenant):
        run.tell(EventType.STEP)
        transaction.set_rollback(True)

    assert not run.listener.hears_more()


def test_without_a_redis_nothing_is_kept_or_enqueued(run: Run, settings: Settings) -> None:
    settings.REDIS_URL = None

    run.tell(EventType.STEP)

    assert run.looks() == []
    with tenant_transaction(run.tenant):
        assert not RunMirror.objects.exists()


def test_redis_away_and_back_delays_and_loses_nothing(run: Run, way: WayToRedis) -> None:
    for _ in range(3):
        run.tell(EventType.STEP, EventType.STEP)
    away = run.state()
    way.open()

    run.look()

    assert (away.state, away.published_seq) == (MirrorState.BEHIND, 0)
    assert str(away.error).startswith("Redis is away")
    assert run.seqs(6) == [1, 2, 3, 4, 5, 6]
    assert (run.state().state, run.state().published_seq, run.state().behind_since) == (MirrorState.FOLLOWING, 6, None)


def test_a_redis_that_comes_and_goes_hears_everything_once_and_in_order(run: Run, way: WayToRedis) -> None:
    dice = random.Random(5)
    for number in range(16):
        (way.open if number % 2 == 0 else way.close)()
        for _ in range(dice.randint(1, 4)):
            run.tell(*[EventType.STEP] * dice.randint(1, 3))
            catch_up(tenant_id=run.tenant, run_id=run.id, at=timezone.now())
    way.close()
    way.open()
    with tenant_transaction(run.tenant):
        told = RunEvent.objects.filter(run_id=run.id).count()

    run.look()

    assert run.seqs(told) == list(range(1, told + 1))
    assert not run.listener.hears_more()


def test_while_redis_is_away_another_look_is_always_due(run: Run, way: WayToRedis) -> None:
    run.tell(EventType.STEP)

    run.look()

    [again] = run.looks()
    assert timedelta(seconds=30) < again.available_at - timezone.now() < timedelta(seconds=125)


def test_several_publishers_at_once_publish_each_event_once(run: Run, way: WayToRedis) -> None:
    for _ in range(20):
        run.tell(*[EventType.STEP] * 15)
    way.open()

    def publish(_: int) -> None:
        try:
            catch_up(tenant_id=run.tenant, run_id=run.id, at=timezone.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(publish, range(6)))

    assert run.seqs(300) == list(range(1, 301))
    assert not run.listener.hears_more()


def test_a_crash_between_publishing_and_noting_it_repeats_nothing(run: Run) -> None:
    run.tell(EventType.STEP, EventType.STEP)
    with tenant_transaction(run.tenant):
        RunMirror.objects.update(published_seq=0)

    run.tell(EventType.STEP)

    assert run.seqs(3) == [1, 2, 3]
    assert not run.listener.hears_more()


def test_a_redis_that_forgot_goes_on_where_the_rows_say(run: Run) -> None:
    run.tell(EventType.STEP, EventType.STEP)
    redis.Redis.from_url(REDIS_URL).delete(f"kairo:published:{run.id}")

    run.tell(EventType.STEP)

    assert run.seqs(3) == [1, 2, 3]
    assert not run.listener.hears_more()


def test_a_day_behind_is_missed_for_good_and_said(run: Run, way: WayToRedis) -> None:
    run.tell(EventType.STEP)

    missed = catch_up(tenant_id=run.tenant, run_id=run.id, at=timezone.now() + timedelta(hours=25))
    way.open()
    catch_up(tenant_id=run.tenant, run_id=run.id, at=timezone.now() + timedelta(hours=26))

    assert missed.state is MirrorState.MISSED
    assert not run.listener.hears_more()
    with tenant_transaction(run.tenant):
        [told] = RunEvent.objects.filter(type=EventType.ACTION)
    assert (told.data["action"], told.data["state"], told.data["mirrored_run_id"]) == (
        "run_mirror",
        "missed",
        str(run.id),
    )
