"""The transcript in a timed-text file (YouTube's XML): its segments joined, read without ever expanding an entity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import ParseError, XMLParser

from kairo.stages.evidence.adapters.fields.transcripts import joined
from kairo.stages.evidence.contracts import MAX_RECORD_BYTES, UnreadableFile
from kairo.stages.evidence.ports import RawRecord

_WEB_PAGE = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)*(?:<!doctype html|<html)", re.IGNORECASE | re.DOTALL)
_ROBOT_CHECK = re.compile(r"g-recaptcha|unusual traffic|consent\.youtube\.com", re.IGNORECASE)
_DECLARATION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SEGMENTS = {"transcript": "text", "timedtext": "p"}


def transcript_record(source: TextIO, name: str) -> Iterator[RawRecord]:
    """Yield the one record of the file, with the text in its field `transcript`.

    Raises UnreadableFile for web pages, other XML, and any document type: entities are how XML attacks its readers.
    """
    text = source.read(MAX_RECORD_BYTES + 1)
    if len(text) > MAX_RECORD_BYTES:
        raise UnreadableFile(f"{name} is larger than any transcript", code="too_large")
    if _WEB_PAGE.match(text):
        raise _web_page(text, name)
    if _DECLARATION.search(text):
        raise UnreadableFile(f"{name} declares a document type; such XML is not read", code="unsafe_xml")
    segments = _Segments()
    try:
        parser = XMLParser(target=segments)  # noqa: S314  document types, and with them all entities, were refused above
        parser.feed(text.lstrip())
        parser.close()
    except (ParseError, ValueError) as error:
        raise UnreadableFile(f"{name} is not valid XML: {error}", code="broken_xml") from error
    if segments.root not in _SEGMENTS:
        raise _other_xml(segments.root, name)
    yield RawRecord(1, fields={"transcript": joined(segments.texts), "segments": len(segments.texts)})


def _other_xml(root: str, name: str) -> UnreadableFile:
    is_feed = root in ("rss", "feed")
    what = "a feed: feeds are listened to, not imported" if is_feed else f"XML of <{root[:50]}>, not a transcript"
    return UnreadableFile(f"{name} is {what}", code="unknown_format")


def _web_page(text: str, name: str) -> UnreadableFile:
    if _ROBOT_CHECK.search(text):
        return UnreadableFile(
            f"{name} is a page that asks whether you are a robot: the platform blocked the request that saved it; "
            "fetch it again later or from another address",
            code="blocked",
        )
    return UnreadableFile(f"{name} is a web page, not an export", code="unknown_format")


class _Segments:
    """The texts of the segments, collected while the XML is read: no tree is built, however deep it is."""

    def __init__(self) -> None:
        self.root = ""
        self.texts: list[str] = []
        self._parts: list[str] | None = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        if tag == _SEGMENTS.get(self.root):
            self._parts = []

    def data(self, text: str) -> None:
        if self._parts is not None:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        if self._parts is not None and tag == _SEGMENTS.get(self.root):
            self.texts.append("".join(self._parts))
            self._parts = None

    def close(self) -> None:
        """XMLParser asks its target for a result; the texts are it."""
