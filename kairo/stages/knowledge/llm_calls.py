"""What a gather asks models: items from passages, ratings by a rubric, gaps and contradictions.

Words of others go as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.prompts import Evidence, EvidenceText
from kairo.shapes import Frozen, Strict
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.gathers import QualityParts
from kairo.stages.knowledge.contracts.written import WrittenItems

_PROMPTS = Path(__file__).parent / "prompts"
LEAST_ITEMS, MOST_ITEMS = 5, 10
LONGEST_PASSAGE = 1_500
MOST_KNOWN = 40
MOST_JUDGED = 60


class ItemsQuestion(Frozen):
    """The whole question for items."""

    department: str
    description: str
    aspects: dict[str, int]
    known: Evidence
    context: Evidence
    passages: Evidence
    titles: Evidence
    iteration: int
    least: int = LEAST_ITEMS
    most: int = MOST_ITEMS


class JudgeQuestion(Frozen):
    """The whole question for a rating."""

    department: str
    description: str
    aspects: list[str]
    items: Evidence


class Rating(Strict):
    """A judge's rating, 0 to 100 each."""

    coverage: float = Field(ge=0, le=100)
    depth: float = Field(ge=0, le=100)
    coherence: float = Field(ge=0, le=100)
    actionability: float = Field(ge=0, le=100)
    reason: str = Field(default="", max_length=1_000)

    def parts(self) -> QualityParts:
        """Return the four parts alone."""
        return QualityParts(
            coverage=self.coverage, depth=self.depth, coherence=self.coherence, actionability=self.actionability
        )


class FoundContradiction(Strict):
    """Two items, by the ids that the question gave them."""

    one: str
    other: str
    reason: str = Field(min_length=1, max_length=400)


class Examination(Strict):
    """A judge's rating with what is missing and what does not go together."""

    coverage: float = Field(ge=0, le=100)
    depth: float = Field(ge=0, le=100)
    coherence: float = Field(ge=0, le=100)
    actionability: float = Field(ge=0, le=100)
    gaps: list[str] = Field(default=[], max_length=10)
    contradictions: list[FoundContradiction] = Field(default=[], max_length=20)

    def parts(self) -> QualityParts:
        """Return the four parts alone."""
        return QualityParts(
            coverage=self.coverage, depth=self.depth, coherence=self.coherence, actionability=self.actionability
        )


GATHER_ITEMS: LLMCall[ItemsQuestion, WrittenItems] = LLMCall(
    task="gather", folder=_PROMPTS, prompt="gather_items.md", version=1, takes=ItemsQuestion, returns=WrittenItems
)
JUDGE_DEPARTMENT: LLMCall[JudgeQuestion, Rating] = LLMCall(
    task="judge", folder=_PROMPTS, prompt="judge_department.md", version=1, takes=JudgeQuestion, returns=Rating
)
EVALUATE_DEPARTMENT: LLMCall[JudgeQuestion, Examination] = LLMCall(
    task="judge", folder=_PROMPTS, prompt="evaluate_department.md", version=1, takes=JudgeQuestion, returns=Examination
)


def items_question(
    department: Department,
    *,
    counts: Mapping[str, int],
    known: Sequence[str],
    context: Sequence[str],
    passages: Mapping[str, Passage],
    iteration: int,
) -> ItemsQuestion:
    """Write down what a model needs to write items; the same inputs give the same question."""
    return ItemsQuestion(
        department=department.name,
        description=department.description,
        aspects=dict(sorted(counts.items(), key=lambda entry: (entry[1], entry[0]))),
        known=numbered("k", known[-MOST_KNOWN:]),
        context=numbered("c", context),
        passages=Evidence(
            items=tuple(
                EvidenceText(id=short_id, text=passage.text[:LONGEST_PASSAGE]) for short_id, passage in passages.items()
            )
        ),
        titles=numbered("t", [passage.title or "untitled" for passage in passages.values()]),
        iteration=iteration,
    )


def judge_question(department: Department, contents: Sequence[str]) -> JudgeQuestion:
    """Write down what a judge needs; it knows the items as i1, i2, …, the newest `MOST_JUDGED` of them."""
    return JudgeQuestion(
        department=department.name,
        description=department.description,
        aspects=list(department.coordination_settings.aspects),
        items=numbered("i", contents[-MOST_JUDGED:]),
    )


def names_given_items(count: int, examination: Examination) -> list[str]:
    """List what is wrong with the ids of an examination: each must be one of the `count` items, and two of them."""
    given = {f"i{number}" for number in range(1, min(count, MOST_JUDGED) + 1)}
    wrong = []
    for found in examination.contradictions:
        wrong += [f"contradictions: {name} is no item" for name in (found.one, found.other) if name not in given]
        if found.one == found.other:
            wrong.append(f"contradictions: {found.one} is named twice")
    return wrong


def numbered(letter: str, texts: Sequence[str]) -> Evidence:
    """Set texts as evidence under the ids letter1, letter2, …"""
    return Evidence(
        items=tuple(EvidenceText(id=f"{letter}{number}", text=text) for number, text in enumerate(texts, start=1))
    )
