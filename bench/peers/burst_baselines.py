"""Other ways to tell a burst in hourly counts: the ratio to the mean, the z-score, Kleinberg's two-state automaton.

    python burst_baselines.py counts.json      → {"count ratio": [[series, hour], …], "z-score": …, "Kleinberg": …}

Each reads the same series, sees no hour before its time, and tells the hours at which a burst begins.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

FEWEST = 5
PAST_HOURS = 168
WARM_UP_HOURS = 72
RATIO, SIGMAS = 3.0, 3.0
KLEINBERG_S, KLEINBERG_GAMMA = 3.0, 1.0
SILENT_HOURS = 72

Bursts = Callable[[list[int], int], bool]


def past(counts: list[int], hour: int) -> list[int]:
    return counts[max(0, hour - PAST_HOURS) : hour]


def by_ratio(counts: list[int], hour: int) -> bool:
    before = past(counts, hour)
    return counts[hour] >= FEWEST and counts[hour] >= RATIO * sum(before) / len(before)


def by_z_score(counts: list[int], hour: int) -> bool:
    before = past(counts, hour)
    mean = sum(before) / len(before)
    deviation = math.sqrt(sum((count - mean) ** 2 for count in before) / len(before)) or 1.0
    return counts[hour] >= FEWEST and (counts[hour] - mean) / deviation >= SIGMAS


def by_automaton(counts: list[int], hour: int) -> bool:
    """Follow the cheapest sequence of states up to an hour; both states emit Poisson counts."""
    before = past(counts, hour)
    quiet = max(sum(before) / len(before), 0.02)
    loud = quiet * KLEINBERG_S
    up = KLEINBERG_GAMMA * math.log(PAST_HOURS)
    costs = (0.0, up)
    for count in counts[max(0, hour - 24) : hour + 1]:
        low, high = quiet - count * math.log(quiet), loud - count * math.log(loud)
        costs = (min(costs[0], costs[1]) + low, min(costs[1], costs[0] + up) + high)
    return counts[hour] >= FEWEST and costs[1] < costs[0]


def openings(series: dict[str, list[int]], bursts: Bursts) -> Iterator[tuple[str, int]]:
    for name, counts in series.items():
        last = -SILENT_HOURS
        for hour in range(WARM_UP_HOURS, len(counts)):
            if counts[hour] and bursts(counts, hour):
                if hour - last >= SILENT_HOURS:
                    yield name, hour
                last = hour


def main() -> None:
    series = json.loads(Path(sys.argv[1]).read_text())
    ways: dict[str, Bursts] = {"count ratio": by_ratio, "z-score": by_z_score, "Kleinberg": by_automaton}
    print(json.dumps({name: list(openings(series, bursts)) for name, bursts in ways.items()}))


if __name__ == "__main__":
    main()
