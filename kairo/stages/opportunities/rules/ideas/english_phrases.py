"""English phrases cut out of posts: what trails off goes, and only what stands alone without its post is kept."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_grammar import is_plural_word, to_reader, tokens, without_evaluation
from kairo.stages.opportunities.rules.lexicon.english import (
    ADJECTIVES,
    ADVERBS,
    ANECDOTE_WORDS,
    AUXILIARIES,
    COMMUNITY_WORDS,
    CONJUNCTIONS,
    DEICTIC_WORDS,
    DETERMINERS,
    GENERIC_WORDS,
    PREPOSITIONS,
    PRONOUN_WORDS,
    STOP_WORDS,
    UNFIT_WORDS,
)
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS, IRREGULAR_PASTS

_DEMONSTRATIVES = frozenset(
    [
        "yours",
        "mine",
        "ours",
        "this",
        "these",
        "those",
        "it",
        "they",
        "them",
        "he",
        "she",
        "him",
        "here",
        "there",
        "such",
        "its",
        "it's",
    ]
)


_ASIDE = re.compile(
    r"(?:,? (?:but|because|cause|bc|since|although|though|while|so that|so i|so you|and i|and "
    r"it|and my|and they|and we|"
    r"(?<!even )if|unless|except|which|however|as well as|thanks|please|anyone|any ideas|any tips|help|or am i|"
    r"or is (?:it|that|this))(?= |$)|,? or (?:not|what|something|anything)$|[;:]| [-–—|] |"
    r", (?=(?:so|and|but|any|what|how|is|are|do)\b)|, \d+ ).*$",
    re.IGNORECASE,
)


_JUDGED = re.compile(
    r"^((?:an?|the|some) )?(?:(?:really|very|so|super|pretty) )?(?:horrible|terrible|awful|awesome|amazing|gorgeous|"
    r"beautiful|crazy|insane|disgusting|nasty|stupid|lovely|fantastic|incredible|epic|sick|cool|sweet) (?=\w)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r",? (?:(?:when |that |and |who |where )?(?:i|i'm|i've|i'd|it|it's|they|we|he|she|you)|that's)"
    r"(?= |$).*$",
    re.IGNORECASE,
)


_TRAILING = re.compile(
    r"(?:[ ,]+(?:please|thanks|thank you|guys|everyone|everybody|anyone|too|though|at all|for me|and why|"
    r"anymore|right now|lately|today|yesterday|so far|tonight|this (?:morning|week|month|quarter|"
    r"year|season|summer|winter)|etc|lol|haha|omg|help|here|again|"
    r"or not|as well|exactly|yet|already|now|then|and stuff|or something|in general|if possible))+$",
    re.IGNORECASE,
)


_NO_NOUN_OPENS = frozenset(
    [
        "you",
        "to",
        "not",
        "what",
        "how",
        "why",
        "who",
        "which",
        "where",
        "when",
        "both",
        "all",
        "each",
        "anyone",
        "anybody",
        "someone",
        "everyone",
        "everybody",
        "nobody",
        "attention",
        "welcome",
        "please",
        "got",
        "get",
        "just",
        "finally",
        "let",
        "need",
        "want",
        "trying",
        "looking",
        "watching",
    ]
)


MAX_PHRASE_WORDS = 11


def cut_aside(text: str) -> str:
    """Cut what trails off: a second clause, a plea, a reason."""
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*", " ", text)
    text = re.sub(r"\s*\.\.+.*$|\s*…+.*$", "", text)
    text = _ASIDE.sub("", text.strip())
    text = _TRAILING.sub("", text.strip(" ,.!?;:-–—\"'“”*~"))
    text = re.sub(r"\s+", " ", text).strip(" ,.!?;:-–—*~")
    return re.sub(r"(?<=[A-Za-z])'s$", "s", text)


def cut_relative(text: str) -> str:
    """Cut a clause by which somebody relates to the thing: `a debate I have been having` is a debate."""
    return _RELATIVE.sub("", text).strip()


def is_own_standing(text: str, *, longest: int = MAX_PHRASE_WORDS) -> bool:
    """Whether a phrase can be read without its post: no `this`, no first person, no talk about the forum itself."""
    words = tokens(text)
    if not words or len(words) > longest or len(text) > 7 * longest + 10:
        return False
    taken = set(words)
    if taken & (PRONOUN_WORDS | UNFIT_WORDS | COMMUNITY_WORDS):
        return False
    if (
        re.search(r"\br/|\bu/|https?:|[\[\]{}<>|\\^=/]|[.?!] ", text)
        or text.count('"') % 2
        or len(re.findall(r"(?<!\w)'(?=\w)|(?<=\w)'(?!\w)", text)) % 2
        or text.count("(") != text.count(")")
    ):
        return False
    return not _has_dangling_reference(words)


def says_something(text: str, *, at_least: int = 1) -> bool:
    """Whether a phrase holds words that belong to a subject."""
    return len({word for word in tokens(text) if _is_subject_word(word)}) >= at_least


def noun_phrase(text: str, *, longest: int = 9) -> str | None:
    """The text as a noun phrase that stands alone, or None when it is something else.

    What follows a first comma goes when the whole does not stand.
    """
    return _noun_phrase(text, longest) or (_noun_phrase(text.split(",")[0], longest) if "," in text else None)


def _noun_phrase(text: str, longest: int) -> str | None:
    phrase = re.sub(r"(?<=[A-Za-z])'s$", "s", _RELATIVE.sub("", cut_aside(text)).strip(" ,.!?:;-–—"))
    phrase = re.sub(
        r"^(?:(?:my|our|your|some|any|these|those|this|that|using|the use of|of|on|about|all) )+",
        "",
        phrase,
        flags=re.IGNORECASE,
    )
    phrase = without_evaluation(phrase)
    phrase = _JUDGED.sub(r"\1", phrase)
    words = tokens(phrase)
    if not words or not is_own_standing(phrase, longest=longest) or not says_something(phrase):
        return None
    if words[0] in PREPOSITIONS | AUXILIARIES | CONJUNCTIONS or words[0] in _NO_NOUN_OPENS:
        return None
    if re.match(r"(?:here|there|what|that|it|this|he|she|who|where|how|let|i|we|you)'", words[0]) or "yours" in words:
        return None
    if len(words) > 1 and words[0].endswith("ed") and words[1] in PREPOSITIONS:
        return None
    if _has_finite_verb(words) or not _ends_like_noun(words):
        return None
    return phrase


def verb_phrase(text: str, *, longest: int = MAX_PHRASE_WORDS) -> str | None:
    """The text as a base verb phrase in the reader's person, or None."""
    phrase = to_reader(cut_aside(text))
    phrase = re.sub(r"^(?:to|actually|really|even|just|best|properly|go about|safely) ", "", phrase)
    words = tokens(phrase)
    if (
        words
        and words[0] in ADJECTIVES | ADVERBS | AUXILIARIES - BASE_VERBS - {"do", "be"}
        and words[0] not in BASE_VERBS
    ):
        return None
    if len(words) > 1 and words[1] in AUXILIARIES - {"do", "be"}:
        return None
    if len(words) < 2 or words[0] in STOP_WORDS - BASE_VERBS - {"do", "be", "make", "keep", "use", "turn"}:
        return None
    if not is_own_standing(phrase, longest=longest) or not says_something(phrase) or not _ends_whole(words):
        return None
    return phrase


def clause(text: str, *, longest: int = 13) -> str | None:
    """The text as a clause in the reader's person, or None when it cannot stand alone."""
    phrase = to_reader(cut_aside(text))
    words = tokens(phrase)
    if len(words) < 3 or not is_own_standing(phrase, longest=longest) or not says_something(phrase):
        return None
    return phrase if _ends_whole(words, particle_ok=True) else None


def _is_subject_word(word: str) -> bool:
    if word.isdigit() or len(word) < 2:
        return False
    return (
        word not in STOP_WORDS and word not in GENERIC_WORDS and word not in ADJECTIVES and word not in ANECDOTE_WORDS
    )


def _has_dangling_reference(words: list[str]) -> bool:
    for place, word in enumerate(words):
        if word in _DEMONSTRATIVES and not _has_antecedent(words, place):
            return True
        if word in ("one", "ones") and place and words[place - 1] in ("this", "that", "the", "which", "these"):
            return True
        if word == "that" and (
            place == len(words) - 1 or (place == 0 or words[place - 1] in PREPOSITIONS | AUXILIARIES | BASE_VERBS)
        ):
            return True
    return False


def _has_antecedent(words: list[str], place: int) -> bool:
    """Whether a pronoun late in a clause can only mean a noun that the clause has named."""
    if words[place] in ("them", "they"):
        return place > 3 and any(is_plural_word(word) and _is_subject_word(word) for word in words[:place])
    return (
        words[place] == "it" and place > 4 and words[place - 1] in ("when", "if", "while", "because", "before", "after")
    )


def _has_finite_verb(words: list[str]) -> bool:
    for place, word in enumerate(words):
        if word in AUXILIARIES and not {"that", "who", "which"} & set(words[:place]):
            return True
        if word in ("you", "they", "people") and place + 1 < len(words) and "that" not in words[:place]:
            return True
        if word in IRREGULAR_PASTS and word not in (
            "left",
            "ground",
            "cut",
            "mixed",
            "split",
            "beat",
            "hit",
            "put",
            "lost",
            "felt",
            "saw",
        ):
            return True
    return False


def _ends_like_noun(words: list[str]) -> bool:
    last = words[-1]
    if last in PREPOSITIONS | CONJUNCTIONS | DETERMINERS | ADVERBS | AUXILIARIES | DEICTIC_WORDS:
        return False
    if last.endswith("ed") and len(last) > 4 and last not in ("seed", "weed", "speed", "breed", "feed"):
        return False
    if re.search(r"-(?:prone|free|friendly|based|like|proof|ready)$", last):
        return False
    return not (
        last in ADJECTIVES
        and last not in ("light", "extra", "cold", "original", "black", "white", "green", "red", "secret")
    )


def _ends_whole(words: list[str], *, particle_ok: bool = False) -> bool:
    particles = {"off", "out", "up", "down", "on", "over", "in", "about", "for", "with", "around"}
    if words[-1] in particles:
        return particle_ok or words[-1] in ("off", "out", "up", "down")
    return words[-1] not in PREPOSITIONS | CONJUNCTIONS | DETERMINERS | AUXILIARIES | {
        "so",
        "very",
        "really",
        "and",
        "or",
        "i",
        "you're",
    }
