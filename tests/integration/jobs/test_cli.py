"""`kairo jobs …`: what an operator sees, of any tenant."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from kairo.interfaces.cli.jobs import jobs_app
from kairo.platform.database.ids import new_id
from kairo.platform.jobs.contracts import JobNotFound, JobNotRetryable, JobState
from kairo.platform.jobs.slots import run_due
from tests.integration.jobs.conftest import ask, job_of
from tests.integration.jobs.kinds import Note


def kairo_jobs(*arguments: str) -> Result:
    return CliRunner().invoke(jobs_app, list(arguments), terminal_width=200)


def test_the_list_has_all_tenants_jobs_or_one_s(tenant: UUID, stranger: UUID) -> None:
    mine, other = ask(tenant, "tests.note"), ask(stranger, "tests.thin")

    everybody = json.loads(kairo_jobs("list", "--json").stdout)["items"]
    one = json.loads(kairo_jobs("list", "--json", "--tenant", "acme", "--kind", "tests.note").stdout)["items"]

    assert [(job["tenant"], job["id"]) for job in everybody] == [("stranger", str(other)), ("acme", str(mine))]
    assert [job["id"] for job in one] == [str(mine)]
    assert "tests.thin" in kairo_jobs("list").stdout
    assert kairo_jobs("list", "--state", "failed").stdout == "Nothing here yet.\n"


def test_a_job_is_shown_with_the_errors_of_its_attempts(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.error", Note(text="it"))
    run_due()

    shown = kairo_jobs("show", str(job_id))

    assert shown.exit_code == 0
    assert "state     pending" in shown.stdout
    assert "attempt 1: ValueError: cannot do it" in shown.stdout
    assert json.loads(kairo_jobs("show", str(job_id), "--json").stdout)["attempts"] == 1


def test_a_job_is_cancelled_and_started_over(tenant: UUID) -> None:
    job_id = ask(tenant, "tests.note")

    assert kairo_jobs("cancel", str(job_id)).exit_code == 0
    assert job_of(tenant, job_id).state is JobState.CANCELLED
    assert kairo_jobs("retry", str(job_id)).exit_code == 0
    assert job_of(tenant, job_id).state is JobState.PENDING
    assert isinstance(kairo_jobs("retry", str(job_id)).exception, JobNotRetryable)


@pytest.mark.parametrize("command", ["show", "retry", "cancel"])
def test_an_unknown_job_is_named_as_such(tenant: UUID, command: str) -> None:
    assert isinstance(kairo_jobs(command, str(new_id())).exception, JobNotFound)
    assert kairo_jobs(command, "no-id").exit_code == 2
