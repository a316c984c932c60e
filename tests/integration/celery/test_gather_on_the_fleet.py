"""A gather whose Celery workers are killed: its items are those of one that was left in peace."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from kairo.platform.jobs.contracts import JobState
from kairo.platform.telemetry.contracts import EventType
from tests.factories.gathers import (
    ask_for_gather,
    attempt_gather,
    contents,
    demanding_departments,
    documented_brand,
    found,
    iterations,
    told,
)
from tests.integration.celery.conftest import Fleet, OwnRedis, rabbitmq
from tests.integration.jobs.conftest import wait_for, wait_for_state

QUEUE = "cpu_intensive"
ITERATIONS = 24
KILLED_AT = (2, 9, 17)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
def test_a_gather_survives_three_losses_of_its_worker(
    kind: str,
    tenant: UUID,
    stranger: UUID,
    own_redis: OwnRedis,
    fleet_of: Callable[[str], Fleet],
    ring_through: Callable[[str], None],
) -> None:
    for owner in (tenant, stranger):
        demanding_departments(owner)
    asked = {"max_iterations": ITERATIONS, "seed": 11, "enable_auto_evaluation": False, "generator": "local"}
    calm = documented_brand(stranger)
    attempt_gather(stranger, ask_for_gather(stranger, calm, **asked).id)
    brand_id = documented_brand(tenant)
    url = own_redis.url if kind == "redis" else rabbitmq()
    ring_through(url)
    fleet = fleet_of(url)
    fleet.beat()

    job = ask_for_gather(tenant, brand_id, **asked)
    for point in KILLED_AT:
        worker = fleet.worker(queues=QUEUE)
        wait_for(lambda point=point: iterations(tenant, brand_id) >= point, within_s=60)  # type: ignore[misc]
        worker.kill()
    fleet.worker(queues=QUEUE)
    ended = wait_for_state(tenant, job.id, JobState.SUCCEEDED, within_s=120)

    events = told(tenant, job.run_id)
    done = [one.data["gather_iteration"] for one in events if one.type is EventType.ITERATION_COMPLETE]
    assert contents(found(tenant, brand_id)) == contents(found(stranger, calm)) != []
    assert done == list(range(1, len(done) + 1))
    assert (ended.attempts, ended.outcome["iterations"]) == (1, len(done))
