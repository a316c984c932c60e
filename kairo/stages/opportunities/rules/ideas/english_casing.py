"""Which English words are names: learnt from how the evidence itself writes them in running text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kairo.stages.opportunities.rules.lexicon.english import (
    ADJECTIVES,
    ADVERBS,
    AUXILIARIES,
    COMMUNITY_WORDS,
    CONJUNCTIONS,
    DETERMINERS,
    EVENT_WORDS,
    GENERIC_WORDS,
    MASS_NOUNS,
    PREPOSITIONS,
    STOP_WORDS,
)
from kairo.stages.opportunities.rules.lexicon.english_nouns import COMMON_NOUNS
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS, IRREGULAR_PASTS
from kairo.stages.opportunities.rules.reading import Post

_WORD = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z'’]*(?!\w|-\d)")
_PLAIN = (
    STOP_WORDS | GENERIC_WORDS | ADJECTIVES | ADVERBS | AUXILIARIES | CONJUNCTIONS | DETERMINERS | PREPOSITIONS
    | MASS_NOUNS | COMMON_NOUNS | BASE_VERBS | COMMUNITY_WORDS | EVENT_WORDS | frozenset(IRREGULAR_PASTS)
)  # fmt: skip
_COMMON_ENDINGS = ("ful", "ing", "ings", "tion", "tions", "ness", "able", "ous", "ment", "ly", "ed")


@dataclass(frozen=True)
class Casing:
    """How often each word stands in lower case and with a capital inside running sentences."""

    lower: Counter[str]
    upper: Counter[str]
    capitals: Counter[str]
    lower_pairs: frozenset[tuple[str, str]]

    def is_common(self, word: str) -> bool:
        """Whether a capitalised word is an ordinary one that a headline's style raised."""
        lowered = word.lower().replace("’", "'").removesuffix("'s")
        if lowered in _PLAIN or (len(lowered) > 5 and lowered.endswith(_COMMON_ENDINGS)):
            return True
        singular = lowered.removesuffix("s")
        low = self.lower[lowered] + self.lower[singular]
        return low > 0 and low >= self.upper[lowered] + self.upper[singular]

    def _is_shouted_word(self, word: str) -> bool:
        """Whether a word in capitals is an ordinary one said loudly, not an abbreviation."""
        if word.lower() in _PLAIN and len(word) > 3:
            return True
        return self.lower[word.lower()] > 2 * self.capitals[word] and self.lower[word.lower()] > 1

    def _opens_or_joins_name(self, text: str, match: re.Match[str]) -> bool:
        """Whether an ordinary word of a Title Case line may still belong to a name: before one, or inside one."""
        after = re.match(r" ([A-Z][A-Za-z0-9]*)", text[match.end() :])
        if after is None or self.is_common(after.group(1)) or match.group().lower() in STOP_WORDS | BASE_VERBS:
            return False
        before = re.search(r"([A-Z][A-Za-z0-9]*) $", text[: match.start()])
        return match.start() == 0 or (before is not None and not self.is_common(before.group(1)))

    def _is_in_lower_pair(self, text: str, match: re.Match[str]) -> bool:
        """Whether the evidence or the brand writes this word and a neighbour of it in lower case: `mineral oil`."""
        before = re.search(r"([A-Za-z]+) $", text[: match.start()])
        after = re.match(r" ([A-Za-z]+)", text[match.end() :])
        word = match.group().lower()
        pairs = [(before.group(1).lower(), word)] if before is not None else []
        pairs += [(word, after.group(1).lower())] if after is not None else []
        return any(pair in self.lower_pairs for pair in pairs)

    def settle(self, text: str) -> str:
        """The text in sentence case: a Title Case or SHOUTED line comes down, names stay up."""
        words = _WORD.findall(text)
        raised = [word for word in words[1:] if len(word) > 3]
        is_raised_line = len(raised) >= 2 and _is_mostly_raised(raised) and _is_mostly_raised(_plain_long(raised))
        is_shouted = len(raised) >= 2 and sum(word.isupper() for word in raised) >= 0.7 * len(raised)

        def settled(match: re.Match[str]) -> str:
            word = match.group()
            if word == "I" or not word[0].isupper():
                return word
            if word.isupper() and len(word) > 1:
                shouted = is_shouted and (len(word) > 4 or self.is_common(word))
                return word.lower() if shouted or (len(word) > 2 and self._is_shouted_word(word)) else word
            is_lone = match.start() > 0 and word.lower() in _PLAIN and not _stands_in_name(text, match)
            is_lone = is_lone or self._is_in_lower_pair(text, match)
            is_headline_style = is_raised_line and self.is_common(word) and not self._opens_or_joins_name(text, match)
            return word.lower() if is_lone or is_headline_style else word

        return self.lower_first(_WORD.sub(settled, text))

    def lower_first(self, text: str) -> str:
        """The text with its first word lowered, unless that word is a name."""
        match = _WORD.match(text)
        if match is None:
            return text
        word = match.group()
        if re.match(r"-[A-Z]", text[match.end() :]):
            return text
        if (
            word == "I"
            or (word.isupper() and len(word) > 1 and not self.is_common(word))
            or (re.search("[A-Z]", word[1:]) and not word.isupper())
        ):
            return text
        following = _WORD.match(text, match.end() + 1)
        in_name = following is not None and following.group()[0].isupper() and following.group() != "I"
        is_function = word.lower() in STOP_WORDS | BASE_VERBS or word.lower() in IRREGULAR_PASTS
        if in_name and not is_function:
            return text
        unseen = self.lower[word.lower()] + self.upper[word.lower()] == 0
        if self.is_common(word) or (unseen and not in_name):
            return word.lower() + text[match.end() :]
        return text


def learn_casing(posts: Sequence[Post], brand_words: Iterable[str]) -> Casing:
    """Count the casing of words inside sentences that are not themselves in Title Case."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    pairs: set[tuple[str, str]] = set()
    for post in posts:
        for sentence in post.sentences:
            _count(sentence.text, lower, upper)
            pairs |= _lower_pairs(sentence.text)
            capitals.update(word for word in _WORD.findall(sentence.text) if word.isupper())
    for text in brand_words:
        lower.update(word.lower() for word in _WORD.findall(text) if word.islower())
        pairs |= _lower_pairs(text)
    return Casing(lower, upper, capitals, frozenset(pairs))


def _lower_pairs(text: str) -> set[tuple[str, str]]:
    """Neighbouring content words that are both written in lower case."""
    words = re.findall(r"[A-Za-z]+|[^A-Za-z ]", text)
    return {
        (one, other)
        for one, other in pairwise(words)
        if one.islower() and other.islower() and len(one) > 2 and len(other) > 2 and not {one, other} & STOP_WORDS
    }


def _is_mostly_raised(words: Sequence[str]) -> bool:
    return sum(word[0].isupper() for word in words) >= 0.6 * len(words)


def _plain_long(words: Sequence[str]) -> list[str]:
    """Ordinary words that only a headline's style would raise; prepositions and the like prove nothing."""
    unmarked = PREPOSITIONS | CONJUNCTIONS | DETERMINERS
    return [word for word in words if word.lower() in _PLAIN and word.lower() not in unmarked]


def _stands_in_name(text: str, match: re.Match[str]) -> bool:
    """Whether a neighbour of this word is capitalised too, as in a name of several words."""
    before = re.search(r"([A-Za-z0-9'’]+)[ -]$", text[: match.start()])
    after = re.match(r"[ -]([A-Za-z0-9'’]+)", text[match.end() :])
    is_after = (
        after is not None and (after.group(1)[0].isupper() or after.group(1)[0].isdigit()) and after.group(1) != "I"
    )
    is_before = before is not None and before.start() > 0 and (before.group(1)[0].isupper() and before.group(1) != "I")
    return is_after or is_before


def _count(text: str, lower: Counter[str], upper: Counter[str]) -> None:
    words = _WORD.findall(text)
    inner = words[1:]
    long_words = [word for word in inner if len(word) > 3]
    if long_words and sum(word[0].isupper() for word in long_words) >= 0.5 * len(long_words):
        return
    for word in inner:
        lowered = word.lower().replace("’", "'").removesuffix("'s")
        (lower if word[0].islower() else upper)[lowered] += 1
