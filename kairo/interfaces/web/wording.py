"""The words in which pages speak of states, gates, steps and platforms; pure, so that each can be tested alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.stages.evidence.contracts import CaptureStatus, GateResult, GateVerdict, SurfaceRole, SurfaceType
from kairo.stages.opportunities.contracts import BoardState, Channel, OpportunityType, ReadyReason

STATE_WORDS: Mapping[BoardState, str] = {
    BoardState.NOT_GENERATED_YET: "No board yet",
    BoardState.GENERATING: "Generating",
    BoardState.READY: "Ready",
    BoardState.INSUFFICIENT_EVIDENCE: "Not enough evidence",
    BoardState.ERROR: "Generation failed",
}
REGENERATE_WORDS: Mapping[BoardState, str] = {
    BoardState.NOT_GENERATED_YET: "Generate the board",
    BoardState.READY: "Regenerate",
    BoardState.INSUFFICIENT_EVIDENCE: "Check again",
    BoardState.ERROR: "Try again",
}
"""What the button says; while a job works there is none."""
ENDED_WORDS: Mapping[JobState, str] = {
    JobState.SUCCEEDED: "The new board is here.",
    JobState.INSUFFICIENT_EVIDENCE: "There is not enough evidence for a board.",
    JobState.FAILED: "The board could not be generated.",
    JobState.CANCELLED: "Cancelled. The board is as it was before.",
}
ENDED_BEFORE = "The work had ended already."
STOPPING = "Stopping"
EMPTY_BOARD_WORDS: Mapping[ReadyReason, str] = {
    ReadyReason.NO_VALID_CANDIDATES: "The evidence was read, but no idea passed the checks.",
    ReadyReason.EMPTY_BRAND_CONTEXT: "The brand has no pillars and no personas yet, so nothing could be matched to it.",
    ReadyReason.GENERATED: "The opportunities of this board are not there any more.",
}
STEP_WORDS: Mapping[str, str] = {
    "evidence": "Reading the evidence",
    "gates": "Checking the evidence gates",
    "synthesis": "Working out opportunities",
    "scoring": "Scoring them",
    "store": "Storing the board",
}
JOB_STATE_WORDS: Mapping[JobState, str] = {
    JobState.PENDING: "Waiting",
    JobState.RUNNING: "Running",
    JobState.SUCCEEDED: "Succeeded",
    JobState.FAILED: "Failed",
    JobState.INSUFFICIENT_EVIDENCE: "Not enough evidence",
    JobState.CANCELLED: "Cancelled",
}
JOB_KIND_WORDS: Mapping[str, str] = {"opportunities.generate": "Today board"}
PLATFORMS = (
    "instagram", "tiktok", "youtube", "reddit", "mastodon", "bluesky", "hackernews", "producthunt", "x", "rss",
)  # fmt: skip
"""The platforms a list of posts can always be narrowed to; a post may be of another."""
LANGUAGE_NAMES: Mapping[str, str] = {
    "ar": "Arabic",
    "zh": "Chinese",
    "cs": "Czech",
    "nl": "Dutch",
    "en": "English",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Hindi",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "es": "Spanish",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
}
SURFACE_TYPE_WORDS: Mapping[SurfaceType, str] = {
    SurfaceType.PROFILE: "Profile",
    SurfaceType.HASHTAG: "Hashtag",
    SurfaceType.SEARCH: "Search",
    SurfaceType.FEED: "Feed",
    SurfaceType.LIST: "List",
    SurfaceType.IMPORT: "Imported file",
}
SURFACE_ROLE_WORDS: Mapping[SurfaceRole, str] = {
    SurfaceRole.OWN: "Our own",
    SurfaceRole.COMPETITOR: "A competitor's",
    SurfaceRole.MENTION: "Mentions of us",
    SurfaceRole.MARKET: "The market",
}
CAPTURE_WORDS: Mapping[CaptureStatus, str] = {
    CaptureStatus.RUNNING: "Being read",
    CaptureStatus.SUCCEEDED: "Read",
    CaptureStatus.FAILED: "Could not be read",
}
PART_WORDS: Mapping[str, str] = {"relevance": "Relevance to the brand", "learned": "Learned from decisions"}
GENERATOR_WORDS: Mapping[str, str] = {"extractive": "extractive, no model", "model": "with a model"}
TYPE_WORDS: Mapping[OpportunityType, str] = {
    OpportunityType.TREND: "Trend",
    OpportunityType.EVERGREEN: "Evergreen",
    OpportunityType.COMPETITIVE: "Competitive",
    OpportunityType.CAMPAIGN: "Campaign",
}
_PROPER_NAMES: Mapping[str, str] = {
    Channel.TIKTOK: "TikTok",
    Channel.LINKEDIN: "LinkedIn",
    Channel.YOUTUBE: "YouTube",
    Channel.META_ADS: "Meta Ads",
    "hackernews": "Hacker News",
    "producthunt": "Product Hunt",
    "rss": "RSS",
}
_DEGRADED_WORDS: Mapping[str, str] = {
    "model_unavailable": "No model could be reached, so the board was made without one.",
    "too_few_valid_drafts": "The model gave too few drafts that hold, so the board was made without one.",
}


@dataclass(frozen=True)
class GateLine:
    """One gate as a row: what it looks at, what it asks, what was found."""

    subject: str
    asked: str
    found: str
    verdict: GateVerdict
    verdict_words: str
    detail: str


@dataclass(frozen=True)
class _GateWords:
    """`says_more` lists the verdicts with which a gate's own message tells more than its two numbers."""

    subject: str
    unit: str = ""
    bound: str = "at least"
    is_share: bool = False
    says_more: tuple[GateVerdict, ...] = (GateVerdict.NOT_APPLICABLE,)


_UNLESS_PASSED = (GateVerdict.FAILED, GateVerdict.NOT_APPLICABLE)
_GATES: Mapping[str, _GateWords] = {
    "insufficient_items": _GateWords("Posts in the window", "posts"),
    "insufficient_text": _GateWords("Posts with text", "posts"),
    "missing_platforms": _GateWords("Platforms"),
    "low_transcript_coverage": _GateWords("Videos with a transcript", is_share=True, says_more=tuple(GateVerdict)),
    "stale_evidence": _GateWords("Fresh posts", "posts", says_more=_UNLESS_PASSED),
    "thin_text": _GateWords("Posts long enough to read", "posts"),
    "few_authors": _GateWords("Different authors", "authors"),
    "few_urls": _GateWords("Different links", "links"),
    "too_many_duplicates": _GateWords(
        "Posts that repeat another", bound="less than", is_share=True, says_more=_UNLESS_PASSED
    ),
    "low_content_ratio": _GateWords("Posts with real content", is_share=True, says_more=_UNLESS_PASSED),
}
_VERDICT_WORDS = {
    GateVerdict.PASSED: "Passed",
    GateVerdict.FAILED: "Failed",
    GateVerdict.NOT_APPLICABLE: "Does not apply",
}


def gate_line(gate: GateResult) -> GateLine:
    """Put a gate into words; one that is not known yet is shown by its code."""
    words = _GATES.get(gate.code) or _GateWords(in_words(gate.code), says_more=_UNLESS_PASSED)
    return GateLine(
        subject=words.subject,
        asked=_asked(gate.threshold, words),
        found=_measure(gate.measured, words),
        verdict=gate.verdict,
        verdict_words=_VERDICT_WORDS[gate.verdict],
        detail=gate.message if gate.verdict in words.says_more else "",
    )


def _asked(threshold: float | list[str], words: _GateWords) -> str:
    if isinstance(threshold, list):
        return f"one of {_names(threshold)}" if threshold else "any"
    return f"{words.bound} {_measure(threshold, words)}"


def _measure(value: float | list[str], words: _GateWords) -> str:
    if isinstance(value, list):
        return _names(value) or "none"
    if words.is_share:
        return percent_words(value)
    unit = words.unit.removesuffix("s") if value == 1 else words.unit
    return f"{value:g} {unit}".rstrip()


def percent_words(share: float) -> str:
    """Return a share as a percentage that is never broken between its number and its sign."""
    return f"{share * 100:.3g}\N{NO-BREAK SPACE}%"


def _names(platforms: list[str]) -> str:
    return ", ".join(platform_name(name) for name in platforms)


def platform_name(name: str) -> str:
    """Return a platform's or channel's name as its owner writes it."""
    return _PROPER_NAMES.get(name.casefold()) or in_words(name)


def language_name(code: str) -> str:
    """Return a language's English name, or its code where it has none here."""
    return LANGUAGE_NAMES.get(code.casefold()) or code


def engagement_words(*, views: int | None, likes: int | None, comments: int | None, shares: int | None) -> list[str]:
    """Say each count that was captured with its unit: "1,312 likes"."""
    counted = (("view", views), ("like", likes), ("comment", comments), ("share", shares))
    return [f"{count:,} {unit}{'' if count == 1 else 's'}" for unit, count in counted if count is not None]


def job_kind_words(kind: str) -> str:
    """Say what work a job does; `outbound.deliver_webhook` becomes "Outbound: deliver webhook"."""
    return JOB_KIND_WORDS.get(kind) or in_words(kind.replace(".", ": "))


def in_words(code: str) -> str:
    """Turn a code into words: `evidence_strength` becomes "Evidence strength"."""
    spaced = code.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def degraded_words(reason: str | None) -> str:
    """Say why a board is degraded."""
    if not reason:
        return "A part of the work could not be done; the notes say which."
    return _DEGRADED_WORDS.get(reason) or f"{in_words(reason)}."


def job_words(job: JobDTO) -> str:
    """Say what a live job is doing."""
    if job.cancel_requested:
        return STOPPING
    if job.state is JobState.RUNNING:
        return STEP_WORDS.get(job.progress.step) or in_words(job.progress.step) or "Starting"
    if job.attempts:
        return f"Attempt {job.attempts} of {job.max_attempts} failed; the next one is due"
    return "Waiting for a worker"


def duration_words(duration: timedelta) -> str:
    """Say a duration in at most two units: "12 s", "3 min 5 s", "2 h 10 min"."""
    seconds = int(duration.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def openable_url(url: str | None) -> str | None:
    """Return a URL that is safe to link to, or None: only http and https, with a host, without control characters."""
    if not url or re.search(r"[\x00-\x20\x7f\\]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def sentences(text: str) -> list[str]:
    """Split advice into its sentences, so that each can stand on a line of its own."""
    return re.split(r"(?<=\.)\s+(?=[A-Z])", text.strip())


def code_parts(text: str) -> list[tuple[str, bool]]:
    """Split a text at its backticks into (words, is_code)."""
    return [(part, bool(place % 2)) for place, part in enumerate(text.split("`")) if part]
