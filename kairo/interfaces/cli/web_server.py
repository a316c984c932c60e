"""The web server of `kairo run`: it loads while the database is being prepared, and listens once it is told to."""

from __future__ import annotations

import argparse
import sys

import uvicorn

from kairo.errors import KairoError

STREAMS_END_WITHIN_S = 3
"""Event streams end by themselves when the server is asked to stop; what does not is cut off then."""


def main() -> None:
    """Load, wait for a line on the standard input, serve; without a line (the supervisor has gone) just end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    asked = parser.parse_args()
    config = uvicorn.Config(
        "kairo.config.asgi:application",
        host=asked.host,
        port=asked.port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STREAMS_END_WITHIN_S,
    )
    try:
        config.load()
    except KairoError as error:
        # The supervisor meets the same fault and says what to do.
        raise SystemExit(1) from error
    if sys.stdin.readline():
        uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
