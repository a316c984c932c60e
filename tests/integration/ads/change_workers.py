"""Workers that carry changes out, as processes that can be killed at any instruction."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from kairo.stages.ads.operations import run_due  # noqa: E402
from kairo.stages.ads.queries.executions import past_executions  # noqa: E402
from kairo.stages.ads.rules.safety_checks import PastExecution  # noqa: E402
from tests.virtual_clock import OPTION  # noqa: E402

IDLE_S = 0.05
_WORKERS = multiprocessing.get_context("forkserver")
_WORKERS.set_forkserver_preload(["__main__", "tests.integration.ads.change_workers"])


class ChangeWorker:
    """A process that carries out what is due until it is killed. One that `forgets` counts nothing of what was sent."""

    def __init__(self, database: str, tenant: UUID, *, name: str, lease_s: float, forgets: bool = False) -> None:
        given = (database, str(tenant), name, lease_s, forgets)
        self._process = _WORKERS.Process(target=_carry_out, args=given, daemon=True)
        self._process.start()

    def kill(self) -> None:
        """End the process by SIGKILL."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()


def _carry_out(database: str, tenant: str, name: str, lease_s: float, forgets: bool) -> None:
    settings.KAIRO_VIRTUAL_CLOCK = True
    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} {OPTION}".strip()
    past_of = _nothing if forgets else past_executions
    while True:
        report = run_due(tenant_id=UUID(tenant), worker=name, most=20, lease_s=lease_s, past_of=past_of)
        if not report.counts:
            time.sleep(IDLE_S)


def _nothing(account_id: str, since: datetime) -> Sequence[PastExecution]:
    return ()
