"""What is asked of the stage, and the answer whose every line cites."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from kairo.errors import Forbidden, Invalid, KairoError, NotFound, TooMany, Unavailable
from kairo.shapes import Frozen, Strict
from kairo.stages.brands.contracts import AgentsChoice
from kairo.stages.insights.contracts.trends import TrendWindow

MAX_HEADER = 100
MAX_TLDR = 220
MAX_INSIGHTS = 5
MAX_INSIGHT = 180
MAX_SNIPPET = 240
MAX_QUERY = 200
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class AnalysisMode(StrEnum):
    """The commands, each with its own agents."""

    TRENDS = "trends"
    KEYWORDS = "keywords"
    SENTIMENT = "sentiment"
    TOPICS = "topics"


class AnswerLanguage(StrEnum):
    """In which language the answer is written; auto: the query's, else that of most of the evidence."""

    AUTO = "auto"
    EN = "en"
    RU = "ru"


class InsightType(StrEnum):
    FACT = "fact"
    HYPOTHESIS = "hypothesis"
    RECOMMENDATION = "recommendation"
    CONFLICT = "conflict"


class AnalysisState(StrEnum):
    """The life of an analysis; ready, failed and withdrawn are ends."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


def _is_day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a day is written YYYY-MM-DD")
    return text


class Insight(Strict):
    """One statement with what it rests on; `confidence` grows with the items behind it."""

    type: InsightType
    text: str = Field(min_length=1, max_length=MAX_INSIGHT)
    evidence_refs: tuple[UUID, ...] = Field(min_length=1)
    confidence: float = Field(ge=0, le=1)


class EvidenceEntry(Strict):
    """A stored item as it is shown beside the insights; the snippet stands in it letter by letter."""

    id: UUID
    title: str
    url: str | None
    source: str
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_is_day)]
    lang: str | None
    snippet: str = Field(max_length=MAX_SNIPPET)


class AnswerMeta(Strict):
    """How the answer came to be; `degraded` names what was left out, `warnings` what a reader should know."""

    command: str
    window: TrendWindow
    lang: Literal["en", "ru"]
    model: str = "local"
    run_id: UUID
    cost_cents: float = Field(0, ge=0)
    latency_ms: int = Field(ge=0)
    cache: Literal["hit", "miss"] = "miss"
    degraded: list[str] = []
    warnings: list[str] = []


class InsightResponse(Strict):
    """An answer: every insight cites, and every citation leads to an entry."""

    header: str = Field(min_length=1, max_length=MAX_HEADER)
    tldr: str = Field(min_length=1, max_length=MAX_TLDR)
    insights: tuple[Insight, ...] = Field(min_length=1, max_length=MAX_INSIGHTS)
    evidence: tuple[EvidenceEntry, ...] = Field(min_length=1)
    meta: AnswerMeta

    @model_validator(mode="after")
    def every_reference_resolves(self) -> InsightResponse:
        known = {entry.id for entry in self.evidence}
        if len(known) != len(self.evidence):
            raise ValueError("evidence: each item once")
        lost = [str(ref) for insight in self.insights for ref in insight.evidence_refs if ref not in known]
        if lost:
            raise ValueError(f"evidence_refs that lead nowhere: {', '.join(lost)}")
        return self

    def evidence_coverage(self, stored_ids: frozenset[UUID]) -> float:
        """Return the share of insights of which every reference leads through an entry to a stored item."""
        shown = {entry.id for entry in self.evidence} & stored_ids
        return sum(shown.issuperset(insight.evidence_refs) for insight in self.insights) / len(self.insights)


class AnalysisRequest(Strict):
    """What somebody wants to know. `sources` are platforms, all where none is named; `as_of` is now by default."""

    mode: AnalysisMode
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY)] | None = None
    window: TrendWindow = TrendWindow.WEEK
    lang: AnswerLanguage = AnswerLanguage.AUTO
    sources: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]] = Field(
        default=[], max_length=20
    )
    as_of: Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)] | None = None
    agents: AgentsChoice | None = Field(None, description="Who does the agents' work; none: what the brand has set")


class AnswerErrorCode(StrEnum):
    """Why there is no answer."""

    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    NO_DATA = "NO_DATA"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    TIMEOUT = "TIMEOUT"
    RATE_LIMITED = "RATE_LIMITED"
    FORBIDDEN = "FORBIDDEN"
    BAD_REQUEST = "BAD_REQUEST"


class NoAnswer(Frozen):
    """Why there is no answer, in the language of who asked, with what to try next."""

    code: AnswerErrorCode
    message: str
    retryable: bool = False


class ModelUnavailable(Unavailable):
    code = AnswerErrorCode.MODEL_UNAVAILABLE


class BudgetExceeded(TooMany):
    code = AnswerErrorCode.BUDGET_EXCEEDED


class NoData(Invalid):
    code = AnswerErrorCode.NO_DATA


class ValidationFailed(Invalid):
    code = AnswerErrorCode.VALIDATION_FAILED


class AnswerTimeout(Unavailable):
    code = AnswerErrorCode.TIMEOUT


class AnswersRateLimited(TooMany):
    code = AnswerErrorCode.RATE_LIMITED


class AnalysisForbidden(Forbidden):
    code = AnswerErrorCode.FORBIDDEN


class BadAnalysisRequest(Invalid):
    code = AnswerErrorCode.BAD_REQUEST


class AnalysisNotFound(NotFound):
    code = "analysis_not_found"


RETRYABLE = {AnswerErrorCode.MODEL_UNAVAILABLE, AnswerErrorCode.TIMEOUT, AnswerErrorCode.RATE_LIMITED}
_ERRORS: dict[AnswerErrorCode, type[KairoError]] = {
    AnswerErrorCode.MODEL_UNAVAILABLE: ModelUnavailable,
    AnswerErrorCode.NO_DATA: NoData,
    AnswerErrorCode.VALIDATION_FAILED: ValidationFailed,
    AnswerErrorCode.TIMEOUT: AnswerTimeout,
    AnswerErrorCode.FORBIDDEN: AnalysisForbidden,
    AnswerErrorCode.BAD_REQUEST: BadAnalysisRequest,
}
_LATER: dict[AnswerErrorCode, tuple[type[TooMany], int]] = {
    AnswerErrorCode.BUDGET_EXCEEDED: (BudgetExceeded, 3600),
    AnswerErrorCode.RATE_LIMITED: (AnswersRateLimited, 60),
}


def error_for(reason: NoAnswer) -> KairoError:
    """Return the error of the one error tree that says this."""
    if reason.code in _LATER:
        kind, retry_after_s = _LATER[reason.code]
        return kind(reason.message, retry_after_s=retry_after_s)
    return _ERRORS[reason.code](reason.message)


class AnalysisDTO(Frozen):
    """An analysis as it stands. `evidence_coverage` was computed when the answer was stored."""

    id: UUID
    brand_id: UUID
    state: AnalysisState
    request: AnalysisRequest
    job_id: UUID | None = None
    run_id: UUID | None = None
    response: InsightResponse | None = None
    error: NoAnswer | None = None
    evidence_coverage: float | None = None
    uses: int = 0
    helpful: int = 0
    not_helpful: int = 0
    created_at: datetime
    finished_at: datetime | None = None


class AnalysisFeedback(Strict):
    """Whether an answer helped; who answers again changes what he said."""

    helpful: bool


class CommandUsage(Frozen):
    """How often a command was asked, answered, and found helpful."""

    command: AnalysisMode
    asked: int
    answered: int
    helpful: int
    not_helpful: int


class Analyze(Frozen):
    """The message that asks for an analysis to be made."""

    analysis_id: UUID
    asked_by: UUID | None = None
