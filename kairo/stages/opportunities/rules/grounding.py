"""What a model's own words may say: no figure, name, quote, authority or address that its cited posts do not hold.

Quotes are checked letter by letter elsewhere; this is about the sentences around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kairo.stages.opportunities.rules.stems import fold, has_han, stem, words_of

LONGEST_TITLE = 120
TITLE_CASE_SHARE = 0.7
LEAST_WORDS_FOR_CASE = 4
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|net|org|io|co|ru|cn|de|shop|app|ai|info|biz|xyz)\b", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@[\w.]{2,}")
_FIGURE = re.compile(r"\d+")
_SHARE_OR_SUM = re.compile(r"[$€£¥₽]\s?\d[\d.,]*|\d[\d.,]*\s?(?:%|percent\b|процент\w*|[$€£¥₽])", re.IGNORECASE)
_SPOKEN = re.compile(r"“([^”]{3,})”|\"([^\"]{3,})\"|«([^»]{3,})»|「([^」]{3,})」|『([^』]{3,})』")
_QUANTITY = re.compile(
    r"\b(?:hundreds?|thousands?|millions?|billions?|dozens?|doubl\w+|tripl\w+|quadrupl\w+|halv\w+|majorit\w+|percent|"
    r"сотн\w*|тысяч\w*|миллион\w*|миллиард\w*|десятк\w*|вдвое|втрое|удво\w+|утро\w+|большинств\w*|процент\w*)\b|"
    r"[百千万亿两倍]+[人条个次倍]|百分之|翻倍",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(
    r"\b(?:stud(?:y|ies)|research\w*|experts?|scientists?|scientific\w*|doctors?|dermatologists?|analysts?|surveys?|"
    r"statistics|proven|clinical\w*|guarantee\w*|certified|award\w*|accord(?:ing|s)|best-?selling|bestsell\w+|"
    r"everyone|everybody|nobody|исследован\w*|эксперт\w*|учён\w*|учен(?:ые|ых)\w*|врач\w*|доказан\w*|гаранти\w*|"
    r"согласно|все вокруг)\b|研究|专家|科学家|医生|数据显示|证明|保证|据.{1,12}(?:报道|称)",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    word: number
    for number, words in {
        2: "two two-thirds два две",
        3: "three три",
        4: "four четыре",
        5: "five пять",
        6: "six шесть",
        7: "seven семь",
        8: "eight восемь",
        9: "nine девять",
        10: "ten десять",
        11: "eleven одиннадцать",
        12: "twelve двенадцать",
        15: "fifteen пятнадцать",
        20: "twenty двадцать",
        30: "thirty тридцать",
        40: "forty сорок",
        50: "fifty пятьдесят",
        60: "sixty шестьдесят",
        70: "seventy семьдесят",
        80: "eighty восемьдесят",
        90: "ninety девяносто",
    }.items()
    for word in words.split()
}
_NAME = re.compile(r"(?<![\w'’-])(?:[A-ZА-ЯЁ][\w'’-]{2,}|[A-Z]{2,})")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;—–]\s+|\n|[“\"«(]\s*)$")
_KNOWN_NAMES = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|christmas|easter|ramadan|halloween|instagram|tiktok|linkedin|youtube|"
    r"twitter|facebook|reddit|meta|mastodon|bluesky|diy|faq|январ[ьея]|феврал[ьея]|марта?|апрел[ьея]|ма[йея]|июн[ьея]|"
    r"июл[ьея]|августа?|сентябр[ьея]|октябр[ьея]|ноябр[ьея]|декабр[ьея])"
)
"""Days, months, feasts and platforms: they name no party."""


@dataclass(frozen=True)
class Ground:
    """What the words of a draft may rest on: its cited posts, what was counted in them, and what the brand says."""

    posts: Sequence[str]
    figures: frozenset[str]
    brand: Sequence[str]

    @property
    def told(self) -> str:
        return "\n".join([*self.posts, *self.brand])


def ungrounded_reasons(*, title: str, angle: str, why_now: str, ground: Ground) -> list[str]:
    """List what a draft's own words say that nothing stands behind, in a fixed order."""
    told = _Told(ground)
    reasons = _title_reasons(title)
    for place, text in (("title", title), ("angle", angle), ("why_now", why_now)):
        reasons += told.reasons(place, text)
    reasons += told.counted(why_now)
    return list(dict.fromkeys(reasons))


def figures_in(texts: Iterable[str]) -> frozenset[str]:
    """Return every run of digits in these texts, without leading zeros."""
    return frozenset(_plain(found) for text in texts for found in _FIGURE.findall(text))


class _Told:
    """What posts, counts and brand hold, made ready for many looks."""

    def __init__(self, ground: Ground) -> None:
        self._folded = fold(ground.told)
        self._spoken = fold("\n".join(ground.posts))
        self._figures = ground.figures | figures_in([ground.told])
        self._stems = {stem(word) for word in words_of(ground.told)}
        self._is_read_by_letters = has_han(ground.told)

    def reasons(self, place: str, text: str) -> Iterator[str]:
        if _LINK.search(text):
            yield f"link: the {place} names an address"
        for handle in _HANDLE.findall(text):
            if fold(handle) not in self._folded:
                yield f"unsupported_name: “{handle}” in the {place}"
        for spoken in _spoken_in(text):
            if fold(spoken.strip(" .,!?…")) not in self._spoken:
                yield f"unsupported_quote: “{spoken[:60]}” in the {place} stands in no cited post"
        for figure in _FIGURE.findall(text):
            if _plain(figure) not in self._figures:
                yield f"unsupported_figure: {figure} in the {place} stands in no cited post"
        yield from self._said_elsewhere(place, text)

    def counted(self, why_now: str) -> Iterator[str]:
        """A reason in time speaks of counts, in words too; a title may promise two steps."""
        for word in words_of(why_now):
            number = _NUMBER_WORDS.get(word)
            if number is not None and str(number) not in self._figures and word not in self._folded:
                yield f"unsupported_figure: “{word}” in the why_now stands in no cited post"

    def _said_elsewhere(self, place: str, text: str) -> Iterator[str]:
        for kind, pattern in (
            ("unsupported_figure", _SHARE_OR_SUM),
            ("unsupported_figure", _QUANTITY),
            ("unsupported_authority", _AUTHORITY),
        ):
            for found in pattern.finditer(text):
                if fold(found.group()).strip() not in self._folded:
                    yield f"{kind}: “{found.group()}” in the {place} stands in no cited post"
        for name in _names_in(text):
            if stem(fold(name)) not in self._stems and fold(name) not in self._folded:
                yield f"unsupported_name: “{name}” in the {place} stands in no cited post"


def _title_reasons(title: str) -> list[str]:
    if len(title) > LONGEST_TITLE:
        return [f"long_title: {len(title)} characters, at most {LONGEST_TITLE}"]
    words = [word for word in title.split() if word[:1].isalpha() and len(word) > 3]
    capitals = sum(word[0].isupper() for word in words[1:])
    if len(words) >= LEAST_WORDS_FOR_CASE and capitals >= TITLE_CASE_SHARE * (len(words) - 1):
        return ["title_case: write the title like a sentence, with capitals for names only"]
    return []


def _spoken_in(text: str) -> list[str]:
    return [next(part for part in found if part) for found in _SPOKEN.findall(text)]


def _names_in(text: str) -> list[str]:
    """Capitalised words that do not only begin a sentence."""
    found = []
    for match in _NAME.finditer(text):
        name = match.group().strip("'’-")
        base = re.sub(r"['’]s?$", "", name)
        if _SENTENCE_START.search(text[: match.start()]) or _KNOWN_NAMES.fullmatch(fold(base)):
            continue
        found.append(base)
    return found


def _plain(figure: str) -> str:
    return figure.lstrip("0") or "0"
