"""English angles: what to make, on which proof, for whom. Each part is said in several ways, so no board chants."""

from __future__ import annotations

import re

from kairo.stages.brands.contracts import PersonaDTO
from kairo.stages.opportunities.contracts import Channel, Quote
from kairo.stages.opportunities.rules.ideas.english_grammar import article, sentence_case
from kairo.stages.opportunities.rules.ideas.shapes import Kind
from kairo.stages.opportunities.rules.reading import Post
from kairo.stages.opportunities.rules.wording.shapes import Brief

LONGEST_EXTRACT = 110
_FORMATS = {
    Channel.INSTAGRAM: "carousel",
    Channel.TIKTOK: "short video",
    Channel.LINKEDIN: "LinkedIn post",
    Channel.X: "thread",
    Channel.YOUTUBE: "video",
    Channel.EMAIL: "newsletter piece",
    Channel.BLOG: "article",
    Channel.META_ADS: "ad",
}

_EXPLAINING = (
    "{A_format} that gives the answer in its first line and the reasoning after it",
    "{A_format} that takes the question as people put it and ends on one clear rule",
    "Answer it in one {format}: what you would do, when, and when you would not",
)
_SHOWING = (
    "{A_format} that shows the result first, then how it came about",
    "Show it in {a_format}: the start, the steps, the result, with nothing smoothed over",
    "{A_format} that lets the pictures carry the story and names the steps underneath",
)
_WEIGHING = (
    "{A_format} that sets what speaks for it beside what speaks against it, and says who should pass",
    "Weigh it up in {a_format}: what buyers hope for, what they got, who it suits",
    "{A_format} that ends with a plain recommendation for each kind of buyer",
)
_ASKING = (
    "Put it to the audience in {a_format}, give your own answer first and let them add theirs",
    "{A_format} that states both sides fairly and then takes one",
    "Open the question in {a_format} and close it with what you tell customers yourselves",
)
_TELLING = (
    "{A_format} told from the moment it goes wrong to what helped",
    "Tell it in {a_format}: the trouble in one sentence, then what to try first and what to skip",
    "{A_format} with one thing to try today and the reason it may help",
)
_OFFERS: dict[Kind, tuple[str, ...]] = {
    **dict.fromkeys(
        (Kind.HOW_TO, Kind.HOW_MANY, Kind.DEFINE, Kind.EXPLAIN, Kind.WHY, Kind.LIST, Kind.CLAIM), _EXPLAINING
    ),
    **dict.fromkeys(
        (Kind.TRIAL, Kind.BEFORE_AFTER, Kind.MAKING, Kind.RECIPE, Kind.SUBJECT, Kind.SHARED, Kind.STORY), _SHOWING
    ),
    **dict.fromkeys((Kind.VERSUS, Kind.REVIEW, Kind.TRY_OUT, Kind.CHOOSE, Kind.SALE, Kind.NAMES), _WEIGHING),
    **dict.fromkeys((Kind.ASK, Kind.IS_IT_FINE, Kind.OPINION, Kind.FAVOURITE, Kind.OPEN_QUESTION), _ASKING),
    **dict.fromkeys((Kind.TIP, Kind.IF_THEN, Kind.FIRST, Kind.TROUBLE, Kind.REMEDY), _TELLING),
}


def angle_of(brief: Brief) -> str:
    """Two or three sentences: the piece to make, the proof it stands on, the persona and the pillar it serves."""
    turn = brief.turn
    offers = _OFFERS[brief.idea.kind]
    made = _FORMATS[brief.channel]
    named = f"{article(made)} {made}"
    offer = offers[turn % len(offers)].format(format=made, a_format=named, A_format=sentence_case(named))
    sentences = [offer, _proof(brief), _audience(brief)]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _proof(brief: Brief) -> str:
    """The quotes it stands on, with their counts and dates; a second voice where there is one."""
    lead = brief.quotes[0]
    said = f"“{extract(lead)}” ({_facts(brief.lead)})"
    others = [quote for quote in brief.quotes[1:] if quote.evidence_id != lead.evidence_id]
    if not others:
        return (f"Start from {said}", f"The proof is {said}", f"Lead with {said}", f"It rests on {said}")[
            brief.turn % 4
        ]
    second = next((quote for quote in others if len(extract(quote)) > 25), others[0])
    post = next(post for post in brief.posts if post.item.id == second.evidence_id)
    more = len(brief.posts) - 2
    rest = "" if more < 1 else "; one more post is cited" if more == 1 else f"; {more} more posts are cited"
    added = f"“{extract(second)}” ({_facts(post)})"
    return (
        f"Start from {said} and add {added}{rest}",
        f"The proof is {said}, seconded by {added}{rest}",
        f"Lead with {said}, then {added}{rest}",
        f"It rests on {said} and on {added}{rest}",
    )[brief.turn % 4]


def _audience(brief: Brief) -> str:
    who = persona_in_words(brief.persona) if brief.persona is not None else ""
    if who and brief.pillar:
        return (
            f"Made for {who}, under {brief.pillar}",
            f"It serves {brief.pillar} and speaks to {who}",
            f"For {who}; it belongs to {brief.pillar}",
        )[brief.turn % 3]
    if who:
        return f"Made for {who}"
    return f"It belongs to {brief.pillar}" if brief.pillar else ""


def persona_in_words(persona: PersonaDTO) -> str:
    """A persona by name, role and what is on their mind."""
    about = [persona.role or "", persona.summary or next(iter([*persona.pains, *persona.priorities]), "")]
    told = ", ".join(part.strip().rstrip(".") for part in about if part.strip())
    return f"{persona.name} ({_cut(told, 90)})" if told else persona.name


def extract(quote: Quote) -> str:
    """A quote short enough for running text, without the labels and line breaks of its post."""
    bare = re.sub(r"\s+", " ", re.sub(r"^\s*[\[(][^\])]{1,30}[\])]\s*", "", quote.text)).strip()
    return _cut(bare.rstrip(".!… "), LONGEST_EXTRACT).replace("“", "'").replace("”", "'")


def _facts(post: Post) -> str:
    at = post.published_at
    counts = []
    if post.points:
        counts.append(counted_likes(post.points, post.item.platform))
    if post.comments:
        counts.append(f"{post.comments} {'comment' if post.comments == 1 else 'comments'}")
    return ", ".join([f"{at.day} {at:%b}", *counts])


def counted_likes(count: int, platform: str) -> str:
    """Likes in the platform's own word."""
    word = {"reddit": "point", "hackernews": "point", "hacker_news": "point", "producthunt": "vote"}.get(
        platform, "like"
    )
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    space = text.rfind(" ", 0, longest)
    return text[: space if space > longest // 2 else longest].rstrip(" ,;:-–") + "…"
