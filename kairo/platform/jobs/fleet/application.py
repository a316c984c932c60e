"""The Celery application of this process, made from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from kairo.errors import Unavailable
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.registry import known_kinds, load_kinds

RUN_JOB = "kairo.run_job"
RING_DUE = "kairo.ring_due"
RING_DUE_EVERY_S = 2.0
# Above a job's own limit, which its slot is ended by: what Celery ends is a process that did not even manage that.
SETTLING_S = 120
LEAST_LIMIT_S = 300


class FleetUnavailable(Unavailable):
    """Celery cannot be used here; the message says what is missing."""

    code = "fleet_unavailable"
    retryable = False


@cache
def fleet_app() -> Any:  # Celery says nothing about its types.
    """Return this process's Celery application.

    Raises:
        FleetUnavailable: the extra is not installed, or no broker is named.
    """
    require_celery()
    import celery  # type: ignore[import-untyped]
    from kombu.entity import Exchange
    from kombu.entity import Queue as BrokerQueue

    if not settings.CELERY_BROKER_URL:
        raise FleetUnavailable(
            "CELERY_BROKER_URL is not set: name a broker, redis://HOST/N or amqp://USER:PASSWORD@HOST/VHOST."
        )
    load_kinds()
    app = celery.Celery("kairo", fixups=[], set_as_current=False)
    limits = time_limits_s()
    app.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        broker_transport_options=_transport_options(max(limits.values())),
        task_queues=[
            BrokerQueue(name, Exchange(name), routing_key=name)  # type: ignore[no-untyped-call]
            for name in limits
        ],
        task_time_limit=max(limits.values()),
        **_HABITS,
    )
    return app


def require_celery() -> None:
    """Make sure that Celery is installed.

    Raises:
        FleetUnavailable: it is not.
    """
    if find_spec("celery") is None:
        raise FleetUnavailable("Celery is not installed. Install it: pip install 'kairo[celery]'")


def time_limits_s() -> Mapping[str, int]:
    """Return for each queue after how many seconds Celery ends a task of it: above the longest job's own limit."""
    longest = dict.fromkeys((queue.value for queue in Queue), LEAST_LIMIT_S)
    for kind in known_kinds():
        longest[kind.queue.value] = max(longest[kind.queue.value], kind.time_limit_s)
    return {queue: limit_s + SETTLING_S for queue, limit_s in longest.items()}


def _transport_options(longest_s: int) -> Mapping[str, object]:
    if urlsplit(settings.CELERY_BROKER_URL).scheme not in {"redis", "rediss", "redis+socket", "sentinel"}:
        return {}
    # What is not acknowledged within this time is delivered once more; a job that still runs then is not claimed again.
    return {"visibility_timeout": longest_s + SETTLING_S}


_HABITS: Mapping[str, object] = {
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "result_backend": "disabled://",
    "task_ignore_result": True,
    "accept_content": ["json"],
    "task_serializer": "json",
    "event_serializer": "json",
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    # A job goes on while the broker is away: the table says who has it.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "task_default_queue": Queue.DEFAULT.value,
    # A doorbell may be lost; other producers say themselves how theirs are kept.
    "task_default_delivery_mode": "transient",
    "task_publish_retry": False,
    "worker_send_task_events": True,
    "worker_redirect_stdouts": False,
    "enable_utc": True,
    "timezone": "UTC",
    "beat_schedule": {"ring for what is due": {"task": RING_DUE, "schedule": RING_DUE_EVERY_S}},
    "beat_scheduler": "kairo.platform.jobs.fleet.beat:Bellringer",
    "beat_max_loop_interval": RING_DUE_EVERY_S,
}
