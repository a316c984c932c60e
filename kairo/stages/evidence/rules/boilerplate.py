"""Phrases that posts carry for the platform's sake, not the reader's: heads and tails, English and Russian."""

from __future__ import annotations

import re

_HANDLE = r"@[\w.]{1,60}(?:@[\w.-]{1,80})?"
_CROSSPOST = r"(?:x|cross)[ -]?post(?:ed)?\s(?:from|to)\s/?r/\w{1,40}"

_HEADS = (
    rf"(?:rt|mt|qt)\s{_HANDLE}\s?[:,-]?",
    r"rt\s\w{1,30}:",
    rf"(?:repost(?:ed)?|regram|репост)(?:\s?(?:from|by|by:|от|у))?\s?[:•|-]?\s?{_HANDLE}\s?[:•|-]?",
    rf"(?:via|h/t)\s{_HANDLE}\s?:",
    rf"[(\[]?{_CROSSPOST}\s?[)\]:-]?",
    r"(?:fwd?|переслано)\s?:",
)
_TAILS = (
    _CROSSPOST,
    rf"[(\[]?(?:via|h/t|repost(?:ed)? from|📷|📸|🎥)\s?:?\s?{_HANDLE}[)\]]?",
    r"(?:the |our |my )?links? (?:is |are )?in (?:the |our |my )?(?:bio|profile|description)(?: below)?",
    r"ссылк[аи] (?:в|на) (?:шапке|профиле|био|описании|описание)(?: профиля)?",
    rf"(?:don't forget to )?follow (?:us|me|along|{_HANDLE})(?:(?: and| &|,)? {_HANDLE})*"
    r"(?: (?:on|for|to) [^\n.!?]{1,60})?",
    r"follow for (?:more|daily)[^\n.!?]{0,60}",
    r"подпис(?:ывайтесь|ывайся|аться)(?: на [^\n.!?]{1,60})?",
    r"(?:please )?like(?:, \w{4,9})*,? (?:and|&) (?:subscribe|follow|share)[^\n.!?]{0,30}",
    r"став(?:ь|ьте) лайк[^\n.!?]{0,40}",
    r"turn on (?:your |post )?notifications",
    r"double[ -]tap if [^\n.!?]{1,40}",
    r"tag (?:a|your) (?:friend|bestie|mate)[^\n.!?]{0,40}",
    r"the post [^\n]{1,200} (?:appeared first|first appeared) on [^\n]{1,80}",
    r"(?:continue reading|read more|читать далее|подробнее)(?: here| по ссылке)?",
    r"submitted by /?u/[\w-]{1,30}(?: to /?r/\w{1,40})?(?: \[link\])?(?: \[comments\])?",
)
# A tail is cut only where a sentence ended before it: "the link in bio is broken" is what somebody says.
_SENTENCE_END = r"(?:(?<![^\n])|(?<=[^\w\s,'\"’“”«»-])|(?<=[^\w\s,'\"’“”«»-] ))"

_HEAD = re.compile(rf"\s*(?:{'|'.join(_HEADS)})\s*", re.IGNORECASE)
_TAIL = re.compile(rf"(?:{_SENTENCE_END}|(?=[(\[]))[(\[]?(?:{'|'.join(_TAILS)})[^\w\n]*$", re.IGNORECASE | re.MULTILINE)
_MOST_LAYERS = 4


def without_heads(text: str) -> str:
    """Cut "RT @x:" and its like from the start, also where a repost was reposted."""
    for _ in range(_MOST_LAYERS):
        head = _HEAD.match(text)
        if head is None:
            break
        text = text[head.end() :]
    return text


def without_tails(text: str) -> str:
    """Cut calls to follow, "link in bio" and their like where a line ends with them; spaces must be collapsed."""
    for _ in range(_MOST_LAYERS):
        shorter = _TAIL.sub("", text).rstrip()
        if shorter == text:
            break
        text = shorter
    return text
