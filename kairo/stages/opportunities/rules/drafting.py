"""One opportunity, drafted in full from one candidate: evidence, quotes, timing, channel, score and words."""

from __future__ import annotations

from dataclasses import dataclass

from kairo.stages.opportunities.contracts import BOARD_SOURCE, OpportunityDraftDTO, PredictionDTO, Quote
from kairo.stages.opportunities.rules.briefing import Desk, Place, brief_for
from kairo.stages.opportunities.rules.candidates import Candidate
from kairo.stages.opportunities.rules.predictions import measure_of
from kairo.stages.opportunities.rules.quotes import best_quote
from kairo.stages.opportunities.rules.reading import Post, dominant_language
from kairo.stages.opportunities.rules.scoring import Measured, score_parts, strongest_and_weakest, total
from kairo.stages.opportunities.rules.titles import TitleChooser
from kairo.stages.opportunities.rules.wording.languages import wording_for
from kairo.stages.opportunities.rules.wording.shapes import Brief, Frame, Wording


@dataclass(frozen=True)
class Drafted:
    draft: OpportunityDraftDTO
    posts: tuple[Post, ...]


def frame_for(desk: Desk, candidate: Candidate, titles: TitleChooser) -> Frame | None:
    """The title for a candidate; None when no construction for it is left."""
    posts = tuple(desk.field.topic_of(candidate, frozenset()))
    wording = wording_for(candidate.idea.post.language)
    return titles.choose(wording.titles(candidate.idea.core, posts), source=candidate.idea.sentence.text)


def draft_of(desk: Desk, candidate: Candidate, frame: Frame, *, taken: frozenset[int], place: Place) -> Drafted | None:
    """Draft one candidate in full; None when nothing in its lead post can be quoted."""
    posts, quotes = _cited(desk, candidate, taken)
    if not quotes:
        return None
    wording = wording_for(dominant_language(posts))
    label = wording.label(candidate.idea.core, candidate.label)
    brief = brief_for(desk, candidate, posts, quotes, label=label, place=place)
    parts = score_parts(measured_for(candidate, brief), desk.learning, wording)
    draft = OpportunityDraftDTO(
        proposed_title=frame.text,
        proposed_angle=wording.angle(brief),
        type=brief.type,
        primary_channel=brief.channel.value,
        suggested_channels=[channel.value for channel in brief.channels],
        score=total(parts),
        score_explanation=wording.explanation(brief, *strongest_and_weakest(parts)),
        source=BOARD_SOURCE,
        source_url=brief.lead.item.url,
        persona_hint=brief.persona.name if brief.persona else None,
        pillar_hint=brief.pillar,
        raw_reasoning=f"cluster {candidate.cluster}; {candidate.idea.kind}; {candidate.idea.sentence.text[:160]}",
        why_now=wording.why_now(brief),
        evidence_ids=[post.item.id for post in posts],
        quotes=quotes,
        score_breakdown=parts,
        independent_voices=brief.voices,
        would_change_our_mind=wording.change_of_mind(brief),
        prediction=prediction_of(brief, wording),
    )
    return Drafted(draft, tuple(posts))


def measured_for(candidate: Candidate, brief: Brief) -> Measured:
    """Put together what scoring looks at."""
    return Measured(
        fit=candidate.fit,
        pulse=brief.pulse,
        voices=brief.voices,
        posts=brief.posts,
        quote_characters=sum(len(quote.text) for quote in brief.quotes),
        quotes=len(brief.quotes),
        quality=candidate.idea.core.quality,
        channel=brief.channel,
        has_signal=brief.is_echoed,
        type=brief.type,
    )


def prediction_of(brief: Brief, wording: Wording) -> PredictionDTO:
    """Put a brief's bet into words that can be checked when it is due."""
    return PredictionDTO(
        measure=measure_of(brief.label),
        statement=wording.prediction(brief),
        threshold=float(brief.bet.posts),
        due_at=brief.bet.due_at,
        probability=brief.bet.probability,
        unadjusted=brief.bet.unadjusted,
    )


def _cited(desk: Desk, candidate: Candidate, taken: frozenset[int]) -> tuple[list[Post], list[Quote]]:
    """The posts on the candidate's topic from which something can be quoted, each with its quote, the lead first."""
    posts: list[Post] = []
    quotes: list[Quote] = []
    taboos = desk.field.profile.taboos
    for post in desk.field.topic_of(candidate, taken):
        is_lead = post is candidate.idea.post
        if is_lead:
            # The sentence an idea came from is quoted as it is: the checks decide about it, not this choice.
            quote = best_quote(post, candidate.keys, (), prefer=candidate.idea.sentence)
        else:
            quote = best_quote(post, candidate.keys, taboos)
        if quote is None:
            if is_lead:
                return [], []
            continue
        posts.append(post)
        quotes.append(quote)
    return posts, quotes
