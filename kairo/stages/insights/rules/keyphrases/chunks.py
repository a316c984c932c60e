"""The phrases that a text may be about: what stands between punctuation and words that end a phrase.

Chinese writes no spaces: there its runs of signs are cut at function words, and nothing longer than six signs is taken
for a phrase. In Japanese, runs of kanji and of katakana between the hiragana are the phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from kairo.stages.insights.rules.stems import folded, stem
from kairo.stages.insights.rules.stopwords import generic_words, own_phrase_ends, phrase_ends

MAX_WORDS = 6
MAX_SIGNS = 6
_MIN_SIGNS = 2

_NOT_PROSE = re.compile(r"https?://\S+|www\.\S+|\S*\w@\w+\.\S+|(?<![\w@])@[\w.]+|&\w+;")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_TOKEN = re.compile(
    rf"[{_HAN}]+|[{_KATAKANA}]+|[\u3041-\u309f]+"
    rf"|[^\W_{_HAN}\u3041-\u30ff]+(?:[-'’/.&+][^\W_{_HAN}\u3041-\u30ff]+)*|\r?\n[ \t]+|[^\w ]"
)
_HAS_LETTER = re.compile(r"[^\W\d_]")
_EAST_ASIAN = re.compile(rf"[{_HAN}{_KATAKANA}\u3041-\u309f]")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_ADVERB = re.compile(r"[a-z]{3,}ly")
_NO_ADVERBS = re.compile("family|anomaly|assembly|supply|reply|butterfly|monopoly|poly|italy|jelly|ally|july|belly")
_OPENING_SIGNS, _CLOSING_SIGNS = "能会为以对要用将可请使", "中上下里内外前后时等于"
"""Function words of one sign that stand inside other words too: they go only from the ends of a run."""
_RUSSIAN_VERB = re.compile(
    "[а-я]{2,}(?:тся|ться|лся|лась|лось|лись|ует|уют|ает|ают|яет|яют|ишь|ешь|овать|ивать|ывать|нуть)"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A phrase where it stands: `text[start:end]`, its folded words, and the key under which its forms meet."""

    text: str
    start: int
    words: tuple[str, ...]
    key: tuple[str, ...]


def chunks(text: str, language: str | None) -> Iterator[Chunk]:
    """Yield the phrases of a text in order."""
    prose = _NOT_PROSE.sub(lambda match: "." * len(match.group()), text)
    ends, generic = phrase_ends(language), generic_words(language)
    run: list[re.Match[str]] = []
    for token in _TOKEN.finditer(prose):
        if token.group().isspace():
            continue
        if _EAST_ASIAN.match(token.group()):
            yield from _joined(prose, run, language, generic)
            yield from _east_asian(token, language)
            run = []
        elif _ends_phrase(token.group(), ends):
            yield from _joined(prose, run, language, generic)
            run = []
        else:
            run.append(token)
    yield from _joined(prose, run, language, generic)


def parts(chunk: Chunk, language: str | None) -> Iterator[Chunk]:
    """Yield the shorter phrases inside a phrase of three words or more: those in which posts may agree."""
    generic = generic_words(language)
    shown = chunk.text.split()
    shown = shown if len(shown) == len(chunk.words) else list(chunk.words)
    for length in range(len(chunk.words) - 1, 0, -1):
        for at in range(len(chunk.words) - length + 1):
            words = chunk.words[at : at + length]
            if length > 1 or (words[0] not in generic and len(words[0]) > 2):
                yield Chunk(" ".join(shown[at : at + length]), chunk.start, words, key_of(words, language))


def _ends_phrase(token: str, ends: frozenset[str]) -> bool:
    word = folded(token)
    if word in ends or len(word) < 2 or not _HAS_LETTER.search(word):
        return True
    if _RUSSIAN_VERB.fullmatch(word):
        return True
    return _ADVERB.fullmatch(word) is not None and _NO_ADVERBS.fullmatch(word) is None


def _joined(text: str, run: Sequence[re.Match[str]], language: str | None, generic: frozenset[str]) -> Iterator[Chunk]:
    if not run or len(run) > MAX_WORDS:
        return
    words = tuple(folded(token.group()) for token in run)
    if len(words) == 1 and (words[0] in generic or (len(words[0]) < 3 and not run[0].group().isupper())):
        return
    surface = " ".join(text[run[0].start() : run[-1].end()].split())
    yield Chunk(surface, run[0].start(), words, key_of(words, language))


def key_of(words: Sequence[str], language: str | None) -> tuple[str, ...]:
    """Return the stems of folded words; those joined by a hyphen count one by one."""
    return tuple(stem(part, language) for word in words for part in re.split(r"[-/]", word) if part)


def _east_asian(token: re.Match[str], language: str | None) -> Iterator[Chunk]:
    run = token.group()
    if not _HAN_RUN.match(run):
        if run[0] >= "\u30a1" and len(run) >= 3:
            yield Chunk(run, token.start(), (run,), (run,))
        return
    listed = own_phrase_ends("ja" if language == "ja" else "zh")
    for piece in re.finditer(f"[{_HAN}]+", _cut_at(listed, run)):
        found = piece.group() if language == "ja" else piece.group().lstrip(_OPENING_SIGNS).rstrip(_CLOSING_SIGNS)
        if _MIN_SIGNS <= len(found) <= MAX_SIGNS:
            start = token.start() + piece.start() + piece.group().index(found)
            yield Chunk(found, start, (found,), (found,))


def _cut_at(words: frozenset[str], run: str) -> str:
    """Blank the function words of a run, the longest first, its length kept."""
    return _pattern(words).sub(lambda match: " " * len(match.group()), run)


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(words, key=lambda word: (-len(word), word))))
