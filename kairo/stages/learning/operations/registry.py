"""Versions of what was learned: kept, compared, put in use and rolled back; each step leaves a line in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from pydantic import JsonValue

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.insights import operations as insights
from kairo.stages.insights.contracts.baselines import ServingBaseline, TrendBaseline
from kairo.stages.learning.contracts import KeptEffects, LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import (
    ComparisonDTO,
    ModelNotFound,
    NotBetter,
    NothingBefore,
    PromotionAction,
    ServedElsewhere,
    Verdict,
)
from kairo.stages.learning.models import LearnedModel, ModelPromotion
from kairo.stages.learning.operations.mirroring import Restored, mirror_models
from kairo.stages.learning.rules.comparing import compare
from kairo.stages.learning.rules.handing_down import effects_to_take
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import ScoreEffectsDTO
from kairo.stages.revenue import operations as revenue

MIRRORED = frozenset({ModelKind.MATCH_WEIGHTS, ModelKind.STAGE_PROBABILITIES})
"""What revenue keeps and uses by itself: to go back to an earlier one, roll back."""
# Two who learn the same thing at the same moment would give two versions one number.
_ONE_LEARNER = "SELECT pg_advisory_xact_lock(hashtextextended('learning.registry:' || %s, 0))"


@dataclass(frozen=True)
class Slot:
    """What versions follow each other in: a kind, for a brand or for the account, and which one of the kind."""

    kind: ModelKind
    brand_id: UUID | None = None
    subject: str = ""


@dataclass(frozen=True)
class Learned:
    """What was learned just now: the thing, how good it is, and from which window."""

    artifact: Mapping[str, JsonValue]
    trained_until: datetime
    trained_from: datetime | None = None
    metrics: Mapping[str, JsonValue] = field(default_factory=dict)


@transaction.atomic
def install(*, slot: Slot, learned: Learned, by: str, reason: str, at: datetime) -> LearnedModelDTO:
    """Put a version in use at once: the first of its slot, or of a kind of which every version serves."""
    _lock(slot)
    return _replace(slot, _stored(slot, learned, at=at), PromotionAction.INSTALLED, by=by, reason=reason, at=at)


@transaction.atomic
def propose(
    *,
    slot: Slot,
    learned: Learned,
    champion_losses: Sequence[float] | None = None,
    challenger_losses: Sequence[float] | None = None,
    by: str = "learning",
    at: datetime,
) -> LearnedModelDTO:
    """Keep a version as a challenger, and put it in use if it beats the champion on the same held-out examples.

    The first version of a slot becomes champion: there is nothing to beat. Earlier challengers retire.

    Raises:
        ValueError: the losses are no pairs.
    """
    _lock(slot)
    if _champion(slot) is None:
        first = _stored(slot, learned, at=at)
        return _replace(slot, first, PromotionAction.INSTALLED, by=by, reason="The first version.", at=at)
    LearnedModel.objects.filter(**_of(slot), status=ModelStatus.CHALLENGER).update(status=ModelStatus.RETIRED)
    challenger = _stored(slot, learned, at=at)
    if champion_losses is None or challenger_losses is None:
        return challenger.to_contract()
    return judge(
        model_id=challenger.id, champion_losses=champion_losses, challenger_losses=challenger_losses, by=by, at=at
    )


@transaction.atomic
def judge(
    *,
    model_id: UUID,
    champion_losses: Sequence[float],
    challenger_losses: Sequence[float],
    by: str = "learning",
    at: datetime,
) -> LearnedModelDTO:
    """Compare a challenger with the champion on the same examples; it is promoted if it is better, retired if not.

    It may be called again as examples come in, with all of them each time.

    Raises:
        ModelNotFound: no such version of this tenant.
        NotBetter: the version is no challenger.
        ValueError: the losses are no pairs.
    """
    row, slot = _locked(model_id)
    if row.status != ModelStatus.CHALLENGER:
        raise NotBetter(f"Version {row.version} is {row.status}: only a challenger is compared.")
    compared = compare(champion_losses, challenger_losses)
    champion = _champion(slot)
    told = compared.model_dump(mode="json") | {"champion_id": str(champion.id) if champion else None}
    row.metrics = row.metrics | {"comparison": told}
    if compared.verdict is Verdict.WORSE:
        row.status = ModelStatus.RETIRED
    row.save(update_fields=["metrics", "status"])
    if compared.verdict is Verdict.BETTER:
        return _replace(slot, row, PromotionAction.PROMOTED, by=by, reason=compared.says, at=at)
    return row.to_contract()


@transaction.atomic
def promote(*, model_id: UUID, by: str, reason: str = "", at: datetime) -> LearnedModelDTO:
    """Put a challenger in use that has beaten the champion which is in use now; the champion already is.

    Raises:
        ModelNotFound: no such version of this tenant.
        NotBetter: it has not been compared with that champion, or was not better.
        ServedElsewhere: an earlier stage keeps and uses what it has learned by itself.
    """
    row, slot = _locked(model_id)
    if row.status == ModelStatus.CHAMPION:
        return row.to_contract()
    _require_ours(slot)
    champion = _champion(slot)
    told = row.metrics.get("comparison")
    if champion is not None and told is None:
        raise NotBetter(
            f"Version {row.version} was never compared with version {champion.version} on the same held-out examples."
        )
    if champion is not None:
        if told.get("champion_id") != str(champion.id):
            raise NotBetter(
                f"Version {row.version} was compared with another version than {champion.version}, which is in use."
                " To go back to a version that was in use before, roll back."
            )
        compared = ComparisonDTO.model_validate(told)
        if compared.verdict is not Verdict.BETTER:
            raise NotBetter(f"Version {row.version} did not beat version {champion.version}. {compared.says}")
    return _replace(slot, row, PromotionAction.PROMOTED, by=by, reason=reason or "Asked for.", at=at)


@transaction.atomic
def roll_back(*, model_id: UUID, by: str, reason: str = "", at: datetime) -> LearnedModelDTO:
    """Take the champion that is named out of use, for the one before it; or go back to the earlier one that is named.

    Where the newest version serves (score effects, and what revenue learns), the one that is gone back to becomes the
    newest by a copy, and holds until something new is learned from.

    Raises:
        ModelNotFound: no such version of this tenant.
        NothingBefore: there was no champion before it, or the version was never in use.
    """
    row, slot = _locked(model_id)
    earlier = _replaced_by(row) if row.status == ModelStatus.CHAMPION else row
    if earlier is None or not ModelPromotion.objects.filter(model_id=earlier.id).exists():
        named = "It replaced none" if earlier is None else f"Version {earlier.version} was never in use"
        raise NothingBefore(f"{named}: there is nothing to go back to.")
    if slot.kind in MIRRORED:
        return _restored(slot, earlier, by=by, reason=reason or "Asked for.", at=at)
    if slot.kind is ModelKind.SCORE_EFFECTS:
        earlier = _served_again(slot, earlier, at=at)
    return _replace(slot, earlier, PromotionAction.ROLLED_BACK, by=by, reason=reason or "Asked for.", at=at)


def _replaced_by(row: LearnedModel) -> LearnedModel | None:
    line = ModelPromotion.objects.filter(model_id=row.id).order_by("-id").first()
    return LearnedModel.objects.filter(id=line.replaced_id).first() if line and line.replaced_id else None


def _served_again(slot: Slot, earlier: LearnedModel, *, at: datetime) -> LearnedModel:
    """Keep an earlier version's effects as a new one: boards take the newest, and tell by its number what they took."""
    again = Learned(
        artifact=earlier.artifact,
        metrics=earlier.metrics | {"version_again": earlier.version},
        trained_from=earlier.trained_from,
        trained_until=earlier.trained_until,
    )
    row = _stored(slot, again, at=at)
    kept = KeptEffects.model_validate(row.artifact)
    opportunities.set_score_effects(
        effects=ScoreEffectsDTO(
            brand_id=row.brand_id,
            version=row.version,
            learned_at=at,
            effects=effects_to_take(kept),
            probability_shift=kept.probability_shift,
        )
    )
    return row


def _hand_down_baseline(row: LearnedModel, *, at: datetime) -> None:
    """Have the detector of trends, which does not know the registry, go by a version."""
    baseline = TrendBaseline.model_validate(row.artifact)
    serving = ServingBaseline(version=row.version, learned_until=row.trained_until, baseline=baseline)
    insights.set_trend_baseline(serving=serving, at=at)


def _restored(slot: Slot, earlier: LearnedModel, *, by: str, reason: str, at: datetime) -> LearnedModelDTO:
    """Have revenue use an earlier version again, and tell of it here."""
    if slot.kind is ModelKind.MATCH_WEIGHTS:
        number = revenue.restore_weights(version=earlier.version, at=at)
    else:
        number = revenue.restore_stage_model(pipeline=slot.subject, version=earlier.version, at=at)
    mirror_models(at=at, asked=Restored(slot.kind, slot.subject, number, by, reason))
    return LearnedModel.objects.get(**_of(slot), version=number).to_contract()


def _require_ours(slot: Slot) -> None:
    if slot.kind in MIRRORED:
        raise ServedElsewhere(
            f"Revenue keeps {slot.kind} by itself and uses the newest version: to go back to an earlier one, roll back."
        )


def _of(slot: Slot) -> dict[str, object]:
    return {"kind": slot.kind, "brand_id": slot.brand_id, "subject": slot.subject}


def _champion(slot: Slot) -> LearnedModel | None:
    return LearnedModel.objects.filter(**_of(slot), status=ModelStatus.CHAMPION).first()


def _lock(slot: Slot) -> None:
    rows(_ONE_LEARNER, [f"{current_tenant()}:{slot.kind}:{slot.brand_id}:{slot.subject}"])


def _locked(model_id: UUID) -> tuple[LearnedModel, Slot]:
    row = LearnedModel.objects.filter(id=model_id).first()
    if row is None:
        raise ModelNotFound("There is no such version of a model.")
    slot = Slot(ModelKind(row.kind), row.brand_id, row.subject)
    _lock(slot)
    row.refresh_from_db()
    return row, slot


def _stored(slot: Slot, learned: Learned, *, at: datetime) -> LearnedModel:
    last = LearnedModel.objects.filter(**_of(slot)).aggregate(last=Max("version"))["last"] or 0
    return LearnedModel.objects.create(
        **_of(slot),
        version=last + 1,
        status=ModelStatus.CHALLENGER,
        artifact=dict(learned.artifact),
        metrics=dict(learned.metrics),
        trained_from=learned.trained_from,
        trained_until=learned.trained_until,
        created_at=at,
    )


def _replace(
    slot: Slot, row: LearnedModel, action: PromotionAction, *, by: str, reason: str, at: datetime
) -> LearnedModelDTO:
    before = _champion(slot)
    if before is not None and before.id != row.id:
        LearnedModel.objects.filter(id=before.id).update(status=ModelStatus.RETIRED)
    row.status = ModelStatus.CHAMPION
    row.save(update_fields=["status"])
    if slot.kind is ModelKind.TREND_BASELINE:
        _hand_down_baseline(row, at=at)
    ModelPromotion.objects.create(
        model_id=row.id,
        replaced_id=before.id if before else None,
        brand_id=slot.brand_id,
        kind=slot.kind,
        subject=slot.subject,
        version=row.version,
        action=action,
        by=by,
        reason=reason,
        evidence=row.metrics.get("comparison") or {},
        at=at,
    )
    return row.to_contract()
