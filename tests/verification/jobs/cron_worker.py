"""Workers that know a kind of work that comes round every minute."""

from __future__ import annotations

from collections.abc import Sequence

from tests.integration.jobs.worker_entry import run_worker


def run_cron_worker(database: str, output: str, arguments: Sequence[str]) -> None:
    """Be a worker that also does the work of the minute."""
    # Here, and in no module that other tests import: their workers must not find work that they did not ask for.
    from django.conf import settings

    from kairo.platform.jobs.crons import every
    from tests.integration.jobs.kinds import Note

    settings.KAIRO_CRONS = True
    every("tests.nothing", minutes=1, payload=Note(text="each minute"))
    run_worker(database, output, arguments)
