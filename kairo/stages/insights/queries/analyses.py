"""Reads of analyses: one, a brand's, and how the commands are used."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.telemetry.metrics import Sample, samples
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisMode,
    AnalysisNotFound,
    AnalysisState,
    CommandUsage,
)
from kairo.stages.insights.models import Analysis


def analysis(analysis_id: UUID) -> AnalysisDTO:
    """Return an analysis as it stands.

    Raises:
        AnalysisNotFound: not there, or somebody else's.
    """
    row = Analysis.objects.filter(id=analysis_id).first()
    if row is None:
        raise AnalysisNotFound("There is no such analysis.")
    return row.to_contract()


def analyses(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[AnalysisDTO]:
    """List a brand's analyses, newest first, from the one before `before`."""
    rows = Analysis.objects.filter(brand_id=brand_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [row.to_contract() for row in rows[:limit]]


def command_usage(*, since: datetime | None = None) -> list[CommandUsage]:
    """Count for each command that was used: questions (answers from the cache too), answers, and what people said."""
    rows = Analysis.objects.filter(created_at__gte=since) if since else Analysis.objects.all()
    asked: dict[str, list[int]] = {}
    for mode, state, uses, feedback in rows.values_list("mode", "state", "uses", "feedback").iterator():
        counts = asked.setdefault(mode, [0, 0, 0, 0])
        votes = list(feedback.values())
        counts[0] += uses
        counts[1] += uses if state == AnalysisState.READY else 0
        counts[2] += votes.count(True)
        counts[3] += votes.count(False)
    return [
        CommandUsage(
            command=mode, asked=asked[mode][0], answered=asked[mode][1], helpful=asked[mode][2],
            not_helpful=asked[mode][3],
        )
        for mode in AnalysisMode
        if mode in asked
    ]  # fmt: skip


def metric_samples(*, of_all: bool) -> list[Sample]:
    """Return how questions were answered, from the cache or not: of all accounts, or of the running one."""
    return samples("answer_metrics", of_all=of_all)
