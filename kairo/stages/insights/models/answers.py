"""What was asked, what was answered, and the stored items that each answer stands on."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.insights.contracts.answers import (
    AnalysisDTO,
    AnalysisMode,
    AnalysisRequest,
    AnalysisState,
    InsightResponse,
    NoAnswer,
)


class Analysis(TenantRow):
    """One question with its answer; the same question over the same corpus is answered from here.

    `feedback` holds, by who gave it, whether the answer was helpful.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    mode = models.TextField()
    request_json = models.JSONField()
    cache_key = models.TextField()
    state = models.TextField(default=AnalysisState.PENDING)
    job_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)
    response_json = models.JSONField(null=True)
    error_json = models.JSONField(null=True)
    evidence_coverage = models.FloatField(null=True)
    uses = models.PositiveIntegerField(default=1)
    feedback = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "analysis"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(AnalysisState)), name="analysis_state_known"),
            models.CheckConstraint(condition=models.Q(mode__in=list(AnalysisMode)), name="analysis_mode_known"),
            models.CheckConstraint(
                condition=models.Q(state=AnalysisState.READY, response_json__isnull=False)
                | (~models.Q(state=AnalysisState.READY) & models.Q(response_json__isnull=True)),
                name="analysis_ready_answers",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "cache_key", "-created_at"], name="analysis_same_question"),
            models.Index(fields=["tenant", "brand", "-created_at"], name="analysis_of_brand"),
        ]

    def to_contract(self) -> AnalysisDTO:
        votes = list(self.feedback.values())
        return AnalysisDTO(
            id=self.id,
            brand_id=self.brand_id,
            state=AnalysisState(self.state),
            request=AnalysisRequest.model_validate(self.request_json),
            job_id=self.job_id,
            run_id=self.run_id,
            response=InsightResponse.model_validate(self.response_json) if self.response_json else None,
            error=NoAnswer.model_validate(self.error_json) if self.error_json else None,
            evidence_coverage=self.evidence_coverage,
            uses=self.uses,
            helpful=votes.count(True),
            not_helpful=votes.count(False),
            created_at=self.created_at,
            finished_at=self.finished_at,
        )


class AnalysisCitation(TenantRow):
    """An item that an answer cites: the foreign key makes an answer that cites nothing stored impossible."""

    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    position = models.PositiveSmallIntegerField()

    class Meta(TenantRow.Meta):
        db_table = "analysis_citation"
        constraints = [models.UniqueConstraint(fields=["tenant", "analysis", "item"], name="analysis_citation_once")]
        indexes = [models.Index(fields=["tenant", "item"], name="analysis_citation_item")]
