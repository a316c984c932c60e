"""Learning trend baselines as versions of the registry; the detector, an earlier stage, is handed the one in use.

The first version is what is built in, so that what was learned has to beat it, and may be gone back from to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from kairo.stages.insights import queries as insights
from kairo.stages.insights.contracts.baselines import BUILT_IN, TrendBaseline
from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.models import LearnedModel
from kairo.stages.learning.operations.registry import Learned, Slot, judge, propose
from kairo.stages.learning.queries.registry import champion, gone_back_at

SLOT = Slot(ModelKind.TREND_BASELINE)
LEARNED_FROM = timedelta(days=28)
BLOCK = timedelta(days=14)
"""What topics did in a fortnight is one example each: a topic of the next one has hardly a post in common with it."""
LEAST_TOPICS = 100
NEXT_AFTER = 2 * BLOCK
MOST_BLOCKS = 4
"""A challenger that is not decided after so many gives way to a newer one."""


@transaction.atomic
def learn_trend_baseline(*, at: datetime) -> bool:
    """Learn what is due from posts up to a fortnight ago, compare on the later ones; return whether one came in use."""
    newest = LearnedModel.objects.filter(kind=SLOT.kind, brand_id__isnull=True, subject="").order_by("-version").first()
    before = champion(SLOT.kind)
    if newest is None or before is None:
        first = insights.first_post_at()
        return first is not None and first <= at - LEARNED_FROM - BLOCK and _proposed(None, at=at)
    # Where somebody went back to a version, it holds until there is something new to learn from.
    since = max(newest.trained_until, gone_back_at(SLOT.kind) or newest.trained_until)
    if newest.status != ModelStatus.CHALLENGER:
        return at - since >= NEXT_AFTER and _proposed(before, at=at)
    judged = _judged(newest, before, since=since, at=at)
    if judged is ModelStatus.CHALLENGER:
        return at - since >= (MOST_BLOCKS + 1) * BLOCK and _proposed(before, at=at)
    return judged is ModelStatus.CHAMPION


def _proposed(before: LearnedModelDTO | None, *, at: datetime) -> bool:
    """Learn up to a fortnight ago and compare on that fortnight; return whether what was learned serves now."""
    cut = at - BLOCK
    found = insights.fitted_baseline(since=cut - LEARNED_FROM, until=cut)
    serving = TrendBaseline.model_validate(before.artifact) if before else BUILT_IN
    theirs, ours = _losses([serving, found.baseline], since=cut, until=at)
    if found.topics < LEAST_TOPICS or len(theirs) < LEAST_TOPICS or found.baseline == serving:
        return False
    if before is None:
        built_in = Learned(artifact=BUILT_IN.model_dump(mode="json"), trained_until=cut, metrics={"built_in": True})
        propose(slot=SLOT, learned=built_in, at=at)
    learned = Learned(
        artifact=found.baseline.model_dump(mode="json"),
        trained_from=cut - LEARNED_FROM,
        trained_until=cut,
        metrics={"topics": found.topics, "looks": found.looks},
    )
    proposed = propose(slot=SLOT, learned=learned, champion_losses=theirs, challenger_losses=ours, at=at)
    return proposed.status is ModelStatus.CHAMPION


def _judged(waiting: LearnedModel, before: LearnedModelDTO, *, since: datetime, at: datetime) -> ModelStatus:
    """Compare a challenger that waits on all whole fortnights since it was learned."""
    baselines = [TrendBaseline.model_validate(one.artifact) for one in (before, waiting)]
    theirs, ours = _losses(baselines, since=since, until=at)
    if not theirs:
        return ModelStatus.CHALLENGER
    return judge(model_id=waiting.id, champion_losses=theirs, challenger_losses=ours, at=at).status


def _losses(baselines: list[TrendBaseline], *, since: datetime, until: datetime) -> list[list[float]]:
    """Return each baseline's losses, an entry a topic and whole fortnight."""
    found: list[list[float]] = [[] for _ in baselines]
    while since + BLOCK <= until:
        for told, one in zip(
            found, insights.losses_by_topic(baselines=baselines, since=since, until=since + BLOCK), strict=True
        ):
            told += one
        since += BLOCK
    return found
