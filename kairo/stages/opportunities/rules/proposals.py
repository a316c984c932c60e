"""What a model is given of the evidence, and what of its proposals becomes drafts: each checked like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.opportunities.contracts import (
    BOARD_SOURCE,
    Channel,
    OpportunityDraftDTO,
    OpportunityType,
    Quote,
    ScorePart,
)
from kairo.stages.opportunities.ports import BoardMaterial, DecidedOpportunity, ProposedDraft, Rating
from kairo.stages.opportunities.rules.briefing import Desk, Place, brief_for
from kairo.stages.opportunities.rules.candidates import Candidate, Field, survey
from kairo.stages.opportunities.rules.drafting import measured_for, prediction_of
from kairo.stages.opportunities.rules.fit import carries_taboo, has_context
from kairo.stages.opportunities.rules.grounding import Ground, figures_in, ungrounded_reasons
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.open_trends import lifted, open_trends
from kairo.stages.opportunities.rules.quotes import is_fit_to_quote
from kairo.stages.opportunities.rules.reach import MIN_FIT_WHEN_THIN
from kairo.stages.opportunities.rules.reading import Post, dominant_language
from kairo.stages.opportunities.rules.redundancy import drop_redundant
from kairo.stages.opportunities.rules.scoring import score_parts, strongest_and_weakest, total
from kairo.stages.opportunities.rules.stems import has_han, words_of
from kairo.stages.opportunities.rules.topics import key_stems, topic_label
from kairo.stages.opportunities.rules.validity import check
from kairo.stages.opportunities.rules.wording.languages import wording_for
from kairo.stages.opportunities.rules.wording.shapes import Brief, Wording

MIN_VALID = 3
"""A model's board with fewer valid drafts is none: the extractive one is better."""
MOST_GIVEN = 40
POSTS_A_GROUP = 4
PLAIN_QUALITY = 0.5
"""How clean the idea of a post is taken for that no construction of ours has found."""
TEXT_GIVEN = 700
TRANSCRIPT_GIVEN = 500
SHORTEST_QUOTE_WORDS = 3
SHORTEST_QUOTE_LETTERS = 5
LONGEST_QUOTE = 400
LEARNED = "learned"
MODEL_WEIGHT = 0.25
"""How much of a score the model's rating makes; what was measured makes the rest."""


@dataclass(frozen=True)
class GivenPost:
    """A post as a model gets it: under a short id, with the candidate whose topic it belongs to."""

    short_id: str
    post: Post
    candidate: Candidate
    group: int

    @property
    def text(self) -> str:
        """Return what of the post is given; a quote is taken from here."""
        transcript = (self.post.item.transcript or "")[:TRANSCRIPT_GIVEN]
        return "\n\n".join(part for part in (self.post.item.text[:TEXT_GIVEN], transcript) if part.strip())


@dataclass(frozen=True)
class Assignment:
    """What a model works from: the surveyed evidence and the posts that it is given, by their short ids."""

    desk: Desk
    given: Mapping[str, GivenPost]
    decided: Sequence[DecidedOpportunity]

    @property
    def brand(self) -> BrandSnapshotDTO:
        return self.desk.brand


@dataclass(frozen=True)
class Judged:
    """A model's proposals after all checks."""

    kept: list[OpportunityDraftDTO]
    dropped: list[OpportunityDraftDTO]

    @property
    def suffices(self) -> bool:
        return len(self.kept) >= MIN_VALID

    def problems(self) -> list[str]:
        """Say what is wrong with each draft that was dropped, for who wrote it."""
        told = [f"draft “{draft.proposed_title[:60]}”: {'; '.join(draft.rejection_reasons)}" for draft in self.dropped]
        return [f"only {len(self.kept)} of the drafts can be used, at least {MIN_VALID} are needed", *told]


def assignment_of(material: BoardMaterial) -> Assignment | None:
    """Choose the posts that a model is given, strongest topics first; None where nothing reaches the brand."""
    if not has_context(material.brand):
        return None
    field = survey(
        material.evidence, material.vectors, material.brand, material.embed, material.as_of, material.profile
    )
    if field is None:
        return None
    trends = open_trends(material.signals, field)
    desk = Desk(field, material.brand, material.signals, material.learning, material.embed, material.as_of, trends)
    given = _given(desk)
    return Assignment(desk, {one.short_id: one for one in given}, material.decided) if given else None


def judge(assignment: Assignment, proposed: Sequence[ProposedDraft]) -> Judged:
    """Turn proposals into drafts and put them through every check; repeated ones go, the earlier of two stays."""
    known = {one.post.item.id: one.post.item for one in assignment.given.values()}
    kept: list[OpportunityDraftDTO] = []
    dropped: list[OpportunityDraftDTO] = []
    used: Counter[Channel] = Counter()
    for proposal in proposed:
        draft = _draft_of(assignment, proposal, Place(len(kept), used))
        checked = check(draft, evidence=known, taboos=assignment.desk.field.profile.taboos)
        if checked.is_valid:
            kept.append(checked)
            used[Channel(checked.primary_channel)] += 1
        else:
            dropped.append(checked)
    unique, repeated = drop_redundant(kept, decided=assignment.decided, embed=assignment.desk.embed)
    return Judged(unique, dropped + repeated)


def rated(draft: OpportunityDraftDTO, rating: Rating, wording: Wording) -> OpportunityDraftDTO:
    """Return a draft with the model's rating as a part of its score, the measured parts keeping their proportions."""
    value = round((rating.relevance + rating.audience_fit + rating.feasibility) / 3, 1)
    facts: dict[str, str | int | float] = {
        "relevance": round(rating.relevance),
        "audience": round(rating.audience_fit),
        "feasibility": round(rating.feasibility),
    }
    parts = _with_room_for_the_model(draft.score_breakdown)
    parts["model"] = ScorePart(value=value, weight=MODEL_WEIGHT, reason=wording.reason("model", facts))
    return draft.model_copy(update={"score_breakdown": parts, "score": min(100.0, total(parts))})


def _with_room_for_the_model(parts: Mapping[str, ScorePart]) -> dict[str, ScorePart]:
    """Shrink the weights of what was measured; what was learned keeps its points."""
    measured = sum(part.weight for name, part in parts.items() if name != LEARNED)
    left = (measured - MODEL_WEIGHT) / measured
    return {
        name: part if name == LEARNED else part.model_copy(update={"weight": round(part.weight * left, 4)})
        for name, part in parts.items()
    }


def wording_of(assignment: Assignment, draft: OpportunityDraftDTO) -> Wording:
    """Return the wording of the language in which a draft's posts are written."""
    cited = [one.post for one in assignment.given.values() if one.post.item.id in draft.evidence_ids]
    return wording_for(dominant_language(cited))


def _given(desk: Desk) -> list[GivenPost]:
    """Give the posts of each topic, strongest first, and then those that only fit, until there are enough."""
    found: list[GivenPost] = []
    seen: set[int] = set()
    group_of: dict[int, int] = {}
    for candidate in [*_by_strength(desk), *_by_fit(desk)]:
        if len(found) >= MOST_GIVEN:
            break
        if candidate.lead in seen:
            continue
        posts = [
            post
            for post in desk.field.topic_of(candidate, frozenset(seen))
            if desk.field.row_of(post) not in seen and not carries_taboo(desk.field.profile, _whole(post))
        ][:POSTS_A_GROUP]
        seen |= {desk.field.row_of(post) for post in posts} | {candidate.lead}
        group = group_of.setdefault(candidate.cluster, len(group_of) + 1)
        found += [
            GivenPost(f"e{len(found) + place}", post, candidate, group) for place, post in enumerate(posts, start=1)
        ]
    return found[:MOST_GIVEN]


def _by_strength(desk: Desk) -> list[Candidate]:
    strong = [candidate for candidate in desk.field.candidates if candidate.fit.value >= MIN_FIT_WHEN_THIN]
    return sorted((lifted(one, desk.open_trends) for one in strong), key=lambda one: -one.strength)


def _by_fit(desk: Desk) -> list[Candidate]:
    """Every post by itself: a model may see an idea where no construction of ours finds one."""
    field = desk.field
    rows = sorted(range(len(field.posts)), key=lambda row: (-field.fits[row].value, row))
    return [_candidate_of(field, row) for row in rows]


def _candidate_of(field: Field, row: int) -> Candidate:
    post = field.posts[row]
    sentence = post.sentences[0]
    label = topic_label(sentence.text, key_stems(sentence.text), field.rarity)
    core = Core(Kind.SUBJECT, {"np": label}, PLAIN_QUALITY)
    return Candidate(
        idea=Idea(core, post, sentence),
        cluster=field.clusters[row],
        fit=field.fits[row],
        keys=key_stems(label),
        label=label,
        lead=row,
        topic=(row,),
        core_topic=frozenset({row}),
        strength=field.fits[row].value,
    )


def _draft_of(assignment: Assignment, proposal: ProposedDraft, place: Place) -> OpportunityDraftDTO:
    """Turn a proposal into a draft with what was measured of its posts; what is wrong with it stands in its reasons."""
    reasons = [f"unknown_evidence: {name} was not given" for name in _named(proposal) if name not in assignment.given]
    quoted = [quote for quote in proposal.quotes if quote.evidence_id in assignment.given]
    quotes = [Quote(evidence_id=_id(assignment, one.evidence_id), text=one.text.strip()) for one in quoted]
    draft = OpportunityDraftDTO(
        proposed_title=proposal.title.strip(),
        proposed_angle=proposal.angle.strip(),
        type=_type(proposal) or OpportunityType.EVERGREEN,
        primary_channel=proposal.primary_channel,
        suggested_channels=list(dict.fromkeys([proposal.primary_channel, *proposal.suggested_channels])),
        source=BOARD_SOURCE,
        why_now=proposal.why_now.strip(),
        evidence_ids=[_id(assignment, name) for name in _named(proposal) if name in assignment.given],
        quotes=quotes,
        persona_hint=proposal.persona or None,
        pillar_hint=proposal.pillar or None,
        rejection_reasons=[*reasons, *_form_reasons(assignment, proposal), *_quote_reasons(assignment, quotes)],
    )
    return _measured(assignment, draft, [one.evidence_id for one in quoted], place) if quotes else draft


def _measured(
    assignment: Assignment, draft: OpportunityDraftDTO, quoted: Sequence[str], place: Place
) -> OpportunityDraftDTO:
    """Add what is counted of the posts: voices, timing, scores, the bet; and hold the words against them."""
    named = [assignment.given[name] for name in dict.fromkeys(quoted)]
    candidate, posts = named[0].candidate, [one.post for one in named]
    wording = wording_for(dominant_language(posts))
    label = wording.label(candidate.idea.core, candidate.label)
    measured = brief_for(assignment.desk, candidate, posts, draft.quotes, label=label, place=place)
    brief = _as_proposed(measured, draft, assignment.brand)
    candidate = replace(
        candidate,
        fit=replace(candidate.fit, pillar=brief.pillar, persona=brief.persona.name if brief.persona else None),
    )
    parts = score_parts(measured_for(candidate, brief), assignment.desk.learning, wording)
    says = ungrounded_reasons(
        title=draft.proposed_title,
        angle=draft.proposed_angle,
        why_now=draft.why_now or "",
        ground=_ground(assignment, brief),
    )
    return draft.model_copy(
        update={
            "type": brief.type,
            # What is cited is what is quoted; an id without a quote supports nothing.
            "evidence_ids": [post.item.id for post in posts],
            "score": total(parts),
            "score_explanation": wording.explanation(brief, *strongest_and_weakest(parts)),
            "source_url": brief.lead.item.url,
            "persona_hint": brief.persona.name if brief.persona else None,
            "pillar_hint": brief.pillar,
            "score_breakdown": parts,
            "independent_voices": brief.voices,
            "would_change_our_mind": wording.change_of_mind(brief),
            "prediction": prediction_of(brief, wording),
            "rejection_reasons": [*draft.rejection_reasons, *says],
        }
    )


def _as_proposed(brief: Brief, draft: OpportunityDraftDTO, brand: BrandSnapshotDTO) -> Brief:
    """Take over what a proposal may choose: channel, pillar, persona, and a type other than a rise."""
    persona = next((persona for persona in brand.personas if persona.name == draft.persona_hint), brief.persona)
    channels = [Channel(name) for name in draft.suggested_channels if name in set(Channel)]
    return replace(
        brief,
        # A rise is counted, not claimed.
        type=brief.type if draft.type is OpportunityType.TREND else draft.type,
        channels=tuple(channels) or brief.channels,
        persona=persona,
        pillar=draft.pillar_hint or brief.pillar,
    )


def _ground(assignment: Assignment, brief: Brief) -> Ground:
    brand = assignment.brand
    pulse = brief.pulse
    dates = [f"{post.published_at:%Y %m %d}" for post in brief.posts] + [f"{brief.as_of:%Y %m %d}"]
    counts = [pulse.total, pulse.recent, pulse.before, pulse.span_days, pulse.window_days, brief.voices, brief.seen]
    counts += [count for post in brief.posts for count in (post.item.comments, post.item.likes) if count is not None]
    counts += [max(0, (brief.as_of - post.published_at).days) for post in brief.posts]
    says = [brand.brand_name, brand.positioning or "", *(pillar.name for pillar in brand.pillars)]
    says += [word for pillar in brand.pillars for word in (pillar.description, *pillar.keywords)]
    says += [word for persona in brand.personas for word in (persona.name, persona.role or "", persona.summary)]
    return Ground(
        posts=[_whole(post) for post in brief.posts],
        figures=figures_in([*dates, *(str(count) for count in counts)]),
        brand=says,
    )


def _form_reasons(assignment: Assignment, proposal: ProposedDraft) -> list[str]:
    brand = assignment.brand
    reasons = [] if _type(proposal) else [f"unknown_type: “{proposal.type}”"]
    if proposal.pillar and proposal.pillar not in {pillar.name for pillar in brand.pillars if pillar.is_active}:
        reasons.append(f"unknown_pillar: “{proposal.pillar}”")
    if proposal.persona and proposal.persona not in {persona.name for persona in brand.personas}:
        reasons.append(f"unknown_persona: “{proposal.persona}”")
    return reasons


def _quote_reasons(assignment: Assignment, quotes: Sequence[Quote]) -> list[str]:
    taboos = assignment.desk.field.profile.taboos
    reasons = []
    for quote in quotes:
        if not _says_something(quote.text):
            reasons.append(f"short_quote: “{quote.text}” says nothing by itself")
        elif len(quote.text) > LONGEST_QUOTE:
            reasons.append(f"long_quote: {len(quote.text)} characters, at most {LONGEST_QUOTE}")
        elif not is_fit_to_quote(quote.text, taboos):
            reasons.append(f"unfit_quote: “{quote.text[:60]}” cannot be printed")
    return reasons


def _says_something(quote: str) -> bool:
    if has_han(quote):
        return sum(letter.isalnum() for letter in quote) >= SHORTEST_QUOTE_LETTERS
    return len(words_of(quote)) >= SHORTEST_QUOTE_WORDS


def _named(proposal: ProposedDraft) -> list[str]:
    return list(dict.fromkeys([*proposal.evidence_ids, *(quote.evidence_id for quote in proposal.quotes)]))


def _id(assignment: Assignment, short_id: str) -> UUID:
    return assignment.given[short_id].post.item.id


def _type(proposal: ProposedDraft) -> OpportunityType | None:
    return OpportunityType(proposal.type) if proposal.type in set(OpportunityType) else None


def _whole(post: Post) -> str:
    return "\n".join([post.item.text, post.item.transcript or ""])
