"""The agents as models do them, behind the port of the local ones: asked, checked against the items, counted here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from threading import Lock
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from kairo.platform.llm.asking import Models
from kairo.platform.llm.attempts import Check
from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.contracts import MICRODOLLARS_PER_CENT, Spender
from kairo.platform.llm.prompts import Evidence, EvidenceText
from kairo.platform.llm.queries import account_settings, calls_of_run, used_share
from kairo.platform.llm.routes import route_of
from kairo.platform.llm.rules import WARNING_SHARE
from kairo.platform.policy.texts import terms_in
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights.contracts.agents import AgentItem, ExpandedQuery, Keyphrase, Sentiment, Topic
from kairo.stages.insights.llm_calls import (
    MINE_KEYPHRASES,
    READ_SENTIMENT,
    SORT_INTO_TOPICS,
    WIDEN_QUERY,
    WORD_FINDINGS,
    FindingsToWord,
    PostsToRead,
    PostsToSort,
    QueryToWiden,
)
from kairo.stages.insights.ports import Agents, Items
from kairo.stages.insights.rules.findings import Draft, Statement
from kairo.stages.insights.rules.model_checks import (
    mood_problems,
    phrase_problems,
    synthesis_problems,
    topic_problems,
    wording_problems,
)
from kairo.stages.insights.rules.model_findings import (
    draft_from,
    keyphrases_from,
    sentiment_from,
    topics_from,
    wordings_from,
)

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)

TASKS = {"keyphrases": "keyphrase_mining", "sentiment": "sentiment", "topics": "topics", "expansion": "expansion"}
SYNTHESIS = "synthesis"
BY_MODEL = "_by_model"
"""How an answer names what a model should have done and local code did: "sentiment_by_model"."""
LONGEST_POST = 600
"""Characters of a post that a model reads: what most posts have, and a bound for those that have more."""
MOST_READ_FOR_WORDINGS = 40
LANGUAGE_NAMES = {"en": "English", "ru": "Russian"}


@dataclass
class ModelDesk:
    """One command's way to models: who pays, which tasks have one, who answered, and what the caps have to say."""

    models: Models
    spender: Spender
    at: datetime
    tasks: frozenset[str]
    is_near_cap: bool = False
    answered_by: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def has(self, agent: str) -> bool:
        """Say whether a model can be asked to do an agent's work."""
        return TASKS.get(agent, agent) in self.tasks

    def ask(self, call: LLMCall[InT, OutT], given: InT, *, check: Check[OutT]) -> OutT:
        """Return a checked answer, and note who gave it; called outside any transaction.

        Raises:
            ModelUnavailable, BudgetExceeded: there is none.
        """
        answer = self.models.ask(call, given, spender=self.spender, at=self.at, check=check)
        with self._lock:
            self.answered_by += [answer.model] if answer.model not in self.answered_by else []
            self.warnings += [warning for warning in answer.warnings if warning not in self.warnings]
        return answer.output

    def cost_cents(self) -> float:
        """Return what the command has cost so far, failed attempts included; inside the tenant's transaction."""
        spent = sum(call.cost_microdollars for call in calls_of_run(self.spender.run_id))
        return spent / MICRODOLLARS_PER_CENT


def open_desk(models: Models, spender: Spender, *, at: datetime) -> ModelDesk:
    """Look which tasks have a model here and how full the caps are; inside the tenant's transaction."""
    routes = account_settings().routes
    wanted = [task for task in (*TASKS.values(), SYNTHESIS) if task in models.routes.tasks]
    reachable = [
        task
        for task in wanted
        if models.replayed is not None
        or any(model.provider in models.providers for model in route_of(task, routes, file=models.routes).models)
    ]
    is_near_cap = bool(reachable) and used_share(spender, at=at) >= WARNING_SHARE
    return ModelDesk(models, spender, at, tasks=frozenset(reachable), is_near_cap=is_near_cap)


@dataclass(frozen=True)
class _Given:
    """Items as a model is given them: numbered, so that an id is short and says nothing."""

    evidence: Evidence
    ids: Mapping[str, UUID]
    texts: Mapping[str, str]


def _given(items: Sequence[AgentItem], *, mark: str = "p") -> _Given:
    texts = {f"{mark}{number}": item.text[:LONGEST_POST] for number, item in enumerate(items, start=1)}
    ids = {f"{mark}{number}": item.id for number, item in enumerate(items, start=1)}
    evidence = Evidence(items=tuple(EvidenceText(id=key, text=text) for key, text in texts.items()))
    return _Given(evidence=evidence, ids=ids, texts=texts)


def model_agents(desk: ModelDesk) -> Agents:
    """Return the agents as this desk's models do them; each raises what `ModelDesk.ask` raises."""

    def keyphrases(items: Items, previous: Items) -> Sequence[Keyphrase]:
        given = _given(items)
        output = desk.ask(
            MINE_KEYPHRASES,
            PostsToRead(posts=given.evidence),
            check=lambda told: phrase_problems(told, given.texts, terms_in),
        )
        return keyphrases_from(output, given.ids, items, previous, terms_in)

    def sentiment(items: Items) -> Sentiment | None:
        given = _given(items)
        output = desk.ask(
            READ_SENTIMENT,
            PostsToRead(posts=given.evidence),
            check=lambda told: mood_problems(told, given.texts, terms_in),
        )
        return sentiment_from(output, given.ids)

    def topics(items: Items, previous: Items) -> Sequence[Topic]:
        given, earlier = _given(items), _given(previous, mark="e")
        output = desk.ask(
            SORT_INTO_TOPICS,
            PostsToSort(posts=given.evidence, earlier=earlier.evidence),
            check=lambda told: topic_problems(told, given.texts, earlier.texts, terms_in),
        )
        return topics_from(output, given.ids, previous=len(previous))

    def expansion(query: str, items: Items) -> Sequence[ExpandedQuery]:
        asked = Evidence(items=(EvidenceText(id="query", text=query),))
        posts = _given(items[:MOST_READ_FOR_WORDINGS]).evidence
        output = desk.ask(WIDEN_QUERY, QueryToWiden(query=asked, posts=posts), check=wording_problems)
        return wordings_from(output, query)

    return Agents(keyphrases=keyphrases, sentiment=sentiment, topics=topics, expansion=expansion)


def worded_by_model(
    draft: Draft, desk: ModelDesk, *, language: str, shown: Callable[[Statement], Sequence[EvidenceItemDTO]]
) -> Draft:
    """Return the draft as a model words it: the same findings and the same items, nothing beyond them.

    `shown` chooses the items of a statement that an answer shows.

    Raises:
        ModelUnavailable, BudgetExceeded: no model did.
    """
    of_findings = [shown(statement) for statement in draft.statements]
    items = {item.id: item for item in chain.from_iterable(of_findings)}
    keys = {item_id: f"p{number}" for number, item_id in enumerate(items, start=1)}
    texts = {keys[item.id]: (item.text or item.transcript or "")[:LONGEST_POST] for item in items.values()}
    posts = [{keys[item.id]: texts[keys[item.id]] for item in chosen} for chosen in of_findings]
    findings = tuple(
        EvidenceText(
            id=str(number), text=f"{statement.type.value}: {statement.text} Posts: {', '.join(posts[number - 1])}"
        )
        for number, statement in enumerate(draft.statements, start=1)
    )
    output = desk.ask(
        WORD_FINDINGS,
        FindingsToWord(
            language=LANGUAGE_NAMES[language],
            findings=Evidence(items=findings),
            posts=Evidence(items=tuple(EvidenceText(id=key, text=text) for key, text in texts.items())),
        ),
        check=lambda told: synthesis_problems(told, draft.statements, posts),
    )
    return draft_from(output, {key: item_id for item_id, key in keys.items()}, draft)
