"""Celery's own commands for the tests, forked from a process that has loaded everything: the jobs of the tests too."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tests.integration.jobs.worker_entry import run_worker as run_worker

# After the entry, which sets Django up.
from django.conf import settings  # isort: skip
from django.db import connections  # isort: skip
from kairo.platform.jobs.fleet.application import fleet_app  # isort: skip
from kairo.platform.jobs.fleet.named_tasks import NamedTask, take_messages  # isort: skip
from kairo.platform.jobs.fleet.tasks import register_tasks  # isort: skip
from kairo.platform.jobs.operations import enqueue  # isort: skip
from tests.integration.celery import kinds as kinds  # isort: skip
from tests.integration.jobs.kinds import Note  # isort: skip

NOTE_BY_NAME = NamedTask("tests.note", Note, lambda note: enqueue("tests.note", note), argument="task_data")


def join_fleet(database: str, broker: str) -> None:
    """Have this process work on one database of the tests' server, and ring through one broker."""
    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    settings.KAIRO_JOBS_ENGINE = "celery"
    settings.CELERY_BROKER_URL = broker
    take_messages(NOTE_BY_NAME)


def run_celery(database: str, broker: str, output: str, arguments: Sequence[str]) -> None:
    """Be `celery -A kairo …`, and print to a file."""
    for descriptor in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    join_fleet(database, broker)
    # Flower's own word for: whoever reaches this port may read.
    os.environ["FLOWER_UNAUTHENTICATED_API"] = "true"
    app = fleet_app()
    register_tasks(app)
    app.start(argv=list(arguments))


def run_celery_with_crons(database: str, broker: str, output: str, arguments: Sequence[str]) -> None:
    """The same, with a kind of work that comes round every minute."""
    from kairo.platform.jobs.crons import every

    settings.KAIRO_CRONS = True
    every("tests.nothing", minutes=1, payload=Note(text="each minute"))
    run_celery(database, broker, output, arguments)


def run_worker_beside(database: str, broker: str, output: str, arguments: Sequence[str]) -> None:
    """Be `kairo worker` in an installation of which the fleet is Celery's."""
    join_fleet(database, broker)
    run_worker(database, output, arguments)
