"""What an English question or request comes to, once its pattern has matched: one builder a kind of question."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_grammar import (
    base_of_third,
    is_plural,
    third_person,
    to_reader,
    tokens,
    with_article,
    without_article,
)
from kairo.stages.opportunities.rules.ideas.english_phrases import (
    clause,
    cut_aside,
    cut_relative,
    is_own_standing,
    noun_phrase,
    says_something,
    verb_phrase,
)
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.lexicon.english import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
)
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS

_MEASURES = "rate|price|amount|ratio|budget|salary|temperature|length|percentage|number|score|level|pace|dose|ph|weight"


_UNFINISHED = ADVERBS | DETERMINERS | PREPOSITIONS | CONJUNCTIONS | AUXILIARIES
_MEASURED_AS = {"best": "good", "great": "good", "ideal": "good", "perfect": "good", "recommended": "good"}


def how_to(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.HOW_TO, {"vp": phrase}, 0.95) if phrase else None


def what_to(match: re.Match[str]) -> Core | None:
    """`What order should I use my products in` asks for a thing and an act; both are kept in one embedded question."""
    phrase = verb_phrase(match.group("vp"))
    noun = to_reader(match.group("wh"))
    words = tokens(noun)
    if phrase is None or not is_own_standing(noun) or len(words) > 5:
        return None
    return Core(Kind.HOW_MANY, {"clause": f"{noun} to {phrase}"}, 0.85)


def measure(match: re.Match[str]) -> Core | None:
    asked = match.group("wh").lower()
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.HOW_MANY, {"clause": f"{asked} to {phrase}"}, 0.95) if phrase else None


def people_do(match: re.Match[str]) -> Core | None:
    phrase = clause(f"people {match.group('vp')}")
    return Core(Kind.OPEN_QUESTION, {"clause": f"{match.group('wh').lower()} {phrase}"}, 0.85) if phrase else None


def people_do_how(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.OPEN_QUESTION, {"clause": f"how people {phrase}", "vp": phrase}, 0.95) if phrase else None


def is_it_fine(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    if phrase is None:
        return None
    judged = re.sub(r"^(?:really|actually|just|even|so) ", "", match.group("adj").strip().lower())
    return Core(Kind.IS_IT_FINE, {"vp": phrase, "adj": judged}, 1.0)


def doing_is(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_aside(match.group("vp")))
    if not is_own_standing(doing, longest=8) or not says_something(doing) or len(tokens(doing)) < 2:
        return None
    return Core(Kind.IS_IT_FINE, {"ing": doing, "adj": match.group("adj").lower()}, 0.95)


def yes_no(match: re.Match[str]) -> Core | None:
    phrase = cut_aside(to_reader(match.group(0)))
    words = tokens(phrase)
    subject = words[1] if len(words) > 1 else ""
    if len(words) < 3 or subject in ("there", "it") or words[-1] in ("true", "normal", "it"):
        return None
    if (
        words[0] in ("do", "can", "could")
        and subject == "you"
        and words[2] not in ("need", "ever", "necessarily", "really")
    ):
        return None
    if not is_own_standing(phrase, longest=16) or not says_something(phrase) or words[-1] in _UNFINISHED:
        return None
    return Core(Kind.ASK, {"question": phrase}, 0.95 if 4 < len(words) <= 11 else 0.8)


def why(match: re.Match[str]) -> Core | None:
    aux, rest = match.group("aux").lower(), cut_aside(match.group("rest"))
    words = rest.split()
    if aux in ("do", "don't"):
        negated = "not " if aux == "don't" else ""
        phrase = clause(rest) if not negated else None
        return Core(Kind.WHY, {"clause": f"why {phrase}"}, 0.95) if phrase else None
    subject_length = _subject_length(words)
    if subject_length is None:
        return None
    subject, predicate = words[:subject_length], words[subject_length:]
    if aux == "does" and predicate:
        from_base = [*subject, third_person(predicate[0]), *predicate[1:]]
        phrase = clause(" ".join(from_base))
    elif aux in ("is", "are", "was", "were", "can't", "won't", "isn't", "aren't"):
        phrase = clause(" ".join([*subject, aux, *predicate]))
    else:
        phrase = None
    return Core(Kind.WHY, {"clause": f"why {phrase}"}, 0.9) if phrase else None


def why_thing(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    if phrase is None or tokens(phrase)[0] in AUXILIARIES:
        return None
    return Core(Kind.WHY, {"clause": f"why {phrase}"}, 0.85)


def best_of(match: re.Match[str]) -> Core | None:
    """`Which sunscreen is best for acne` asks which sunscreen for acne to take."""
    phrase = noun_phrase(f"{match.group('np')} {to_reader(match.group('cond'))}", longest=10)
    return Core(Kind.CHOOSE, {"np": phrase}, 0.95) if phrase else None


def talked_about(match: re.Match[str]) -> Core | None:
    """`Can we talk about X` asks for opinions on X."""
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.OPINION, {"np": phrase}, 0.85) if phrase else None


def when_that(match: re.Match[str]) -> Core | None:
    """`What do you do when X` and `does anyone else's X do Y` tell of a trouble."""
    told = clause(match.group("rest"))
    return Core(Kind.TROUBLE, {"clause": told}, 0.95) if told else None


def others_too(match: re.Match[str]) -> Core | None:
    thing, verb = noun_phrase(match.group("np"), longest=4), match.group("verb").lower()
    rest = cut_aside(to_reader(match.group("rest") or ""))
    if thing is None or verb not in BASE_VERBS | {"die", "have", "do"}:
        return None
    told = f"your {thing} {verb if is_plural(thing) else third_person(verb)} {rest}".strip()
    return Core(Kind.TROUBLE, {"clause": told}, 0.9) if is_own_standing(told) else None


def named_kind(match: re.Match[str]) -> Core | None:
    """A bare plural with a condition asks which of them to take: `budgeting apps that do not want a login`."""
    phrase = noun_phrase(to_reader(match.group("np")), longest=10)
    if phrase is None or not is_plural(phrase) or phrase[:1].isupper() or re.match(r"\w+ing ", phrase):
        return None
    return Core(Kind.CHOOSE, {"np": phrase}, 0.85)


def left_unsaid(match: re.Match[str]) -> Core | None:
    """A statement that opens with `what`: the question it answers is its own words."""
    told = clause(match.group("rest"))
    return Core(Kind.OPEN_QUESTION, {"clause": told}, 0.8) if told else None


def define(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=4)
    if re.search(r"\b(?:you|your|people|some)\b", match.group("np"), re.IGNORECASE):
        return None
    if phrase is None or re.search(
        r"^the \w+est\b|\b(?:best|good|difference|favou?rite|point|deal|consensus|opinion|way|most)"
        r"\b",
        phrase,
    ):
        return None
    return Core(Kind.DEFINE, {"np": phrase, "be": "are" if is_plural(phrase) else "is"}, 0.9)


def difference(match: re.Match[str]) -> Core | None:
    core = _versus_of(match.group("a"), match.group("b"), 1.0)
    return Core(core.kind, {**core.slots, "apart": "difference"}, core.quality) if core is not None else None


def versus(match: re.Match[str]) -> Core | None:
    return _versus_of(match.group("a"), match.group("b"), 0.95)


def _versus_of(first: str, second: str, quality: float) -> Core | None:
    first = re.sub(
        r"^(?:a |some )?(?:little )?(?:info|information|questions?|advice) (?:regarding|about|on) |"
        r"^(?:which is better|what'?s better|is|are|do you prefer|should i (?:get|buy|use)|choosing "
r"between|deciding between|"
        r"debating between|help me (?:choose|decide)(?: between)?|comparison(?: of| between)?|between)[:,]? ",
        "", first.strip(), flags=re.IGNORECASE,
    )  # fmt: skip
    second = re.sub(
        r",? (?:and|with) (?:the |some |my )?(?:results?|review|impressions?|thoughts|pics|photos|"
        r"a note|why)\b.*",
        "",
        second,
        flags=re.IGNORECASE,
    )
    one, other = (
        noun_phrase(first, longest=5),
        noun_phrase(re.sub(r" ?(?:comparison|compared|review|debate)s?$", "", second), longest=7),
    )
    if one is None or other is None or one.lower() == other.lower() or "you" in tokens(f"{one} {other}"):
        return None
    return Core(Kind.VERSUS, {"a": one, "b": other}, quality)


def choose(match: re.Match[str]) -> Core | None:
    judged = (match.groupdict().get("good") or "good").lower()
    asked = re.sub(r" (?:every|each) (?:day|morning|night|week|single day)$", "", match.group("np"))
    phrase = noun_phrase(asked, longest=12)
    if phrase is None or re.match(r"(?:way|thing|place|time|idea|option)s?\b|(?:an? )?\w+ing ", phrase):
        return None
    measured = f"{_MEASURED_AS.get(judged, judged)} {without_article(phrase)}"
    if re.search(rf"\b(?:{_MEASURES})$", re.split(r" (?:for|of|in|on|with|to) ", phrase)[0]):
        return Core(
            Kind.HOW_MANY,
            {"clause": f"what counts as {with_article(measured)}"},
            0.95,
        )
    return Core(Kind.CHOOSE, {"np": phrase}, 0.95)


def alternative(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.CHOOSE, {"np": f"an alternative to {phrase}"}, 0.95) if phrase else None


def favourite(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=5)
    if phrase is None:
        return None
    groups = match.groupdict()
    verb = re.sub(r"^(?:guys|all) ", "", (groups.get("vp") or "").strip())
    return Core(Kind.FAVOURITE, {"np": phrase, "vp": verb or "swear by"}, 0.95 if verb else 0.9)


def try_out(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"))
    return Core(Kind.TRY_OUT, {"np": with_article(phrase)}, 0.95) if phrase else None


def opinion(match: re.Match[str]) -> Core | None:
    if re.match(r"\w+ing [a-z]", match.group("np")):
        return _doing(match.group("np"))
    phrase = noun_phrase(match.group("np"), longest=7)
    return Core(Kind.OPINION, {"np": phrase}, 0.9) if phrase else None


def opinion_of_doing(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_aside(match.group("ing")))
    if not is_own_standing(doing, longest=8) or not says_something(doing) or len(tokens(doing)) < 2:
        return None
    return Core(Kind.IS_IT_FINE, {"ing": doing, "adj": "good idea"}, 0.9)


def explain(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.EXPLAIN, {"np": phrase}, 0.95) if phrase else None


def remedy(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"))
    return Core(Kind.REMEDY, {"np": phrase}, 0.95) if phrase else None


def remedy_of_doing(match: re.Match[str]) -> Core | None:
    return _doing(match.group("ing"))


def _doing(text: str) -> Core | None:
    """A task told by its -ing form; what relates it to its author goes."""
    phrase = to_reader(cut_relative(cut_aside(text)))
    words = tokens(phrase)
    if len(words) < 2 or not is_own_standing(phrase) or not says_something(phrase):
        return None
    return Core(Kind.HOW_TO, {"ing": phrase}, 0.9)


def embedded(match: re.Match[str]) -> Core | None:
    wh = match.group("wh").lower()
    phrase = clause(match.group("rest"), longest=14)
    if phrase is not None and "called" in tokens(phrase):
        return None
    if phrase is None or _looks_inverted(phrase) or tokens(phrase)[0] in ("else", "you", "people"):
        return None
    if wh in ("if", "whether"):
        return _turned(phrase)
    quality = 0.6 if wh in ("where", "when") else 0.85
    return Core(Kind.WHY if wh == "why" else Kind.OPEN_QUESTION, {"clause": f"{wh} {phrase}"}, quality)


def _turned(statement: str) -> Core | None:
    question = as_question(statement)
    return Core(Kind.ASK, {"question": question}, 0.85) if question else None


def as_question(statement: str) -> str | None:
    """Turn `raw milk is safe` into `is raw milk safe`; None when the verb is not found."""
    words = statement.split()
    lowered = [word.lower().strip(",") for word in words]
    turnable = AUXILIARIES - {"be", "been", "being", "am"}
    for place, word in enumerate(lowered[:9]):
        subject = " ".join(words[:place])
        if (
            place == 0
            or "," in subject
            or noun_phrase(subject) is None
            or ("'" in word and word not in ("can't", "won't", "isn't", "doesn't", "don't"))
        ):
            continue
        if word in turnable and word not in ("do", "does", "did") and place + 1 < len(words):
            rest = words[place + 1 :]
            return " ".join([word, *words[:place], *(rest[1:] if lowered[place + 1] == "not" else rest)])
        base = base_of_third(word)
        following = lowered[place + 1] if place + 1 < len(lowered) else ""
        if not following or following.endswith("ing") or following in turnable:
            continue
        if (
            place <= 6
            and word.endswith("s")
            and words[place].islower()
            and base
            in BASE_VERBS
            | {"cause", "mean", "matter", "need", "cost", "contain", "last", "damage", "ruin", "irritate", "taste"}
        ):
            return " ".join(["does", subject, base, *words[place + 1 :]]) if not is_plural(subject) else None
    return None


def problem_and_cure(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"))
    return Core(Kind.REMEDY, {"np": phrase}, 1.0) if phrase else None


def where(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.HOW_MANY, {"clause": f"{match.group('wh').lower()} to {phrase}"}, 0.8) if phrase else None


def does_it_make_sense(match: re.Match[str]) -> Core | None:
    phrase = cut_aside(to_reader(match.group(0)))
    if not is_own_standing(phrase, longest=15) or not says_something(phrase) or len(tokens(phrase)) < 4:
        return None
    return Core(Kind.ASK, {"question": phrase}, 0.85)


def best_thing(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"), longest=14)
    return Core(Kind.HOW_MANY, {"clause": f"what to {phrase}"}, 0.9) if phrase else None


def what_makes(match: re.Match[str]) -> Core | None:
    phrase = clause(match.group("rest"))
    return Core(Kind.OPEN_QUESTION, {"clause": f"what {phrase}"}, 0.9) if phrase else None


def _looks_inverted(phrase: str) -> bool:
    return tokens(phrase)[0] in AUXILIARIES


def _subject_length(words: list[str]) -> int | None:
    """How many words the subject of an inverted question takes: up to the first base verb, adjective or -ing form."""
    for place, word in enumerate(words[:6]):
        lowered = word.lower()
        if place and (
            lowered in BASE_VERBS or lowered.endswith("ing") or lowered in ("so", "such", "a", "not", "always", "still")
        ):
            return place
    return None
