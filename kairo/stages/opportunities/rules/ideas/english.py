"""The ideas in an English post, cleanest first."""

from __future__ import annotations

from kairo.stages.opportunities.rules.ideas.english_casing import Casing
from kairo.stages.opportunities.rules.ideas.english_cleaning import clean
from kairo.stages.opportunities.rules.ideas.english_questions import asked
from kairo.stages.opportunities.rules.ideas.english_requests import requested
from kairo.stages.opportunities.rules.ideas.english_statements import subject_of, tell
from kairo.stages.opportunities.rules.ideas.shapes import Core, Idea, Kind
from kairo.stages.opportunities.rules.reading import Post, Sentence

BODY_SHARE = 0.72
"""A sentence of the body speaks for its post less surely than its headline does."""
MAX_BODY_SENTENCES = 12
HOUSEKEEPING = frozenset(["competition", "contest", "giveaway", "mod", "meta", "survey", "announcement", "rules"])
"""Labels of posts in which a community speaks about itself."""
_BODY_KINDS = frozenset(
    [Kind.HOW_TO, Kind.ASK, Kind.IS_IT_FINE, Kind.WHY, Kind.VERSUS, Kind.TRY_OUT, Kind.IF_THEN, Kind.HOW_MANY,
     Kind.OPEN_QUESTION, Kind.TRIAL, Kind.REMEDY, Kind.EXPLAIN, Kind.CHOOSE]
)  # fmt: skip


def ideas_of(post: Post, casing: Casing) -> list[Idea]:
    """Every idea in a post's headline, and those its body asks in plain words."""
    found: list[Idea] = []
    headline = [sentence for sentence in post.sentences if sentence.is_headline]
    first_line = post.item.text[:400].lstrip().partition("\n")[0].strip()
    if len(headline) > 1 and first_line:
        joined = _core_of(first_line, casing)
        found += [Idea(joined, post, Sentence(first_line, True, 0))] if joined is not None else []
    for sentence in headline:
        core = _core_of(sentence.text, casing)
        if core is not None:
            found.append(Idea(core, post, sentence))
    for sentence in [s for s in post.sentences if not s.is_headline][:MAX_BODY_SENTENCES]:
        core = _core_of(sentence.text, casing)
        if core is not None and core.kind in _BODY_KINDS:
            found.append(Idea(Core(core.kind, core.slots, core.quality * BODY_SHARE), post, sentence))
    unique = {(idea.kind, *sorted(idea.core.slots.items())): idea for idea in reversed(found)}
    return sorted(unique.values(), key=lambda idea: (-idea.core.quality, idea.sentence.order))


def _core_of(raw: str, casing: Casing) -> Core | None:
    cleaned = clean(raw)
    if set(cleaned.label.split()) & HOUSEKEEPING:
        return None
    text = casing.settle(cleaned.text)
    if not text or len(text) > 400:
        return None
    core = asked(text) if "?" in text or "question" in cleaned.label else None
    return core or requested(text) or tell(text, cleaned.label) or subject_of(text, cleaned.label)
