"""Patterns over cleaned sentences, each with the builder of what it found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kairo.stages.opportunities.rules.ideas.shapes import Core

Builder = Callable[[re.Match[str]], Core | None]
Rule = tuple[re.Pattern[str], Builder]


def rule(pattern: str, build: Builder) -> Rule:
    return re.compile(pattern, re.IGNORECASE), build


def first_core(rules: Iterable[Rule], text: str) -> Core | None:
    """What the first rule makes of a text whose phrase stands alone; None when no rule does."""
    for pattern, build in rules:
        match = pattern.match(text)
        core = build(match) if match is not None else None
        if core is not None:
            return core
    return None
