"""What ads that won say for an opportunity: a few points of its score, each winner named with what it brought.

The index holds no losers, so winners lift and never lower; where none is similar nothing is said.
"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np

from kairo.likeness import Floats, nearness, similarities, usual_similarity
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import KnownWinnerDTO, OpportunityDraftDTO, ScorePart
from kairo.stages.opportunities.ports import BoardMaterial, Synthesis
from kairo.stages.opportunities.rules.scoring import total
from kairo.stages.opportunities.rules.wording.languages import wording_for

PART = "winners"
MOST_POINTS = 5.0
"""So far winners lift a score at most: half of what all that was learned may."""
WEIGHT = MOST_POINTS / 100.0
FULL_LEAD = float(np.log(2.0))
"""Winners that brought twice their siblings' return lift it all the way, if their texts were the same."""
NONE_WEIGHT = 0.5
"""No lead at all counts as so many winners of the same text."""
NAMED = 3
SMALLEST_POINTS = 0.1


def with_winners(found: Synthesis, material: BoardMaterial) -> Synthesis:
    """Return a synthesis in which drafts that are like winners say so and are scored by it, best first."""
    usual = _usual(material) if found.drafts and material.winners else None
    if usual is None:
        return found
    texts = [f"{draft.proposed_title}. {draft.proposed_angle}" for draft in found.drafts]
    vectors = np.stack([np.frombuffer(b64decode(winner.vector), dtype="<f4") for winner in material.winners]).astype(
        float
    )
    cosines = similarities(np.asarray(material.embed(texts), dtype=float), vectors)
    near = nearness(cosines, usual)
    items = {item.id: item for item in material.evidence}
    drafts = [_told(draft, material.winners, cosines[row], near[row], items) for row, draft in enumerate(found.drafts)]
    drafts.sort(key=lambda draft: (-draft.score, draft.proposed_title))
    return Synthesis(drafts, found.dropped, found.total_candidates, found.notes)


def winners_of(breakdown: Mapping[str, ScorePart]) -> list[str]:
    """List the ads that won and speak for an opportunity, the most telling first."""
    part = breakdown.get(PART)
    points = part.effects if part else {}
    return sorted(points, key=lambda ad_id: (-points[ad_id], ad_id))


def took_part(winners: Sequence[KnownWinnerDTO], drafts: Sequence[OpportunityDraftDTO]) -> list[KnownWinnerDTO]:
    """Return the winners that speak for any of the drafts: with these alone the same is said again."""
    named = {ad_id for draft in drafts for ad_id in winners_of(draft.score_breakdown)}
    return [winner for winner in winners if winner.ad_id in named]


def _usual(material: BoardMaterial) -> float | None:
    """Return how alike the brand's posts are; in the order of their ids, so that no other order tells."""
    order = sorted(range(len(material.evidence)), key=lambda row: material.evidence[row].id)
    return usual_similarity(np.asarray(material.vectors, dtype=float)[order])


def _told(
    draft: OpportunityDraftDTO,
    winners: Sequence[KnownWinnerDTO],
    cosines: Floats,
    near: Floats,
    items: Mapping[UUID, EvidenceItemDTO],
) -> OpportunityDraftDTO:
    worth = near * np.array([winner.lead for winner in winners])
    ranked = sorted(range(len(winners)), key=lambda place: (-worth[place], winners[place].ad_id))
    named = [place for place in ranked[:NAMED] if worth[place] > 0]
    if not named:
        return draft
    together = float(sum(worth[place] for place in named))
    strength = min(1.0, together / (float(sum(near[place] for place in named)) + NONE_WEIGHT) / FULL_LEAD)
    value = round(100 * strength, 1)
    if value * WEIGHT < SMALLEST_POINTS:
        return draft
    languages = Counter(items[item_id].language or "en" for item_id in draft.evidence_ids if item_id in items)
    wording = wording_for(min(languages, key=lambda name: (-languages[name], name), default="en"))
    told = "; ".join(wording.reason("winner", _facts(winners[place], float(cosines[place]))) for place in named)
    part = ScorePart(
        value=value,
        weight=WEIGHT,
        reason=wording.reason(PART, {"winners": told}),
        effects={winners[place].ad_id: round(value * WEIGHT * worth[place] / together, 2) for place in named},
    )
    parts = {**draft.score_breakdown, PART: part}
    return draft.model_copy(update={"score_breakdown": parts, "score": min(100.0, total(parts))})


def _facts(winner: KnownWinnerDTO, similarity: float) -> dict[str, str | int | float]:
    return {
        "ad": winner.ad_id,
        "expected": f"{winner.expected:.2f}",
        "beside": f"{winner.beside:.2f}",
        "results": winner.results,
        "similarity": f"{similarity:.2f}",
    }
