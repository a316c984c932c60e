"""What a later stage has learned: taken in here, and read when a board is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import DatabaseError

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.context import logger
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import LearningSummaryDTO, ScoreEffectsDTO
from kairo.stages.opportunities.models import ScoreEffects

log = logger(__name__)

WITHOUT_LEARNING = "What was learned could not be read; the board was scored without it."


def set_score_effects(*, effects: ScoreEffectsDTO) -> None:
    """Keep a version of what was learned for a brand; boards made from now on are scored by it. Once a version."""
    ScoreEffects.objects.bulk_create(
        [
            ScoreEffects(
                brand_id=effects.brand_id,
                version=effects.version,
                learned_at=effects.learned_at,
                probability_shift=effects.probability_shift,
                effects=[effect.model_dump(mode="json") for effect in effects.effects],
            )
        ],
        ignore_conflicts=True,
    )


def learning_for_board(
    *, tenant_id: UUID, brand: BrandSnapshotDTO, as_of: datetime
) -> tuple[LearningSummaryDTO, list[str]]:
    """Return what was learned for a brand by a moment, and a note where that could not be read."""
    names = {str(pillar.id): pillar.name for pillar in brand.pillars}
    names |= {str(persona.id): persona.name for persona in brand.personas}
    try:
        with tenant_transaction(tenant_id):
            return queries.learned(brand.brand_id, names=names, at=as_of), []
    except (KairoError, DatabaseError, ValueError) as error:
        log.warning("learning_not_read", brand_id=str(brand.brand_id), error=str(error)[:500])
        return LearningSummaryDTO(brand_id=brand.brand_id, generated_at=as_of), [WITHOUT_LEARNING]
