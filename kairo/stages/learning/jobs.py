"""The stage's jobs: each loads its message and calls one operation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import Queue
from kairo.platform.jobs.crons import every
from kairo.platform.jobs.registry import handles
from kairo.stages.content.contracts import ExecutionEventsTaken
from kairo.stages.content.operations import EVENTS_TAKEN
from kairo.stages.evidence.operations import lets_go
from kairo.stages.learning import operations
from kairo.stages.learning.contracts import NoteAdResults, ScorePredictions, UpdateEffects
from kairo.stages.learning.contracts.registry import LearnModels, MirrorModels
from kairo.stages.learning.contracts.winners import FindWinners
from kairo.stages.opportunities.contracts import DecisionRecorded
from kairo.stages.opportunities.operations import DECIDED

UPDATE = "learning.update_effects"
SCORE = "learning.score_predictions"
NOTE_ADS = "learning.note_ad_results"
FIND_WINNERS = "learning.find_winners"
MIRROR = "learning.mirror_models"
LEARN = "learning.learn_models"
DAILY = 1440
SCORING_MINUTES = 180
LONGEST_SCORING_S = 1800
LONGEST_LEARNING_S = 1800


@handles(DECIDED, payload=DecisionRecorded)
def learn_from_decision(message: DecisionRecorded, job: JobContext) -> Completion:
    """Learn from a decision; the next board is scored by it."""
    at = now()
    with tenant_transaction(job.tenant_id):
        noted = operations.note_decision(decision_id=message.decision_id, at=at)
        version = operations.update_effects(brand_id=message.brand_id, at=at) if noted else None
    return Completion(outcome={"noted": noted, "version": version})


@handles(EVENTS_TAKEN, payload=ExecutionEventsTaken)
def learn_from_audience(message: ExecutionEventsTaken, job: JobContext) -> Completion:
    """Learn from what a variant's audience did."""
    at = now()
    with tenant_transaction(job.tenant_id):
        days = operations.note_engagement(variant_id=message.variant_id, at=at)
        version = operations.update_effects(brand_id=message.brand_id, at=at) if days else None
    return Completion(outcome={"days": days, "version": version})


@handles(UPDATE, payload=UpdateEffects)
def update_effects(_: UpdateEffects, job: JobContext) -> Completion:
    """Let a day pass: what is old counts less."""
    with tenant_transaction(job.tenant_id):
        changed = operations.update_all_effects(at=now())
    return Completion(outcome={"brands": changed})


every(UPDATE, minutes=DAILY, payload=UpdateEffects())


@handles(SCORE, payload=ScorePredictions, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_SCORING_S)
def score_predictions(_: ScorePredictions, job: JobContext) -> Completion:
    """Score the predictions that have come due."""
    return Completion(outcome={"scored": operations.score_due_predictions(tenant_id=job.tenant_id, at=now())})


every(SCORE, minutes=SCORING_MINUTES, payload=ScorePredictions())


@handles(NOTE_ADS, payload=NoteAdResults)
def note_ad_results(_: NoteAdResults, job: JobContext) -> Completion:
    """Learn from what the ads of variants did and brought."""
    at = now()
    with tenant_transaction(job.tenant_id):
        brand_ids = operations.note_ad_results(at=at)
        changed = sum(operations.update_effects(brand_id=brand_id, at=at) is not None for brand_id in brand_ids)
    return Completion(outcome={"brands": changed})


every(NOTE_ADS, minutes=DAILY, payload=NoteAdResults())


@handles(FIND_WINNERS, payload=FindWinners, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_SCORING_S)
def find_winners(_: FindWinners, job: JobContext) -> Completion:
    """Put the ads that beat their campaigns into the index, and embed anew what another embedder has embedded."""
    with tenant_transaction(job.tenant_id):
        found = operations.find_winners(at=now())
        embedded = operations.embed_anew()
    return Completion(outcome={**found.model_dump(), "embedded_anew": embedded})


every(FIND_WINNERS, minutes=DAILY, payload=FindWinners())


@handles(MIRROR, payload=MirrorModels)
def mirror_models(_: MirrorModels, job: JobContext) -> Completion:
    """Tell in the registry what revenue has learned."""
    with tenant_transaction(job.tenant_id):
        told = operations.mirror_models(at=now())
    return Completion(outcome={"versions": told})


every(MIRROR, minutes=DAILY, payload=MirrorModels())


@handles(LEARN, payload=LearnModels, queue=Queue.CPU_INTENSIVE, time_limit_s=LONGEST_LEARNING_S)
def learn_models(_: LearnModels, job: JobContext) -> Completion:
    """Learn delay curves and the trend baseline where they are due; what is better is put in use."""
    at = now()
    with tenant_transaction(job.tenant_id):
        curves = operations.learn_delay_curves(at=at)
    with tenant_transaction(job.tenant_id):
        baseline = operations.learn_trend_baseline(at=at)
    return Completion(outcome={"delay_curves": curves, "trend_baseline": baseline})


every(LEARN, minutes=DAILY, payload=LearnModels())


@lets_go("learning")
def let_go_of_items(item_ids: Sequence[UUID]) -> None:
    """Let go of winners that cite posts which are erased."""
    operations.let_go_of_items(item_ids=item_ids)
