"""Agents side by side, each with its own time limit: a late or failed one is left out and named."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field

from django.db import connections

from kairo.errors import KairoError
from kairo.platform.telemetry.context import logger

log = logger(__name__)

Agent = Callable[[], object]
LATE = "late"


@dataclass
class AgentRuns:
    """What the agents delivered by name, who delivered nothing and why, and how long each took."""

    delivered: dict[str, object] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    took_ms: dict[str, int] = field(default_factory=dict)


def run_agents(agents: Mapping[str, Agent], *, limit_s: float) -> AgentRuns:
    """Run the agents side by side; each has `limit_s` seconds from now.

    What is missing is "late", "failed", or the code of the expected error. An agent changes nothing but the record of
    what a model was asked: one that is late goes on in a thread that nobody waits for.
    """
    runs, lock, started = AgentRuns(), threading.Lock(), time.monotonic()

    def run(name: str, agent: Agent) -> None:
        outcome, reason = _outcome(name, agent)
        connections.close_all()
        with lock:
            runs.took_ms[name] = round((time.monotonic() - started) * 1000)
            if reason is None:
                runs.delivered[name] = outcome
            else:
                runs.missing[name] = reason

    threads = {
        name: threading.Thread(target=copy_context().run, args=(run, name, agent), name=f"agent-{name}", daemon=True)
        for name, agent in agents.items()
    }
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, started + limit_s - time.monotonic()))
    with lock:
        late = [name for name in threads if name not in runs.delivered and name not in runs.missing]
        return AgentRuns(dict(runs.delivered), runs.missing | dict.fromkeys(late, LATE), dict(runs.took_ms))


def _outcome(name: str, agent: Agent) -> tuple[object, str | None]:
    try:
        return agent(), None
    except KairoError as error:
        log.warning("agent_without_answer", agent=name, code=error.code, reason=error.message)
        return None, str(error.code)
    # Whatever an agent stumbles over, the others answer; the answer names it as degraded.
    except Exception as error:
        log.error("agent_failed", agent=name, error_type=type(error).__name__, exc_info=error)
        return None, "failed"
