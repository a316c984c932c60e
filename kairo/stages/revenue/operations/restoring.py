"""Going back to what was learned before: an earlier version is kept anew, under the next number, and is then in use."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.jobs.operations import enqueue
from kairo.stages.revenue.contracts.deals import RevalueDeals
from kairo.stages.revenue.models.deals import StageModel
from kairo.stages.revenue.models.tracking import LearnedWeights
from kairo.stages.revenue.operations.synthetic import REVALUE
from kairo.stages.revenue.operations.weighing import ONE_LEARNER


@transaction.atomic
def restore_weights(*, version: int, at: datetime) -> int:
    """Use an earlier version of the match weights again, until they are due anew; return its new number."""
    rows(ONE_LEARNER, [str(current_tenant())])
    earlier, newest = LearnedWeights.objects.get(version=version), LearnedWeights.objects.order_by("-version")[0]
    number = newest.version + 1
    # As fresh as the newest: else it would be learned anew with the next conversion.
    fresh = {"version": number, "trained_until": newest.artifact.get("trained_until")}
    LearnedWeights.objects.create(
        version=number,
        artifact=earlier.artifact | fresh,
        metrics=earlier.metrics | {"version_again": version},
        trained_until=newest.trained_until,
        created_at=at,
    )
    return number


@transaction.atomic
def restore_stage_model(*, pipeline: str, version: int, at: datetime) -> int:
    """Use an earlier version of a pipeline again, until more of its deals close; return its new number."""
    found = StageModel.objects.filter(pipeline=pipeline)
    earlier, newest = found.get(version=version), found.order_by("-version")[0]
    number = newest.version + 1
    StageModel.objects.create(
        pipeline=pipeline,
        version=number,
        # As many deals as the newest knows: else it would be learned anew within the hour.
        artifact=earlier.artifact | {"closed": newest.artifact["closed"]},
        trained_until=newest.trained_until,
        created_at=at,
    )
    enqueue(REVALUE, RevalueDeals(), dedupe_key=REVALUE)
    return number
