"""The idea that a sentence carries, and the kinds of ideas there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kairo.stages.opportunities.rules.reading import Post, Sentence


class Kind(StrEnum):
    """What a post does with its words; each kind has its own constructions for a title."""

    HOW_TO = "how_to"
    HOW_MANY = "how_many"
    ASK = "ask"
    OPEN_QUESTION = "open_question"
    IS_IT_FINE = "is_it_fine"
    WHY = "why"
    DEFINE = "define"
    CHOOSE = "choose"
    FAVOURITE = "favourite"
    TRY_OUT = "try_out"
    VERSUS = "versus"
    OPINION = "opinion"
    EXPLAIN = "explain"
    REMEDY = "remedy"
    TRIAL = "trial"
    BEFORE_AFTER = "before_after"
    STORY = "story"
    TIP = "tip"
    IF_THEN = "if_then"
    MAKING = "making"
    CLAIM = "claim"
    FIRST = "first"
    TROUBLE = "trouble"
    REVIEW = "review"
    RECIPE = "recipe"
    LIST = "list"
    SALE = "sale"
    NAMES = "names"
    SHARED = "shared"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Core:
    """An idea cut out of one sentence: its kind, the phrases that fill a title, and how clean it came out (0-1)."""

    kind: Kind
    slots: Mapping[str, str]
    quality: float


@dataclass(frozen=True, slots=True)
class Idea:
    """A core with the post and the sentence it stands on."""

    core: Core
    post: Post
    sentence: Sentence

    @property
    def kind(self) -> Kind:
        return self.core.kind
