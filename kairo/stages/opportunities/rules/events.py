"""What decides the type of an opportunity: an event that begins and ends, or named things held against each other."""

from __future__ import annotations

from kairo.stages.opportunities.rules.ideas.shapes import Idea, Kind
from kairo.stages.opportunities.rules.lexicon import chinese, english, russian
from kairo.stages.opportunities.rules.stems import words_of


def names_event(idea: Idea) -> bool:
    """Whether the idea itself names an event, or its sentence announces a sale or a launch."""
    if idea.kind is Kind.SALE:
        return True
    phrase = " ".join(idea.core.slots.values())
    in_idea = set(words_of(phrase)) & (english.EVENT_WORDS | russian.EVENT_WORDS)
    announced = set(words_of(idea.sentence.text)) & (english.ANNOUNCED_WORDS | russian.EVENT_WORDS)
    return bool(in_idea or announced) or any(event in idea.sentence.text for event in chinese.EVENT_PHRASES)


def compares_names(idea: Idea) -> bool:
    """Whether the idea sets things against each other by their names."""
    if idea.kind is Kind.NAMES:
        return True
    slots = idea.core.slots
    return idea.kind is Kind.VERSUS and all(_is_name(slots[side]) for side in ("a", "b"))


def _is_name(phrase: str) -> bool:
    return any(word[:1].isupper() or any(letter.isdigit() for letter in word) for word in phrase.split())
