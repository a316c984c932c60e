"""What texts take from ads that won on the same subject: their form, never their words; only where most agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from kairo.stages.content.contracts import ShapingWinnerDTO
from kairo.stages.opportunities.contracts import TextInvitation, TextOpening

SHORT, LONG = 280, 900
_QUESTIONS = ("?", "？")
_ENDS = {TextInvitation.QUESTION: "a question", TextInvitation.REQUEST: "a request", TextInvitation.NONE: "nothing"}
FormT = TypeVar("FormT", TextOpening, TextInvitation)
Ordered = TypeVar("Ordered", bound=tuple[object, ...])


@dataclass(frozen=True)
class WinnerPattern:
    """The form that most of some winners share; None of a trait on which they do not agree."""

    opening: TextOpening | None
    invitation: TextInvitation | None
    characters: int


def pattern_of_winners(winners: Sequence[ShapingWinnerDTO]) -> WinnerPattern | None:
    """Return what winners have in common; None where there are none."""
    if not winners:
        return None
    forms = [winner.form for winner in winners]
    return WinnerPattern(
        opening=_most(form.opening for form in forms),
        invitation=_most(form.invitation for form in forms),
        characters=round(median(form.characters for form in forms)),
    )


def told_of_winners(winners: Sequence[ShapingWinnerDTO]) -> list[str]:
    """Tell how winners are built in plain sentences, for a model to build likewise: no words and no money of theirs."""
    pattern = pattern_of_winners(winners)
    if pattern is None:
        return []
    all_of_them = len(winners)
    openings = Counter(winner.form.opening for winner in winners)
    invitations = Counter(winner.form.invitation for winner in winners)
    readers = sum(winner.form.addresses_reader for winner in winners)
    return [
        *(f"opens with a {opening}: {times} of {all_of_them}" for opening, times in sorted(openings.items())),
        *(
            f"invites at its end by {_ENDS[kind]}: {times} of {all_of_them}"
            for kind, times in sorted(invitations.items())
        ),
        f"addresses the reader: {readers} of {all_of_them}",
        f"characters, the middle one: {pattern.characters}",
    ]


def starts_with_title(pattern: WinnerPattern | None) -> bool | None:
    """Tell whether a text begins with its title, or with a question of somebody; None where winners do not say."""
    if pattern is None or pattern.opening is None or pattern.opening is TextOpening.FIGURE:
        return None
    return pattern.opening is TextOpening.STATEMENT


def invited(frames: Sequence[str], pattern: WinnerPattern | None) -> Sequence[str]:
    """Return the calls to action that ask as winners do; all of them where none does."""
    if pattern is None or pattern.invitation not in (TextInvitation.QUESTION, TextInvitation.REQUEST):
        return frames
    asks = pattern.invitation is TextInvitation.QUESTION
    return [frame for frame in frames if frame.endswith(_QUESTIONS) == asks] or frames


def as_long(orders: Sequence[Ordered], pattern: WinnerPattern | None) -> Sequence[Ordered]:
    """Return the orders of paragraphs with fewest where winners are short, with most where they are long."""
    if pattern is None or SHORT <= pattern.characters <= LONG:
        return orders
    wanted = (min if pattern.characters < SHORT else max)(len(order) for order in orders)
    return [order for order in orders if len(order) == wanted]


def _most(found: Iterable[FormT]) -> FormT | None:
    counts = Counter(found)
    [(most, times)] = counts.most_common(1)
    return most if 2 * times > counts.total() else None
