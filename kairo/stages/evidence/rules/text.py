"""What a post says, apart from what it carries: links, mentions and hashtags, boilerplate, characters that nobody sees.

Texts come in as the adapters decoded them (no HTML entities). The text that people read stays NFC; comparisons use the
words of `matching_words`: NFKC, case-folded, letters and digits with their marks and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from kairo.stages.evidence.rules.boilerplate import without_heads, without_tails
from kairo.stages.evidence.rules.characters import MARKS, without_unseen

_WORD_CHARACTER = rf"[\w{MARKS}\u200c]"
_SUFFIXES = (
    "com|net|org|io|ly|be|me|co|gg|app|dev|shop|store|link|page|site|info|tv|eu|uk|de|fr|es|it|nl|pl|ru|ua|рф|cn|jp"
)

_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((https?://[^\s)]+)\)", re.IGNORECASE)
_LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"“”]+|(?<![\w@.-])(?:[\w-]{{1,63}}\.){{1,4}}(?:{_SUFFIXES})/[^\s<>\"“”]*",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![\w@./])[@＠](\w(?:[\w.-]{0,60}\w)?(?:@[\w-]+(?:\.[\w-]+)+)?)")
_HASHTAG = re.compile(rf"(?<![\w&/])[#＃]({_WORD_CHARACTER}+)")
_TAG_ONLY = re.compile(rf"(?:[#＃]{_WORD_CHARACTER}+[^\w#＃]*)+")
_GLUED_TAGS = re.compile(rf"(?<=[#＃])({_WORD_CHARACTER}+)(?=[#＃]\w)")
_LEADING_MENTIONS = re.compile(r"(?:\s*[@＠]\w[\w.-]{0,60}(?:@[\w.-]+)?[,:]?(?=\s|$))+\s*")
_ENDS_IN_WORD = re.compile(rf"{_WORD_CHARACTER}$")
_HAS_WORD = re.compile(r"[^\W_]")
_TRAILING_PUNCTUATION = ".,;:!?…'\"’”»)]}>*_"

_BLANKS = re.compile(r"[^\S\n]+")
_LINE_EDGES = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")

_WORD = re.compile(rf"[^\W_]{_WORD_CHARACTER.replace(chr(0x200C), '')}*")
_INSIDE_WORDS = re.compile("['’ʼ`´\u200c\u200d®™©℠]")
UNSPACED_LETTER = re.compile(
    "[\u0e01-\u0ec4\u1000-\u109f\u1780-\u17b3\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]"
)
_SAME_LETTERS = str.maketrans("ё", "е")

_POST_CHARACTERS = 1_000
"""The words of longer texts are not remembered: some thousand transcripts would fill the memory."""

MIN_REAL_WORDS = 2
MIN_REAL_LETTERS = 4
MIN_UNSPACED_LETTERS = 3
"""Chinese, Japanese and Thai write no spaces: three of their letters are about two words."""


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """What a post says (`text`, NFC), and what was parsed out of it, in order and without repeats.

    Mentions and hashtags come without their sign, NFKC and case-folded; links as they were written.
    """

    text: str
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


def normalise(text: str) -> NormalizedText:
    """Separate what a post says from its links, leading mentions, blocks of hashtags and boilerplate.

    A hashtag inside a sentence keeps its word and loses its sign; the tags that follow a finished sentence go.
    """
    seen = unicodedata.normalize("NFC", without_unseen(text))
    unlinked, links = _without_links(seen)
    mentions = _folded(_MENTION.findall(unlinked)) if "@" in unlinked or "＠" in unlinked else ()
    tagged = "#" in unlinked or "＃" in unlinked
    spaced = _GLUED_TAGS.sub(r"\1 ", unlinked) if tagged else unlinked
    hashtags = _folded(tag for tag in _HASHTAG.findall(spaced) if not tag.isdigit()) if tagged else ()
    said = without_heads(_collapse(spaced))
    said = _LEADING_MENTIONS.sub("", said, count=1) if mentions and _LEADING_MENTIONS.match(said) else said
    said = without_tails(_without_tag_blocks(said) if tagged else said)
    if tagged:
        said = _HASHTAG.sub(r"\1", _without_tag_blocks(said))
    return NormalizedText(text=_collapse(said), links=links, mentions=mentions, hashtags=hashtags)


def matching_words(text: str) -> list[str]:
    """List the words by which texts are compared: NFKC, case-folded, "ё" as "е", no links, mentions or apostrophes."""
    return [*(_words_of(text) if len(text) <= _POST_CHARACTERS else _split(text))]


@lru_cache(maxsize=2_048)
def _words_of(text: str) -> tuple[str, ...]:
    """Split a post once for all who ask: hash, signature, comparison and search each do, batch by batch."""
    return tuple(_split(text))


def _split(text: str) -> list[str]:
    folded = text if text.isascii() else _INSIDE_WORDS.sub("", without_unseen(text))
    if "/" in folded or "www." in folded:
        folded = _LINK.sub(" ", folded)
    if "@" in folded:
        folded = _MENTION.sub(" ", folded)
    if folded.isascii():
        return _WORD.findall(folded.lower().replace("'", "").replace("_", " "))
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return _WORD.findall(unicodedata.normalize("NFKC", folded).translate(_SAME_LETTERS).replace("_", " "))


def content_hash(normalized: NormalizedText) -> str:
    """Hash the words of the text, so that a repost with other emoji, case, spacing or punctuation hashes alike.

    32 hexadecimal digits; "" where the text has no word, so that empty posts never count as copies of each other.
    """
    words = matching_words(normalized.text)
    return blake2b("".join(words).encode(), digest_size=16).hexdigest() if words else ""


def real_content(normalized: NormalizedText) -> bool:
    """Say whether the text holds words of its own: two different ones, or three letters of a script without spaces.

    Hashtags, mentions, links, emoji, digits and invisible characters are no words.
    """
    if len(set(UNSPACED_LETTER.findall(normalized.text))) >= MIN_UNSPACED_LETTERS:
        return True
    words = {word for word in matching_words(normalized.text) if not word.isdigit()} - set(normalized.hashtags)
    return len(words) >= MIN_REAL_WORDS and sum(map(len, words)) >= MIN_REAL_LETTERS


def _without_links(text: str) -> tuple[str, tuple[str, ...]]:
    if "/" not in text and "www." not in text:
        return text, ()
    links = [address for _, address in _MARKDOWN_LINK.findall(text)]
    unlinked = _MARKDOWN_LINK.sub(r"\1", text) if links else text
    links += [link.rstrip(_TRAILING_PUNCTUATION) for link in _LINK.findall(unlinked)]
    return _LINK.sub(" ", unlinked), tuple(dict.fromkeys(links))


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unicodedata.normalize("NFKC", name).casefold() for name in names))


def _without_tag_blocks(text: str) -> str:
    return "\n".join(_without_trailing_tags(line) if "#" in line or "＃" in line else line for line in text.split("\n"))


def _without_trailing_tags(line: str) -> str:
    """Cut the hashtags that end a line; directly after a word the first one stays, for it finishes the sentence.

    "Best coffee in #Berlin #travel" must not become the same text as "Best coffee in #Munich #travel".
    """
    tokens = line.split()
    start = len(tokens)
    while start and (_TAG_ONLY.fullmatch(tokens[start - 1]) or not _HAS_WORD.search(tokens[start - 1])):
        start -= 1
    first_tag = next((at for at in range(start, len(tokens)) if _TAG_ONLY.fullmatch(tokens[at])), len(tokens))
    if first_tag and _ENDS_IN_WORD.search(tokens[first_tag - 1]):
        first_tag += 1
    kept = tokens[:first_tag] + [token for token in tokens[first_tag:] if not _TAG_ONLY.fullmatch(token)]
    return " ".join(kept) if any(map(_HAS_WORD.search, kept)) else ""


def _collapse(text: str) -> str:
    if "  " not in text and text.isprintable():
        return text.strip()
    return _EMPTY_LINES.sub("\n\n", _LINE_EDGES.sub("\n", _BLANKS.sub(" ", text))).strip()
