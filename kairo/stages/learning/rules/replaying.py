"""Logged decisions played again: would learning have put what people accepted among the first five?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kairo.stages.learning.contracts import ReplayDTO
from kairo.stages.learning.rules.effects import Posterior, posterior
from kairo.stages.learning.rules.verdicts import SAYS, Decided, verdicts_of
from kairo.stages.opportunities.contracts import MOST_LEARNED_POINTS

FIRST = 5
MOST_BOARDS = 30


@dataclass(frozen=True)
class Ranked:
    """A decision on an opportunity, with the board that it stood on and its score without what was learned."""

    decided: Decided
    board_at: datetime
    unlearned_score: float

    @property
    def is_accepted(self) -> bool:
        return SAYS[self.decided.decision][0] > 0


def replay(log: Sequence[Ranked]) -> ReplayDTO | None:
    """Rank each logged board with and without what earlier decisions taught, and compare what was accepted.

    Only what was decided on counts: of the rest nobody knows what people would have said. A board with at most five
    decisions tells nothing, whatever its order. Effects of a board come from decisions before it alone.
    """
    latest = {entry.decided.object_key: entry for entry in sorted(log, key=lambda entry: entry.decided.at)}
    boards: dict[datetime, list[Ranked]] = defaultdict(list)
    for entry in latest.values():
        if entry.decided.decision in SAYS:
            boards[entry.board_at].append(entry)
    telling = sorted(at for at, entries in boards.items() if len(entries) > FIRST)[-MOST_BOARDS:]
    if not telling:
        return None
    shares_with, shares_without = [], []
    for board_at in telling:
        before = [entry.decided for entry in log if entry.decided.at < board_at]
        learned = posterior(verdicts_of(before), at=board_at)
        on_board = sorted(boards[board_at], key=lambda entry: entry.decided.object_key)
        shares_with.append(_accepted(sorted(on_board, key=lambda entry: -_score(entry, learned))))
        shares_without.append(_accepted(sorted(on_board, key=lambda entry: -entry.unlearned_score)))
    return ReplayDTO(
        boards=len(telling),
        acceptance_with=round(sum(shares_with) / len(telling), 4),
        acceptance_without=round(sum(shares_without) / len(telling), 4),
    )


def _score(entry: Ranked, learned: Posterior) -> float:
    effect = sum(share * learned.of(level).mean for level, share in entry.decided.levels.items())
    return entry.unlearned_score + MOST_LEARNED_POINTS * max(-1.0, min(1.0, effect))


def _accepted(ranked: Sequence[Ranked]) -> float:
    return sum(entry.is_accepted for entry in ranked[:FIRST]) / FIRST
