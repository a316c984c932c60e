"""What to connect or import when a gate fails: one sentence for each failure code, and the line of a failure."""

from __future__ import annotations

from collections.abc import Sequence

from kairo.stages.evidence.contracts import GateThresholds

_IMPORT = "`kairo ingest import FILE --brand SLUG`"
_PLATFORM_NAMES = {"tiktok": "TikTok", "youtube": "YouTube", "hackernews": "Hacker News", "producthunt": "Product Hunt"}

_SENTENCES = {
    "insufficient_items": f"Connect more profiles, hashtags or feeds, or import a file with more posts ({_IMPORT}), "
    "until at least {items} items lie in the window.",
    "insufficient_text": "Connect sources whose posts carry captions or text, or import a file that has a text column, "
    "until at least {texts} items have text.",
    "missing_platforms": "Connect a profile or hashtag on {platforms}, or import an export of one, "
    "or change the platforms in the brand's settings.",
    "low_transcript_coverage": "Import the videos again with their transcripts (subtitles or the transcript field), "
    "until {transcripts} of them have one.",
    "stale_evidence": "Run the connected sources again, or import posts published in the {days} days before the run.",
    "thin_text": "Connect or import posts with longer texts: at least {long_items} of {characters} characters or more.",
    "few_authors": "Connect competitors' profiles, hashtags or searches, or import posts by others, "
    "until at least {authors} authors speak.",
    "few_urls": "Import posts with their own address (the url field), until {urls} different ones can be cited.",
    "too_many_duplicates": "Connect or import sources with posts of their own, and pause those that repeat others, "
    "until less than {duplicates} of the items are repeats.",
    "low_content_ratio": "Connect or import posts that say something in words, not only hashtags, emoji or links, "
    "until at least {content} of the items do.",
}
_NOTHING_YET = (
    "Nothing was found for this brand in the window. Connect a profile, hashtag or feed{on_platforms}, "
    f"or import a file ({_IMPORT}) with at least {{items}} posts, some published in the {{days}} days before the run."
)


def remediation_for(codes: Sequence[str], thresholds: GateThresholds, *, found_items: int) -> str | None:
    """Say what to connect or import, in the order of the failures; None where nothing failed."""
    if not codes:
        return None
    words = _words_of(thresholds)
    if found_items == 0:
        return _NOTHING_YET.format(**words)
    return " ".join(_SENTENCES[code].format(**words) for code in codes)


def percent(share: float) -> str:
    return f"{share * 100:.4g} %"


def _words_of(thresholds: GateThresholds) -> dict[str, str]:
    platforms = " or ".join(_PLATFORM_NAMES.get(name, name.capitalize()) for name in thresholds.platforms)
    return {
        "items": str(thresholds.min_items),
        "texts": str(thresholds.min_items_with_text),
        "platforms": platforms,
        "on_platforms": f" on {platforms}" if platforms else "",
        "transcripts": percent(thresholds.min_transcript_coverage),
        "days": f"{thresholds.fresh_within_days:g}",
        "long_items": str(thresholds.min_long_items),
        "characters": str(thresholds.long_item_characters),
        "authors": str(thresholds.min_authors),
        "urls": str(thresholds.min_urls),
        "duplicates": percent(thresholds.max_duplicate_share),
        "content": percent(thresholds.min_content_share),
    }
