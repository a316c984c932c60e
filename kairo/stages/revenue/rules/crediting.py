"""How the credit for one conversion is shared among the clicks on its path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kairo.stages.revenue.contracts.tracking import CreditModel
from kairo.stages.revenue.rules.sightings import Candidate, Sighting, shares_identity

HALF_LIFE_S = 7 * 86_400 / 2
"""By time decay a click counts half as much as one that came half a window later."""
FIRST_AND_LAST = 0.4
MOST_ON_A_PATH = 20


class Step(NamedTuple):
    """A click on a path: its ad, and how many seconds before the conversion it was."""

    ad_id: str
    seconds_before: float


def path_of(conversion: Sighting, chosen: Candidate, candidates: Iterable[Candidate], *, window_s: float) -> list[Step]:
    """Return the person's clicks up to the chosen one, oldest first."""
    own = [
        one
        for one in candidates
        if one.seen.at <= chosen.seen.at
        and conversion.at - one.seen.at <= window_s
        and one.click_id != chosen.click_id
        and (shares_identity(one.seen, chosen.seen) or shares_identity(one.seen, conversion))
    ]
    steps = [Step(one.ad_id, conversion.at - one.seen.at) for one in [*own, chosen]]
    return sorted(steps, key=lambda step: -step.seconds_before)[-MOST_ON_A_PATH:]


def shares(path: Sequence[Step], model: CreditModel) -> dict[str, float]:
    """Return each ad's share of one conversion; they add up to one. Markov is not told by one path."""
    if model is CreditModel.FIRST_CLICK:
        return {path[0].ad_id: 1.0}
    if model is CreditModel.LINEAR:
        weights = [1.0] * len(path)
    elif model is CreditModel.TIME_DECAY:
        weights = [0.5 ** (step.seconds_before / HALF_LIFE_S) for step in path]
    elif model is CreditModel.POSITION_BASED:
        weights = _by_position(len(path))
    else:
        return {path[-1].ad_id: 1.0}
    return _added(zip((step.ad_id for step in path), weights, strict=True))


def _by_position(steps: int) -> list[float]:
    if steps <= 2:
        return [1.0] * steps
    between = (1 - 2 * FIRST_AND_LAST) / (steps - 2)
    return [FIRST_AND_LAST, *[between] * (steps - 2), FIRST_AND_LAST]


def _added(weighted: Iterable[tuple[str, float]]) -> dict[str, float]:
    by_ad: dict[str, float] = defaultdict(float)
    for ad_id, weight in weighted:
        by_ad[ad_id] += weight
    total = sum(by_ad.values())
    return {ad_id: weight / total for ad_id, weight in by_ad.items()} if total else dict(by_ad)


def removal_effects(paths: Iterable[Sequence[str]], *, lost: int = 0) -> dict[str, float]:
    """Return each ad's share of all conversions by how many fewer there were without it (Markov chain of first order).

    `paths` are the ads of each conversion's path, oldest first; `lost` counts one-click paths that led to nothing.
    """
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    ads: dict[str, None] = {}
    for path in paths:
        for before, after in zip(("start", *path), (*path, "bought"), strict=True):
            counts[before][after] += 1
        ads.update(dict.fromkeys(path))
    if lost and ads:
        for ad_id in ads:
            counts[ad_id]["lost"] += lost / len(ads)
    chain = {
        state: {to: count / sum(following.values()) for to, count in following.items()}
        for state, following in counts.items()
    }
    whole = _bought(chain, without=None)
    effects = {ad_id: max(0.0, 1 - _bought(chain, without=ad_id) / whole) if whole else 0.0 for ad_id in ads}
    return _added(effects.items())


def _bought(chain: Mapping[str, Mapping[str, float]], *, without: str | None, rounds: int = 60) -> float:
    """Return how probable it is to end with a conversion; a removed ad leads nowhere."""
    ends = dict.fromkeys(chain, 0.0)
    for _ in range(rounds):
        ends = {
            state: 0.0
            if state == without
            else sum(
                share * (1.0 if to == "bought" else 0.0 if to in ("lost", without) else ends.get(to, 0.0))
                for to, share in following.items()
            )
            for state, following in chain.items()
        }
    return ends.get("start", 0.0)
