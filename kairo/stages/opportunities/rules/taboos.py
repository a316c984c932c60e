"""Words a brand never says: found across inflection, at word boundaries, in English, Russian and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kairo.stages.opportunities.rules.stems import fold, han_letters, stem, words_of

_ENGLISH_TAILS = re.compile(
    r"(?:s|es|ed|d|er|ers|est|r|ly|ing|ings|y|ies|ied|ness|ful|fully|less|ous|ously|al|ally|"
    r"ish|able|ably|or|ors|ist|ists|ism|"
    r"ity|ment|ments|ation|ations|ization|ification|ize|izes|ized|izing|ise|ises|ised|ising|"
    r"ive|e|i|n|ning|ned|ting|ted|"
    r"ping|ped|ming|med|ging|ged|ling|led|ring|red)$"
)
_CYRILLIC_TAIL = re.compile("[а-я]{0,6}$")
MIN_STEM_FOR_TAILS = 4
"""Under this length a stem must match a word's own stem: `ass` is no part of `assess`."""


@dataclass(frozen=True, slots=True)
class Taboo:
    """One forbidden word or phrase as the brand wrote it, and the folded words it consists of.

    An exact one is a single word that stands for another: only its plain inflections count.
    """

    term: str
    words: tuple[str, ...]
    is_exact: bool = False


def compile_taboos(terms: Iterable[str]) -> list[Taboo]:
    """Prepare a brand's taboos for searching; blank ones are left out."""
    return [Taboo(term.strip(), tuple(words_of(term))) for term in terms if words_of(term)]


def taboos_in(text: str, taboos: Iterable[Taboo]) -> list[str]:
    """The taboos that a text contains, as the brand wrote them, in the brand's order."""
    folded = fold(text)
    words = words_of(text)
    return [taboo.term for taboo in taboos if _is_in(taboo, folded, words)]


def _is_in(taboo: Taboo, folded: str, words: list[str]) -> bool:
    joined = "".join(taboo.words)
    if taboo.is_exact:
        return any(word == joined or stem(word) == stem(joined) for word in words)
    if han_letters(joined):
        return joined in re.sub(r"\s+", "", folded)
    size = len(taboo.words)
    for start in range(len(words) - size + 1):
        if all(_says(words[start + place], wanted) for place, wanted in enumerate(taboo.words)):
            return True
    # `anti-aging` is also written `antiaging`.
    return size > 1 and any(_says(word, joined) for word in words)


def _says(word: str, wanted: str) -> bool:
    """Whether a word is an inflected form of the wanted one."""
    bare = word.replace("'", "")
    if bare == wanted.replace("'", "") or stem(word) == stem(wanted):
        return True
    root = stem(wanted)
    if len(root) < MIN_STEM_FOR_TAILS or not bare.startswith(root):
        return False
    tail = bare[len(root) :]
    if re.search("[а-я]", root):
        return _CYRILLIC_TAIL.fullmatch(tail) is not None
    return _ENGLISH_TAILS.fullmatch(tail) is not None
