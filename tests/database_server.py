"""Starts one real PostgreSQL for the whole test run, before Django's settings are read.

Loaded with `-p` so that it runs first; the processes of pytest-xdist find the server in their environment.
`KAIRO_TEST_DATABASE_URL` (a superuser's URL) uses a server that is there already.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from kairo.platform.database.embedded import ROOT_HOME, own_server
from kairo.platform.database.roles import prepare_database

SERVER_VARIABLE = "KAIRO_TEST_SERVER_URL"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def _start() -> str:
    stack = ExitStack()
    if os.geteuid() == 0:
        ROOT_HOME.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="t-", dir=ROOT_HOME if os.geteuid() == 0 else None))
    directory.chmod(0o755)
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    address = stack.enter_context(own_server(directory, settings=FAST))
    atexit.register(stack.close)
    return address.url("postgres")


if SERVER_VARIABLE not in os.environ:
    os.environ[SERVER_VARIABLE] = os.environ.get("KAIRO_TEST_DATABASE_URL") or _start()
    prepare_database(os.environ[SERVER_VARIABLE])
# Settings are read once, at their first import; the name of the database is put in later, per process.
os.environ["DATABASE_URL"] = os.environ[SERVER_VARIABLE]
os.environ["KAIRO_OWNER_DATABASE_URL"] = os.environ[SERVER_VARIABLE]
os.environ["KAIRO_SECRET_KEY"] = "only-for-tests"
os.environ["KAIRO_JOB_LEASE_S"] = "2"
# A due time may pass at any moment of a run: only tests of crons have workers that see to them.
os.environ["KAIRO_CRONS"] = "false"
os.environ["KAIRO_ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["KAIRO_DATA_DIR"] = tempfile.mkdtemp(prefix="kairo-tests-")
atexit.register(shutil.rmtree, os.environ["KAIRO_DATA_DIR"], ignore_errors=True)
for _name in ("KAIRO_OBS_ENABLED", "KAIRO_INTERNAL_ADMIN_TOKEN"):
    os.environ.pop(_name, None)
