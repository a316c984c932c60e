"""Jobs that join platform packages which do not know each other: here, and only here, they meet."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from pydantic import BaseModel

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.registry import handles
from kairo.platform.live.contracts import PUBLISH_EVENTS, MirrorState, PublishEvents
from kairo.platform.live.mirroring import catch_up, look_again
from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliverWebhook
from kairo.platform.outbound.delivering import deliver
from kairo.platform.outbound.operations import sweep

SWEEP_WEBHOOKS = "outbound.sweep"
SWEEP_MINUTES = 10


@handles(DELIVER_WEBHOOK, payload=DeliverWebhook, queue=Queue.IO, time_limit_s=60)
def deliver_webhook(message: DeliverWebhook, job: JobContext) -> Completion:
    """Send one webhook; what becomes of it stands in its delivery."""
    delivery = deliver(tenant_id=job.tenant_id, delivery_id=message.delivery_id, at=now(), enqueue=enqueue)
    return Completion(outcome={"state": delivery.state.value})


class SweepOrder(BaseModel):
    """Whatever is overdue when the work is done."""


@handles(SWEEP_WEBHOOKS, payload=SweepOrder, queue=Queue.IO)
def sweep_webhooks(_: SweepOrder, job: JobContext) -> Completion:
    """Ask again for deliveries whose job was lost, and say of those that nobody sent within a day that they missed."""
    with tenant_transaction(job.tenant_id):
        swept = sweep(at=now(), enqueue=enqueue)
    return Completion(outcome={"missed": swept.missed, "enqueued": swept.enqueued})


every(SWEEP_WEBHOOKS, minutes=SWEEP_MINUTES, payload=SweepOrder())


@handles(PUBLISH_EVENTS, payload=PublishEvents, queue=Queue.IO, time_limit_s=60)
def publish_events(message: PublishEvents, job: JobContext) -> Completion:
    """Publish what of a run is not on its channel yet; while the channel is away, look again later."""
    if not settings.REDIS_URL:
        return Completion(outcome={"state": "no channel is configured"})
    found = catch_up(tenant_id=job.tenant_id, run_id=message.run_id, at=now())
    waits = found.state is MirrorState.BEHIND
    later = partial(look_again, message.run_id, at=now(), enqueue=enqueue) if waits else None
    return Completion(outcome={"state": found.state.value, "published_seq": found.published_seq}, effects=later)
