"""Workers that carry changes out, as processes that can be killed at any instruction."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from kairo.platform.database.sessions import tenant_transaction  # noqa: E402
from kairo.stages.ads.contracts.changes import HistoryEvent  # noqa: E402
from kairo.stages.ads.models.changes import PendingAdChange  # noqa: E402
from kairo.stages.ads.operations import run_due  # noqa: E402
from kairo.stages.ads.operations.reading_back import read_back  # noqa: E402
from kairo.stages.ads.operations.recording_outcomes import record_not_there  # noqa: E402
from kairo.stages.ads.ports import AdPlatform  # noqa: E402
from kairo.stages.ads.queries.executions import past_executions  # noqa: E402
from kairo.stages.ads.rules.safety_checks import PastExecution  # noqa: E402
from tests.virtual_clock import OPTION  # noqa: E402

IDLE_S = 0.05
_WORKERS = multiprocessing.get_context("forkserver")
_WORKERS.set_forkserver_preload(["__main__", "tests.integration.ads.change_workers"])


Lacking = Literal["nothing", "counting", "reading back"]
"""What a worker does without, to see that the auditor notices: counting what was sent, reading back what is unknown."""


class ChangeWorker:
    """A process that carries out what is due until it is killed."""

    def __init__(self, database: str, tenant: UUID, *, name: str, lease_s: float, lacking: Lacking) -> None:
        given = (database, str(tenant), name, lease_s, lacking)
        self._process = _WORKERS.Process(target=_carry_out, args=given, daemon=True)
        self._process.start()

    def kill(self) -> None:
        """End the process by SIGKILL."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()


def _carry_out(database: str, tenant: str, name: str, lease_s: float, lacking: Lacking) -> None:
    settings.KAIRO_VIRTUAL_CLOCK = True
    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} {OPTION}".strip()
    past_of = _nothing if lacking == "counting" else past_executions
    settle = _take_for_unsent if lacking == "reading back" else read_back
    while True:
        report = run_due(tenant_id=UUID(tenant), worker=name, most=20, lease_s=lease_s, past_of=past_of, settle=settle)
        if not report.counts:
            time.sleep(IDLE_S)


def _nothing(account_id: str, since: datetime) -> Sequence[PastExecution]:
    return ()


def _take_for_unsent(
    row: PendingAdChange, platform: AdPlatform, *, tenant_id: UUID, clock: Callable[[], datetime]
) -> HistoryEvent:
    with tenant_transaction(tenant_id):
        return record_not_there(row, "Nobody has looked.", code="unread", after_s=0.0, at=clock())
