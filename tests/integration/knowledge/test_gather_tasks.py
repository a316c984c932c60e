"""Tasks over HTTP and on the command line: asked for, looked at, cancelled, and refused in words that help."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from django.test import Client
from typer.testing import CliRunner

from kairo.interfaces.cli.gather import gather_app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.slots import run_due
from kairo.platform.tenancy.contracts import Role
from kairo.stages.knowledge import queries
from tests.factories.callers import caller
from tests.factories.gathers import ask_for_gather, documented_brand, run
from tests.factories.handbook import INTERVIEWS

SUBMIT = "/api/v1/tasks/submit"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return documented_brand(tenant, texts=[INTERVIEWS])


def submitted(client: Client, brand_id: UUID, **data: object) -> dict[str, object]:
    body = {"project_id": str(brand_id), "task_type": "automated_gather_creation", "task_data": data}
    answer = client.post(SUBMIT, body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    found: dict[str, object] = answer.json()
    return found


def test_a_task_is_submitted_worked_on_and_seen(tenant: UUID, brand_id: UUID) -> None:
    client = caller(tenant)

    accepted = submitted(client, brand_id, max_iterations=2, user_id="ana")
    run_due()
    task = client.get(str(accepted["poll_url"])).json()

    assert accepted["status"] == "accepted"
    assert (task["kind"], task["state"], task["id"]) == (
        "automated_gather_creation", "succeeded", accepted["job_id"],
    )  # fmt: skip
    assert task["outcome"]["status"] == "completed"
    assert len(task["outcome"]["summary"]) == 7


def test_a_waiting_task_is_cancelled_and_then_cannot_be_again(tenant: UUID, brand_id: UUID) -> None:
    client = caller(tenant)
    poll_url = str(submitted(client, brand_id)["poll_url"])

    first, second = client.delete(poll_url), client.delete(poll_url)

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert first.json()["outcome"]["status"] == "cancelled"
    assert second.status_code == 409


def test_an_evaluation_is_a_task_too(tenant: UUID, brand_id: UUID) -> None:
    client = caller(tenant)
    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=1).id)
    body = {"project_id": str(brand_id), "task_type": "evaluate_department", "task_data": {"department_number": 10}}

    accepted = client.post(SUBMIT, body, content_type="application/json").json()
    run_due()

    task = client.get(accepted["poll_url"]).json()
    with tenant_transaction(tenant):
        [evaluation] = queries.department_evaluations(brand_id)
    assert task["outcome"]["score"] == evaluation.score
    assert evaluation.gaps
    assert evaluation.evaluator == "local"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"task_data": {"max_iterations": 0}}, 422),
        ({"task_data": {"max_iterations": "many"}}, 422),
        ({"task_data": {"iterations": 3}}, 422),
        ({"task_data": {"project_id": str(uuid4())}}, 422),
        ({"task_data": {"webhook_url": "file:///etc/passwd"}}, 422),
        ({"task_type": "something_else"}, 422),
        ({"task_type": "evaluate_department", "task_data": {"department_number": 999}}, 404),
        ({"project_id": str(uuid4())}, 404),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(
    change: dict[str, object], status: int, tenant: UUID, brand_id: UUID
) -> None:
    body = {"project_id": str(brand_id), "task_type": "automated_gather_creation", "task_data": {}, **change}

    answer = caller(tenant).post(SUBMIT, body, content_type="application/json")

    assert answer.status_code == status, answer.content
    with tenant_transaction(tenant):
        assert queries.newest_gather(brand_id) is None


def test_a_stranger_and_a_viewer_change_nothing(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    task = ask_for_gather(tenant, brand_id)
    other, viewer = caller(stranger), caller(tenant, role=Role.VIEWER)
    path = f"/api/v1/tasks/{task.id}"

    statuses = [other.get(path).status_code, other.delete(path).status_code, viewer.delete(path).status_code]

    assert statuses == [404, 404, 403]
    with tenant_transaction(tenant):
        assert queries.task(task.id).state == "pending"


def test_the_command_starts_waits_shows_and_says_what_is_wrong(tenant: UUID, brand_id: UUID) -> None:
    command = CliRunner()

    early = command.invoke(gather_app, ["status", "--brand", "moss"])
    started = command.invoke(
        gather_app, ["start", "--brand", "moss", "--max-iterations", "1", "--no-evaluate", "--wait", "--json"]
    )
    shown = command.invoke(gather_app, ["status", "--brand", "moss"])
    cancelled = command.invoke(gather_app, ["cancel", "--brand", "moss"])

    assert early.exit_code != 0
    assert started.exit_code == 0, started.output
    assert json.loads(started.stdout)["status"] == "completed"
    assert "1 of 1 iterations" in shown.stdout
    assert cancelled.exit_code != 0


def test_gathers_are_told_of_in_figures(tenant: UUID, brand_id: UUID) -> None:
    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=2).id)

    with tenant_transaction(tenant):
        found = {
            (one.metric, dict(one.labels).get("state", "")): one.value for one in queries.metric_samples(of_all=False)
        }

    assert found["kairo_gathers", "completed"] == 1
    assert found["kairo_gather_iterations", ""] == 2
