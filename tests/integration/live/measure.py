"""Measure live events: `python -m tests.integration.live.measure`.

Runs on an embedded server of its own with every guarantee on (fsync, synchronous commits), against a real web server.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django

from kairo.platform.database.embedded import ROOT_HOME, ServerAddress, own_server


def main() -> None:
    root = ROOT_HOME if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="m-", dir=root) as directory:
        Path(directory).chmod(0o755)
        with own_server(Path(directory)) as address:
            _prepare(address)
            from tests.integration.live.figures import measure

            measure(address.app_url, Path(directory) / "web.log")


def _prepare(address: ServerAddress) -> None:
    os.environ |= {"DATABASE_URL": address.app_url, "KAIRO_OWNER_DATABASE_URL": address.owner_url}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "kairo.config.settings", "KAIRO_LOG_LEVEL": "WARNING"}
    django.setup()
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)


if __name__ == "__main__":
    main()
