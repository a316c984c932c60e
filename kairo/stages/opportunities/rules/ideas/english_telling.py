"""What an English statement comes to, once its pattern has matched: one builder a kind of report."""

from __future__ import annotations

import re

from kairo.stages.opportunities.rules.ideas.english_asking import as_question
from kairo.stages.opportunities.rules.ideas.english_grammar import (
    gerund,
    third_person,
    to_anybody,
    to_one_person,
    to_reader,
    tokens,
    with_article,
    with_owner,
    with_the,
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
from kairo.stages.opportunities.rules.lexicon.english import AUXILIARIES
from kairo.stages.opportunities.rules.lexicon.english_verbs import (
    BASE_VERBS,
    CAUSING_VERBS,
    IRREGULAR_PASTS,
)

_NO_TASKS = frozenset(
    ["moving", "looking", "trying", "thinking", "hoping", "waiting", "going", "being", "having", "coming", "living"]
)


_NO_RESULT = re.compile(
    r"(?:had|was|were|got|went|thought|knew|said|felt|wanted|needed|saw|came|tried|liked|loved|hated|decided|started)\b"
)


def trial(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(to_anybody(match.group("np")), longest=6)
    if phrase is None:
        return None
    span = re.sub(r"^(?:exactly|just|only) ", "", match.group("span").lower())
    if re.search(r"\d", span) and "year" in span and not re.match(r"[1-4]\b", span):
        return None
    span = re.sub(r"^a (?!few|couple)", "one ", span).replace("-", " ")
    link = (match.groupdict().get("link") or "of").lower()
    linked = {"using": "of", "of": "of", "on": "on", "with": "with", "without": "without", "no": "without"}.get(link)
    linked = linked or ("without" if link.startswith(("stop", "quit", "gave")) else "of")
    return Core(Kind.TRIAL, {"span": span, "link": linked, "np": phrase}, 0.95)


def before_after(match: re.Match[str]) -> Core | None:
    text = to_anybody(
        re.sub(
            r"^(?:using|use of|trying|taking|switching to|doing|getting|about) ",
            "",
            match.group("np"),
            flags=re.IGNORECASE,
        )
    )
    phrase = noun_phrase(text, longest=6)
    if phrase is None or (phrase.isupper() and len(phrase) <= 5):
        return None
    return Core(Kind.BEFORE_AFTER, {"np": phrase}, 0.9)


def story(match: re.Match[str]) -> Core | None:
    told = to_one_person(cut_aside(re.sub(r" (?:and )?here(?:'s| is| are) .*", "", match.group("told"))))
    told = _told_of_another(told)
    words = tokens(told)
    if (
        len(words) < 3
        or len(words) > 12
        or not says_something(told)
        or not is_own_standing(told.replace("them", "people").replace("they", "people"), longest=12)
    ):
        return None
    who = "team" if (match.group("who") or "").lower() == "we" else "person"
    return Core(Kind.STORY, {"told": told, "who": who, "q": (match.groupdict().get("q") or "how").lower()}, 0.95)


def _told_of_another(told: str) -> str:
    """What somebody did, or what they do with its verb in the third person; blank when no verb opens it."""
    opening, _, rest = told.partition(" ")
    verb = opening.lower()
    if verb in IRREGULAR_PASTS or (verb.endswith("ed") and len(verb) > 3 and verb not in BASE_VERBS | {"need"}):
        return told
    return f"{third_person(verb)} {rest}" if verb in BASE_VERBS and verb not in ("let", "look", "need") else ""


def result(match: re.Match[str]) -> Core | None:
    """A result told with its cause; without a number or an `after` it is no result yet."""
    core = story(match)
    if core is None or _NO_RESULT.match(core.slots["told"]):
        return None
    has_number = re.search(r"(?<![\w-])[$€£]?\d", core.slots["told"]) is not None
    has_cause = re.search(r"\bafter\b|\bwithout\b|\bby \w+ing\b", core.slots["told"]) is not None
    is_told = has_number or (has_cause and match.group("who") is not None)
    return Core(core.kind, core.slots, 0.85) if is_told else None


def spent(match: re.Match[str]) -> Core | None:
    doing = to_anybody(cut_aside(match.group("np")))
    if len(tokens(doing)) < 2 or not is_own_standing(doing, longest=8) or not says_something(doing):
        return None
    return Core(Kind.TRIAL, {"span": match.group("span").lower(), "link": "of", "np": doing}, 0.9)


def what_i_do(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.HOW_MANY, {"clause": f"what to {phrase}"}, 0.85) if phrase else None


def untold(match: re.Match[str]) -> Core | None:
    phrase = clause(match.group("rest"))
    return Core(Kind.OPEN_QUESTION, {"clause": f"{match.group('wh').lower()} {phrase}"}, 0.85) if phrase else None


def unboxed(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(re.split(r"[.!?:]\s", match.group("np"))[0], longest=6)
    return Core(Kind.REVIEW, {"np": with_the(phrase)}, 0.8) if phrase else None


def best_time(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    return Core(Kind.HOW_MANY, {"clause": f"when to {phrase}"}, 0.9) if phrase else None


def plague(match: re.Match[str]) -> Core | None:
    """Something that eats, ruins or takes over: the trouble is that something."""
    phrase = noun_phrase(match.group("np"), longest=4)
    return Core(Kind.REMEDY, {"np": phrase}, 0.85) if phrase else None


def wished_known(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_aside(match.group("ing")))
    if len(tokens(doing)) < 2 or not is_own_standing(doing) or not says_something(doing):
        return None
    return Core(Kind.HOW_MANY, {"clause": f"what to know before {doing}"}, 0.9)


def doing_by(match: re.Match[str]) -> Core | None:
    """A headline that opens with what somebody does, by how much or by what means."""
    verb = match.group("verb").lower()
    if verb in _NO_TASKS:
        return None
    doing = to_reader(cut_aside(f"{verb} {match.group('rest')}"))
    if not any(gerund(base) == verb for base in BASE_VERBS) or not is_own_standing(doing) or not says_something(doing):
        return None
    return Core(Kind.HOW_TO, {"ing": doing}, 0.85)


def lessons(match: re.Match[str]) -> Core | None:
    rest = to_reader(cut_aside(match.group("rest")))
    if len(tokens(rest)) < 2 or not is_own_standing(rest) or not says_something(rest):
        return None
    return Core(Kind.LIST, {"noun": match.group("noun").lower(), "rest": rest}, 0.8)


def why_so(match: re.Match[str]) -> Core | None:
    phrase = clause(match.group("rest"))
    if phrase is None or tokens(phrase)[0] in AUXILIARIES:
        return None
    return Core(Kind.WHY, {"clause": f"why {phrase}"}, 0.85) if phrase else None


def way_of(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_relative(cut_aside(match.group("ing"))))
    if len(tokens(doing)) < 2 or not is_own_standing(doing) or not says_something(doing):
        return None
    return Core(Kind.HOW_TO, {"ing": doing}, 0.85)


def cannot_afford(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return (
        Core(Kind.CHOOSE, {"np": f"an alternative to {with_article(without_article(phrase))}"}, 0.9) if phrase else None
    )


def trouble(match: re.Match[str]) -> Core | None:
    subject = owned(match.group("np"))
    verb = match.group("verb").lower()
    if subject is None or re.search(r"\b(?:that|who|which|and|you)\b", subject):
        return None
    rest = to_reader(cut_aside(match.group("rest") or ""))
    if re.match(r"(?:for|from|of|with|by)\b", rest) or re.search(
        r"\b(?:should|is|are|was|were|will|would|has|have)\b", rest
    ):
        return None
    rest = "" if re.match(r"(?:because|and|when|but|in half)\b", rest) else rest
    told = f"{subject} {CAUSING_VERBS.get(verb, verb)} {rest}".strip()
    if len(tokens(told)) < (3 if len(tokens(without_article(subject))) > 2 else 4) or not is_own_standing(
        told, longest=11
    ):
        return None
    return Core(Kind.TROUBLE, {"clause": with_owner(told)}, 0.9)


def owned(text: str) -> str | None:
    phrase = to_reader(cut_aside(text))
    is_fit = is_own_standing(phrase, longest=5) and says_something(phrase) and len(tokens(phrase)) <= 5
    return phrase if is_fit and not re.match(r"(?:you|it|they|he|she)\b", phrase, re.IGNORECASE) else None


def cannot(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"), longest=9)
    return Core(Kind.TROUBLE, {"clause": f"you can't {phrase}"}, 0.75) if phrase else None


def keep_doing(match: re.Match[str]) -> Core | None:
    doing = to_reader(cut_aside(match.group("ing")))
    if len(tokens(doing)) < 2 or not is_own_standing(doing, longest=9) or not says_something(doing):
        return None
    return Core(Kind.TROUBLE, {"clause": f"you keep {doing}"}, 0.85)


def despite(match: re.Match[str]) -> Core | None:
    told = to_reader(cut_aside(match.group(0)))
    if not is_own_standing(told, longest=11) or re.match(r"you\b", told):
        return None
    return Core(Kind.TROUBLE, {"clause": with_owner(told)}, 0.9)


def review(match: re.Match[str]) -> Core | None:
    return review_of(match.group("np"), 0.85)


def review_of(text: str, quality: float) -> Core | None:
    bare = re.sub(
        r"\b(?:my|a|an|honest|quick|short|long|full|detailed|mini|brief|in-depth) ?(?=review)",
        "",
        text,
        flags=re.IGNORECASE,
    )
    bare = re.sub(
        r"\b(?:in-?depth |quick |full )?reviews?\b(?: of| on| for)?| and a note on .*", "", bare, flags=re.IGNORECASE
    ).strip(" :-–—")
    phrase = noun_phrase(bare, longest=6)
    if phrase is not None and re.match(r"\d+-", phrase):
        return None
    return Core(Kind.REVIEW, {"np": with_the(phrase)}, quality) if phrase else None


def tried_for(match: re.Match[str]) -> Core | None:
    """A trouble and the cure that its author tried, told in one breath or in two sentences."""
    cure = noun_phrase(match.group("cure"), longest=6)
    trouble = noun_phrase(re.split(r"[.!?,;]", match.group("trouble"))[0], longest=4)
    if cure is None or trouble is None:
        return None
    return Core(Kind.TRY_OUT, {"np": f"{cure} for {trouble}"}, 0.95)


def not_but(match: re.Match[str]) -> Core | None:
    one, other = noun_phrase(match.group("a"), longest=3), noun_phrase(match.group("b"), longest=4)
    if one is None or other is None:
        return None
    return Core(Kind.VERSUS, {"a": without_article(one), "b": without_article(other), "apart": "yes"}, 0.9)


def recurring(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"))
    return Core(Kind.REMEDY, {"np": phrase}, 0.85) if phrase else None


def discovered(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=8)
    return Core(Kind.OPINION, {"np": phrase}, 0.8) if phrase else None


def counted_list(match: re.Match[str]) -> Core | None:
    told = to_reader(cut_aside(match.group("rest")))
    if len(tokens(told)) < 2 or not is_own_standing(told, longest=9) or not says_something(told):
        return None
    return Core(Kind.LIST, {"noun": match.group("noun").lower(), "rest": told}, 0.85)


def hearsay(match: re.Match[str]) -> Core | None:
    question = as_question(to_reader(cut_aside(match.group("said"))))
    if question is None or not is_own_standing(question, longest=12) or not says_something(question):
        return None
    return Core(Kind.CLAIM, {"question": question}, 0.9)


def why_you(match: re.Match[str]) -> Core | None:
    phrase = verb_phrase(match.group("vp"))
    if phrase is None:
        return None
    if match.group("neg"):
        return Core(Kind.IS_IT_FINE, {"vp": phrase, "adj": "ever a good idea"}, 0.9)
    return Core(Kind.WHY, {"clause": f"why {phrase}", "vp": phrase}, 0.7)


def on_sale(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.SALE, {"np": phrase}, 0.6) if phrase else None


def praise(match: re.Match[str]) -> Core | None:
    phrase = noun_phrase(match.group("np"), longest=6)
    return Core(Kind.OPINION, {"np": phrase}, 0.7) if phrase else None
