"""Transcripts from their segments or subtitles: one text, without times, markup, entities or empty pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import JsonValue

from kairo.stages.evidence.adapters.fields.texts import read_text, storable_text, text_of_html

_CUE = re.compile(r"^(?:\d{1,6}[ \t]*\n)?[\d:.,]{4,16}[ \t]*-->.*$", re.MULTILINE)


def transcript_of(value: JsonValue) -> str:
    """Return the transcript in a field: a text, subtitles (SRT or WebVTT) or a list of segments; "" when none."""
    if isinstance(value, str):
        text = read_text(value)
        return from_subtitles(text) if "-->" in text and _CUE.search(text) else text
    if isinstance(value, list):
        return joined(text for text in map(_text_of_segment, value) if text)
    return ""


def joined(segments: Iterable[str]) -> str:
    """Join the texts of the segments by spaces; the empty ones go."""
    return " ".join(filter(None, (" ".join(storable_text(text_of_html(segment)).split()) for segment in segments)))


def from_subtitles(subtitles: str) -> str:
    """Return what is said in SRT or WebVTT subtitles."""
    said = _CUE.sub("", read_text(subtitles).removeprefix("WEBVTT"))
    return joined(said.split("\n"))


def _text_of_segment(segment: JsonValue) -> str:
    text = segment.get("text") if isinstance(segment, dict) else segment
    return text if isinstance(text, str) else ""
