"""What people made and did for the first time, in English: builders for reports of projects."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_grammar import (
    article,
    gerund,
    gerund_of_past,
    to_anybody,
    to_reader,
    tokens,
    with_article,
    without_article,
)
from kairo.stages.opportunities.rules.ideas.english_phrases import (
    cut_aside,
    cut_relative,
    is_own_standing,
    noun_phrase,
    says_something,
)
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.lexicon.english_verbs import (
    IRREGULAR_PASTS,
    MAKING_VERBS,
)

_MAKING_PASTS = frozenset(
    [*(past for past, base in IRREGULAR_PASTS.items() if base in MAKING_VERBS)]
    + [verb + "d" if verb.endswith("e") else verb + "ed" for verb in MAKING_VERBS]
    + ["modded", "knitted", "swapped", "planted", "carried", "dyed", "unboxed", "created"]
)


def making(match: re.Match[str]) -> Core | None:
    verb = match.group("verb").lower()
    if verb.split("-")[-1] not in _MAKING_PASTS and not (
        verb == "took" and match.group("rest").lower().startswith("apart")
    ):
        return None
    doing = gerund_of_past(verb)
    return _project(f"{doing} {match.group('rest')}", 0.9) if doing else None


def making_now(match: re.Match[str]) -> Core | None:
    base = match.group("verb").lower()
    return _project(f"{base} {match.group('rest')}", 0.9) if _is_gerund_of_making(base) else None


def _project(text: str, quality: float) -> Core | None:
    text = re.sub(r"^creating ", "building ", text)
    text = re.sub(r" from (?:an? |the )?(?:article|video|tutorial|guide|post|blog) (?:on|about) ", " for ", text)
    text = re.sub(r"^([\w-]+ing) (?:some|these|those) ", r"\1 ", text)
    text = re.sub(
        r" that (?:i|we) .*|, (?:they|it|i|he|she|we)\b.*| (?:soon|today|yesterday|recently|last "
        r"\w+)$",
        "",
        text,
        flags=re.IGNORECASE,
    )
    doing = to_anybody(cut_aside(re.sub(r"^([\w-]+ing) (?:the|this|that|another) (.+)", _with_own_article, text)))
    doing = re.sub(r"^([\w-]+ing) ((?:[A-Z][\w-]* )*[A-Z][\w-]*\d)(?= |$)", _with_a_model, doing)
    words = tokens(doing)
    if len(words) < 2 or not is_own_standing(doing, longest=11) or not says_something(" ".join(words[1:])):
        return None
    return Core(Kind.MAKING, {"ing": doing}, quality)


def _with_own_article(match: re.Match[str]) -> str:
    return f"{match.group(1)} {with_article(match.group(2))}"


def _with_a_model(match: re.Match[str]) -> str:
    return f"{match.group(1)} {article(match.group(2).split()[0])} {match.group(2)}"


def _is_gerund_of_making(word: str) -> bool:
    return any(gerund(verb) == word for verb in MAKING_VERBS)


def made_thing(match: re.Match[str]) -> Core | None:
    how = match.group("how").lower()
    phrase = noun_phrase(re.sub(r"^(?:my|a|an|the|some|our) ", "", match.group("np"), flags=re.IGNORECASE), longest=7)
    if phrase is None or len(tokens(phrase)) < 2:
        return None
    return Core(Kind.MAKING, {"np": phrase, "how": "home-built" if "built" in how else how}, 0.75)


def first_thing(match: re.Match[str]) -> Core | None:
    named = re.sub(
        r"^(?:ever|real|proper|actual) |^(?:taste|plunge|foray|step|dive|venture|attempt|go|stab)"
        r" (?:of|into|at|in to|in) (?:the )?",
        "",
        match.group("np"),
    )
    phrase = noun_phrase(named.split(",")[0], longest=6)
    if (
        phrase is None
        or tokens(phrase) == ["pair"]
        or "world" in tokens(phrase)
        or re.search(r" (?:arrives|arrived|came|comes|has)\b", phrase)
        or re.match(r"(?:post|time|day|attempt|try|world|step|thing|week|month|year|impression|of)s?\b", phrase)
    ):
        return None
    return Core(Kind.FIRST, {"np": phrase}, 0.85)


def done_first(match: re.Match[str]) -> Core | None:
    """`I made coffee for guests for the first time` is a first time of making it."""
    doing = gerund_of_past(match.group("verb").lower())
    told = to_anybody(cut_relative(cut_aside(f"{doing} {match.group('rest')}"))) if doing else ""
    if len(tokens(told)) < 2 or not is_own_standing(told, longest=9) or not says_something(told):
        return None
    return Core(Kind.FIRST, {"ing": told}, 0.85)


def first_time(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_aside(match.group("ing")))
    if len(tokens(doing)) < 2 or not is_own_standing(doing, longest=8) or not says_something(doing):
        return None
    return Core(Kind.FIRST, {"ing": doing}, 0.9)


def recipe(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.RECIPE, {"np": without_article(phrase)}, 0.9) if phrase else None
