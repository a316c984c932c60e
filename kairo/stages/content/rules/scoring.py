"""Scores of packages (0–15) and variants (0–12), each part 0–3, and the bands that follow from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from kairo.stages.content.contracts import (
    ClaimStatus,
    ContentPackageDraftDTO,
    PackageBand,
    VariantBand,
    VariantDraftDTO,
)
from kairo.stages.content.rules.channels import LIMITS, length_on, published_text, violations
from kairo.stages.content.rules.claims import states_something
from kairo.stages.content.rules.material import sentences_in
from kairo.stages.opportunities.contracts import OpportunityDTO

BOARD_READY = 11
PACKAGE_WEAK = 7
PUBLISH_READY = 9
VARIANT_WEAK = 6
BEST = 3
LONG_SENTENCE_WORDS = 30
LONG_HOOK_CHARACTERS = 220
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+")


def score_package(draft: ContentPackageDraftDTO, opportunity: OpportunityDTO) -> ContentPackageDraftDTO:
    """Return the draft with its score, breakdown and band. A rejected draft is invalid whatever it scores."""
    relevance = opportunity.score_breakdown.get("relevance")
    parts = {
        "thesis": _thesis(draft, opportunity),
        "coherence": 1 + (draft.primary_channel in draft.channels) + (draft.title == opportunity.title),
        "relevance": _of_best(relevance.value if relevance else opportunity.score),
        "cta": _cta(draft.cta, LIMITS[draft.primary_channel].max_cta),
        "brand_alignment": 1 + bool(draft.persona_hint) + bool(draft.pillar_hint),
    }
    total = sum(parts.values())
    band = package_band(total, is_valid=draft.is_valid)
    return draft.model_copy(update={"package_score": total, "package_score_breakdown": parts, "quality_band": band})


def score_variant(draft: VariantDraftDTO) -> VariantDraftDTO:
    """Return the draft with its score, breakdown and band. A rejected draft is invalid whatever it scores."""
    parts = {
        "clarity": _clarity(draft.body),
        "anchoring": _anchoring(draft),
        "channel_fit": _channel_fit(draft),
        "cta": _cta(draft.call_to_action, LIMITS[draft.channel].max_cta),
    }
    total = sum(parts.values())
    band = variant_band(total, is_valid=draft.is_valid)
    return draft.model_copy(update={"variant_score": total, "variant_score_breakdown": parts, "quality_band": band})


def package_band(score: int, *, is_valid: bool) -> PackageBand:
    """Return the band of a package's score."""
    if not is_valid or score < PACKAGE_WEAK:
        return PackageBand.INVALID
    return PackageBand.BOARD_READY if score >= BOARD_READY else PackageBand.WEAK


def variant_band(score: int, *, is_valid: bool) -> VariantBand:
    """Return the band of a variant's score."""
    if not is_valid or score < VARIANT_WEAK:
        return VariantBand.INVALID
    return VariantBand.PUBLISH_READY if score >= PUBLISH_READY else VariantBand.WEAK


def score_notes(parts: Mapping[str, int]) -> str:
    """Say in words where points were lost."""
    lost = [f"{name.replace('_', ' ')} {value} of {BEST}" for name, value in parts.items() if value < BEST]
    return "; ".join(lost) if lost else "full marks in every part"


def _thesis(draft: ContentPackageDraftDTO, opportunity: OpportunityDTO) -> int:
    """A thesis says something, with the words of a post, and stands on more than one voice."""
    quoted = any(cited.quote in draft.thesis for cited in opportunity.evidence)
    return (len(_WORD.findall(draft.thesis)) >= 5) + quoted + (opportunity.independent_voices > 1)


def _clarity(body: str) -> int:
    sentences = sentences_in(body)
    if not sentences:
        return 0
    longest = max(len(_WORD.findall(sentence)) for sentence in sentences)
    repeated = len(set(sentences)) < len(sentences)
    hook = len(body.split("\n", 1)[0]) > LONG_HOOK_CHARACTERS
    return max(0, BEST - (longest > 2 * LONG_SENTENCE_WORDS) - repeated - hook)


def _anchoring(draft: VariantDraftDTO) -> int:
    """How much of what is stated is cited: all of it, most, some, nothing."""
    stated = [claim for claim in draft.claims if states_something(claim.text)]
    cited = [claim for claim in draft.claims if claim.status is ClaimStatus.CITED]
    if not cited:
        return 0
    if len(cited) == len(draft.claims) or not stated:
        return BEST
    return 2 if 2 * len(cited) >= len(draft.claims) else 1


def _channel_fit(draft: VariantDraftDTO) -> int:
    if violations(draft.channel, body=draft.body, call_to_action=draft.call_to_action, title=draft.title):
        return 0
    least, most = LIMITS[draft.channel].ideal
    length = length_on(draft.channel, published_text(draft.body, draft.call_to_action))
    if least <= length <= most:
        return BEST
    return 2 if length > most or 2 * length >= least else 1


def _cta(call_to_action: str | None, limit: int) -> int:
    if not call_to_action:
        return 0
    return BEST if len(call_to_action) <= limit else 1


def _of_best(percent: float) -> int:
    return min(BEST, max(0, round(percent / 100 * BEST)))


def evidence_of(draft: VariantDraftDTO) -> list[UUID]:
    """List the items that a draft's claims cite, each once."""
    return list(dict.fromkeys(item for claim in draft.claims for item in claim.evidence_ids))
