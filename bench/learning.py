"""Does learning put what a person wants among the first five? A simulated person with a hidden taste decides.

The person, the ideas and the moods of a seed are the same with learning and without: differences are paired. Everything
that learns and scores is the product's own rules; only the person and the ideas are made up.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kairo.stages.learning.rules.replaying import replay
from kairo.stages.opportunities.contracts import LearningSummaryDTO
from tests.factories.tastes import (
    A_BOARD,
    PILLARS,
    START,
    Idea,
    Season,
    decision_on,
    ideas,
    learned_from,
    points_of,
    season,
)

ROOT = Path(__file__).resolve().parents[1]
BOARDS = 30
SEEDS = 300
TASTES = {"strong": 0.9, "mild": 0.4, "none": 0.0}
"""The standard deviation, in log-odds, of how much each pillar, persona, type, channel and platform is liked."""


@dataclass(frozen=True)
class Row:
    """Acceptance@5 of so many boards, with learning and without, and the paired difference with its 95 % interval."""

    what: str
    learning: float
    without: float
    gain: float
    low: float
    high: float


def compared(what: str, with_it: Sequence[float], without: Sequence[float]) -> Row:
    """Compare paired figures, one pair a seed."""
    gains = [mine - other for mine, other in zip(with_it, without, strict=True)]
    gain, error = statistics.mean(gains), statistics.stdev(gains) / math.sqrt(len(gains))
    return Row(what, statistics.mean(with_it), statistics.mean(without), gain, gain - 1.96 * error, gain + 1.96 * error)


def over_time(taste: str, learned: Sequence[Season], plain: Sequence[Season]) -> list[Row]:
    """Return one row for each third of the boards, and one for all."""
    third = BOARDS // 3
    spans = [(0, third), (third, 2 * third), (2 * third, BOARDS), (0, BOARDS)]
    return [
        compared(
            f"{taste} taste, boards {start + 1}-{end}",
            [statistics.mean(played.acceptance[start:end]) for played in learned],
            [statistics.mean(played.acceptance[start:end]) for played in plain],
        )
        for start, end in spans
    ]


def rise(learned: Sequence[Season]) -> Row:
    """Compare the last third of the boards with the first, with learning."""
    third = BOARDS // 3
    return compared(
        f"rise: boards {BOARDS - third + 1}-{BOARDS} over 1-{third}",
        [statistics.mean(played.acceptance[-third:]) for played in learned],
        [statistics.mean(played.acceptance[:third]) for played in learned],
    )


def replayed(plain: Sequence[Season]) -> Row:
    """Replay the decisions that were logged on boards made without learning."""
    found = [again for played in plain if (again := replay(played.log)) is not None]
    return compared(
        "logged decisions replayed",
        [again.acceptance_with for again in found],
        [again.acceptance_without for again in found],
    )


def swing(seeds: int) -> dict[str, float]:
    """Return the most points that a few odd decisions moved any idea of the next board, over all seeds."""
    most = {"one odd decision on an empty log": 0.0, "three odd decisions after 30 boards": 0.0}
    for seed in range(seeds):
        played = season(seed, boards=BOARDS, learns=True)
        chance_board = ideas(random.Random(f"odd {seed}"), board=BOARDS)
        at = START.replace(month=3)
        before = learned_from(played.decisions, at=at)
        odd = [decision_on(idea, accepted=False, at=at) for idea in chance_board if idea.pillar == PILLARS[0]][:3]
        after = learned_from([*played.decisions, *odd], at=at)
        moved = [abs(_points(idea, after) - _points(idea, before)) for idea in chance_board]
        most["three odd decisions after 30 boards"] = max(most["three odd decisions after 30 boards"], *moved)
        alone = learned_from([decision_on(chance_board[0], accepted=False, at=at)], at=at)
        moved = [abs(_points(idea, alone)) for idea in chance_board]
        most["one odd decision on an empty log"] = max(most["one odd decision on an empty log"], *moved)
    return most


def _points(idea: Idea, learning: LearningSummaryDTO) -> float:
    return sum(points_of(idea, learning).values())


def _rounded(value: str | float) -> str | float:
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Play all seasons, print the table and write it to bench/results/."""
    started = time.perf_counter()
    rows: list[Row] = []
    for taste, strength in TASTES.items():
        learned = [season(seed, boards=BOARDS, learns=True, strength=strength) for seed in range(SEEDS)]
        plain = [season(seed, boards=BOARDS, learns=False, strength=strength) for seed in range(SEEDS)]
        rows += over_time(taste, learned, plain)
        if taste == "strong":
            rows += [rise(learned), replayed(plain)]
    print(f"\nlearning: {SEEDS} seeds, {BOARDS} boards of {A_BOARD}, acceptance@5")
    print(f"{'what':<36}{'learning':>10}{'without':>10}{'gain':>9}   95 % interval")
    for row in rows:
        print(
            f"{row.what:<36}{row.learning:>10.3f}{row.without:>10.3f}{row.gain:>+9.3f}"
            f"   {row.low:+.3f} … {row.high:+.3f}"
        )
    swung = swing(SEEDS // 3)
    for what, points in swung.items():
        print(f"most points moved by {what}: {points:.1f}")
    path = ROOT / "bench" / "results" / "learning.json"
    path.parent.mkdir(exist_ok=True)
    stored = {
        "seeds": SEEDS,
        "boards": BOARDS,
        "cores": os.cpu_count(),
        "seconds": round(time.perf_counter() - started, 1),
        "rows": [{name: _rounded(value) for name, value in asdict(row).items()} for row in rows],
        "most_points_moved": {what: round(points, 2) for what, points in swung.items()},
    }
    path.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
