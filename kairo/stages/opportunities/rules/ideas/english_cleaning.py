"""A posted English sentence without what posts carry around their words: labels, greetings, links, emoji."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kairo.stages.opportunities.rules.lexicon.english_spelling import MISSPELLINGS

_LABEL = re.compile(r"^\s*[\[(【]([^\])】]{1,40})[\])】]\s*[:\-–—]?\s*")
_OPENING_LABEL = re.compile(
    r"^\s*(psa|til|reminder|tip|protip|pro tip|pro-tip|hot tip|life ?hack|fyi|heads up|warning|"
    r"myth|review|update(?: \d+)?|"
    r"question|quick question|serious question|random question|discussion|poll|hot take|unpopular opinion|ysk|lpt|"
    r"dae|eli5|(?:ask|show|tell|launch) hn|ama|"
    r"fun fact|recipe|diy|haul|rant|rave|edit|news|confession|story ?time|pov)\s*[:!\-–—]+\s*",
    re.IGNORECASE,
)
_BARE_LABEL = re.compile(r"^\s*(PSA|TIL|DAE|ELI5|FYI|YSK|LPT)\s+(?:that\s+|to\s+)?")
_GREETING = re.compile(
    r"^(?:(?:hi|hey|hello|hiya|howdy|dear|greetings|good (?:morning|evening))(?: there)?(?:,? "
    r"(?:all|guys|everyone|everybody|"
    r"folks|friends|y'all|people|ladies|team|fellow \w+|/?r/\w+|[A-Z]\w+)){0,2}\s*[,!.:\-–—]+\s*|"
    r"(?:so+|ok(?:ay)?(?: so)?|well|um+|hmm+|alright|yay|guys|ladies|help|seriously|honestly|"
    r"omg|wow|please help|oh no|"
    r"just wondering|just curious|i was wondering|long story short|quick question|odd question|stupid question|"
    r"dumb question|weird question|serious question|newbie question|noob question|basically|"
    r"actually|finally|anyway|also|"
    r"and|but|edit|personally|in your opinion|in your experience|today|question)\s*[,:!.…\-–—]+\s*|"
    r"(?:so|and|but|ok so|also|basically) )+",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+|www\.\S+")
_MARKDOWN_LINK = re.compile(r"\[([^\]]{1,200})\]\([^)]*\)")
_HASHTAG_RUN = re.compile(r"(?:\s*[#＃]\w+){2,}\s*$|\s+[#＃]\w+\s*$")
_EMOJI = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_SMILEY = re.compile(r"(?<!\w)[:;=][-']?[)(DPp/|]+|<3|\bx[dD]\b")
_MISSPELT = re.compile(rf"\b(?:{'|'.join(sorted(MISSPELLINGS))})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The words of a sentence, and the label its author put before it (psa, review, tip…)."""

    text: str
    label: str


def clean(raw: str) -> Cleaned:
    """Take labels, greetings, links, mark-up and emoji off a sentence."""
    text = _MARKDOWN_LINK.sub(r"\1", raw)
    text = _HASHTAG_RUN.sub("", _LINK.sub("", text))
    text = re.sub(r"[#＃@](?=\w)", "", text)
    text = re.sub(r"\*+|~~|__|^>+|`|^\s*(?:[-•·]|\d+[.)])\s+", "", text)
    text = _SMILEY.sub("", _EMOJI.sub(" ", _UNSEEN.sub("", text))).replace("’", "'").replace("“", '"').replace("”", '"')
    labels: list[str] = []
    for pattern in (_LABEL, _LABEL, _OPENING_LABEL, _BARE_LABEL):
        match = pattern.match(text)
        if match is not None and text[match.end() :].strip():
            labels.append(match.group(1).lower())
            text = text[match.end() :]
    text = re.sub(r"\s*[\[【][^\]】]{1,60}[\]】]", "", text)
    text = re.sub(
        r"\((?:[^()]*\b(?:x-?post|crosspost|pics?|photos?|details|comments?|wdywt|oc)\b[^()]*)\)",
        "",
        text,
        flags=re.IGNORECASE,
    )
    greeting = _GREETING.match(text)
    if greeting is not None and text[greeting.end() :].strip():
        text = text[greeting.end() :]
    text = _spelled_out(text)
    return Cleaned(re.sub(r"\s+", " ", text).strip(" \t-–—*|"), " ".join(labels))


def _spelled_out(text: str) -> str:
    text = re.sub(
        r" (?:on|in|from) (?:the|this|your) (?:side ?bar|sub|subreddit|wiki|faq|thread|forum|group|"
        r"page)\b",
        "",
        text,
        flags=re.IGNORECASE,
    )
    text = _MISSPELT.sub(lambda match: MISSPELLINGS[match.group().lower()], text)
    text = re.sub(r"\bw/o\b", "without", text, flags=re.IGNORECASE)
    text = re.sub(r"\bw/ ?(?=\w)", "with ", text, flags=re.IGNORECASE)
    text = re.sub(r"\s&\s", " and ", text)
    text = re.sub(r"(?<=[a-z]{3})/(?=[a-z]{3})", " or ", text)
    text = re.sub(r"\bu\b", "you", text)
    text = re.sub(r"\bur\b", "your", text)
    text = re.sub(r"([!?])[!?]+", r"\1", text)
    return re.sub(r"(?<=[a-z])\*(?=[a-z])", "", text)
