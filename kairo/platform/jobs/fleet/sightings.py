"""Who of the fleet is there: beat leaves its sign in the table, workers answer through the broker."""

from __future__ import annotations

from kairo.platform.database.sql import first_row
from kairo.platform.jobs.fleet.application import fleet_app
from kairo.platform.telemetry.context import logger

log = logger(__name__)
BEAT = "beat"
BEAT_GONE_AFTER_S = 30.0
ANSWER_WITHIN_S = 1.0


def note_beat() -> None:
    """Note that beat is there now."""
    first_row("SELECT job_fleet_seen(%s)", [BEAT])


def beat_silent_s() -> float | None:
    """Return how many seconds ago beat was last there; None: never."""
    [silent_s] = first_row("SELECT job_fleet_silent_s(%s)", [BEAT]) or (None,)
    return None if silent_s is None else float(silent_s)


def answering_workers() -> dict[str, list[str]]:
    """Ask the workers, and return the queues of each that answered within a second."""
    try:
        found = fleet_app().control.inspect(timeout=ANSWER_WITHIN_S).active_queues()
    except Exception as error:  # noqa: BLE001 - each transport has errors of its own
        log.info("workers_asked_in_vain", error=type(error).__name__)
        return {}
    return {name: sorted(str(queue["name"]) for queue in queues) for name, queues in (found or {}).items()}
