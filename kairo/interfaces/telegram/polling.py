"""The bot without an address of its own: it fetches its updates."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import structlog
from django.db import close_old_connections

from kairo.interfaces.telegram.accepting import accept
from kairo.interfaces.telegram.bot_api import BotApi, BotUnavailable
from kairo.platform.database.clock import now

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
SHORTEST_ROUND_S = 0.2
"""A server that answers an empty long poll at once is not asked more often than this."""

log = structlog.get_logger(__name__)


def poll(api: BotApi, *, stopped: Event, told: Callable[[int], None] | None = None) -> None:
    """Fetch and take updates until `stopped`; while Telegram is away, ask again after ever longer waits.

    An update that was taken is noted in the database: one that is fetched twice is taken once.
    """
    after, wait_s = 0, FIRST_WAIT_S
    while not stopped.is_set():
        began = time.monotonic()
        try:
            found = api.updates(after=after)
        except BotUnavailable as error:
            log.warning("telegram.away", error=error.message, again_in_s=wait_s)
            stopped.wait(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            continue
        wait_s = FIRST_WAIT_S
        close_old_connections()
        for sent in found:
            accept(sent, messages=api, at=now())
            after = max(after, sent.get("update_id", after))
        if told is not None and found:
            told(len(found))
        if not found:
            stopped.wait(max(0.0, SHORTEST_ROUND_S - (time.monotonic() - began)))
