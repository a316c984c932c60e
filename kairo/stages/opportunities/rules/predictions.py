"""What a prediction counts, and how it is scored when it is due: posts that hold all the words that name the topic."""

from __future__ import annotations

from collections.abc import Iterable

from kairo.stages.opportunities.rules.lexicon.english_verbs import BASE_VERBS
from kairo.stages.opportunities.rules.stems import content_stems, stem

_VERB_STEMS = frozenset(stem(verb) for verb in BASE_VERBS)
"""What is done to a thing is told in many words: the thing is what the posts share."""
_PREFIX = "topic_posts: "
MOST_WORDS = 4


def measure_of(label: str) -> str:
    """The measure that counts posts on a topic, by the stems of the words that name it."""
    stems = list(dict.fromkeys(content_stems(label)))
    things = [found for found in stems if found not in _VERB_STEMS] or stems
    return _PREFIX + " + ".join(things[:MOST_WORDS])


def counts_towards(measure: str, text: str) -> bool:
    """Whether a post's text counts towards a measure: it holds every one of its stems."""
    return _holds(measure, frozenset(content_stems(text)))


def matching(measure: str, stems_of_posts: Iterable[frozenset[str]]) -> int:
    """How many posts count towards a measure, given the stems of each."""
    return sum(_holds(measure, stems) for stems in stems_of_posts)


def is_countable(measure: str) -> bool:
    """Whether a measure names anything that can be counted."""
    return measure.startswith(_PREFIX) and bool(_wanted(measure))


def _holds(measure: str, stems: frozenset[str]) -> bool:
    wanted = _wanted(measure)
    return bool(wanted) and wanted <= stems


def _wanted(measure: str) -> set[str]:
    return {found for found in measure.removeprefix(_PREFIX).split(" + ") if found}
