"""Why a ready board holds what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities.contracts import OpportunityDraftDTO, ReadyReason
from kairo.stages.opportunities.rules.board_states import ready_reason
from kairo.stages.opportunities.rules.fit import has_context


def board_outcome(*, brand: BrandSnapshotDTO, drafts: Sequence[OpportunityDraftDTO]) -> ReadyReason:
    """Tell a board with opportunities from one without, and a silent brand from silent evidence."""
    valid = sum(draft.is_valid for draft in drafts)
    return ready_reason(opportunities=valid, brand_says_something=has_context(brand))
