"""The doorbell of PostgreSQL: one LISTEN connection a process, opened again for as long as somebody waits for rings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from kairo.platform.telemetry.context import logger
from kairo.platform.telemetry.doorbell import CHANNEL

log = logger(__name__)

APPLICATION_NAME = "kairo-live"
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
ASK_AFTER_SILENCE_S = 30.0
ANSWER_WITHIN_S = 5


class PostgresDoorbell:
    """Hears NOTIFY. Behind pgbouncer in transaction mode it hears nothing, and followers are served by their looks."""

    async def rings(self) -> AsyncGenerator[str | None, None]:
        """Yield the id of each run that has news; None after every (re)connect, which may have missed some."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    pause_s = FIRST_PAUSE_S
                    yield None
                    while True:
                        async for notice in connection.notifies(timeout=ASK_AFTER_SILENCE_S):
                            yield notice.payload
                        # A connection that a network has forgotten is silent for ever: ask whether it lives.
                        async with asyncio.timeout(ANSWER_WITHIN_S):
                            await connection.execute("SELECT 1")
            except (psycopg.Error, TimeoutError) as error:
                log.warning("live_doorbell_lost", error=_first_line(error), tries_again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _connect(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        return await psycopg.AsyncConnection.connect(
            **_address(connections[DEFAULT_DB_ALIAS].get_connection_params()),
            application_name=APPLICATION_NAME,
            connect_timeout=ANSWER_WITHIN_S,
            autocommit=True,
        )


def _address(parameters: Mapping[str, Any]) -> dict[str, Any]:
    of_django = {"cursor_factory", "context", "application_name", "connect_timeout"}
    return {name: value for name, value in parameters.items() if name not in of_django}


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
