"""When people are awake and post: a weight for each hour of their local week, Monday 00:00 first."""

from __future__ import annotations

from collections.abc import Mapping

_DAYS: Mapping[str, str] = {
    #        0     3     6     9     12    15    18    21
    "night": "5 3 2 1 0 0 1 2 3 4 4 5 6 5 5 6 6 7 8 9 9 9 9 7",
    "office": "1 0 0 0 0 1 3 6 6 4 3 4 7 5 3 3 4 6 8 9 9 8 5 2",
    "family": "0 0 0 0 0 2 4 4 3 5 6 5 4 6 5 3 3 3 4 6 9 9 5 1",
    "early": "0 0 0 0 1 4 8 9 8 6 5 4 4 3 3 3 4 5 5 4 3 2 1 0",
    "shop": "0 0 0 0 0 1 3 7 8 6 4 4 7 4 3 4 6 8 7 5 4 2 1 0",
    "evening": "2 1 0 0 0 1 2 3 3 3 3 4 4 4 4 4 5 6 8 9 9 9 7 4",
}


def week_of(day: str, *, weekend: float) -> list[float]:
    """Return the weights of a week for people who live such days and post `weekend` times as much at weekends."""
    hours = [float(hour) + 0.05 for hour in _DAYS[day].split()]
    working = [weight / sum(hours) for weight in hours]
    # People sleep in at weekends: the same day, an hour later.
    free = [weekend * weight for weight in working[-1:] + working[:-1]]
    return working * 5 + free * 2
