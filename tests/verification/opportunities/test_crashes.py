"""A process that dies at any moment of a model's board: nothing is half written, and what was paid is paid once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.models import JobStep
from kairo.platform.jobs.queries import job as job_now
from kairo.platform.llm import operations as llm
from kairo.platform.llm.asking import Models
from kairo.platform.llm.contracts import Outcome, Usage
from kairo.platform.llm.models import LlmCall, LlmReservation
from kairo.platform.llm.ports import ModelReply, ModelRequest
from kairo.stages.opportunities import operations
from kairo.stages.opportunities.models import BoardRecord, OpportunitiesBoard, Opportunity, OpportunityCitation
from tests.factories.brands import stored_brand
from tests.factories.model_boards import Killed, ask_for_board, attempt_board, newest_board
from tests.factories.posts import import_posts, posts
from tests.fakes.board_models import honest, honest_drafts, over_openai, ratings, read_question, read_texts
from tests.fakes.model_calls import ROUTES
from tests.integration.outbound.servers import Seen, Site

KEEPS_NOTHING = pytest.mark.parametrize("keep_days", [30, 0], ids=["with a cache", "without a cache"])


class Dying:
    """A provider whose process dies in the first question of one kind, before or after the model has answered."""

    def __init__(self, *, at: str, after_answer: bool = False) -> None:
        self.dies_at = at
        self.answered: Counter[str] = Counter()
        self._after = after_answer

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        asked = read_texts([turn.text for turn in request.turns])
        kind = "scoring" if asked.is_scoring else "synthesis"
        if kind == self.dies_at and not self._after:
            self.dies_at = ""
            raise Killed
        self.answered[kind] += 1
        text = ratings(asked) if asked.is_scoring else _drafts(asked.posts)
        if kind == self.dies_at:
            self.dies_at = ""
            raise Killed
        return ModelReply(text=text, usage=Usage(tokens_in=100, tokens_out=50))


def _drafts(given: dict[str, str]) -> str:
    return json.dumps({"drafts": honest_drafts(given)})


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand = stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}])
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    return brand.id


def written(tenant: UUID) -> int:
    """Count what a board leaves in the tables."""
    with tenant_transaction(tenant):
        tables = (OpportunitiesBoard, BoardRecord, Opportunity, OpportunityCitation)
        return sum(table.objects.count() for table in tables)


def paid(tenant: UUID) -> Counter[str]:
    with tenant_transaction(tenant):
        return Counter(LlmCall.objects.filter(outcome=Outcome.OK, from_cache=False).values_list("task", flat=True))


@KEEPS_NOTHING
def test_a_crash_between_the_two_questions_pays_the_first_one_once(
    keep_days: int, tenant: UUID, brand_id: UUID
) -> None:
    with tenant_transaction(tenant):
        llm.set_keep_days(keep_days, at=timezone.now())
    provider = Dying(at="scoring")
    models = Models(providers={"openai": provider}, routes=ROUTES)
    job_id = ask_for_board(tenant, brand_id)

    first = attempt_board(tenant, job_id, models)
    left = written(tenant)
    second = attempt_board(tenant, job_id, models)

    assert (first.state, left) == (JobState.PENDING, 0)
    assert second.state is JobState.SUCCEEDED
    assert newest_board(tenant, brand_id).meta.generator == "model"
    assert provider.answered == {"synthesis": 1, "scoring": 1}, "The second attempt asked another question."
    assert paid(tenant) == {"synthesis": 1, "scoring": 1}


def test_a_crash_after_both_answers_and_before_the_board_pays_neither_again(tenant: UUID, brand_id: UUID) -> None:
    provider = Dying(at="")
    models = Models(providers={"openai": provider}, routes=ROUTES)
    job_id = ask_for_board(tenant, brand_id)

    first = attempt_board(tenant, job_id, models, dies_before_storing=True)
    left = written(tenant)
    second = attempt_board(tenant, job_id, models)

    assert (first.state, left, second.state) == (JobState.PENDING, 0, JobState.SUCCEEDED)
    assert provider.answered == {"synthesis": 1, "scoring": 1}
    board = newest_board(tenant, brand_id)
    assert board.meta.board_id is not None
    with tenant_transaction(tenant):
        assert operations.replay_board(board_id=board.meta.board_id, at=timezone.now()).identical


def test_an_answer_that_never_arrived_is_counted_once_with_its_worst_case(tenant: UUID, brand_id: UUID) -> None:
    provider = Dying(at="synthesis", after_answer=True)
    models = Models(providers={"openai": provider}, routes=ROUTES)
    job_id = ask_for_board(tenant, brand_id)

    attempt_board(tenant, job_id, models)
    attempt_board(tenant, job_id, models)
    with tenant_transaction(tenant):
        LlmReservation.objects.update(expires_at=timezone.now())
    lost = [llm.sweep(tenant), llm.sweep(tenant)]

    assert lost == [1, 0]
    assert provider.answered["synthesis"] == 2
    assert paid(tenant) == {"synthesis": 1, "scoring": 1}


def test_a_failure_that_was_paid_for_is_kept_like_an_answer(tenant: UUID, brand_id: UUID) -> None:
    asked: list[str] = []

    class Useless:
        def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
            asked.append(request.model)
            return ModelReply(text='{"drafts": []}', usage=Usage(tokens_in=100, tokens_out=5))

    models = Models(providers={"openai": Useless()}, routes=ROUTES)
    job_id = ask_for_board(tenant, brand_id)

    attempt_board(tenant, job_id, models, dies_before_storing=True)
    attempt_board(tenant, job_id, models)

    board = newest_board(tenant, brand_id)
    assert (board.meta.generator, board.meta.degraded) == ("extractive", True)
    assert len(asked) == 2, "Asked once, and told once what was wrong."


def test_a_job_that_is_started_over_much_later_looks_at_its_own_days(tenant: UUID, brand_id: UUID) -> None:
    models = Models(providers={"openai": Dying(at="")}, routes=ROUTES)
    job_id = ask_for_board(tenant, brand_id)
    attempt_board(tenant, job_id, models, dies_before_storing=True)
    with tenant_transaction(tenant):
        kept = JobStep.objects.get(job_id=job_id, key="as_of").output
        JobStep.objects.filter(job_id=job_id, key="as_of").update(output="2026-01-01T00:00:00+00:00")
    started = timezone.now()

    attempt_board(tenant, job_id, models)

    with tenant_transaction(tenant):
        board = OpportunitiesBoard.objects.get()
    assert datetime.fromisoformat(str(kept)) < started <= board.as_of


def test_a_worker_killed_while_a_model_answers_loses_nothing(
    tenant: UUID, brand_id: UUID, database: str, tmp_path: Path
) -> None:
    """A real worker, a real SIGKILL in the middle of the second question, and another worker after it."""
    workers: list[subprocess.Popen[bytes]] = []
    asked: Counter[str] = Counter()

    def model(seen: Seen, connection: socket.socket) -> None:
        kind = "scoring" if read_question(seen).is_scoring else "synthesis"
        asked[kind] += 1
        if kind == "scoring" and asked[kind] == 1:
            os.killpg(workers[0].pid, signal.SIGKILL)
            return
        over_openai(honest)(seen, connection)

    job_id = ask_for_board(tenant, brand_id)
    with Site(model) as site:
        workers.append(_worker(database, tmp_path / "first", site))
        workers[0].wait(timeout=150)
        left = written(tenant)
        workers.append(_worker(database, tmp_path / "second", site))
        job = _ended(tenant, job_id)
        workers[1].terminate()
        workers[1].wait(timeout=30)

    assert workers[0].returncode == -signal.SIGKILL
    assert left == 0
    assert job.state is JobState.SUCCEEDED, (tmp_path / "second.err").read_text()[-2000:]
    assert newest_board(tenant, brand_id).meta.generator == "model"
    assert asked == {"synthesis": 1, "scoring": 2}
    assert paid(tenant) == {"synthesis": 1, "scoring": 1}


def _worker(database: str, output: Path, site: Site) -> subprocess.Popen[bytes]:
    """Start a worker that leaves when nothing is left to do, in a process group of its own."""
    name = str(conninfo_to_dict(database)["dbname"])
    call = f"run({name!r}, {str(output)!r}, ['--concurrency', '1', '--poll-interval', '0.2'])"
    program = f"from tests.integration.jobs.worker_entry import run_worker as run; {call}"
    environment = {**os.environ, "OPENAI_API_KEY": "sk-for-tests", "OPENAI_BASE_URL": site.url("/v1")}
    return subprocess.Popen([sys.executable, "-c", program], env=environment, start_new_session=True)


def _ended(tenant: UUID, job_id: UUID) -> JobDTO:
    deadline = time.monotonic() + 150
    while True:
        with tenant_transaction(tenant):
            found = job_now(job_id)
        if found.finished_at is not None or time.monotonic() > deadline:
            return found
        time.sleep(0.1)
