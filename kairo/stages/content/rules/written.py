"""What a model may answer, and what is wrong with an answer: no instruction to a model is relied on, only these rules.

An answer is cited where it says what it was given. What cannot be traced is refused (a quote that nobody said, a figure
that stands nowhere) or marked to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from pydantic import Field

from kairo.shapes import Strict
from kairo.stages.content.contracts import ClaimDTO, ClaimStatus, VariantDraftDTO
from kairo.stages.content.rules.channels import LIMITS
from kairo.stages.content.rules.claims import claims_after_edit
from kairo.stages.content.rules.facts import Facts
from kairo.stages.content.rules.material import language_of
from kairo.stages.opportunities.contracts import Channel

MOST_CLAIMS = 60
SHORTEST_STEM = 5
_QUOTED = re.compile(r"“([^”\n]+)”|\"([^\"\n]+)\"|«([^»\n]+)»|„([^“”\n]+)[“”]|「([^」\n]+)」|『([^』\n]+)』")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3400-\u9fff]")
_TAIL = " .,!?…;:。！？，"


class WrittenClaim(Strict):
    """One sentence of the text that states something, letter by letter, and the ids that it stands on."""

    text: str = Field(min_length=1, max_length=2000)
    evidence_ids: list[str] = Field(default=[], max_length=20)
    brand_ids: list[str] = Field(default=[], max_length=20)


class WrittenVariant(Strict):
    """A model's text for one channel."""

    title: str | None = Field(default=None, max_length=300)
    body: str = Field(min_length=1, max_length=60_000)
    call_to_action: str | None = Field(default=None, max_length=300)
    claims: list[WrittenClaim] = Field(default=[], max_length=MOST_CLAIMS)


class WrittenPackage(Strict):
    """A model's plan of a campaign; `evidence_ids` are the posts that the thesis stands on."""

    thesis: str = Field(min_length=1, max_length=600)
    summary: str = Field(min_length=1, max_length=1200)
    call_to_action: str | None = Field(default=None, max_length=150)
    notes_for_humans: str | None = Field(default=None, max_length=2000)
    evidence_ids: list[str] = Field(min_length=1, max_length=20)


def problems_of_variant(written: WrittenVariant, facts: Facts, channel: Channel) -> list[str]:
    """List what of a text cannot be traced to what it was written from."""
    texts = {"title": written.title or "", "body": written.body, "call_to_action": written.call_to_action or ""}
    problems = [problem for place, text in texts.items() for problem in _untraced_quotes(place, text, facts)]
    if channel is Channel.META_ADS and any(_quotes_in(text) for text in texts.values()):
        problems.append("body: nobody's words are used in an advertisement: say it without a quote")
    if LIMITS[channel].title is not None and not (written.title or "").strip():
        problems.append("title: this channel needs one")
    problems += _wrong_language("body", written.body, facts)
    for place, claim in enumerate(written.claims):
        problems += _problems_of_claim(f"claims.{place}", claim, written.body, facts)
    return problems


def problems_of_package(written: WrittenPackage, facts: Facts) -> list[str]:
    """List what of a plan cannot be traced to what it was written from."""
    texts = {"thesis": written.thesis, "summary": written.summary, "call_to_action": written.call_to_action or ""}
    problems = _unknown("evidence_ids", written.evidence_ids, [post.id for post in facts.posts])
    for place, text in texts.items():
        problems += _untraced_quotes(place, text, facts)
        problems += _untraced_numbers(place, text, _everything(facts), facts)
    return problems + _wrong_language("thesis", written.thesis, facts)


def variant_of(written: WrittenVariant, facts: Facts, channel: Channel, *, pattern: str | None) -> VariantDraftDTO:
    """Return an answer without problems as a draft: each statement cited, or to be checked."""
    cited = [_claim_of(claim, facts) for claim in written.claims]
    call_to_action = (written.call_to_action or "").strip() or None
    return VariantDraftDTO(
        channel=channel,
        title=(written.title or "").strip() or None if LIMITS[channel].title is not None else None,
        body=written.body,
        call_to_action=call_to_action,
        pattern_hint=pattern,
        claims=claims_after_edit(written.body, before="", claims=cited, call_to_action=call_to_action),
    )


def _problems_of_claim(place: str, claim: WrittenClaim, body: str, facts: Facts) -> Iterator[str]:
    if claim.text not in body:
        yield f"{place}.text: these words do not stand in the body letter by letter"
    yield from _unknown(f"{place}.evidence_ids", claim.evidence_ids, [post.id for post in facts.posts])
    yield from _unknown(f"{place}.brand_ids", claim.brand_ids, [line.id for line in facts.lines])
    cited = [post.text for post in facts.posts if post.id in claim.evidence_ids]
    if not cited and not claim.brand_ids:
        return
    for quote in _quotes_in(claim.text):
        if _is_of_a_post(quote, facts) and not any(quote in text for text in cited):
            yield f"{place}.evidence_ids: “{quote}” stands in another post than those that it cites"
    yield from _untraced_numbers(f"{place}.text", claim.text, _said(claim, facts), facts)


def _claim_of(claim: WrittenClaim, facts: Facts) -> ClaimDTO:
    items = list(dict.fromkeys(post.item_id for post in facts.posts if post.id in claim.evidence_ids))
    lines = [line for line in facts.lines if line.id in claim.brand_ids]
    if not (items or lines) or not _shares_words(claim.text, _said(claim, facts)):
        return ClaimDTO(text=claim.text, status=ClaimStatus.TO_CHECK)
    knowledge = "; ".join(dict.fromkeys(line.source for line in lines)) or None
    return ClaimDTO(text=claim.text, evidence_ids=items, status=ClaimStatus.CITED, knowledge=knowledge)


def _said(claim: WrittenClaim, facts: Facts) -> list[str]:
    posts = [post.text for post in facts.posts if post.id in claim.evidence_ids]
    return posts + [line.text for line in facts.lines if line.id in claim.brand_ids]


def _everything(facts: Facts) -> list[str]:
    return [facts.title, *(post.text for post in facts.posts), *(line.text for line in facts.lines)]


def _quotes_in(text: str) -> list[str]:
    spans = (next(filter(None, found.groups())) for found in _QUOTED.finditer(text))
    # A full stop that the writer's own sentence needs is no letter of the quote.
    return [span.strip(_TAIL) for span in spans if span.strip(_TAIL)]


def _untraced_quotes(place: str, text: str, facts: Facts) -> Iterator[str]:
    known = _everything(facts)
    for quote in _quotes_in(text):
        if not any(quote in said for said in known):
            yield f"{place}: “{quote}” stands in nothing that was given: quote letter by letter, or use no marks"


def _is_of_a_post(quote: str, facts: Facts) -> bool:
    return any(quote in post.text for post in facts.posts)


def _untraced_numbers(place: str, text: str, known: Sequence[str], facts: Facts) -> Iterator[str]:
    given = {number for said in known for number in _NUMBER.findall(said)} | {str(facts.voices)}
    for number in dict.fromkeys(_NUMBER.findall(text)):
        if number not in given:
            yield f"{place}: the figure {number} stands in nothing that it cites: leave it out"


def _unknown(place: str, named: Iterable[str], known: Sequence[str]) -> list[str]:
    return [f"{place}: there is no {name!r}; there are {', '.join(known)}" for name in named if name not in known]


def _wrong_language(place: str, text: str, facts: Facts) -> list[str]:
    return (
        [] if language_of(text) == facts.language else [f"{place}: it is not written in {_LANGUAGES[facts.language]}"]
    )


_LANGUAGES = {"en": "English", "ru": "Russian", "zh": "Chinese"}


def language_name(facts: Facts) -> str:
    """Return the name of the language to write in, as a model is told it."""
    return _LANGUAGES[facts.language]


def _shares_words(text: str, known: Iterable[str]) -> bool:
    """Tell whether a sentence has a word in common with what it cites; one that has none only claims to be cited."""
    given = {stem for said in known for stem in _stems(said)}
    return not given.isdisjoint(_stems(text))


def _stems(text: str) -> set[str]:
    return {word[:SHORTEST_STEM] for word in _WORD.findall(text.casefold())}


def items_of(written: WrittenPackage, facts: Facts) -> list[UUID]:
    """Return the posts that a plan stands on."""
    return list(dict.fromkeys(post.item_id for post in facts.posts if post.id in written.evidence_ids))
