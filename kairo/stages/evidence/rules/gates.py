"""The ten gates between evidence and every use of it; they import no model, no network, nothing heavier than contracts.

A failed gate is final for the run: nothing here, and nothing that calls it, may skip one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kairo.stages.evidence.contracts import (
    EvidenceShortfallDTO,
    EvidenceSummaryDTO,
    GateKind,
    GateReport,
    GateResult,
    GateThresholds,
    GateVerdict,
)
from kairo.stages.evidence.rules.remedies import percent, remediation_for
from kairo.stages.evidence.rules.voices import author_key, page_key

_REASONS = {GateKind.QUALITY: "quality_gate_failed", GateKind.USABILITY: "usability_gate_failed"}


@dataclass(frozen=True, slots=True)
class GateItem:
    """Of one item, what the gates look at. `text_length` counts the characters of the normalised text.

    `format_has_author` is false only where the source's format has no author field; an empty field is somebody unknown.
    """

    platform: str
    published_at: datetime | None
    has_text: bool
    text_length: int
    holds_real_content: bool
    is_video: bool = False
    has_transcript: bool = False
    author: str | None = None
    format_has_author: bool = True
    url: str | None = None
    content_hash: str = ""
    near_duplicate_of: UUID | None = None


def judge(items: Sequence[GateItem], thresholds: GateThresholds, *, as_of: datetime) -> GateReport:
    """Measure a brand's items against all ten gates; the report holds every one, not only the first that failed."""
    gates = [*_quality_gates(items, thresholds, as_of), *_usability_gates(items, thresholds)]
    failed = [gate for gate in gates if gate.verdict is GateVerdict.FAILED]
    coverage = _transcript_coverage(items)
    return GateReport(
        can_proceed=not failed,
        reason=_REASONS[failed[0].kind] if failed else None,
        remediation=remediation_for([gate.code for gate in failed], thresholds, found_items=len(items)),
        shortfall=EvidenceShortfallDTO(
            required_items=thresholds.min_items,
            found_items=len(items),
            required_platforms=thresholds.platforms,
            found_platforms=_platforms(items),
            missing_platforms=_missing_platforms(items, thresholds),
            transcript_coverage=coverage,
            min_transcript_coverage=thresholds.min_transcript_coverage,
            failures=[f"{gate.code}: {gate.message}" for gate in failed],
            gates=gates,
        ),
        summary=EvidenceSummaryDTO(
            items=len(items),
            with_text=sum(item.has_text for item in items),
            by_platform=dict(Counter(item.platform for item in items)),
            authors=len(_authors(items)),
            newest_at=max((item.published_at for item in items if item.published_at), default=None),
            transcript_coverage=coverage,
        ),
    )


def _quality_gates(items: Sequence[GateItem], asked: GateThresholds, as_of: datetime) -> list[GateResult]:
    with_text = sum(item.has_text for item in items)
    return [
        _at_least("insufficient_items", GateKind.QUALITY, len(items), asked.min_items, "items found"),
        _at_least("insufficient_text", GateKind.QUALITY, with_text, asked.min_items_with_text, "items with text"),
        _platform_gate(items, asked),
        _transcript_gate(items, asked),
        _freshness_gate(items, asked, as_of),
    ]


def _usability_gates(items: Sequence[GateItem], asked: GateThresholds) -> list[GateResult]:
    long_items = sum(item.has_text and item.text_length >= asked.long_item_characters for item in items)
    pages = {page_key(item.url) for item in items} - {None}
    long_enough = f"items with {asked.long_item_characters} characters or more"
    return [
        _at_least("thin_text", GateKind.USABILITY, long_items, asked.min_long_items, long_enough),
        _author_gate(items, asked),
        _at_least("few_urls", GateKind.USABILITY, len(pages), asked.min_urls, "distinct URLs"),
        _duplicate_gate(items, asked),
        _content_gate(items, asked),
    ]


def _at_least(code: str, kind: GateKind, found: int, needed: int, what: str) -> GateResult:
    return GateResult(
        code=code,
        kind=kind,
        measured=found,
        threshold=needed,
        verdict=_verdict(found >= needed),
        message=f"{found} {what}, need {needed}",
    )


def _verdict(passed: bool) -> GateVerdict:
    return GateVerdict.PASSED if passed else GateVerdict.FAILED


def _platform_gate(items: Sequence[GateItem], asked: GateThresholds) -> GateResult:
    found = _platforms(items)
    wanted = {name.casefold() for name in asked.platforms}
    need = f"need at least one of {', '.join(asked.platforms)}" if wanted else "any will do"
    return GateResult(
        code="missing_platforms",
        kind=GateKind.QUALITY,
        measured=found,
        threshold=asked.platforms,
        verdict=_verdict(not wanted or any(name.casefold() in wanted for name in found)),
        message=f"{', '.join(found) or 'no platform'} found, {need}",
    )


def _platforms(items: Sequence[GateItem]) -> list[str]:
    return sorted({item.platform for item in items})


def _missing_platforms(items: Sequence[GateItem], asked: GateThresholds) -> list[str]:
    found = {item.platform.casefold() for item in items}
    return [name for name in asked.platforms if name.casefold() not in found]


def _transcript_gate(items: Sequence[GateItem], asked: GateThresholds) -> GateResult:
    videos = sum(item.is_video for item in items)
    coverage, needed = _transcript_coverage(items), asked.min_transcript_coverage
    found = f"{percent(coverage)} of {videos} video items have a transcript, need {percent(needed)}"
    return GateResult(
        code="low_transcript_coverage",
        kind=GateKind.QUALITY,
        measured=coverage,
        threshold=needed,
        verdict=_verdict(coverage >= needed),
        message=found if videos else "no video items, so no transcript is missing",
    )


def _transcript_coverage(items: Sequence[GateItem]) -> float:
    """Return the share of videos with a transcript; 1 where there is no video, for then none is missing."""
    videos = [item for item in items if item.is_video]
    return sum(item.has_transcript for item in videos) / len(videos) if videos else 1.0


def _freshness_gate(items: Sequence[GateItem], asked: GateThresholds, as_of: datetime) -> GateResult:
    # A date after the run's own moment is a wrong clock or a lie: it proves no freshness.
    ages = [as_of - item.published_at for item in items if item.published_at and item.published_at <= as_of]
    fresh = sum(age < timedelta(days=asked.fresh_within_days) for age in ages)
    newest = f" (the newest is {min(ages) / timedelta(days=1):.1f} days old)" if ages and not fresh else ""
    what = f"items younger than {asked.fresh_within_days:g} days{newest}"
    return _at_least("stale_evidence", GateKind.QUALITY, fresh, 1, what)


def _author_gate(items: Sequence[GateItem], asked: GateThresholds) -> GateResult:
    gate = _at_least("few_authors", GateKind.USABILITY, len(_authors(items)), asked.min_authors, "distinct authors")
    if items and not any(item.format_has_author for item in items):
        message = "these sources have no author field"
        return gate.model_copy(update={"verdict": GateVerdict.NOT_APPLICABLE, "message": message})
    return gate


def _authors(items: Sequence[GateItem]) -> set[str]:
    """Collect who speaks: who only repeats others adds no voice, so that one author under many names counts once."""
    repeats = _repeats(items)
    keys = (author_key(item.author) for item, is_repeat in zip(items, repeats, strict=True) if not is_repeat)
    return {key for key in keys if key is not None}


def _duplicate_gate(items: Sequence[GateItem], asked: GateThresholds) -> GateResult:
    repeating = sum(_repeats(items))
    share = repeating / len(items) if items else 0.0
    return GateResult(
        code="too_many_duplicates",
        kind=GateKind.USABILITY,
        measured=share,
        threshold=asked.max_duplicate_share,
        verdict=_verdict(share < asked.max_duplicate_share),
        message=f"{percent(share)} of the items repeat another ({repeating} of {len(items)}), "
        f"need less than {percent(asked.max_duplicate_share)}",
    )


def _repeats(items: Sequence[GateItem]) -> list[bool]:
    """Mark the items that repeat another: near-duplicates, and all but the earliest of equal contents."""
    latest = datetime.max.replace(tzinfo=UTC)
    repeats = [item.near_duplicate_of is not None for item in items]
    seen: set[str] = set()
    for place in sorted(range(len(items)), key=lambda place: (repeats[place], items[place].published_at or latest)):
        content = items[place].content_hash
        repeats[place] = repeats[place] or (content in seen)
        seen.update({content} - {""})
    return repeats


def _content_gate(items: Sequence[GateItem], asked: GateThresholds) -> GateResult:
    real = sum(item.holds_real_content for item in items)
    share = real / len(items) if items else 0.0
    return GateResult(
        code="low_content_ratio",
        kind=GateKind.USABILITY,
        measured=share,
        threshold=asked.min_content_share,
        verdict=_verdict(share >= asked.min_content_share),
        message=f"{percent(share)} of the items hold real content ({real} of {len(items)}), "
        f"need {percent(asked.min_content_share)}",
    )
