"""The extractive synthesizer: from a brand's evidence to the drafts of its Today board, without a model.

Same input, same bytes: nothing here depends on the order of the evidence, on hashing, on the clock or on chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.contracts import (
    Channel,
    ExternalSignalBundleDTO,
    Generator,
    LearningSummaryDTO,
    OpportunityDraftDTO,
)
from kairo.stages.opportunities.ports import BoardMaterial
from kairo.stages.opportunities.ports import Synthesis as Synthesis
from kairo.stages.opportunities.rules.briefing import Desk, Place
from kairo.stages.opportunities.rules.candidates import Candidate, survey
from kairo.stages.opportunities.rules.drafting import draft_of, frame_for
from kairo.stages.opportunities.rules.fit import Embed, has_context
from kairo.stages.opportunities.rules.ideas.shared import THEME_QUALITY
from kairo.stages.opportunities.rules.open_trends import lifted, open_trends
from kairo.stages.opportunities.rules.reach import MIN_FIT_WHEN_THIN
from kairo.stages.opportunities.rules.redundancy import DecidedOpportunity, drop_redundant
from kairo.stages.opportunities.rules.titles import TitleChooser
from kairo.stages.opportunities.rules.validity import check
from kairo.stages.opportunities.rules.wording.shapes import Frame

MIN_BOARD = 5
FULL_ENOUGH = 8
STRENGTH_FOR_MORE = 0.42
STRENGTH_FOR_FULL = 0.5
GOOD_QUALITY = 0.5
TRIES_A_CLUSTER = 3
PILLAR_SHARE = 0.06
"""What each place that a pillar already has costs its next candidate."""
KIND_SHARE = 0.03
HEARD_ENOUGH = 4
MONOTONY = 0.06
"""What each further candidate of a kind loses once that kind was heard often enough."""


class ExtractiveSynthesizer:
    """The synthesizer that asks nobody."""

    generator = Generator.EXTRACTIVE

    def synthesize(self, material: BoardMaterial) -> Synthesis:
        return synthesize(
            evidence=material.evidence,
            vectors=material.vectors,
            brand=material.brand,
            signals=material.signals,
            learning=material.learning,
            decided=material.decided,
            embed=material.embed,
            as_of=material.as_of,
            profile=material.profile,
        )


def synthesize(
    *,
    evidence: Sequence[EvidenceItemDTO],
    vectors: NDArray[np.float32],
    brand: BrandSnapshotDTO,
    signals: ExternalSignalBundleDTO,
    learning: LearningSummaryDTO,
    decided: Sequence[DecidedOpportunity],
    embed: Embed,
    as_of: datetime,
    limit: int = 12,
    profile: CompiledProfile | None = None,
) -> Synthesis:
    """Find topics in the evidence that reach the brand, and word the best of each as an opportunity."""
    if not has_context(brand):
        return Synthesis(
            [], [], 0, ["The brand says nothing about itself: no pillar, persona, positioning or keyword."]
        )
    surveyed = survey(evidence, vectors, brand, embed, as_of, profile)
    if surveyed is None:
        return Synthesis(
            [], [], 0, [f"None of the {len(evidence)} items touches the brand's pillars, personas or positioning."]
        )
    desk = Desk(surveyed, brand, signals, learning, embed, as_of, open_trends(signals, surveyed))
    drafts, dropped = _fill(desk, decided, evidence, limit)
    drafts.sort(key=lambda draft: (-draft.score, draft.proposed_title))
    notes = [
        f"{len(surveyed.posts)} of {len(evidence)} items reach the brand; {len(surveyed.candidates)} "
        f"candidates in {len(set(surveyed.clusters))} clusters."
    ]
    return Synthesis(drafts, dropped, len(surveyed.candidates), notes)


def _fill(
    desk: Desk, decided: Sequence[DecidedOpportunity], evidence: Sequence[EvidenceItemDTO], limit: int
) -> tuple[list[OpportunityDraftDTO], list[OpportunityDraftDTO]]:
    """Choose the leads first, each from another topic; then give each its share of the other posts."""
    chosen, dropped = _choose(desk, decided, {item.id: item for item in evidence}, limit)
    leads = {candidate.lead for candidate, _ in chosen}
    taken: set[int] = set()
    used: Counter[Channel] = Counter()
    drafts = []
    for number, (candidate, frame) in enumerate(chosen):
        others = frozenset((leads | taken) - {candidate.lead})
        drafted = draft_of(desk, candidate, frame, taken=others, place=Place(number, used))
        if drafted is not None:
            taken |= {desk.field.row_of(post) for post in drafted.posts}
            used[Channel(drafted.draft.primary_channel)] += 1
            drafts.append(drafted.draft)
    return drafts, dropped


def _choose(
    desk: Desk, decided: Sequence[DecidedOpportunity], known: Mapping[UUID, EvidenceItemDTO], limit: int
) -> tuple[list[tuple[Candidate, Frame]], list[OpportunityDraftDTO]]:
    """Take one candidate after the other until the board is full; what fails a check is dropped with its reasons."""
    titles = TitleChooser()
    chosen: list[tuple[Candidate, Frame]] = []
    kept: list[OpportunityDraftDTO] = []
    dropped: list[OpportunityDraftDTO] = []
    tries: Counter[int] = Counter()
    heard: Counter[str] = Counter()
    queue = [
        lifted(candidate, desk.open_trends)
        for candidate in desk.field.candidates
        if candidate.fit.value >= MIN_FIT_WHEN_THIN
    ]
    while queue and len(kept) < limit:
        candidate = max(queue, key=lambda entry: _claim(entry, heard))
        queue.remove(candidate)
        if tries[candidate.cluster] >= TRIES_A_CLUSTER or not _is_wanted(candidate, len(kept), heard):
            continue
        frame, draft = _tried(desk, candidate, chosen, titles)
        if frame is None or draft is None:
            continue
        tries[candidate.cluster] += 1
        checked = check(draft, evidence=known, taboos=desk.field.profile.taboos)
        repeated = drop_redundant([*kept, checked], decided=decided, embed=desk.embed)[1] if checked.is_valid else []
        if checked.is_valid:
            queue = _without_topic(desk, candidate, queue)
        if repeated or not checked.is_valid:
            dropped += repeated or [checked]
            continue
        kept.append(checked)
        chosen.append((candidate, frame))
        titles.use(frame)
        heard.update([candidate.fit.pillar or "", candidate.idea.kind.value])
    return chosen, dropped


def _tried(
    desk: Desk, candidate: Candidate, chosen: Sequence[tuple[Candidate, Frame]], titles: TitleChooser
) -> tuple[Frame | None, OpportunityDraftDTO | None]:
    """Word a candidate as it would stand on the board so far, for the checks."""
    frame = frame_for(desk, candidate, titles)
    if frame is None:
        return None, None
    leads = frozenset(other.lead for other, _ in chosen)
    drafted = draft_of(desk, candidate, frame, taken=leads, place=Place(len(chosen), {}))
    return frame, drafted.draft if drafted is not None else None


def _without_topic(desk: Desk, candidate: Candidate, queue: Sequence[Candidate]) -> list[Candidate]:
    return [other for other in queue if not desk.field.are_one_topic(candidate, other)]


def _claim(candidate: Candidate, heard: Counter[str]) -> float:
    """How strongly a candidate claims the next place: its strength, less where its pillar and kind have had theirs."""
    pillar, kind = heard[candidate.fit.pillar or ""], heard[candidate.idea.kind.value]
    monotony = KIND_SHARE * kind + MONOTONY * max(0, kind - HEARD_ENOUGH)
    return candidate.strength - PILLAR_SHARE * pillar - monotony


def _is_wanted(candidate: Candidate, filled: int, heard: Counter[str]) -> bool:
    """The fuller the board, the more a candidate must bring; a theme only speaks for a pillar not yet heard."""
    if candidate.idea.core.quality <= THEME_QUALITY:
        return heard[candidate.fit.pillar or ""] == 0
    if filled < MIN_BOARD:
        return bool(candidate.fit.matched) or candidate.idea.core.quality >= GOOD_QUALITY
    floor = STRENGTH_FOR_FULL if filled >= FULL_ENOUGH else STRENGTH_FOR_MORE
    return candidate.idea.core.quality >= GOOD_QUALITY and candidate.strength >= floor
