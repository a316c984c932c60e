"""Making one answer: retrieve, agents side by side, format, validate; each step is a function to be read alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import queries as flags
from kairo.platform.flags.contracts import DegradationLevel, Flag
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.policy.contracts import Bounds, Checked, Outcome
from kairo.platform.policy.texts import terms_in
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights.contracts.agents import Keyphrase, Sentiment, Topic
from kairo.stages.insights.contracts.answers import (
    RETRYABLE,
    AnalysisMode,
    AnalysisRequest,
    AnswerErrorCode,
    AnswerMeta,
    InsightResponse,
    NoAnswer,
)
from kairo.stages.insights.contracts.trends import TrendCandidateDTO
from kairo.stages.insights.operations.agent_runs import Agent, AgentRuns, run_agents
from kairo.stages.insights.operations.formatting import bounds_of, checked_answer, response_of
from kairo.stages.insights.operations.gathering import MIN_ITEMS, Gathered, agent_items, gather
from kairo.stages.insights.operations.local_sources import names
from kairo.stages.insights.ports import Sources
from kairo.stages.insights.rules.answers import WORDINGS, draft_answer
from kairo.stages.insights.rules.findings import Draft, Findings, with_mood

STEPS = 4
LANGUAGE_OF_READERS = "en"

Told = Callable[[str], None]


@dataclass
class Answered:
    """What came of a question: an answer or the reason why there is none, and what is told of it to the run."""

    response: InsightResponse | None = None
    error: NoAnswer | None = None
    coverage: float | None = None
    findings: list[dict[str, str]] = field(default_factory=list)


@dataclass
class _Material:
    """All that one answer is made from."""

    request: AnalysisRequest
    as_of: datetime
    gathered: Gathered
    trends: Sequence[TrendCandidateDTO]
    trend_items: dict[UUID, EvidenceItemDTO]
    bounds: Bounds
    level: DegradationLevel
    is_enhanced: bool

    @property
    def language(self) -> str:
        return self.gathered.language_for(self.request)

    def items(self) -> dict[UUID, EvidenceItemDTO]:
        return self.trend_items | {item.id: item for item in self.gathered.items}


def make_answer(
    brand_id: UUID,
    request: AnalysisRequest,
    as_of: datetime,
    *,
    job: JobContext,
    sources: Sources,
    told: Told | None = None,
) -> Answered:
    """Retrieve, run the agents, format, validate."""
    started = time.monotonic()
    _tell(job, told, "retrieve", 0)
    with tenant_transaction(job.tenant_id):
        material = _read(brand_id, request, as_of, sources)
    job.record(
        EventType.RETRIEVAL, items=len(material.gathered.items), previous=len(material.gathered.previous),
        wordings=len(material.gathered.wordings), trends=len(material.trends),
    )  # fmt: skip
    if len(material.gathered.items) < MIN_ITEMS:
        detail = f"{len(material.gathered.items)} < {MIN_ITEMS}"
        return Answered(error=no_answer(AnswerErrorCode.NO_DATA, material.language, detail))
    _tell(job, told, "agents", 1)
    runs = run_agents(_agents(material, sources), limit_s=_limit_s(material, sources))
    _tell(job, told, "format", 2)
    if not runs.delivered and not material.trends:
        is_late = "late" in runs.missing.values()
        code = AnswerErrorCode.TIMEOUT if is_late else AnswerErrorCode.MODEL_UNAVAILABLE
        return Answered(error=no_answer(code, material.language))
    draft = draft_answer(_findings(material, runs), material.language, names)
    if not draft.statements:
        return Answered(error=no_answer(AnswerErrorCode.NO_DATA, material.language))
    _tell(job, told, "validate", 3)
    checked = checked_answer(draft, material.items(), language=material.language, bounds=material.bounds)
    answered = _validated(checked, draft, material, runs, run_id=job.run_id, started=started)
    _record(job, answered, runs)
    return answered


def _tell(job: JobContext, told: Told | None, step: str, done: int) -> None:
    job.progress(step, done=done, total=STEPS)
    if told is not None:
        told(step)


def _read(brand_id: UUID, request: AnalysisRequest, as_of: datetime, sources: Sources) -> _Material:
    level = flags.degradation_level()
    gathered = gather(
        brand_id=brand_id, request=request, as_of=as_of, agents=sources.agents, find_items=sources.find_items
    )
    is_trends = request.mode is AnalysisMode.TRENDS
    trends = sources.read_trends(brand_id=brand_id, window=request.window, at=as_of) if is_trends else ()
    known = {item.id for item in gathered.items}
    missing = {item_id for trend in trends for item_id in trend.item_ids[:10] if item_id not in known}
    is_enhanced = level < DegradationLevel.HARD and flags.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=brand_id)
    return _Material(
        request=request,
        as_of=as_of,
        gathered=gathered,
        trends=trends,
        trend_items=evidence.items_by_id(sorted(missing)),
        bounds=bounds_of(brand_id),
        level=level,
        is_enhanced=is_trends and is_enhanced,
    )


def _limit_s(material: _Material, sources: Sources) -> float:
    is_simple = material.request.mode is AnalysisMode.TRENDS and not material.is_enhanced
    return sources.limits.simple_s if is_simple else sources.limits.others_s


def _agents(material: _Material, sources: Sources) -> dict[str, Agent]:
    """Choose the agents of a command. Sentiment goes along with each analysis: it alone sees contradictions."""
    items, previous = agent_items(material.gathered.items), agent_items(material.gathered.previous)
    agents: dict[str, Agent] = {
        "keyphrases": lambda: sources.agents.keyphrases(items, previous),
        "sentiment": lambda: sources.agents.sentiment(items),
        "topics": lambda: sources.agents.topics(items, previous),
    }
    if material.request.mode is AnalysisMode.TRENDS:
        return agents if material.is_enhanced else {"topics": agents["topics"]}
    wanted = {
        AnalysisMode.KEYWORDS: ("keyphrases", "sentiment"),
        AnalysisMode.SENTIMENT: ("sentiment",),
        AnalysisMode.TOPICS: ("topics", "sentiment"),
    }[material.request.mode]
    return {name: agents[name] for name in wanted}


def _findings(material: _Material, runs: AgentRuns) -> Findings:
    """Put together what was delivered, without what names a taboo: no sentence could be shown about it."""
    taboos = material.bounds.taboos

    def may_be_named(label: str) -> bool:
        return not (taboos and terms_in(label, taboos))

    keyphrases = cast(Sequence[Keyphrase] | None, runs.delivered.get("keyphrases"))
    topics = cast(Sequence[Topic] | None, runs.delivered.get("topics"))
    sentiment = cast(Sentiment | None, runs.delivered.get("sentiment"))
    query = material.request.query
    return Findings(
        mode=material.request.mode,
        window=material.request.window,
        query=query if query and may_be_named(query) else None,
        items=agent_items(material.gathered.items),
        has_past=len(material.gathered.previous) >= MIN_ITEMS,
        keyphrases=keyphrases and [phrase for phrase in keyphrases if may_be_named(phrase.phrase)],
        sentiment=sentiment and _without(sentiment, may_be_named),
        topics=topics and [topic for topic in topics if may_be_named(topic.label)],
        trends=[trend for trend in material.trends if may_be_named(trend.label)],
    )


def _without(sentiment: Sentiment, may_be_named: Callable[[str], bool]) -> Sentiment:
    aspects = tuple(aspect for aspect in sentiment.aspects if may_be_named(aspect.aspect))
    return sentiment.model_copy(update={"aspects": aspects})


def _validated(
    checked: Checked, draft: Draft, material: _Material, runs: AgentRuns, *, run_id: UUID, started: float
) -> Answered:
    findings = [
        {"code": finding.code.value, "place": finding.place, "outcome": finding.outcome.value}
        for finding in checked.findings
    ]
    if checked.refused:
        detail = ", ".join(dict.fromkeys(finding["code"] for finding in findings))
        error = no_answer(AnswerErrorCode.VALIDATION_FAILED, material.language, detail)
        return Answered(error=error, findings=findings)
    left_out = sum(finding.outcome is Outcome.LEFT_OUT for finding in checked.findings)
    meta = AnswerMeta(
        command=material.request.mode.value,
        window=material.request.window,
        lang="ru" if material.language == "ru" else "en",
        run_id=run_id,
        latency_ms=round((time.monotonic() - started) * 1000),
        degraded=[*material.gathered.degraded, *sorted(runs.missing)],
        warnings=_warnings(material, left_out, with_sentiment="sentiment" in runs.delivered),
    )
    items = material.items()
    response = response_of(checked, draft, items, meta=meta)
    return Answered(response=response, coverage=response.evidence_coverage(frozenset(items)), findings=findings)


def _warnings(material: _Material, left_out: int, *, with_sentiment: bool) -> list[str]:
    told = list(material.gathered.warnings)
    items = agent_items(material.gathered.items)
    if with_sentiment and (readable := len(with_mood(items))) < len(items):
        told.append(("mood_of", readable))
    if material.gathered.is_foreign():
        told.append(("only_english", len(material.gathered.items)))
    if left_out:
        told.append(("left_out_by_policy", left_out))
    wording = WORDINGS[material.language]
    return [wording.warning(name, count) for name, count in told]


def _record(job: JobContext, answered: Answered, runs: AgentRuns) -> None:
    for finding in answered.findings:
        job.record(EventType.POLICY, **finding)
    job.record(
        EventType.ACTION,
        action="answer",
        insights=len(answered.response.insights) if answered.response else 0,
        evidence_coverage=answered.coverage,
        degraded=bool(runs.missing),
        missing=dict(runs.missing),
        agents_ms=dict(runs.took_ms),
    )


def no_answer(code: AnswerErrorCode, language: str, detail: str = "") -> NoAnswer:
    """Say why there is no answer, in a language, with what to try next."""
    return NoAnswer(code=code, message=WORDINGS[language].no_answer(code, detail), retryable=code in RETRYABLE)
