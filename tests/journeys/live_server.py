"""Kairo as people and its workers run it: uvicorn over the ASGI application, and a real worker process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from asgiref.typing import ASGI3Application

STARTED_WITHIN_S = 60.0
STOPPED_WITHIN_S = 60.0
WORKER = ("-m", "kairo.interfaces.cli.main", "worker", "--concurrency", "1", "--poll-interval", "0.2")


@contextmanager
def serving() -> Iterator[str]:
    """Serve this process's database on a free port; yields the address."""
    server = uvicorn.Server(
        uvicorn.Config(_application(), host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, name="live-server", daemon=True)
    thread.start()
    deadline = time.monotonic() + STARTED_WITHIN_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The live server did not start.")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOPPED_WITHIN_S)


def _application() -> ASGI3Application:
    from kairo.config.asgi import application

    # It marks its process as the web's; those that a test starts from here are not.
    os.environ.pop("KAIRO_WEB", None)
    return application


@contextmanager
def working(database_url: str, log: Path) -> Iterator[None]:
    """Run `kairo worker` beside the server until the block ends."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *WORKER],
            env=os.environ | {"DATABASE_URL": database_url, "KAIRO_OWNER_DATABASE_URL": database_url},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOPPED_WITHIN_S)
