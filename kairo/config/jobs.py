"""Jobs that join platform packages which do not know each other: here, and only here, they meet."""

from __future__ import annotations

from django.utils import timezone

from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.registry import handles
from kairo.platform.outbound.contracts import DELIVER_WEBHOOK, DeliverWebhook
from kairo.platform.outbound.delivering import deliver


@handles(DELIVER_WEBHOOK, payload=DeliverWebhook, queue=Queue.IO, time_limit_s=60)
def deliver_webhook(message: DeliverWebhook, job: JobContext) -> Completion:
    """Send one webhook; what becomes of it stands in its delivery."""
    delivery = deliver(tenant_id=job.tenant_id, delivery_id=message.delivery_id, at=timezone.now(), enqueue=enqueue)
    return Completion(outcome={"state": delivery.state.value})
