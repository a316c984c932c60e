"""Telephone numbers in running text: by their shape where it is telling, by the words around them where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairo.platform.policy.numbers import digits_of

_SEP = r"[ \u00a0\u202f.\-\u2010-\u2013]"
_EXTENSION = r"(?:\s?(?:x|ext\.?|доб\.?)\s?\d{1,6})?"
_TELLING = re.compile(
    rf"""
    (?<![\w.])(?<!\d[\-,/:])
    (?:
        \+\d(?:{_SEP}?\(?\d\)?){{6,14}}                                             # +46 (0)8 928 571 38
      | (?:00{_SEP}?|011{_SEP})[1-9](?:{_SEP}?\d){{7,13}}                           # 001-518-640-0854
      | (?:1{_SEP}?)?\(\d{{2,5}}\){_SEP}?\d{{2,4}}(?:{_SEP}?\d{{2,4}}){{1,3}}       # (579)888-3058
      | (?:1{_SEP})?\d{{3}}(?P<nanp>[.\- ])\d{{3}}(?P=nanp)\d{{4}}                  # 905-674-3793
      | 0\d{{1,4}}(?:{_SEP}\d{{2,8}}){{1,4}}                                        # 0490 75 40 81
      | \d{{2}}(?P<pair>[.\-])(?:\d{{2}}(?P=pair)){{2,3}}\d{{2}}                    # 60-56-85-91
      | [78]{_SEP}?\(?9\d{{2}}\)?{_SEP}?\d{{3}}{_SEP}?\d{{2}}{_SEP}?\d{{2}}         # 8 916 123-45-67
    )
    {_EXTENSION}
    (?![\w@])(?!{_SEP}\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_RUN = re.compile(rf"(?<![\w.+])\+?\(?\d(?:[)(/]?{_SEP}?[(]?\d){{6,14}}{_EXTENSION}(?![\w@])")
_CUE_BEFORE = re.compile(
    r"""
    \b(?: tele?(?:phone)?s? | phone | call(?:ed|ing|s)? | cell(?:ular)? | mobiles? | fax | desk | office | home | dial
        | ring | text\ (?:me|us|him|her|them|at) | sms | messag(?:e|es|ed|ing) | answer(?:ed|ing|s)?
        | reach | hotline | landline
        | whats\s?app | wa\.me | viber | telegram | signal | my\ (?:\w+\ )?number | contact | т | тел | телефон\w* | моб
        | мобильн\w* | звон\w* | позвон\w* | набер\w* | факс | номер\ телефона | ватсап\w* )\b
    [^\d\n]{0,24}\n?[^\d\n]{0,4}$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"[\s,;()\\\-]{0,3}(?:office|fax|mobile|cell|home|desk|phone|tel|work|whatsapp|моб|раб|дом|тел)\b", re.IGNORECASE
)
_CUE_REACH = 40
_CURRENCY_BEFORE = re.compile(r"[$€£¥₽₹#№]\s?$")
_UNIT_AFTER = re.compile(
    r"\s?(?:[%$€£¥₽₹°]|(?:usd|eur|руб\w*|views?|likes?|followers|subscribers|подписчик\w*|просмотр\w*)\b)",
    re.IGNORECASE,
)
# What is written with digits and is no phone: dates and times, addresses of machines, the shape of a social security
# number, pages of a journal, identifiers, links.
_OTHER = re.compile(
    r"""
    \b(?:19|20)\d{2}([\-/.])\d{1,2}\1\d{1,2}(?:[T\s]\d{1,2}(?::\d{2}){0,2})?
    | \b\d{1,2}([\-/.])\d{1,2}\2(?:19|20)\d{2}\b
    | (?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])
    | (?<!\d)\d{3}-\d{2}-\d{4}(?!\d)
    | \((?:19|20)\d{2}\)[ ,:]*\d+[\-\u2013]\d+
    | \b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b
    | https?://(?!wa\.me/)\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:[ \u00a0\u202f.]\d{3})+")
_ENOUGH_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")
_MIN_DIGITS, _MAX_DIGITS = 7, 15
_MIN_TELLING_DIGITS = 8


def find_phones(text: str, *, region: str | None = None) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers stand; `region` is where numbers without a country code are dialled."""
    if not _ENOUGH_DIGITS.search(text):
        return
    others = [match.span() for match in _OTHER.finditer(text)]
    found: list[tuple[int, int]] = []
    for pattern, accepts in ((_RUN, _is_meant), (_TELLING, _is_telling)):
        for match in pattern.finditer(text):
            span = match.span()
            if not any(_overlap(span, other) for other in (*others, *found)) and accepts(match, text, region):
                found.append(span)
    yield from found


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_telling(match: re.Match[str], text: str, region: str | None) -> bool:
    """Accept a shape that only phones have; a large number with its thousands apart needs more than its shape."""
    number = match.group()
    if not _MIN_TELLING_DIGITS <= len(digits_of(re.split(r"(?i)[xeд]", number)[0])) <= _MAX_DIGITS:
        return False
    return not _THOUSANDS.fullmatch(number) or _is_meant(match, text, region)


def _is_meant(match: re.Match[str], text: str, region: str | None) -> bool:
    """Accept digits that the words around them call a phone, or that the numbering plan knows."""
    number = match.group()
    count = len(digits_of(re.split(r"(?i)[xeд]", number)[0]))
    if not _MIN_DIGITS <= count <= _MAX_DIGITS or _is_amount(match, text):
        return False
    before = text[max(0, match.start() - _CUE_REACH) : match.start()]
    if _CUE_BEFORE.search(before) or _CUE_AFTER.match(text, match.end()):
        return True
    if _THOUSANDS.fullmatch(number) and not number.startswith("+"):
        return False
    # Ten bare digits are a number of North America or an identifier: its area codes tell them apart.
    plan = region or ("US" if count == 10 and number.isdecimal() else None)
    return (plan is not None or number.startswith("+")) and _is_in_use(number, plan)


def _is_amount(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 2) : match.start()]
    return bool(_CURRENCY_BEFORE.search(before) or _UNIT_AFTER.match(text, match.end()))


def _is_in_use(number: str, region: str | None) -> bool:
    """Say whether the numbering plan of the region (or of the number's own country code) holds the number."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
