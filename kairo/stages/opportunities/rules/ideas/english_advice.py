"""English advice: tips, warnings, conditions with what to do, and plain claims turned into questions."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_asking import as_question
from kairo.stages.opportunities.rules.ideas.english_grammar import is_plural, to_reader, tokens
from kairo.stages.opportunities.rules.ideas.english_phrases import (
    clause,
    cut_aside,
    is_own_standing,
    says_something,
    verb_phrase,
)
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.lexicon.english import ADJECTIVES, ADVERBS, DETERMINERS, PREPOSITIONS
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS

TIP_LABEL = re.compile(
    r"\b(?:psa|tip|protip|pro-tip|reminder|lifehack|life hack|ysk|lpt|heads up|fyi|til|warning|"
    r"hack)\b"
)


_AFTER_IMPERATIVE = (
    DETERMINERS
    | PREPOSITIONS
    | ADVERBS
    | frozenset(
        [
            "more",
            "less",
            "it",
            "up",
            "down",
            "off",
            "out",
            "away",
            "all",
            "sure",
            "careful",
            "back",
            "both",
            "enough",
        ]
    )
)


IF_THEN = re.compile(r"(?:if|when) (?P<cond>[^,]{8,90}), (?:then )?(?P<advice>.+)", re.IGNORECASE)


def if_then(match: re.Match[str]) -> Core | None:
    told = re.sub(r"n't seem to be (\w+ing)", lambda m: f"n't be {m.group(1)}", match.group("cond"))
    told = re.sub(r"\bdoesn't be\b", "isn't", re.sub(r"\bdon't be\b", "aren't", told))
    condition = clause(re.sub(r"(?<=ing) \w+ly$", "", re.sub(r" for (?:you|me)$", "", told)), longest=10)
    advice = to_reader(
        cut_aside(
            re.sub(
                r"^(?:then|maybe|please|you (?:should|can|could|might want to)|i(?:'d| would) (?:suggest|"
                r"recommend)) ",
                "",
                match.group("advice"),
            )
        )
    )
    words = tokens(advice)
    if condition is None or len(words) < 2 or not is_own_standing(advice, longest=9):
        return None
    if words[0] not in BASE_VERBS and words[0] not in ("don't", "never", "avoid"):
        return None
    return Core(Kind.IF_THEN, {"cond": condition, "advice": advice}, 1.0)


def tip(text: str) -> Core | None:
    bare = re.sub(
        r"^(?:please )?(?:remember(?: to|,)?|don't forget to|make sure (?:you |to )|always remember "
        r"to|just a reminder(?: to| that)?|reminder to|you should|consider|note to self:?) ",
        "",
        text,
        flags=re.IGNORECASE,
    )
    matched = IF_THEN.match(bare)
    core = if_then(matched) if matched is not None else None
    if core is not None:
        return core
    doing = re.match(r"(\w+ing .+)", bare)
    if doing is not None and text.lower().startswith("consider"):
        phrase = to_reader(cut_aside(doing.group(1)))
        return (
            Core(Kind.TIP, {"ing": phrase}, 0.8)
            if is_own_standing(phrase, longest=10) and says_something(phrase)
            else None
        )
    return imperative(bare, 0.9) or claim(bare)


def imperative(text: str, quality: float) -> Core | None:
    bare = cut_aside(text)
    words = tokens(bare)
    if len(words) < 3:
        return None
    negative = re.match(r"(?:don't|do not|never|stop|avoid) (?P<vp>.+)", bare, re.IGNORECASE)
    if negative is not None:
        return warned_off(words[0], negative.group("vp"), quality)
    opens = words[1] if words[0] in ("always", "please", "just") else words[0]
    if opens not in BASE_VERBS | {"be", "get", "use", "make", "keep", "go", "give", "put", "ask"} or re.search(
        r"\b(?:i|me|my|we|our)\b", bare.lower()
    ):
        return None
    if words[1] not in _AFTER_IMPERATIVE and not is_plural(words[1]) and words[1] not in ADJECTIVES:
        return None
    if words[1] in ("is", "are", "was", "and", "of", "has", "review", "or", "vs", "with", "for", "story"):
        return None
    phrase = verb_phrase(re.sub(r"^(?:always|please|just) ", "", bare, flags=re.IGNORECASE))
    return Core(Kind.TIP, {"vp": phrase}, quality) if phrase and tokens(phrase)[0] == opens else None


def warned_off(opening: str, rest: str, quality: float) -> Core | None:
    if opening in ("stop", "avoid"):
        doing = to_reader(cut_aside(rest))
        is_fit = re.match(r"\w+ing ", doing) and is_own_standing(doing, longest=11) and says_something(doing)
        return Core(Kind.IS_IT_FINE, {"ing": doing, "adj": "time to stop"}, quality) if is_fit else None
    phrase = verb_phrase(rest, longest=9)
    return Core(Kind.IS_IT_FINE, {"vp": phrase, "adj": "ever fine"}, quality) if phrase else None


def claim(text: str) -> Core | None:
    """A plain statement about the subject itself, turned into the question whether it holds."""
    bare = cut_aside(re.split(r", (?:says|according to|study|finds|claims|report)", text, flags=re.IGNORECASE)[0])
    if re.search(r"\b(?:i|my|me|we|you|your)\b", bare, re.IGNORECASE) or len(tokens(bare)) < 3:
        return None
    question = as_question(bare)
    if question is None or not is_own_standing(question, longest=11) or not says_something(question):
        return None
    if re.search(
        r"\b(?:available|out|live|here|back|open|over|coming|arriving|finally|gone|sold|found|released)\b", question
    ):
        return None
    return Core(Kind.CLAIM, {"question": question}, 0.55)
