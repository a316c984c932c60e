"""How probable it is that a conversion comes from each of the clicks on its line, and from none of them.

Fellegi–Sunter: each field multiplies the odds by how much likelier its outcome is for the click's own person than for a
buyer who never clicked. A rare value says more than a frequent one. The alternative is explicit: a conversion without
an ad on a line that others use (a carrier's address), or in a clicker's household.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from kairo.stages.revenue.rules.sightings import Candidate, Sighting, device
from kairo.stages.revenue.rules.weights import (
    DEFAULT_SHARE,
    LAG_EDGES,
    NETWORK_EDGES,
    UNSEEN_COUNT,
    WINDOW_HOURS,
    DeviceOutcome,
    Weights,
    browser_name,
    bucket,
    carrier,
    device_outcome,
    identity_outcome,
    screen_name,
)

LEAST_HOURS = 0.01
# How many of a person's clicks follow an earlier one within the window.
REPEATS = 0.15


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its share of the probability."""

    candidate: Candidate
    probability: float
    outcome: DeviceOutcome | None


def posteriors(
    conversion: Sighting,
    candidates: Sequence[Candidate],
    weights: Weights,
    *,
    observed_hours: float = WINDOW_HOURS,
    cut_off: bool = False,
) -> list[Scored]:
    """Return each candidate with its probability; what is missing to one belongs to no known click.

    The candidates share the conversion's line and are earlier than it. `observed_hours`: for how long clicks have been
    counted, up to the window. `cut_off`: there were more, older ones.
    """
    shares = _shares(conversion, weights)
    devices = [device(one.seen) for one in candidates]
    lags = [max(LEAST_HOURS, (conversion.at - one.seen.at) / 3600) for one in candidates]
    reach = max(lags) if cut_off and lags else max(1.0, min(WINDOW_HOURS, observed_hours))
    others = len(set(devices)) - 1
    same_person = REPEATS / (REPEATS + others * shares["browsers"] * shares["screens"])
    # Each click of somebody else says that one more uses the line; a person's own clicks say it once.
    strangers = others + (len(candidates) - 1 - others) * (1 - same_person)
    background = weights.organic_odds * strangers / reach
    signals, outcomes = [], []
    for candidate, lag in zip(candidates, lags, strict=True):
        place, outcome, machine, person = _likelihood(conversion, candidate.seen, weights, shares)
        signals.append(
            weights.lag_density[bucket(LAG_EDGES, lag)]
            * weights.same_network[bucket(NETWORK_EDGES, lag)]
            * weights.lost[carrier(conversion.at, candidate.seen, outcome)]
            * place
            * machine
            * person
        )
        outcomes.append(outcome)
        # Who lives with somebody shares the zone and the language, and now and then the device.
        nearness = exp(-lag / weights.household_hours) / weights.household_hours
        kin = weights.household_share + weights.shared_device_share * machine
        background += weights.organic_odds * kin * nearness * place
    signals = _without_earlier_clicks(signals, devices, lags, same_person)
    everything = sum(signals) + background
    return [
        Scored(candidate, signal / everything if everything else 0.0, outcome)
        for candidate, signal, outcome in zip(candidates, signals, outcomes, strict=True)
    ]


def _without_earlier_clicks(
    signals: Sequence[float], devices: Sequence[object], lags: Sequence[float], same_person: float
) -> list[float]:
    """Leave to an earlier click of a device only what it gets if it was another person's."""
    kept = list(signals)
    last: dict[object, int] = {}
    for place in sorted(range(len(signals)), key=lags.__getitem__):
        if last.setdefault(devices[place], place) != place:
            kept[place] = signals[place] * (1 - same_person)
    return kept


def _shares(conversion: Sighting, weights: Weights) -> dict[str, float]:
    """Return how common each value of the conversion is among the tenant's visitors."""
    counted = weights.frequencies
    system = None if conversion.system is None else conversion.system.split(" ")[0]
    of_system = counted.systems.get(system or "", UNSEEN_COUNT)
    return {
        "systems": of_system / sum(counted.systems.values()) if counted.systems else 0.3,
        "browsers": _common("browsers", counted.browsers, browser_name(conversion)),
        # Among those of one system: a phone's screen says which phone, not that it is one.
        "screens": min(1.0, counted.screens.get(screen_name(conversion) or "", UNSEEN_COUNT) / max(1.0, of_system))
        if counted.screens
        else DEFAULT_SHARE["screens"],
        "timezones": _common("timezones", counted.timezones, conversion.timezone),
        "languages": _common("languages", counted.languages, conversion.language),
    }


def _common(kind: str, counts: Mapping[str, float], value: str | None) -> float:
    if not counts:
        return DEFAULT_SHARE[kind]
    total = sum(counts.values())
    return (counts.get(value or "", 0.0) + UNSEEN_COUNT) / (total + UNSEEN_COUNT)


def _likelihood(
    conversion: Sighting, click: Sighting, weights: Weights, shares: Mapping[str, float]
) -> tuple[float, DeviceOutcome | None, float, float]:
    """Return how much zone and language say, how the devices compare and how much that says, and what identity says."""
    place = machine = person = 1.0
    outcome = device_outcome(conversion, click)
    if outcome is not None:
        machine *= weights.device[outcome] / _chance_of(outcome, shares)
        if outcome in weights.same_screen and conversion.screen is not None and click.screen is not None:
            machine *= _agreement(weights.same_screen[outcome], shares["screens"], conversion.screen == click.screen)
    if conversion.timezone is not None and click.timezone is not None:
        place *= _agreement(weights.same_timezone, shares["timezones"], conversion.timezone == click.timezone)
    if conversion.language is not None and click.language is not None:
        place *= _agreement(weights.same_language, shares["languages"], conversion.language == click.language)
    of_person = identity_outcome(conversion, click)
    if of_person is not None:
        person *= weights.identity[of_person]
    return place, outcome, machine, person


def _chance_of(outcome: DeviceOutcome, shares: Mapping[str, float]) -> float:
    if outcome in (DeviceOutcome.SAME, DeviceOutcome.UPDATED):
        return shares["browsers"]
    return shares["systems"] if outcome is DeviceOutcome.OTHER_BROWSER else max(0.05, 1 - shares["systems"])


def _agreement(same: float, share: float, agrees: bool) -> float:
    return same / share if agrees else (1 - same) / max(0.02, 1 - share)
