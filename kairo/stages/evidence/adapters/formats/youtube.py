"""YouTube: videos from Apify, player answers (innertube), and transcripts that name their video.

What keeps a transcript away is told apart (disabled, unavailable, age-restricted, blocked); none is an empty one.
"""

from __future__ import annotations

from datetime import datetime

from kairo.stages.evidence.adapters.captured import captured_item
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of
from kairo.stages.evidence.adapters.fields.shapes import listed, nested, objects
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of
from kairo.stages.evidence.adapters.fields.transcripts import transcript_of
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import BadRecord, Record

_WATCH = "https://www.youtube.com/watch?v="
_REFUSALS = (
    (
        ("confirm your age", "inappropriate for some users", "age-restricted"),
        "age_restricted",
        "YouTube shows it to adults only",
    ),
    (
        ("not a bot", "unusual traffic"),
        "blocked",
        "YouTube blocked the request; fetch it again later or from another address",
    ),
    (("in your country", "in your location"), "blocked", "the video is blocked in the country that asked"),
    (("private video",), "unavailable", "the video is private"),
)
_TRANSCRIPTS = ("snippets", "segments", "transcript")
_AGE_STATES = ("AGE_VERIFICATION_REQUIRED", "AGE_CHECK_REQUIRED", "CONTENT_CHECK_REQUIRED")


class ApifyYouTubeVideos:
    """Apify's youtube-scraper; its subtitles, where the run fetched them, are the transcript."""

    name = "apify_youtube"
    label = "YouTube videos from Apify (youtube-scraper)"
    format_has_author = True
    keep = (
        "id",
        "title",
        "url",
        "date",
        "channelName",
        "channelUrl",
        "viewCount",
        "likes",
        "commentsCount",
        "text",
        "duration",
    )

    def recognises(self, record: Record) -> bool:
        return "channelName" in record and "url" in record and ("viewCount" in record or "duration" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        return captured_item(
            record,
            platform="youtube",
            item_id=record.get("id"),
            published_at=published(record.get("date"), "date", received_at=received_at),
            keep=self.keep,
            title=text_of(record, "title"),
            body=text_of(record, "text"),
            transcript=_from_apify(record),
            url=optional_text(record, "url"),
            author=optional_text(record, "channelUsername", "channelName", "channelId"),
            media_type=MediaType.VIDEO,
            tags=record.get("hashtags"),
            counts=Counts(
                views=count_of(record, "viewCount"),
                likes=count_of(record, "likes"),
                comments=count_of(record, "commentsCount"),
            ),
        )


class YouTubePlayerAnswers:
    """The player's answer for one video: its title, description and views, never its transcript and seldom its date."""

    name = "youtube_player"
    label = "YouTube player answers (innertube JSON)"
    format_has_author = True
    keep = ("videoDetails", "playabilityStatus", "microformat", "captions")

    def recognises(self, record: Record) -> bool:
        return "playabilityStatus" in record

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        video = nested(record, "videoDetails")
        _refuse_unplayable(nested(record, "playabilityStatus"))
        video_id = text_of(video, "videoId")
        if not video_id:
            raise BadRecord("missing_video", "the answer does not say of which video it is")
        if not nested(record, "captions", "playerCaptionsTracklistRenderer").get("captionTracks"):
            raise BadRecord("transcripts_disabled", f"transcripts are disabled for the video {video_id[:20]}")
        page = nested(record, "microformat", "playerMicroformatRenderer")
        when = "publishDate" if page.get("publishDate") else "uploadDate"
        return captured_item(
            record,
            platform="youtube",
            item_id=video_id,
            published_at=published(page.get(when), when, received_at=received_at),
            keep=self.keep,
            title=text_of(video, "title"),
            body=text_of(video, "shortDescription"),
            url=f"{_WATCH}{video_id}",
            author=optional_text(video, "author", "channelId"),
            media_type=MediaType.VIDEO,
            counts=Counts(views=count_of(video, "viewCount")),
        )


class YouTubeTranscripts:
    """Transcripts with the id of their video, as the common fetchers write them."""

    name = "youtube_transcript"
    label = "YouTube transcripts with their video's id (video_id, and snippets, segments or transcript)"
    format_has_author = True
    keep = ("video_id", "videoId", "language", "language_code", "title", "published_at")

    def recognises(self, record: Record) -> bool:
        has_id = "video_id" in record or "videoId" in record
        return has_id and any(isinstance(record.get(name), list | str) for name in _TRANSCRIPTS)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        found = (transcript_of(record.get(name)) for name in _TRANSCRIPTS)
        transcript = next(filter(None, found), "")
        if not transcript:
            raise BadRecord("empty_transcript", "the transcript has no segment with a text")
        video_id = text_of(record, "video_id", "videoId")
        when = record.get("published_at") or record.get("publishedAt")
        return captured_item(
            record,
            platform="youtube",
            item_id=video_id,
            published_at=published(when, "published_at", received_at=received_at),
            keep=self.keep,
            title=text_of(record, "title"),
            body=text_of(record, "description"),
            transcript=transcript,
            url=f"{_WATCH}{video_id}",
            author=optional_text(record, "author", "channel"),
            media_type=MediaType.VIDEO,
            language=optional_text(record, "language_code", "language"),
        )


def holds_segments_alone(record: Record) -> bool:
    """Say whether the record is a piece of a transcript, or a whole one, that does not name its video."""
    is_segment = "text" in record and "start" in record and ("dur" in record or "duration" in record)
    return is_segment or set(record) == {"transcript", "segments"} or ("events" in record and "wireMagic" in record)


def _refuse_unplayable(status: Record) -> None:
    state, reason = optional_text(status, "status"), optional_text(status, "reason")
    if state == "OK":
        return
    messages = [message for message in listed(status, "messages") if isinstance(message, str)]
    said = " ".join((reason, *messages)).lower()
    if state in _AGE_STATES:
        raise BadRecord("age_restricted", f"YouTube shows it to adults only ({reason[:150]})")
    for phrases, code, why in _REFUSALS:
        if any(phrase in said for phrase in phrases):
            raise BadRecord(code, f"{why} ({reason[:150]})")
    if state == "LIVE_STREAM_OFFLINE":
        raise BadRecord("not_published", f"the video is not there yet ({reason[:150]})")
    raise BadRecord("unavailable", f"the video is unavailable ({reason[:150] or state[:50] or 'no reason given'})")


def _from_apify(record: Record) -> str:
    for subtitles in objects(record, "subtitles"):
        transcript = transcript_of(subtitles.get("srt") or subtitles.get("plaintext"))
        if transcript:
            return transcript
    return transcript_of(record.get("transcript"))
