"""What people say of an answer, and what becomes of answers whose evidence is erased."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.stages.insights.contracts.answers import AnalysisDTO, AnalysisNotFound, AnalysisState
from kairo.stages.insights.models import Analysis, AnalysisCitation


def give_feedback(*, analysis_id: UUID, helpful: bool, by: str) -> AnalysisDTO:
    """Keep whether an answer helped; who (`by`) answers again changes what he said.

    Raises:
        AnalysisNotFound: not there, or somebody else's.
    """
    row = Analysis.objects.select_for_update().filter(id=analysis_id).first()
    if row is None:
        raise AnalysisNotFound("There is no such analysis.")
    row.feedback = {**row.feedback, by: helpful}
    row.save(update_fields=["feedback"])
    return row.to_contract()


def withdraw_answers(*, item_ids: Sequence[UUID]) -> None:
    """Take back the answers that cite these items, in the caller's transaction: shown figures rest on them too."""
    cited = AnalysisCitation.objects.filter(item_id__in=item_ids)
    affected = list(cited.values_list("analysis_id", flat=True).distinct())
    if not affected:
        return
    AnalysisCitation.objects.filter(analysis_id__in=affected).delete()
    Analysis.objects.filter(id__in=affected).update(
        state=AnalysisState.WITHDRAWN, response_json=None, evidence_coverage=None
    )
