"""Workers that know the jobs of the storm."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from tests.integration.jobs.worker_entry import run_worker

# After the entry, which sets Django up.
from kairo.interfaces.cli.jobs import worker  # isort: skip
from tests.verification.jobs import storm_kinds as storm_kinds  # isort: skip


def run_storm_worker(database: str, output: str, arguments: Sequence[str]) -> None:
    """Be a worker on one database of the tests' server, and print to a file."""
    run_worker(database, output, arguments)


if __name__ == "__main__":
    typer.run(worker)
