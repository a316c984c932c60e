"""What judges in a text, read word by word: listed words with their strength, denials before them, faces and signs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_LINK = re.compile(r"https?://\S+|www\.\S+")
_MENTION = re.compile(r"@\w+")
_REPEATED = re.compile(r"(.)\1{2,}")
_TOKEN = re.compile(
    r"[^\W_]+(?:'[^\W_]+)*|[!?]+|[:;=8x][-o^']?[()dp/\\|\]\[3]+|[)(]{2,}|<3|\.{2,}|\.|,"
    "|[\U0001f000-\U0001faff\u2600-\u27bf]"
)
_DENIAL = re.compile(
    r"(?:not|no|never|nothing|nobody|none|without|cannot|cant|dont|didnt|doesnt|isnt|wasnt|wont|wouldnt|couldnt|shouldnt"
    r"|arent|aint|hardly|barely|lacks?|.*n't|не|нет|ни|никогда|без|нельзя|ничего|никто|вряд)"
)
_GLAD = frozenset("😍😊😁😃😄😆😂🤣❤♥💕💖💗💙💚💛💜😘🥰👍👏🎉🙌🔥✨😎🤗💯☺🙂😉😋🏆😻💪🙏♡🤩")
_SORRY = frozenset("😡😠😭😢😞😔😒😩😫😤👎💔🤬😱😨😰🤮🤢😖😣🙄😕☹🙁😑😐😳😪😓😥🖕💩")
_SIGN_STRENGTH = 1.5
_DENIED = -0.6
"""What a denial makes of a judgement: "not good" is bad, though less than "bad"."""
_DENIAL_REACHES = 4
_LONGEST_PREFIX = 14
JUDGING_FEATURES = 20
UNJUDGED = 5
"""Which of them says that no word or sign judges."""


def normalised(text: str) -> str:
    """Return the text as it is read: lower case, ё as е, links and mentions by one name, letters at most doubled."""
    unlinked = _MENTION.sub(" user ", _LINK.sub(" url ", text))
    return _REPEATED.sub(r"\1\1", unlinked.lower().replace("ё", "е").replace("’", "'"))


def tokens_of(text: str) -> list[str]:
    """Return the words, marks and faces of a normalised text."""
    return _TOKEN.findall(text)


def is_denial(token: str) -> bool:
    return _DENIAL.fullmatch(token) is not None


@lru_cache(maxsize=65_536)
def strength(word: str) -> int:
    """Return how a folded word judges, from -3 to 3; 0 where it is not listed."""
    words, beginnings = _listed()
    if word in words:
        return words[word]
    ends = range(min(len(word), _LONGEST_PREFIX), 2, -1)
    return next((beginnings[word[:end]] for end in ends if word[:end] in beginnings), 0)


@dataclass
class Judgement:
    """What the words of a text say for and against, and how it ends."""

    praise: float = 0.0
    blame: float = 0.0
    hits: int = 0
    last: int = 0
    most: float = 0.0
    least: float = 0.0
    _denied: int = field(default=0, repr=False)

    @classmethod
    def of(cls, tokens: Sequence[str]) -> Judgement:
        judgement = cls()
        for token in tokens:
            judgement._read(token)
        return judgement

    @property
    def balance(self) -> float:
        """From -1 to 1."""
        margin = self.praise - self.blame
        return margin / math.sqrt(margin * margin + 15)

    def _read(self, token: str) -> None:
        if is_denial(token):
            self._denied = _DENIAL_REACHES
        elif token[0].isalnum() and not _is_face(token):
            listed = strength(token)
            if listed:
                self._take(listed * _DENIED if self._denied else listed)
            self._denied = max(0, self._denied - 1)
        elif token[0] in "!?.,":
            self._denied = 0
        else:
            self._take(_SIGN_STRENGTH * _sign(token))

    def _take(self, value: float) -> None:
        if not value:
            return
        self.praise += max(0.0, value)
        self.blame += max(0.0, -value)
        self.hits += 1
        self.last = 1 if value > 0 else -1
        self.most, self.least = max(self.most, value), min(self.least, value)


def judging_features(text: str, tokens: Sequence[str]) -> list[float]:
    """Return what the linear model reads of a text beside its n-grams and its vector: `JUDGING_FEATURES` numbers."""
    found = Judgement.of(tokens)
    length = 1 + len(tokens)
    capitals = sum(map(str.isupper, text))
    return [
        found.praise,
        found.blame,
        found.balance,
        math.log1p(found.praise),
        math.log1p(found.blame),
        float(found.hits == 0),
        float(found.last),
        found.most,
        found.least,
        float(found.praise > 0),
        float(found.blame > 0),
        5 * (found.praise - found.blame) / length,
        float("!" in text),
        float("?" in text),
        math.log(length) - 2,
        float("url" in tokens),
        float("user" in tokens),
        float(capitals > 0.4 * max(1, len(text))),
        float(text.count("(") > text.count(")")),
        float(text.count(")") > text.count("(")),
    ]


def _is_face(token: str) -> bool:
    return token[0] in "8x" and len(token) > 1 and token[-1] in "()dp/\\|][3" and not token.isalnum()


def _sign(mark: str) -> int:
    """Return 1 for a glad face or sign, -1 for a sorry one; Russian posts write )) and (( for faces."""
    if mark in _GLAD or mark == "<3" or mark.startswith("))"):
        return 1
    if mark in _SORRY or mark.startswith("(("):
        return -1
    if mark[0] in ":;=8x" and len(mark) > 1:
        return 1 if mark[-1] in ")d]3p" else -1
    return 0


@cache
def _listed() -> tuple[dict[str, int], dict[str, int]]:
    words: dict[str, int] = {}
    beginnings: dict[str, int] = {}
    for language in ("en", "ru"):
        for line in (_FOLDER / f"polarity.{language}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            value, *listed = line.split()
            for word in listed:
                (beginnings if word.endswith("*") else words).setdefault(word.removesuffix("*"), int(value))
    return words, beginnings
