"""Working out what was learned for a brand, and handing it down to those who score by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import JsonValue

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.learning import queries
from kairo.stages.learning.contracts import LearnedModelDTO, LearningSignalType, ModelKind
from kairo.stages.learning.contracts.registry import PromotionAction
from kairo.stages.learning.models import LearningEvent, ModelPromotion
from kairo.stages.learning.operations import registry
from kairo.stages.learning.operations.registry import Learned, Slot
from kairo.stages.learning.queries.registry import champion as champion_of
from kairo.stages.learning.rules.ad_verdicts import Earned, revenue_verdicts
from kairo.stages.learning.rules.effects import HALF_LIFE_DAYS, Verdict, posterior
from kairo.stages.learning.rules.handing_down import kept_effects, score_effects
from kairo.stages.learning.rules.predictions import shift_of
from kairo.stages.learning.rules.replaying import Ranked, replay
from kairo.stages.learning.rules.verdicts import (
    Decided,
    Shown,
    engagement_rate,
    levels_of,
    outcomes_of,
    verdicts_of,
)
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import DecisionType, ScoreEffectsDTO

LONGEST_MEMORY = timedelta(days=8 * HALF_LIFE_DAYS)
"""What is older counts for less than a two-hundredth."""
MOST_EVENTS = 20_000
LEARNER, AT_ONCE = "learning", "Every version of score effects serves at once."
# Two who learn for one brand at the same moment would give two versions one number.
_ONE_LEARNER = "SELECT pg_advisory_xact_lock(hashtextextended('learning.effects:' || %s, 0))"


def update_effects(*, brand_id: UUID, at: datetime) -> int | None:
    """Learn anew from all that is known of a brand and hand it down; return the version, or None if nothing changed."""
    rows(_ONE_LEARNER, [f"{current_tenant()}:{brand_id}"])
    events = _remembered(brand_id, at=at)
    decided, shown = _decided(events), _shown(events)
    acceptance = posterior(verdicts_of(decided), at=at)
    outcome = posterior([*outcomes_of(shown), *outcomes_of(_advertised(events)), *_earned(events)], at=at)
    effects = score_effects(acceptance, outcome)
    champion = champion_of(ModelKind.SCORE_EFFECTS, brand_id=brand_id)
    shift = shift_of(queries.scored_predictions(brand_id))
    artifact = kept_effects(acceptance, outcome, shift=shift).model_dump(mode="json")
    if champion is not None and (champion.artifact == artifact or _holds(champion, events)):
        return None
    learned = Learned(
        artifact=artifact,
        metrics=_metrics(events, decided, shown),
        trained_from=min((event.effective_at for event in events), default=None),
        trained_until=at,
    )
    slot = Slot(ModelKind.SCORE_EFFECTS, brand_id)
    version = registry.install(slot=slot, learned=learned, by=LEARNER, reason=AT_ONCE, at=at).version
    opportunities.set_score_effects(
        effects=ScoreEffectsDTO(
            brand_id=brand_id, version=version, learned_at=at, effects=effects, probability_shift=shift
        )
    )
    return version


def update_all_effects(*, at: datetime) -> int:
    """Let a day pass for every brand of the tenant for which something was learned; return how many changed."""
    brand_ids = LearningEvent.objects.order_by("brand_id").values_list("brand_id", flat=True).distinct()
    return sum(update_effects(brand_id=brand_id, at=at) is not None for brand_id in brand_ids)


def _holds(champion: LearnedModelDTO, events: Sequence[LearningEvent]) -> bool:
    """Tell whether a person went back to this version, and nothing new has been learned from since."""
    line = ModelPromotion.objects.filter(model_id=champion.id).order_by("-id").first()
    if line is None or line.action != PromotionAction.ROLLED_BACK:
        return False
    return all(event.created_at <= line.at for event in events)


def _metrics(
    events: Sequence[LearningEvent], decided: Sequence[Decided], shown: Sequence[Shown]
) -> dict[str, JsonValue]:
    """Return what tells how good the version is, and what it rests on."""
    replayed = replay(_ranked(events))
    return {
        "decisions": len(decided),
        "variants": len(shown),
        "ads": sum(event.signal_type == LearningSignalType.AD_RESULT for event in events),
        "engagement_rate": engagement_rate(shown),
        "replay": replayed.model_dump(mode="json") if replayed else None,
    }


def _remembered(brand_id: UUID, *, at: datetime) -> list[LearningEvent]:
    found = LearningEvent.objects.filter(brand_id=brand_id, effective_at__gt=at - LONGEST_MEMORY)
    return list(found.order_by("-effective_at", "-id")[:MOST_EVENTS])


def _decided(events: Iterable[LearningEvent]) -> list[Decided]:
    return [_decision(event) for event in events if event.signal_type == LearningSignalType.DECISION]


def _decision(event: LearningEvent) -> Decided:
    return Decided(
        thing=str(event.opportunity_id or event.payload.get("package_id") or event.payload["object_id"]),
        object_key=str(event.payload["object_id"]),
        decision=DecisionType(event.payload["decision_type"]),
        levels=levels_of(event.payload["levels"]),
        at=event.effective_at,
    )


def _ranked(events: Iterable[LearningEvent]) -> list[Ranked]:
    """Return the decisions on opportunities, each with its place on its board."""
    return [
        Ranked(_decision(event), datetime.fromisoformat(event.payload["board_at"]), event.payload["unlearned_score"])
        for event in events
        if "board_at" in event.payload
    ]


def _shown(events: Iterable[LearningEvent]) -> list[Shown]:
    """Return each variant once, all its days together."""
    by_variant: dict[UUID, list[LearningEvent]] = defaultdict(list)
    for event in events:
        if event.signal_type == LearningSignalType.ENGAGEMENT and event.variant_id is not None:
            by_variant[event.variant_id].append(event)
    return [
        Shown(
            variant=str(variant_id),
            channel=str(days[0].payload["levels"].get("channel", "")),
            counts=_together([day.payload["counts"] for day in days]),
            levels=levels_of(days[0].payload["levels"]),
            at=days[0].effective_at,
        )
        for variant_id, days in by_variant.items()
    ]


def _advertised(events: Iterable[LearningEvent]) -> list[Shown]:
    """Return what each ad's audience did; ads of a platform are compared with each other, not with what is not paid."""
    return [
        Shown(
            variant=str(event.variant_id),
            channel=f"paid:{event.payload['platform']}",
            counts=event.payload["counts"],
            levels=levels_of(event.payload["levels"]),
            at=event.effective_at,
        )
        for event in events
        if event.signal_type == LearningSignalType.AD_RESULT
    ]


def _earned(events: Iterable[LearningEvent]) -> list[Verdict]:
    """Return what the revenue of ads says."""
    return revenue_verdicts(
        [
            Earned(
                ad_id=event.payload["ad_id"],
                unit=event.payload["unit"],
                spend=event.payload["spend"],
                results=event.payload["results"],
                revenue=event.payload["revenue"],
                levels=levels_of(event.payload["levels"]),
                at=event.effective_at,
            )
            for event in events
            if event.signal_type == LearningSignalType.REVENUE
        ]
    )


def _together(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for day in counted:
        for name, count in day.items():
            counts[name] += count
    return dict(counts)
