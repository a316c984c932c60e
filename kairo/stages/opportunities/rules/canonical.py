"""A board as one JSON document that says what it says and nothing of when and by which ids it was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities.contracts import CanonicalBoardDTO, OpportunityDraftDTO, OpportunityDTO, TodayBoardDTO

MOST_DIFFERENCES = 20
_TOLD_OF_A_BOARD = ("ready_reason", "total_candidates", "dominant_pillar", "dominant_persona", "channel_mix")
_SAID = {
    "type",
    "primary_channel",
    "suggested_channels",
    "score",
    "score_explanation",
    "score_breakdown",
    "source",
    "source_url",
    "why_now",
    "independent_voices",
    "would_change_our_mind",
    "prediction",
}


def canonical(
    opportunities: Sequence[Mapping[str, JsonValue]], *, generator: str | None, told: Mapping[str, object]
) -> CanonicalBoardDTO:
    """Write a board down: keys sorted, no spaces, UTF-8 as it is."""
    board = {
        "generator": generator,
        "meta": {name: told.get(name) for name in _TOLD_OF_A_BOARD},
        "opportunities": list(opportunities),
    }
    document = json.dumps(board, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return CanonicalBoardDTO(sha256=hashlib.sha256(document.encode()).hexdigest(), document=document)


def canonical_of_stored(board: TodayBoardDTO) -> CanonicalBoardDTO:
    """Write a stored board down; what people decided about it since does not count."""
    told = board.meta.model_dump(mode="json")
    return canonical([_of_stored(one) for one in board.opportunities], generator=board.meta.generator, told=told)


def of_draft(draft: OpportunityDraftDTO, brand: BrandSnapshotDTO) -> dict[str, JsonValue]:
    """Return what a draft would say as a stored opportunity."""
    personas = {persona.name: str(persona.id) for persona in brand.personas}
    pillars = {pillar.name: str(pillar.id) for pillar in brand.pillars}
    return {
        **draft.model_dump(mode="json", include=_SAID),
        "title": draft.proposed_title,
        "angle": draft.proposed_angle,
        "why_now": draft.why_now or "",
        "persona_id": personas.get(draft.persona_hint or ""),
        "pillar_id": pillars.get(draft.pillar_hint or ""),
        "quotes": [[str(quote.evidence_id), quote.text] for quote in draft.quotes],
    }


def differences(one: CanonicalBoardDTO, other: CanonicalBoardDTO) -> list[str]:
    """List the places in which two boards differ, such as opportunities.0.title; at most twenty."""
    found = _differing(json.loads(one.document), json.loads(other.document), "")
    return [place for place, _ in zip(found, range(MOST_DIFFERENCES), strict=False)]


def _of_stored(opportunity: OpportunityDTO) -> dict[str, JsonValue]:
    return {
        **opportunity.model_dump(mode="json", include=_SAID),
        "title": opportunity.title,
        "angle": opportunity.angle,
        "persona_id": str(opportunity.persona_id) if opportunity.persona_id else None,
        "pillar_id": str(opportunity.pillar_id) if opportunity.pillar_id else None,
        "quotes": [[str(cited.id), cited.quote] for cited in opportunity.evidence],
    }


def _differing(one: JsonValue, other: JsonValue, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differing(one.get(name), other.get(name), f"{place}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _differing(mine, theirs, f"{place}.{number}")
    elif one != other:
        yield place
