"""The span of a post that says most about a topic: found in it letter by letter, short enough to be read on a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairo.stages.opportunities.contracts import Quote
from kairo.stages.opportunities.rules.lexicon import chinese, english, russian
from kairo.stages.opportunities.rules.reading import Post, Sentence
from kairo.stages.opportunities.rules.stems import content_stems, has_han, words_of
from kairo.stages.opportunities.rules.taboos import Taboo, taboos_in

LONGEST = 220
SHORTEST_WORDS = 3
_JUNK = re.compile(r"https?://|www\.|\]\(|^\W+$|\bedit\b ?:|&(?:amp|lt|gt|#)", re.IGNORECASE)
_CUTS = re.compile(r"[,;:，、；：.!?。！？)]\s|[，、；：。！？]|\s[-–—]\s")


def best_quote(
    post: Post, keys: frozenset[str], taboos: Sequence[Taboo], *, prefer: Sentence | None = None
) -> Quote | None:
    """Choose the sentence that holds most of the topic's words; None when nothing in the post can be quoted."""
    scored = [
        (
            _worth(span, sentence, keys, is_preferred=prefer is not None and sentence.text == prefer.text),
            -sentence.order,
            span,
        )
        for sentence in (*([prefer] if prefer is not None else []), *post.sentences)
        if (span := shortened(sentence.text)) and is_fit_to_quote(span, taboos)
    ]
    if not scored:
        return None
    return Quote(evidence_id=post.item.id, text=max(scored, key=lambda entry: (entry[0], entry[1]))[2])


def is_fit_to_quote(span: str, taboos: Sequence[Taboo]) -> bool:
    """Whether a span can stand on a board: no link, no taboo, nothing a brand would not print."""
    words = set(words_of(span))
    if _JUNK.search(span) or words & (english.UNFIT_WORDS | russian.UNFIT_WORDS):
        return False
    if any(phrase in span for phrase in chinese.UNFIT_PHRASES):
        return False
    return not taboos_in(span, taboos)


def shortened(text: str) -> str:
    """The text cut to a readable length at a clause or a word, still a span of itself."""
    bare = text.strip().strip("*_~>• \t").strip()
    if len(bare) <= LONGEST:
        return bare
    cuts = [match.start() for match in _CUTS.finditer(bare[:LONGEST]) if match.start() > 60]
    if cuts:
        return bare[: cuts[-1]].rstrip()
    space = bare.rfind(" ", 0, LONGEST)
    return bare[: space if space > 60 else LONGEST].rstrip()


def _worth(span: str, sentence: Sentence, keys: frozenset[str], *, is_preferred: bool) -> float:
    stems = content_stems(span)
    length = len(span) * (2.5 if has_han(span) else 1.0)
    shared = len(keys & set(stems))
    told = min(1.0, len(set(stems)) / 8.0)
    size = 1.0 if 40 <= length <= 260 else 0.6 if length > 20 else 0.2
    is_thin = not has_han(span) and len(words_of(span)) < SHORTEST_WORDS
    return (
        1.2 * shared / max(1, len(keys))
        + 0.7 * told
        + size
        + 0.35 * sentence.is_headline
        + 1.5 * is_preferred
        - 1.2 * is_thin
    )
