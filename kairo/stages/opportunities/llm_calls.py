"""What the Today board asks models: drafts from evidence, and ratings of drafts. Words of strangers go as evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from kairo.platform.llm.calls import LLMCall
from kairo.platform.llm.prompts import Evidence, EvidenceText
from kairo.shapes import Frozen
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities.contracts import Channel, OpportunityDraftDTO
from kairo.stages.opportunities.ports import MAX_PROPOSED, ProposedDrafts, Ratings
from kairo.stages.opportunities.rules.proposals import Assignment, GivenPost, Judged, judge
from kairo.stages.opportunities.rules.taboos import taboos_in

_PROMPTS = Path(__file__).parent / "prompts"
_PLATFORM = re.compile(r"[a-z][a-z0-9_]{1,30}")
MOST_TOPICS = 10


class BrandFacts(Frozen):
    """What a model is told of a brand, in the brand's own words."""

    name: str
    positioning: str | None
    pillars: list[dict[str, str | list[str]]]
    personas: list[dict[str, str | list[str]]]
    tone: list[str]
    avoids: list[str]


class PostFacts(Frozen):
    """What was counted of a post; a platform's name of letters only, since a file may call it anything."""

    id: str
    group: int
    platform: str
    days_old: int
    comments: int | None
    likes: int | None


class SynthesisQuestion(Frozen):
    """The whole question for drafts."""

    today: str
    brand: BrandFacts
    facts: list[PostFacts]
    rising: Evidence
    posts: Evidence
    channels: str
    most: int


class ScoringQuestion(Frozen):
    """The whole question for ratings. Drafts quote strangers, so they go as evidence too."""

    brand: BrandFacts
    drafts: Evidence


SYNTHESIS = LLMCall(
    task="synthesis",
    folder=_PROMPTS,
    prompt="synthesis.md",
    version=1,
    takes=SynthesisQuestion,
    returns=ProposedDrafts,
)
SCORING = LLMCall(
    task="scoring", folder=_PROMPTS, prompt="scoring.md", version=1, takes=ScoringQuestion, returns=Ratings
)


def synthesis_question(assignment: Assignment, *, rising: Sequence[str]) -> SynthesisQuestion:
    """Write down what a model needs for its drafts; the same assignment gives the same question."""
    given = list(assignment.given.values())
    topics = [topic for topic in rising if not taboos_in(topic, assignment.desk.field.profile.taboos)][:MOST_TOPICS]
    return SynthesisQuestion(
        today=f"{assignment.desk.as_of:%A, %Y-%m-%d}",
        brand=brand_facts(assignment.brand),
        facts=[_facts(one, assignment) for one in given],
        rising=_evidence("t", topics),
        posts=Evidence(items=tuple(EvidenceText(id=one.short_id, text=one.text) for one in given)),
        channels=", ".join(channel.value for channel in Channel),
        most=MAX_PROPOSED,
    )


def scoring_question(brand: BrandSnapshotDTO, drafts: Sequence[OpportunityDraftDTO]) -> ScoringQuestion:
    """Write down what a model needs to rate drafts, which it knows as d1, d2, …"""
    return ScoringQuestion(brand=brand_facts(brand), drafts=_evidence("d", [_draft_text(draft) for draft in drafts]))


def enough_valid(assignment: Assignment, judged: Callable[[Judged], None]) -> Callable[[ProposedDrafts], list[str]]:
    """Return the check of an answer: too few valid drafts, and what is wrong with the others. `judged` is told."""

    def check(output: ProposedDrafts) -> list[str]:
        verdict = judge(assignment, output.drafts)
        judged(verdict)
        return [] if verdict.suffices else verdict.problems()

    return check


def rates_each_once(count: int) -> Callable[[Ratings], list[str]]:
    """Return the check of ratings: each draft once, and no other."""

    def check(output: Ratings) -> list[str]:
        wanted = {f"d{number}" for number in range(1, count + 1)}
        named = [rating.draft_id for rating in output.ratings]
        wrong = [f"{name} is no draft" for name in dict.fromkeys(named) if name not in wanted]
        wrong += [f"{name} is rated more than once" for name in sorted(wanted) if named.count(name) > 1]
        return wrong + [f"{name} is not rated" for name in sorted(wanted) if name not in named]

    return check


def brand_facts(brand: BrandSnapshotDTO) -> BrandFacts:
    """Return what a model is told of a brand."""
    return BrandFacts(
        name=brand.brand_name,
        positioning=brand.positioning,
        pillars=[
            {"name": pillar.name, "description": pillar.description, "keywords": pillar.keywords}
            for pillar in brand.pillars
            if pillar.is_active
        ],
        personas=[
            {"name": persona.name, "role": persona.role or "", "summary": persona.summary, "pains": persona.pains}
            for persona in brand.personas
        ],
        tone=brand.voice_tone_tags,
        avoids=brand.taboos,
    )


def _facts(one: GivenPost, assignment: Assignment) -> PostFacts:
    item = one.post.item
    return PostFacts(
        id=one.short_id,
        group=one.group,
        platform=item.platform if _PLATFORM.fullmatch(item.platform) else "other",
        days_old=max(0, (assignment.desk.as_of - one.post.published_at).days),
        comments=item.comments,
        likes=item.likes,
    )


def _draft_text(draft: OpportunityDraftDTO) -> str:
    head = [draft.proposed_title, draft.proposed_angle, draft.why_now or "", f"Channel: {draft.primary_channel}"]
    return "\n".join([*head, *(f"Quote: {quote.text}" for quote in draft.quotes)])


def _evidence(letter: str, texts: Sequence[str]) -> Evidence:
    return Evidence(
        items=tuple(EvidenceText(id=f"{letter}{number}", text=text) for number, text in enumerate(texts, start=1))
    )
