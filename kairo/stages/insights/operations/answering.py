"""Making one answer: retrieve, agents side by side, format, validate; each step is a function to be read alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.llm.asking import Models
from kairo.platform.policy.contracts import Checked, Outcome
from kairo.platform.policy.texts import terms_in
from kairo.platform.telemetry.contracts import EventType
from kairo.stages.brands.contracts import AgentsChoice
from kairo.stages.insights.contracts.agents import Keyphrase, Sentiment, Topic
from kairo.stages.insights.contracts.answers import (
    RETRYABLE,
    AnalysisMode,
    AnswerErrorCode,
    AnswerMeta,
    InsightResponse,
    NoAnswer,
)
from kairo.stages.insights.operations.agent_runs import LATE, Agent, AgentRuns, run_agents
from kairo.stages.insights.operations.formatting import checked_answer, response_of, shown_for
from kairo.stages.insights.operations.gathering import MIN_ITEMS, agent_items
from kairo.stages.insights.operations.local_sources import names
from kairo.stages.insights.operations.model_sources import BY_MODEL, SYNTHESIS, ModelDesk, model_agents, worded_by_model
from kairo.stages.insights.operations.retrieving import Asked, Material, retrieve
from kairo.stages.insights.ports import Agents, Sources
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


def make_answer(
    asked: Asked, *, job: JobContext, sources: Sources, models: Models, told: Told | None = None
) -> Answered:
    """Retrieve, run the agents, format, validate."""
    started = time.monotonic()
    _tell(job, told, "retrieve", 0)
    material = retrieve(asked, sources=sources, models=models)
    job.record(
        EventType.RETRIEVAL, items=len(material.gathered.items), previous=len(material.gathered.previous),
        wordings=len(material.gathered.wordings), trends=len(material.trends),
    )  # fmt: skip
    if len(material.gathered.items) < MIN_ITEMS:
        detail = f"{len(material.gathered.items)} < {MIN_ITEMS}"
        return Answered(error=no_answer(AnswerErrorCode.NO_DATA, material.language, detail))
    _tell(job, told, "agents", 1)
    runs = _agents_run(material, sources)
    _tell(job, told, "format", 2)
    if not runs.delivered and not material.trends:
        return Answered(error=no_answer(_why_nothing(runs), material.language))
    draft = draft_answer(_findings(material, runs), material.language, names)
    if not draft.statements:
        return Answered(error=no_answer(AnswerErrorCode.NO_DATA, material.language))
    draft = _synthesised(draft, material, runs, sources)
    _tell(job, told, "validate", 3)
    checked = checked_answer(draft, material.items(), language=material.language, bounds=material.bounds)
    answered = _validated(checked, draft, material, runs, asked=asked, started=started)
    _record(job, answered, runs)
    return answered


def _tell(job: JobContext, told: Told | None, step: str, done: int) -> None:
    job.progress(step, done=done, total=STEPS)
    if told is not None:
        told(step)


def _agents_run(material: Material, sources: Sources) -> AgentRuns:
    """Run the command's agents: by models where they are wanted, and by local code what no model delivered.

    Where a model must answer and none did, local code does not step in: the reader asked for something else.
    """
    local = _agents(material, sources.agents)
    limit_s = _limit_s(material, sources)
    asked = _asked_of_models(material, local)
    if material.choice is AgentsChoice.MODEL and not asked:
        return AgentRuns(missing=dict.fromkeys(local, AnswerErrorCode.MODEL_UNAVAILABLE.value))
    if not asked:
        return run_agents(local, limit_s=limit_s)
    by_models = run_agents(asked, limit_s=sources.limits.models_s)
    if material.choice is AgentsChoice.MODEL and not by_models.delivered:
        return by_models
    rest = {name: agent for name, agent in local.items() if name not in by_models.delivered}
    by_local = run_agents(rest, limit_s=limit_s)
    in_place = {f"{name}{BY_MODEL}": why for name, why in by_models.missing.items() if name in by_local.delivered}
    return AgentRuns(
        delivered=by_models.delivered | by_local.delivered,
        missing=by_local.missing | in_place,
        took_ms=by_local.took_ms | by_models.took_ms,
    )


def _asked_of_models(material: Material, local: Mapping[str, Agent]) -> dict[str, Agent]:
    desk = material.desk
    if desk is None:
        return {}
    return {
        name: agent for name, agent in _agents(material, model_agents(desk)).items() if name in local and desk.has(name)
    }


def _why_nothing(runs: AgentRuns) -> AnswerErrorCode:
    reasons = set(runs.missing.values())
    if AnswerErrorCode.BUDGET_EXCEEDED in reasons:
        return AnswerErrorCode.BUDGET_EXCEEDED
    return AnswerErrorCode.TIMEOUT if LATE in reasons else AnswerErrorCode.MODEL_UNAVAILABLE


def _limit_s(material: Material, sources: Sources) -> float:
    is_simple = material.request.mode is AnalysisMode.TRENDS and not material.is_enhanced
    return sources.limits.simple_s if is_simple else sources.limits.others_s


def _agents(material: Material, by: Agents) -> dict[str, Agent]:
    """Choose the agents of a command. Sentiment goes along with each analysis: it alone sees contradictions."""
    items, previous = agent_items(material.gathered.items), agent_items(material.gathered.previous)
    agents: dict[str, Agent] = {
        "keyphrases": lambda: by.keyphrases(items, previous),
        "sentiment": lambda: by.sentiment(items),
        "topics": lambda: by.topics(items, previous),
    }
    if material.request.mode is AnalysisMode.TRENDS:
        return agents if material.is_enhanced else {"topics": agents["topics"]}
    wanted = {
        AnalysisMode.KEYWORDS: ("keyphrases", "sentiment"),
        AnalysisMode.SENTIMENT: ("sentiment",),
        AnalysisMode.TOPICS: ("topics", "sentiment"),
    }[material.request.mode]
    return {name: agents[name] for name in wanted}


def _synthesised(draft: Draft, material: Material, runs: AgentRuns, sources: Sources) -> Draft:
    """Let a model word what enhanced trends found; late or refused, the sentences stay as they were computed."""
    desk = material.desk
    if desk is None or not material.is_enhanced or not desk.has(SYNTHESIS):
        return draft
    items = material.items()
    found = run_agents(
        {
            SYNTHESIS: lambda: worded_by_model(
                draft, desk, language=material.language, shown=lambda statement: shown_for(statement, items)
            )
        },
        limit_s=sources.limits.models_s,
    )
    runs.missing |= found.missing
    runs.took_ms |= found.took_ms
    worded = found.delivered.get(SYNTHESIS)
    return worded if isinstance(worded, Draft) else draft


def _findings(material: Material, runs: AgentRuns) -> Findings:
    """Put together what was delivered, without what names a taboo: no sentence could be shown about it."""
    taboos = material.bounds.taboos

    def may_be_named(label: str) -> bool:
        return not (taboos and terms_in(label, taboos))

    keyphrases = cast(Sequence[Keyphrase] | None, runs.delivered.get("keyphrases"))
    topics = cast(Sequence[Topic] | None, runs.delivered.get("topics"))
    sentiment = _sentiment_of(runs)
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
    checked: Checked, draft: Draft, material: Material, runs: AgentRuns, *, asked: Asked, started: float
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
    model, cost_cents = _model_use(asked, material.desk)
    meta = AnswerMeta(
        command=material.request.mode.value,
        window=material.request.window,
        lang="ru" if material.language == "ru" else "en",
        model=model,
        run_id=asked.spender.run_id,
        cost_cents=cost_cents,
        latency_ms=round((time.monotonic() - started) * 1000),
        degraded=[*material.gathered.degraded, *sorted(runs.missing)],
        warnings=_warnings(material, left_out, sentiment=_sentiment_of(runs)),
    )
    items = material.items()
    response = response_of(checked, draft, items, meta=meta)
    return Answered(response=response, coverage=response.evidence_coverage(frozenset(items)), findings=findings)


def _model_use(asked: Asked, desk: ModelDesk | None) -> tuple[str, float]:
    """Return who did the agents' work, and what models have cost, answered or not."""
    if desk is None:
        return "local", 0.0
    with tenant_transaction(asked.spender.tenant_id):
        return ", ".join(sorted(desk.answered_by)) or "local", desk.cost_cents()


def _sentiment_of(runs: AgentRuns) -> Sentiment | None:
    return cast(Sentiment | None, runs.delivered.get("sentiment"))


def _warnings(material: Material, left_out: int, *, sentiment: Sentiment | None) -> list[str]:
    told = list(material.gathered.warnings)
    items = agent_items(material.gathered.items)
    reads_some = sentiment is not None and not sentiment.reads_all_languages
    if reads_some and (readable := len(with_mood(items))) < len(items):
        told.append(("mood_of", readable))
    if material.gathered.is_foreign():
        told.append(("only_english", len(material.gathered.items)))
    if left_out:
        told.append(("left_out_by_policy", left_out))
    told += _budget_warnings(material.desk)
    wording = WORDINGS[material.language]
    return [wording.warning(name, count) for name, count in told]


def _budget_warnings(desk: ModelDesk | None) -> list[tuple[str, int]]:
    """Read "budget_day_91_percent" as ("budget_day", 91), the fullest of each cap."""
    fullest: dict[str, int] = {}
    for warning in desk.warnings if desk else ():
        name, _, percent = warning.removesuffix("_percent").rpartition("_")
        fullest[name] = max(fullest.get(name, 0), int(percent))
    return list(fullest.items())


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
