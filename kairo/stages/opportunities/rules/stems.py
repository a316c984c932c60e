"""Words and their stems, so that texts, keywords and taboos meet across inflection: English, Russian, Chinese.

The stems are for comparing, never for showing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kairo.stages.opportunities.rules.lexicon import english, russian

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u0390-\u03ff\u1e00-\u1fff]")
_HAN_OR_WORD = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+|[^\\W_\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_RUSSIAN_ENDING = re.compile(
    "(?:иями|ями|ами|иях|ией|ого|ему|ому|ыми|ими|ешь|ишь|ете|ите|ует|уют|ает|ают|яет|яют|ила|ыла|ена|ейте|уйте|ался|"
    "алась|ался|ются|ится|ется|ать|ять|еть|ить|оть|уть|ыть|ала|яла|али|яли|ила|или|ело|ела|"
    "ели|ало|ило|ив|ев|ов|ях|ах|"
    "ам|ям|ом|ем|ей|ой|ий|ый|ая|яя|ое|ее|ие|ые|ую|юю|их|ых|ия|ию|ии|ью|ья|ье|ет|ит|ат|ят|ут|ют|ал|ял|ил|ел|"
    "а|я|о|е|и|ы|у|ю|ь|й)$"
)
_ENGLISH_SUFFIXES = (
    "ization", "isation", "ations", "ation", "ingly", "edly", "iness", "fulness", "ments", "ment", "ness", "ings",
    "ing", "ied", "ies", "ers", "est", "er", "ed", "ly", "es", "s",
)  # fmt: skip
_KEPT_ENDINGS = ("ss", "us", "is")


def fold(text: str) -> str:
    """Compare-form of a text: NFKC, case-folded, without unseen characters and combining accents, ё as е."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold().replace("ё", "е").replace("’", "'")
    if _ACCENTED.search(folded) is None:
        return folded
    decomposed = unicodedata.normalize("NFD", folded)
    kept = "".join(letter for letter in decomposed if unicodedata.combining(letter) == 0 or letter == "\u0306")
    return unicodedata.normalize("NFC", kept)


def words_of(text: str) -> list[str]:
    """The words of a text in compare-form; a run of Chinese letters is one word."""
    return _WORD.findall(fold(text))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The comparable stem of one folded word."""
    if _CYRILLIC.search(word):
        return _russian_stem(word)
    if word.isascii() and len(word) > 3:
        return _english_stem(word)
    return word


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order; runs of Chinese letters give their letter pairs."""
    found: list[str] = []
    for word in words_of(text):
        if _HAN.search(word):
            found += _han_pairs(word)
        elif is_content_word(word):
            found.append(stem(word))
    return found


def all_stems(text: str) -> list[str]:
    """Stems of every word in order, function words included, for matching phrases."""
    return [stem(word) for word in words_of(text)]


def is_content_word(word: str) -> bool:
    """Whether a folded word is neither a function word nor a bare number or letter."""
    if len(word) < 2 or word.isdigit():
        return False
    bare = word.replace("'", "")
    return not ({word, bare} & english.STOP_WORDS) and word not in russian.STOP_WORDS


def is_generic(word: str) -> bool:
    """Whether a folded word says nothing about a subject: a thing, a day, a question, a post."""
    return word in english.GENERIC_WORDS or word in english.COMMUNITY_WORDS or word in russian.GENERIC_WORDS


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def han_letters(text: str) -> int:
    return len(_HAN.findall(text))


def cyrillic_letters(text: str) -> int:
    return len(_CYRILLIC.findall(text))


def latin_letters(text: str) -> int:
    return len(_LATIN.findall(text))


def _han_pairs(word: str) -> list[str]:
    """Letter pairs of each Chinese run in a word, and its Latin parts as words."""
    found: list[str] = []
    for run in _HAN_OR_WORD.findall(word):
        if not has_han(run):
            found += [stem(run)] if is_content_word(run) else []
        elif len(run) == 1:
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return found


def _english_stem(word: str) -> str:
    word = word.removesuffix("'s").replace("'", "")
    word = _american(word)
    for suffix in _ENGLISH_SUFFIXES:
        if not word.endswith(suffix) or len(word) - len(suffix) < 3 or (suffix == "s" and word.endswith(_KEPT_ENDINGS)):
            continue
        return _smoothed(word[: -len(suffix)], suffix)
    return _smoothed(word, "")


def _american(word: str) -> str:
    """One spelling for British and American: -ise as -ize, -our as -or, -re as -er."""
    if len(word) < 6:
        return word
    word = re.sub(r"is(e|es|ed|er|ers|ing|ation|ations)$", r"iz\1", word)
    word = re.sub(r"our(s|ed|ing|ite|ites|ful|less|)$", r"or\1", word) if len(word) > 5 else word
    return re.sub(r"([bct])re(s|)$", r"\1er\2", word)


def _smoothed(root: str, suffix: str) -> str:
    """Undo what English spelling does at the joint: doubled letters, a lost e, y as i."""
    if suffix in ("ies", "ied"):
        return root + "i"
    if suffix == "iness":
        return root + "i"
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz" and suffix not in ("s", ""):
        root = root[:-1]
    while root.endswith("e") and len(root) > 3:
        root = root[:-1]
    if root.endswith("at") and len(root) > 6:
        root = root[:-2]
    if root.endswith("y") and len(root) > 2:
        return root[:-1] + "i"
    return root


def _russian_stem(word: str) -> str:
    trimmed = re.sub(r"(?:ся|сь)$", "", word) if len(word) > 5 else word
    match = _RUSSIAN_ENDING.search(trimmed)
    while match is not None and match.start() < 3:
        shorter = _RUSSIAN_ENDING.search(trimmed, match.start() + 1)
        match = shorter if shorter is not None and shorter.start() >= 3 else None
    root = trimmed[: match.start()] if match is not None else trimmed
    root = re.sub(r"(?:ость|ост|ирова|иру|нн|н)$", "", root) if len(root) > 6 else root
    return re.sub(r"[ео]([кн])$", r"\1", root) if len(root) > 4 else root
