"""How the text of an ad that won is built: what other texts may take from it without taking its words."""

from __future__ import annotations

import re

from kairo.stages.opportunities.contracts import TextInvitation, TextOpening, WinnerForm

LONGEST_INVITATION = 150
_SENTENCE = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]*")
_HASHTAG = re.compile(r"(?<!\w)#\w+")
_READER = re.compile(r"\b(?:you|your|yours|вы|вас|вам|вами|ваш\w*|ты|тебя|тебе|тво\w+)\b|[你您]", re.IGNORECASE)
_REQUEST = re.compile(
    r"\b(?:book|buy|call|check|come|discover|download|find|follow|get|join|learn|leave|order|read|register|reply|save|"
    r"see|send|share|shop|sign|start|subscribe|tell|test|try|visit|watch|write)\b"
    r"|\b\w+(?:йте|ите)(?:сь)?\b|[点查看立即马上快来请]",
    re.IGNORECASE,
)


def form_of(text: str) -> WinnerForm:
    """Read how a text is built."""
    body = _HASHTAG.sub("", text).strip()
    sentences = [found.group().strip() for found in _SENTENCE.finditer(body) if found.group().strip()]
    first, last = (sentences[0], sentences[-1]) if sentences else ("", "")
    return WinnerForm(
        opening=_opening(first),
        invitation=_invitation(last) if len(sentences) > 1 else TextInvitation.NONE,
        characters=len(text),
        addresses_reader=_READER.search(body) is not None,
    )


def _opening(sentence: str) -> TextOpening:
    if sentence.rstrip("\"'”»").endswith(("?", "？")):
        return TextOpening.QUESTION
    return TextOpening.FIGURE if re.search(r"\d", sentence) else TextOpening.STATEMENT


def _invitation(sentence: str) -> TextInvitation:
    if len(sentence) > LONGEST_INVITATION:
        return TextInvitation.NONE
    if sentence.endswith(("?", "？")):
        return TextInvitation.QUESTION
    return TextInvitation.REQUEST if _REQUEST.search(sentence) else TextInvitation.NONE
