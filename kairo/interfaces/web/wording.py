"""The words in which pages speak of states, gates, steps and platforms, in the language of the reader.

Maps hold marked English words; who says them looks them up with `gettext`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from django.utils.translation import ngettext

from kairo.interfaces.web.told import told
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.tenancy.contracts import Role
from kairo.stages.evidence.contracts import (
    CaptureStatus,
    GateKind,
    GateResult,
    GateVerdict,
    MediaType,
    SurfaceRole,
    SurfaceType,
)
from kairo.stages.opportunities.contracts import BoardState, Channel, OpportunityType, ReadyReason

STATE_WORDS: Mapping[BoardState, str] = {
    BoardState.NOT_GENERATED_YET: marked("No board yet"),
    BoardState.GENERATING: marked("Generating"),
    BoardState.READY: marked("Ready"),
    BoardState.INSUFFICIENT_EVIDENCE: marked("Not enough evidence"),
    BoardState.ERROR: marked("Generation failed"),
}
REGENERATE_WORDS: Mapping[BoardState, str] = {
    BoardState.NOT_GENERATED_YET: marked("Generate the board"),
    BoardState.READY: marked("Regenerate"),
    BoardState.INSUFFICIENT_EVIDENCE: marked("Check again"),
    BoardState.ERROR: marked("Try again"),
}
"""What the button says; while a job works there is none."""
ENDED_WORDS: Mapping[JobState, str] = {
    JobState.SUCCEEDED: marked("The new board is here."),
    JobState.INSUFFICIENT_EVIDENCE: marked("There is not enough evidence for a board."),
    JobState.FAILED: marked("The board could not be generated."),
    JobState.CANCELLED: marked("Cancelled. The board is as it was before."),
}
ENDED_BEFORE = marked("The work had ended already.")
STOPPING = marked("Stopping")
EMPTY_BOARD_WORDS: Mapping[ReadyReason, str] = {
    ReadyReason.NO_VALID_CANDIDATES: marked("The evidence was read, but no idea passed the checks."),
    ReadyReason.EMPTY_BRAND_CONTEXT: marked(
        "The brand has no pillars and no personas yet, so nothing could be matched to it."
    ),
    ReadyReason.GENERATED: marked("The opportunities of this board are not there any more."),
}
STEP_WORDS: Mapping[str, str] = {
    "evidence": marked("Reading the evidence"),
    "gates": marked("Checking the evidence gates"),
    "synthesis": marked("Working out opportunities"),
    "scoring": marked("Scoring them"),
    "store": marked("Storing the board"),
    "import": marked("Reading the file"),
    "retrieve": marked("Finding the posts"),
    "agents": marked("Reading the posts"),
    "format": marked("Putting it into words"),
    "validate": marked("Checking every line against its posts"),
    "package": marked("Working out the package"),
    "variants": marked("Writing the texts"),
}
JOB_STATE_WORDS: Mapping[JobState, str] = {
    JobState.PENDING: marked("Waiting"),
    JobState.RUNNING: marked("Running"),
    JobState.SUCCEEDED: marked("Succeeded"),
    JobState.FAILED: marked("Failed"),
    JobState.INSUFFICIENT_EVIDENCE: marked("Not enough evidence"),
    JobState.CANCELLED: marked("Cancelled"),
}
JOB_KIND_WORDS: Mapping[str, str] = {
    "opportunities.generate": marked("Today board"),
    "evidence.import": marked("Import of a file"),
    "evidence.erase_author": marked("Erasure of a person"),
    "evidence.capture": marked("Capture of a surface"),
    "content.make_package": marked("Package of an opportunity"),
    "content.make_variants": marked("Texts of a package"),
    "insights.analyze": marked("Answer to a question"),
    "insights.sweep_trends": marked("Look at the open trends"),
    "outbound.deliver_webhook": marked("Delivery of a webhook"),
    "automated_gather_creation": marked("Gather of knowledge"),
    "evaluate_department": marked("Evaluation of a department"),
}
PLATFORMS = (
    "instagram", "tiktok", "youtube", "reddit", "mastodon", "bluesky", "hackernews", "producthunt", "x", "rss",
)  # fmt: skip
"""The platforms a list of posts can always be narrowed to; a post may be of another."""
LANGUAGE_NAMES: Mapping[str, str] = {
    "ar": marked("Arabic"),
    "zh": marked("Chinese"),
    "cs": marked("Czech"),
    "nl": marked("Dutch"),
    "en": marked("English"),
    "fr": marked("French"),
    "de": marked("German"),
    "el": marked("Greek"),
    "he": marked("Hebrew"),
    "hi": marked("Hindi"),
    "id": marked("Indonesian"),
    "it": marked("Italian"),
    "ja": marked("Japanese"),
    "ko": marked("Korean"),
    "pl": marked("Polish"),
    "pt": marked("Portuguese"),
    "ru": marked("Russian"),
    "es": marked("Spanish"),
    "sv": marked("Swedish"),
    "th": marked("Thai"),
    "tr": marked("Turkish"),
    "uk": marked("Ukrainian"),
    "vi": marked("Vietnamese"),
}
SURFACE_TYPE_WORDS: Mapping[SurfaceType, str] = {
    SurfaceType.PROFILE: marked("Profile"),
    SurfaceType.HASHTAG: marked("Hashtag"),
    SurfaceType.SEARCH: marked("Search"),
    SurfaceType.FEED: marked("Feed"),
    SurfaceType.LIST: marked("List"),
    SurfaceType.IMPORT: marked("Imported file"),
}
SURFACE_ROLE_WORDS: Mapping[SurfaceRole, str] = {
    SurfaceRole.OWN: marked("Our own"),
    SurfaceRole.COMPETITOR: marked("A competitor's"),
    SurfaceRole.MENTION: marked("Mentions of us"),
    SurfaceRole.MARKET: marked("The market"),
}
ROLE_WORDS: Mapping[Role, str] = {
    Role.OWNER: marked("may do all that an owner may"),
    Role.EDITOR: marked("may do what an editor may"),
    Role.VIEWER: marked("may only read"),
}
CAPTURE_WORDS: Mapping[CaptureStatus, str] = {
    CaptureStatus.RUNNING: marked("Being read"),
    CaptureStatus.SUCCEEDED: marked("Read"),
    CaptureStatus.FAILED: marked("Could not be read"),
}
PART_WORDS: Mapping[str, str] = {
    "relevance": marked("Relevance to the brand"),
    "timeliness": marked("Timeliness"),
    "evidence_strength": marked("Evidence strength"),
    "feasibility": marked("Feasibility"),
    "learned": marked("Learned from decisions"),
    "winners": marked("Ads that won"),
    "model": marked("Rated by a model"),
}
GENERATOR_WORDS: Mapping[str, str] = {
    "extractive": marked("extractive, no model"),
    "model": marked("with a model"),
}
MEDIA_WORDS: Mapping[MediaType, str] = {
    MediaType.TEXT: marked("Text"),
    MediaType.IMAGE: marked("Image"),
    MediaType.VIDEO: marked("Video"),
    MediaType.CAROUSEL: marked("Carousel"),
    MediaType.LINK: marked("Link"),
}
GATE_KIND_WORDS: Mapping[GateKind, str] = {
    GateKind.QUALITY: marked("Quality"),
    GateKind.USABILITY: marked("Usability"),
}
TYPE_WORDS: Mapping[OpportunityType, str] = {
    OpportunityType.TREND: marked("Trend"),
    OpportunityType.EVERGREEN: marked("Evergreen"),
    OpportunityType.COMPETITIVE: marked("Competitive"),
    OpportunityType.CAMPAIGN: marked("Campaign"),
}
CHANNEL_WORDS: Mapping[str, str] = {Channel.EMAIL: marked("Email"), Channel.BLOG: marked("Blog")}
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
    "model_unavailable": marked("No model could be reached, so the board was made without one."),
    "too_few_valid_drafts": marked("The model gave too few drafts that hold, so the board was made without one."),
    "budget_exceeded": marked("The budget for models is used up, so the board was made without one."),
    "models_disabled": marked("A model was asked for and none is configured, so the board was made without one."),
    "invalid_route": marked("The account's route names no model that can be asked, so the board was made without one."),
    "scoring_unavailable": marked("No model rated the drafts: their scores are what was measured."),
}

_DAY_MINUTES = 24 * 60


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
    is_upper_bound: bool = False
    is_share: bool = False
    says_more: tuple[GateVerdict, ...] = (GateVerdict.NOT_APPLICABLE,)


_UNLESS_PASSED = (GateVerdict.FAILED, GateVerdict.NOT_APPLICABLE)
_GATES: Mapping[str, _GateWords] = {
    "insufficient_items": _GateWords(marked("Posts in the window"), "posts"),
    "insufficient_text": _GateWords(marked("Posts with text"), "posts"),
    "missing_platforms": _GateWords(marked("Platforms")),
    "low_transcript_coverage": _GateWords(
        marked("Videos with a transcript"), is_share=True, says_more=tuple(GateVerdict)
    ),
    "stale_evidence": _GateWords(marked("Fresh posts"), "posts", says_more=_UNLESS_PASSED),
    "thin_text": _GateWords(marked("Posts long enough to read"), "posts"),
    "few_authors": _GateWords(marked("Different authors"), "authors"),
    "few_urls": _GateWords(marked("Different links"), "links"),
    "too_many_duplicates": _GateWords(
        marked("Posts that repeat another"), is_upper_bound=True, is_share=True, says_more=_UNLESS_PASSED
    ),
    "low_content_ratio": _GateWords(marked("Posts with real content"), is_share=True, says_more=_UNLESS_PASSED),
}
_VERDICT_WORDS = {
    GateVerdict.PASSED: marked("Passed"),
    GateVerdict.FAILED: marked("Not passed"),
    GateVerdict.NOT_APPLICABLE: marked("Does not apply"),
}


def gate_line(gate: GateResult) -> GateLine:
    """Put a gate into words; one that is not known yet is shown by its code."""
    words = _GATES.get(gate.code) or _GateWords(in_words(gate.code), says_more=_UNLESS_PASSED)
    return GateLine(
        subject=_(words.subject),
        asked=_asked(gate.threshold, words),
        found=_measure(gate.measured, words),
        verdict=gate.verdict,
        verdict_words=_(_VERDICT_WORDS[gate.verdict]),
        detail=told(gate.message) if gate.verdict in words.says_more else "",
    )


def _asked(threshold: float | list[str], words: _GateWords) -> str:
    if isinstance(threshold, list):
        return _("one of %(platforms)s") % {"platforms": _names(threshold)} if threshold else _("any")
    bound = _("less than %(measure)s") if words.is_upper_bound else _("at least %(measure)s")
    return bound % {"measure": _measure(threshold, words)}


def _measure(value: float | list[str], words: _GateWords) -> str:
    if isinstance(value, list):
        return _names(value) or _("none")
    return percent_words(value) if words.is_share else _counted(value, words.unit)


def _counted(value: float, unit: str) -> str:
    # A fraction takes the plural of two, in Russian too.
    number = int(value) if value == int(value) else 2
    units = {
        "posts": ngettext("%(count)s post", "%(count)s posts", number),
        "authors": ngettext("%(count)s author", "%(count)s authors", number),
        "links": ngettext("%(count)s link", "%(count)s links", number),
    }
    return units.get(unit, "%(count)s") % {"count": number_format(f"{value:g}")}


def percent_words(share: float) -> str:
    """Return a share as a percentage that is never broken between its number and its sign."""
    return f"{number_format(f'{share * 100:.3g}')}\N{NO-BREAK SPACE}%"


def number_words(count: int) -> str:
    """Return a whole number with its thousands set apart, as the reader's language does."""
    return number_format(count, force_grouping=True)


def byte_words(count: int) -> str:
    """Say a number of bytes in at most three digits: "12 MB"."""
    for size, unit in ((1_000_000, _("MB")), (1_000, _("kB"))):
        if count >= size:
            return f"{number_format(f'{count / size:.3g}')}\N{NO-BREAK SPACE}{unit}"
    return ngettext("%(count)s byte", "%(count)s bytes", count) % {"count": count}


def _names(platforms: list[str]) -> str:
    return ", ".join(platform_name(name) for name in platforms)


def platform_name(name: str) -> str:
    """Return a platform's or channel's name as its owner writes it."""
    folded = name.casefold()
    return _PROPER_NAMES.get(folded) or (_(CHANNEL_WORDS[folded]) if folded in CHANNEL_WORDS else in_words(name))


def language_name(code: str) -> str:
    """Return a language's name, or its code where it has none here."""
    return _(LANGUAGE_NAMES[code.casefold()]) if code.casefold() in LANGUAGE_NAMES else code


def engagement_words(*, views: int | None, likes: int | None, comments: int | None, shares: int | None) -> list[str]:
    """Say each count that was captured with its unit: "1,312 likes"."""
    counted = (
        (views, ngettext("%(count)s view", "%(count)s views", views or 0)),
        (likes, ngettext("%(count)s like", "%(count)s likes", likes or 0)),
        (comments, ngettext("%(count)s comment", "%(count)s comments", comments or 0)),
        (shares, ngettext("%(count)s share", "%(count)s shares", shares or 0)),
    )
    return [words % {"count": number_words(count)} for count, words in counted if count is not None]


def cadence_words(minutes: int) -> str:
    """Say every how long a surface is read: "every hour", "every 3 days"."""
    if minutes % _DAY_MINUTES == 0:
        days = minutes // _DAY_MINUTES
        words = _("every day") if days == 1 else ngettext("every %(count)s day", "every %(count)s days", days)
        return words % {"count": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        words = _("every hour") if hours == 1 else ngettext("every %(count)s hour", "every %(count)s hours", hours)
        return words % {"count": hours}
    return ngettext("every %(count)s minute", "every %(count)s minutes", minutes) % {"count": minutes}


def job_kind_words(kind: str) -> str:
    """Say what work a job does; a kind that is not known yet, `stage.do_this`, becomes "Stage: do this"."""
    return _(JOB_KIND_WORDS[kind]) if kind in JOB_KIND_WORDS else in_words(kind.replace(".", ": "))


def in_words(code: str) -> str:
    """Turn a code into words: `evidence_strength` becomes "Evidence strength"."""
    spaced = code.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def as_sentence(text: str) -> str:
    """Return what a stage said of an input as a sentence with an end, in the reader's language."""
    said = told(text).strip()
    return said if said.endswith((".", "!", "?", ":")) else f"{said}."


def degraded_words(reason: str | None) -> str:
    """Say why a board is degraded."""
    if not reason:
        return _("A part of the work could not be done; the notes say which.")
    return _(_DEGRADED_WORDS[reason]) if reason in _DEGRADED_WORDS else f"{in_words(reason)}."


def job_words(job: JobDTO) -> str:
    """Say what a live job is doing."""
    if job.cancel_requested:
        return _(STOPPING)
    if job.state is JobState.RUNNING:
        step = job.progress.step
        return _(STEP_WORDS[step]) if step in STEP_WORDS else in_words(step) or _("Starting")
    if job.attempts:
        attempt = {"attempt": job.attempts, "all": job.max_attempts}
        return _("Attempt %(attempt)s of %(all)s failed; the next one is due") % attempt
    return _("Waiting for a worker")


def duration_words(duration: timedelta) -> str:
    """Say a duration in at most two units: "12 s", "3 min 5 s", "2 h 10 min"."""
    seconds = int(duration.total_seconds())
    if seconds < 60:
        return _("%(count)s s") % {"count": seconds}
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return _two(_("%(count)s min") % {"count": minutes}, seconds and _("%(count)s s") % {"count": seconds})
    hours, minutes = divmod(minutes, 60)
    return _two(_("%(count)s h") % {"count": hours}, minutes and _("%(count)s min") % {"count": minutes})


def _two(first: str, second: str | int) -> str:
    return f"{first} {second}" if second else first


def millisecond_words(value: int) -> str:
    """Say a short duration: "840 ms", "1.8 s"."""
    if value < 1000:
        return _("%(count)s ms") % {"count": value}
    return _("%(count)s s") % {"count": number_format(f"{value / 1000:.1f}")}


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
    return re.split(r"(?<=\.)\s+(?=[A-ZА-ЯЁ])", text.strip())


def code_parts(text: str) -> list[tuple[str, bool]]:
    """Split a text at its backticks into (words, is_code)."""
    return [(part, bool(place % 2)) for place, part in enumerate(text.split("`")) if part]
