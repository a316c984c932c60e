"""English wording of an opportunity."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import datetime

from kairo.stages.opportunities.contracts import OpportunityType
from kairo.stages.opportunities.rules.ideas.english_grammar import (
    gerund,
    is_plural,
    plural_of,
    sentence_case,
    with_article,
    without_article,
)
from kairo.stages.opportunities.rules.ideas.shapes import Core, Kind
from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.voices import independent_voices
from kairo.stages.opportunities.rules.wording.english_angles import angle_of, counted_likes
from kairo.stages.opportunities.rules.wording.english_frames import (
    DIFFERENCE,
    DOING_FIRST,
    FINE_FRAMES,
    FRAMES,
    MADE_THING,
    TOLD_APART,
)
from kairo.stages.opportunities.rules.wording.shapes import Brief, Burst, Frame

LONGEST_TITLE = 96
_PRICE = re.compile(r"(?:for|at|costs?|price[sd]?)(?: at| of| is)? (?P<price>[$€£]\d[\d,.]*\d|[$€£]\d)", re.IGNORECASE)
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


class EnglishWording:
    """Titles, angles and reasons in English."""

    def titles(self, core: Core, posts: tuple[Post, ...]) -> list[Frame]:
        """Every well-formed title for an idea, the plainest construction first."""
        slots = _slots(core, posts)
        found = []
        for template in _templates(core):
            names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
            if any(name not in slots for name in names):
                continue
            text = sentence_case(re.sub(r"\s+", " ", template.format(**slots)).strip())
            if len(text) <= LONGEST_TITLE:
                found.append(Frame(name=template, text=text))
        return found

    def label(self, core: Core, words: str) -> str:
        """A short name of the topic, for running text; `words` is the run of words that names it best."""
        slots = core.slots
        if "a" in slots:
            return f"{slots['a']} and {slots['b']}"
        if "tag" in slots:
            return slots["tag"]
        phrase = without_article(slots["np"]) if "np" in slots else _doing(slots)
        return phrase if phrase and len(phrase.split()) <= 7 else words

    def angle(self, brief: Brief) -> str:
        return angle_of(brief)

    def why_now(self, brief: Brief) -> str:
        """The reason in time, in counts and dates of the cited posts."""
        pulse = brief.pulse
        newest = _date(pulse.newest_at)
        parts = []
        if pulse.total >= 3 and pulse.recent > pulse.before:
            parts.append(
                f"{_posts(pulse.recent)} in the last {pulse.span_days} days against {pulse.before} in the "
                f"{pulse.span_days} days before; the newest is from {newest}"
            )
        elif pulse.total >= 2:
            talk = f", with {pulse.comments} comments between them" if pulse.comments else ""
            parts.append(f"{_posts(pulse.total)} in {pulse.window_days} days, the newest from {newest}{talk}")
        else:
            parts.append(_single(brief, newest))
        if brief.burst is not None:
            parts.append(_burst(brief.burst))
        else:
            parts += [f"the trend watch has it open too, as “{trend}”" for trend in brief.trends[:1]]
        return sentence_case("; ".join(parts)) + "."

    def change_of_mind(self, brief: Brief) -> str:
        """What measured change would prove the suggestion wrong."""
        due, label, pulse = _date(brief.bet.due_at), brief.label, brief.pulse
        slots = brief.idea.core.slots
        if brief.idea.kind is Kind.VERSUS and "apart" not in slots:
            return (
                f"New posts that name only one of the two: if by {due} most of those on {slots['a']} leave out "
                f"{slots['b']}, the comparison is settled."
            )
        if brief.type is OpportunityType.TREND:
            return f"Fewer than {max(1, pulse.recent // 2)} new posts on {label} by {due}: then the rise was a blip."
        each = (pulse.comments or 0) // pulse.total
        if pulse.total > 1 and each >= 4:
            return (
                f"If new posts on {label} draw under {each // 2} comments each by {due} (these drew {each} "
                f"on average), "
                "the question is settled."
            )
        if pulse.total > 1:
            return (
                f"No new post on {label} by {due}, after {pulse.total} in {pulse.window_days} days: then "
                f"interest moved on."
            )
        return _if_alone(brief, due)

    def prediction(self, brief: Brief) -> str:
        bet = brief.bet
        past = f"; the {brief.pulse.window_days} days before brought {brief.seen}" if brief.seen else ""
        return (
            f"At least {_posts(bet.posts, 'new ')} on {brief.label} between {_date(brief.as_of)} and "
            f"{_date(bet.due_at)}{past}."
        )

    def reason(self, part: str, facts: Mapping[str, str | int | float]) -> str:
        return string.Formatter().vformat(_REASONS[part], (), facts)

    def explanation(self, brief: Brief, strongest: str, weakest: str) -> str:
        pillar = f" for {brief.pillar}" if brief.pillar else ""
        return (
            f"Strongest in {_PARTS[strongest]}, weakest in {_PARTS[weakest]}: "
            f"{_voices(brief.voices)}{pillar}, the newest post {_age(brief.pulse.age_days)}."
        )


def _burst(burst: Burst) -> str:
    hours = "an hour" if burst.hours == 1 else f"{burst.hours} hours"
    return f"“{burst.topic}” is an open trend: {_posts(burst.posts)} by {burst.voices} voices within {hours}"


_PARTS = {
    "relevance": "relevance to the brand",
    "timeliness": "timeliness",
    "evidence_strength": "evidence",
    "audience_fit": "audience fit",
    "feasibility": "feasibility",
    "learned": "what was learned so far",
}
_REASONS = {
    "relevance": "Matches {words}; likeness in meaning {meaning}.",
    "relevance_meaning": "No word of the brand's own, but likeness in meaning {meaning}.",
    "timeliness": "Newest post {age} days old; {recent} posts in the last {span} days against {before} before.",
    "timeliness_signal": "Newest post {age} days old; {recent} posts in the last {span} days against {before} before; "
    "an outside signal agrees.",
    "evidence_strength": "{voices} independent voices in {posts} posts; {quotes} quotes; mean engagement percentile "
    "{engagement}.",
    "audience_fit": "{persona}: shares {words} with the posts; likeness in meaning {meaning}.",
    "audience_fit_meaning": "{persona}: likeness in meaning {meaning}, no shared words.",
    "audience_fit_none": "The brand has no personas to hold it against.",
    "feasibility": "The idea came out of one sentence at {quality} of 1; {length} characters of quotes to work with.",
    "learned": "Earlier decisions and results moved it by {effect} points ({sources}).",
    "learned_none": "Nothing learned yet about this pillar, persona or channel.",
    "winners": "Ads like this won: {winners}.",
    "winner": "{ad} (return {expected} beside {beside} of its campaign, {results} results, similarity {similarity})",
    "model": "A model rates relevance {relevance}, audience fit {audience} and feasibility {feasibility} of 100.",
}


def _templates(core: Core) -> tuple[str, ...]:
    slots = core.slots
    if core.kind is Kind.IS_IT_FINE:
        return _fine_templates(slots)
    if core.kind is Kind.FIRST and "ing" in slots:
        return DOING_FIRST
    if core.kind is Kind.MAKING and "how" in slots:
        return MADE_THING
    if core.kind is Kind.VERSUS and "apart" in slots:
        return DIFFERENCE if slots["apart"] == "difference" else TOLD_APART
    return FRAMES.get(core.kind, ())


def _fine_templates(slots: Mapping[str, str]) -> tuple[str, ...]:
    judged = slots["adj"]
    if judged in ("good idea", "a good idea", "ever a good idea"):
        return FINE_FRAMES["idea"]
    if judged == "time to stop":
        return FINE_FRAMES["stop"]
    return FINE_FRAMES["plain"] if "vp" in slots else FINE_FRAMES["doing"]


def _slots(core: Core, posts: tuple[Post, ...]) -> dict[str, str]:
    slots = dict(core.slots)
    if core.kind is not Kind.FAVOURITE:
        doing = _doing(slots)
        slots |= {"ing": doing} if doing else {}
    if "np" in slots:
        slots |= _agreeing(slots["np"], core.kind)
    if core.kind is Kind.TRY_OUT:
        slots["price"] = _price(posts)
    if core.kind in (Kind.WHY, Kind.HOW_MANY, Kind.OPEN_QUESTION) and len(slots.get("clause", "").split()) < 3:
        slots.pop("clause", None)
    if slots.get("how") == "diy":
        slots["how"] = "DIY"
    if core.kind in (Kind.SHARED, Kind.NAMES):
        people = independent_voices(posts) if core.kind is Kind.SHARED else len(posts)
        slots["count"] = _COUNTS.get(people, str(people))
    if core.kind is Kind.FAVOURITE:
        slots["nps"] = plural_of(slots["np"])
    capitals = {name[:1].upper() + name[1:]: sentence_case(value) for name, value in slots.items()}
    return slots | capitals


def _agreeing(phrase: str, kind: Kind) -> dict[str, str]:
    plural = is_plural(phrase)
    bare = without_article(phrase)
    return {
        "np": bare if kind in (Kind.FIRST, Kind.FAVOURITE, Kind.SALE, Kind.SHARED) else phrase,
        "np_bare": bare,
        "a_np": with_article(phrase),
        "be": "are" if plural else "is",
        "do": "do" if plural else "does",
        "it": "they" if plural and kind is Kind.OPINION else "them" if plural else "it",
        "its": "their" if plural else "its",
    }


def _doing(slots: Mapping[str, str]) -> str:
    """The gerund phrase of an idea: as it stood, or made of its verb phrase."""
    if "ing" in slots:
        return slots["ing"]
    verb, _, rest = slots.get("vp", "").partition(" ")
    if verb.lower() not in BASE_VERBS | {"be", "do", "have", "go"}:
        return ""
    return f"{gerund(verb)} {rest}".strip()


def _price(posts: tuple[Post, ...]) -> str:
    found = _PRICE.findall(posts[0].headline) if posts else []
    return str(found[0]).rstrip(".,") if len(found) == 1 else "trying"


def _single(brief: Brief, newest: str) -> str:
    pulse = brief.pulse
    talk = f"{pulse.comments} comments" if pulse.comments else ""
    liked = counted_likes(pulse.points, brief.lead.item.platform) if pulse.points else ""
    drew = " and ".join(part for part in (talk, liked) if part)
    busier = (
        f", more than {brief.busier_than} % of the {brief.sample} posts read"
        if brief.busier_than and brief.busier_than >= 50
        else ""
    )
    if pulse.age_days <= 3:
        when = f"today, {newest}" if pulse.age_days < 1 else f"on {newest}, {_age(pulse.age_days)}"
        return f"posted {when}" + (f", and already at {drew}" if drew else "") + busier
    if drew:
        return f"the post of {newest} drew {drew}{busier}"
    return f"raised on {newest}, {_age(pulse.age_days)}, and by nobody else in these {pulse.window_days} days"


def _if_alone(brief: Brief, due: str) -> str:
    """What would show that a single post was one person's concern."""
    half = brief.lead.comments // 2
    if brief.turn % 3 == 0 or half < 2:
        return f"If nobody else brings up {brief.label} by {due}, it was one person's concern and can wait."
    if brief.turn % 3 == 1:
        return (
            f"A second post on {brief.label} that stays under {half} comments by {due} would mean the "
            f"talk was about this one post."
        )
    return f"No second voice on {brief.label} by {due}, or one that draws under {half} comments: then it can wait."


def _posts(count: int, kind: str = "") -> str:
    return f"{count} {kind}post{'' if count == 1 else 's'}"


def _voices(count: int) -> str:
    return "one voice" if count == 1 else f"{count} independent voices"


def _age(days: float) -> str:
    whole = int(days)
    return "from today" if whole == 0 else "a day ago" if whole == 1 else f"{whole} days ago"


def _date(at: datetime) -> str:
    return f"{at.day} {at:%b}"
