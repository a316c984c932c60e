"""Workers that are killed with SIGKILL in the middle of a gather: nothing lost, nothing twice, nothing paid again."""

from __future__ import annotations

import json
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.llm import operations as llm
from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.models import LlmCall
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import all_events
from kairo.stages.knowledge import queries
from tests.factories.gathers import (
    ask_for_gather,
    attempt_gather,
    contents,
    demanding_departments,
    documented_brand,
    found,
    iterations,
    scripted,
    told,
)
from tests.factories.handbook import HANDBOOK, long_report
from tests.fakes.gather_models import ScriptedModel, honest, read_question
from tests.fakes.model_servers import openai_says
from tests.integration.knowledge.gather_worker import GatherWorker
from tests.integration.outbound.servers import Seen, Site

_NONCE = re.compile(r"evidence-\w{24}")
TEXTS = [HANDBOOK, long_report()]
Made = tuple[str, int, str]


@dataclass
class CountingServer:
    """A model server that answers one question at a time, and knows which answers were delivered to a living worker."""

    tenant_id: UUID
    lock: Lock = field(default_factory=Lock)
    epoch: int = 0
    delivered: Counter[str] = field(default_factory=Counter)

    def answer(self, seen: Seen, connection: socket.socket) -> None:
        """Answer, unless who asked has been killed meanwhile."""
        epoch = self.epoch
        text = "\n".join(message["content"] for message in json.loads(seen.body)["messages"])
        reply = openai_says(honest(read_question(text)))
        with self.lock:
            if epoch == self.epoch:
                self.delivered[_NONCE.sub("", text)] += 1
                connection.sendall(reply)

    def kill(self, worker: GatherWorker) -> None:
        """Kill a worker at whatever it does, once what was delivered to it is written down."""
        with self.lock:
            wait_for(lambda: self._settled() == self.delivered.total())
            worker.kill()
            self.epoch += 1

    def _settled(self) -> int:
        with tenant_transaction(self.tenant_id):
            return LlmCall.objects.filter(from_cache=False, outcome=Outcome.OK).count()


def wait_for(look: Callable[[], bool], *, within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


@pytest.fixture
def model_routes(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        llm.set_route("gather", ["local:writer"], at=timezone.now())
        llm.set_route("judge", ["local:judge"], at=timezone.now())


def killed_at(
    points: list[int], *, tenant: UUID, stranger: UUID, database: str, folder: Path, max_iterations: int
) -> tuple[list[Made], list[Made], CountingServer]:
    """Gather with a worker that is killed when so many iterations are stored, and compare with one left in peace."""
    for owner in (tenant, stranger):
        demanding_departments(owner)
    calm = documented_brand(stranger, texts=TEXTS)
    asked = {"max_iterations": max_iterations, "seed": 11, "enable_auto_evaluation": False}
    attempt_gather(stranger, ask_for_gather(stranger, calm, **asked).id, models=scripted(ScriptedModel()))
    brand_id = documented_brand(tenant, texts=TEXTS)
    server = CountingServer(tenant)
    job = ask_for_gather(tenant, brand_id, **asked)
    luck = random.Random(5)
    with Site(server.answer) as site:
        for number, point in enumerate(points):
            worker = GatherWorker(database, folder / f"worker-{number}", site.url("/v1"))
            wait_for(lambda point=point: iterations(tenant, brand_id) >= point)  # type: ignore[misc]
            time.sleep(luck.random() * 0.05)
            server.kill(worker)
        last = GatherWorker(database, folder / "last", site.url("/v1"))
        wait_for(lambda: _ended(tenant, job.id))
        last.kill()

    with tenant_transaction(tenant):
        task = queries.task(job.id)
        numbers = [event.seq for event in all_events(job.run_id)]
    done = [event.data["gather_iteration"] for event in told(tenant, job.run_id) if _is_iteration(event.type)]
    assert task.state is JobState.SUCCEEDED, (folder / "last.err").read_text()[-2000:]
    assert task.outcome["iterations"] == max_iterations
    assert done == list(range(1, max_iterations + 1))
    assert numbers == list(range(1, len(numbers) + 1))
    return contents(found(tenant, brand_id)), contents(found(stranger, calm)), server


def _ended(tenant: UUID, task_id: UUID) -> bool:
    with tenant_transaction(tenant):
        return queries.task(task_id).state not in {JobState.PENDING, JobState.RUNNING}


def _is_iteration(event_type: EventType) -> bool:
    return event_type is EventType.ITERATION_COMPLETE


@pytest.mark.usefixtures("model_routes")
def test_a_worker_killed_twice_leaves_the_gather_as_if_nobody_had(
    tenant: UUID, stranger: UUID, database: str, tmp_path: Path
) -> None:
    disturbed, calm, server = killed_at(
        [1, 2], tenant=tenant, stranger=stranger, database=database, folder=tmp_path, max_iterations=4
    )

    assert disturbed == calm != []
    assert set(server.delivered.values()) == {1}


@pytest.mark.long
@pytest.mark.usefixtures("model_routes")
def test_a_gather_of_fifty_iterations_survives_twenty_kills(
    tenant: UUID, stranger: UUID, database: str, tmp_path: Path
) -> None:
    points = sorted(random.Random(17).sample(range(49), 20))

    disturbed, calm, server = killed_at(
        points, tenant=tenant, stranger=stranger, database=database, folder=tmp_path, max_iterations=50
    )

    assert disturbed == calm != []
    assert set(server.delivered.values()) == {1}


@pytest.mark.long
def test_ten_projects_side_by_side_do_not_mix(tenant: UUID, database: str, tmp_path: Path) -> None:
    brand_ids = [
        documented_brand(tenant, slug=f"brand-{number}", texts=[HANDBOOK.replace("Nordlys", f"Rival{number}")])
        for number in range(10)
    ]
    tasks = [ask_for_gather(tenant, brand_id, max_iterations=12).id for brand_id in brand_ids]
    workers = [GatherWorker(database, tmp_path / f"worker-{number}", "") for number in range(2)]

    wait_for(lambda: all(_ended(tenant, task) for task in tasks), within_s=300)
    for worker in workers:
        worker.kill()

    for number, brand_id in enumerate(brand_ids):
        items = found(tenant, brand_id)
        others = {name for item in items for name in re.findall(r"Rival\d+", item.content)}
        assert others == {f"Rival{number}"}
        assert len({(item.department, item.content) for item in items}) == len(items) > 20
