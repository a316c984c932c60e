"""Workers of the tests: `python -m tests.integration.jobs.worker_entry [--once] [--concurrency N] …`, or forked."""

from __future__ import annotations

import os
from collections.abc import Sequence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")

import django
import typer

django.setup()

from django.db import connections  # noqa: E402

from kairo.interfaces.cli.jobs import worker  # noqa: E402
from tests.integration.jobs import kinds as kinds  # noqa: E402


def run_worker(database: str, output: str, arguments: Sequence[str]) -> None:
    """Be a worker on one database of the tests' server, and print to a file."""
    for descriptor, path in ((1, output), (2, f"{output}.err")):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    app = typer.Typer()
    app.command()(worker)
    app(args=list(arguments), standalone_mode=False)


if __name__ == "__main__":
    typer.run(worker)
