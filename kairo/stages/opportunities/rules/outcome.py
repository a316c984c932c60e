"""Why a ready board holds what it holds, and what its opportunities come to when they are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities.contracts import OpportunityDraftDTO, ReadyReason
from kairo.stages.opportunities.ports import Synthesis
from kairo.stages.opportunities.rules.board_states import ready_reason
from kairo.stages.opportunities.rules.fit import has_context


def board_outcome(*, brand: BrandSnapshotDTO, drafts: Sequence[OpportunityDraftDTO]) -> ReadyReason:
    """Tell a board with opportunities from one without, and a silent brand from silent evidence."""
    valid = sum(draft.is_valid for draft in drafts)
    return ready_reason(opportunities=valid, brand_says_something=has_context(brand))


def counted(found: Synthesis, outcome: ReadyReason) -> dict[str, JsonValue]:
    """Return what the answer's meta says of a synthesis as a whole."""
    pillars = Counter(draft.pillar_hint for draft in found.drafts if draft.pillar_hint)
    personas = Counter(draft.persona_hint for draft in found.drafts if draft.persona_hint)
    return {
        "ready_reason": outcome.value,
        "total_candidates": found.total_candidates,
        "dominant_pillar": _most_common(pillars),
        "dominant_persona": _most_common(personas),
        "channel_mix": dict(sorted(Counter(draft.primary_channel for draft in found.drafts).items())),
    }


def _most_common(counts: Mapping[str, int]) -> str | None:
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None
