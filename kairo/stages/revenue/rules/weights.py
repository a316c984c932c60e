"""The match weights of layer 3: what a tenant's known pairs and traffic say, and what is assumed before they do.

All rates are probabilities, all lags hours. Defaults are round figures from public accounts of tracking loss, not from
any customer; each counts as much as so many observed pairs (`PRIOR_PAIRS`) and gives way as pairs come in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from kairo.shapes import Frozen
from kairo.stages.revenue.rules.sightings import Candidate, Sighting, shares_identity
from kairo.stages.revenue.rules.user_agents import same_base

WINDOW_HOURS = 168.0
LAG_EDGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 72.0, WINDOW_HOURS)
NETWORK_EDGES = (0.0, 4.0, 24.0, 72.0, WINDOW_HOURS)
PRIOR_PAIRS = 30.0
DEFAULT_LOST = 0.25
TOP_VALUES = 300
UNSEEN_COUNT = 0.5
LEAST_COUNTED = 200.0
LEAST_ODDS = 0.1
LIMITED_AFTER_S = 86_400
"""Safari, and every browser on an iPhone, drops what a script stored after a click with an id after a day."""


class DeviceOutcome(StrEnum):
    """How the browser of a conversion compares with that of a click."""

    SAME = "same"
    UPDATED = "updated"
    OTHER_BROWSER = "other_browser"
    OTHER_DEVICE = "other_device"


class IdentityOutcome(StrEnum):
    """How what a conversion says of a person compares with what the click says, where the click says anything."""

    AGREES = "agrees"
    CONFLICTS = "conflicts"
    INCOMPARABLE = "incomparable"


class Carrier(StrEnum):
    """What decides whether a click's own id comes along to the conversion."""

    MOVED = "moved"
    NO_SCRIPT = "no_script"
    KEPT = "kept"
    LIMITED_FRESH = "limited_fresh"
    LIMITED_OLD = "limited_old"


class Frequencies(Frozen):
    """How often values are seen among the tenant's clicks; `total` clicks were counted."""

    total: float
    browsers: Mapping[str, float]
    systems: Mapping[str, float]
    screens: Mapping[str, float]
    timezones: Mapping[str, float]
    languages: Mapping[str, float]


class Weights(Frozen):
    """One version of the weights; `lag` and the outcomes are masses that sum to one."""

    version: int = 0
    pairs: int = 0
    unresolved: int = 0
    observed_since: float | None = None
    """When the account's first click was, in seconds since 1970; None: nobody has looked yet."""
    trained_until: float | None = None
    lag: tuple[float, ...] = (0.14, 0.10, 0.12, 0.11, 0.07, 0.04, 0.08, 0.16, 0.18)
    same_network: tuple[float, ...] = (0.90, 0.60, 0.50, 0.45)
    device: Mapping[DeviceOutcome, float] = {
        DeviceOutcome.SAME: 0.70,
        DeviceOutcome.UPDATED: 0.06,
        DeviceOutcome.OTHER_BROWSER: 0.08,
        DeviceOutcome.OTHER_DEVICE: 0.16,
    }
    same_screen: Mapping[DeviceOutcome, float] = {
        DeviceOutcome.SAME: 0.98,
        DeviceOutcome.UPDATED: 0.98,
        DeviceOutcome.OTHER_BROWSER: 0.60,
    }
    same_timezone: float = 0.98
    same_language: float = 0.98
    identity: Mapping[IdentityOutcome, float] = {
        IdentityOutcome.AGREES: 0.94,
        IdentityOutcome.CONFLICTS: 0.03,
        IdentityOutcome.INCOMPARABLE: 0.03,
    }
    lost: Mapping[Carrier, float] = {
        Carrier.MOVED: 0.97,
        Carrier.NO_SCRIPT: 0.90,
        Carrier.KEPT: 0.10,
        Carrier.LIMITED_FRESH: 0.10,
        Carrier.LIMITED_OLD: 0.70,
    }
    """How often the own id does not come along, though the click was the buyer's."""
    organic_odds: float = 1.0
    """How many conversions come from no click that is known, for each that comes from one."""
    household_share: float = 0.06
    shared_device_share: float = 0.004
    household_hours: float = 72.0
    frequencies: Frequencies = Frequencies(
        total=200.0,
        browsers={},
        systems={"ios": 70.0, "android": 50.0, "windows": 45.0, "mac": 30.0},
        screens={},
        timezones={},
        languages={},
    )

    @cached_property
    def lag_density(self) -> tuple[float, ...]:
        """The mass of each bucket by the hour."""
        widths = (after - before for before, after in pairwise(LAG_EDGES))
        return tuple(mass / width for mass, width in zip(self.lag, widths, strict=True))


DEFAULTS = Weights()
# Before anything was counted, a value is taken for one that so many share.
DEFAULT_SHARE = {"browsers": 0.08, "screens": 0.15, "timezones": 0.5, "languages": 0.6}


def bucket(edges: Sequence[float], lag_hours: float) -> int:
    """Return in which of the spans between the edges a lag lies; what is longer lies in the last."""
    for number, edge in enumerate(edges[1:]):
        if lag_hours < edge:
            return number
    return len(edges) - 2


def device_outcome(conversion: Sighting, click: Sighting) -> DeviceOutcome | None:
    """Compare two browsers; None where one was not seen."""
    if conversion.browser is None or click.browser is None:
        return None
    if conversion.browser == click.browser and conversion.system == click.system:
        if conversion.version == click.version:
            return DeviceOutcome.SAME
        if conversion.version is not None and click.version is not None and conversion.version > click.version:
            return DeviceOutcome.UPDATED
        return DeviceOutcome.OTHER_DEVICE
    return DeviceOutcome.OTHER_BROWSER if same_base(conversion.system, click.system) else DeviceOutcome.OTHER_DEVICE


def identity_outcome(conversion: Sighting, click: Sighting) -> IdentityOutcome | None:
    """Compare two people by their keys; None where the click says nothing of its person."""
    if click.email_key is None and click.phone_key is None and click.external_key is None:
        return None
    if shares_identity(conversion, click):
        return IdentityOutcome.AGREES
    conflicts = (
        (conversion.email_key is not None and click.email_key is not None)
        or (conversion.phone_key is not None and click.phone_key is not None)
        or (conversion.external_key is not None and click.external_key is not None)
    )
    return IdentityOutcome.CONFLICTS if conflicts else IdentityOutcome.INCOMPARABLE


def browser_name(seen: Sighting) -> str | None:
    return None if seen.browser is None else f"{seen.browser} {seen.version} {seen.system}"


def screen_name(seen: Sighting) -> str | None:
    return None if seen.screen is None or seen.system is None else f"{seen.system.split(' ')[0]} {seen.screen}"


def count_frequencies(clicks: Iterable[Sighting]) -> Frequencies:
    """Count the values of a sample of clicks."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    total = 0
    for seen in clicks:
        total += 1
        named = {
            "browsers": browser_name(seen),
            "systems": None if seen.system is None else seen.system.split(" ")[0],
            "screens": screen_name(seen),
            "timezones": seen.timezone,
            "languages": seen.language,
        }
        for kind, value in named.items():
            if value is not None:
                counts[kind][value] += 1
    kinds = ("browsers", "systems", "screens", "timezones", "languages")
    return Frequencies(total=total, **{kind: dict(counts[kind].most_common(TOP_VALUES)) for kind in kinds})


def carrier(conversion_at: float, click: Sighting, outcome: DeviceOutcome | None) -> Carrier:
    """Tell what a click's own id had to survive: another device, a page without script, a browser's limits."""
    if outcome in (DeviceOutcome.OTHER_BROWSER, DeviceOutcome.OTHER_DEVICE):
        return Carrier.MOVED
    if click.screen is None and click.timezone is None:
        return Carrier.NO_SCRIPT
    if click.browser != "safari" and not same_base(click.system, "ios"):
        return Carrier.KEPT
    return Carrier.LIMITED_FRESH if conversion_at - click.at < LIMITED_AFTER_S else Carrier.LIMITED_OLD


def learned(
    pairs: Sequence[tuple[Sighting, Candidate, bool]],
    *,
    unresolved: int,
    frequencies: Frequencies,
    before: Weights,
) -> Weights:
    """Learn anew from the pairs of a span of time; `unresolved` conversions of the same span belong to no known click.

    The last part of a pair says whether an own id had come along. Where an identity tells of the pair too, the pair is
    known whether the id was lost or not: those alone say how often that happens, and to whom.
    """
    both = [(seen, click.seen, had_id) for seen, click, had_id in pairs]
    known = [one for one in both if identity_outcome(one[0], one[1]) is IdentityOutcome.AGREES]
    persons = [(conversion, click) for conversion, click, _ in known]
    lost = _proportion(sum(not had_id for *_, had_id in known), len(known), DEFAULT_LOST)
    by_id = sum(had_id for *_, had_id in both)
    from_ads = by_id / (1 - lost)
    organic = max(0.0, unresolved + (len(both) - by_id) - from_ads * lost)
    odds = (organic + PRIOR_PAIRS * DEFAULTS.organic_odds) / (from_ads + PRIOR_PAIRS)
    return before.model_copy(
        update={
            "version": before.version + 1,
            "pairs": len(pairs),
            "unresolved": unresolved,
            "lag": _lags(persons),
            "same_network": _networks(persons),
            "device": _devices(persons),
            "same_screen": _screens(persons),
            "same_timezone": _share(persons, "timezone", DEFAULTS.same_timezone),
            "same_language": _share(persons, "language", DEFAULTS.same_language),
            "identity": _identities([(seen, click) for seen, click, had_id in both if had_id]),
            "lost": _losses(known),
            "organic_odds": max(LEAST_ODDS, odds),
            "frequencies": frequencies if frequencies.total >= LEAST_COUNTED else before.frequencies,
        }
    )


def _proportion(part: float, whole: float, default: float) -> float:
    return (part + PRIOR_PAIRS * default) / (whole + PRIOR_PAIRS)


def _losses(known: Sequence[tuple[Sighting, Sighting, bool]]) -> dict[Carrier, float]:
    prior = PRIOR_PAIRS / 3
    lost = {one: prior * share for one, share in DEFAULTS.lost.items()}
    seen = dict.fromkeys(lost, prior)
    for conversion, click, had_id in known:
        one = carrier(conversion.at, click, device_outcome(conversion, click))
        seen[one] += 1
        lost[one] += not had_id
    return {one: lost[one] / seen[one] for one in lost}


Pairs = Sequence[tuple[Sighting, Sighting]]


def _lags(pairs: Pairs) -> tuple[float, ...]:
    counts = [PRIOR_PAIRS * mass for mass in DEFAULTS.lag]
    for conversion, click in pairs:
        counts[bucket(LAG_EDGES, (conversion.at - click.at) / 3600)] += 1
    return tuple(count / sum(counts) for count in counts)


def _networks(pairs: Pairs) -> tuple[float, ...]:
    prior = PRIOR_PAIRS / 2
    same = [prior * share for share in DEFAULTS.same_network]
    known = [prior] * len(same)
    for conversion, click in pairs:
        if conversion.ip_key is None or click.ip_key is None:
            continue
        place = bucket(NETWORK_EDGES, (conversion.at - click.at) / 3600)
        known[place] += 1
        same[place] += conversion.ip_key == click.ip_key
    return tuple(part / whole for part, whole in zip(same, known, strict=True))


def _devices(pairs: Pairs) -> dict[DeviceOutcome, float]:
    counts = {outcome: PRIOR_PAIRS * share for outcome, share in DEFAULTS.device.items()}
    for conversion, click in pairs:
        # Who is on another line is on another device more often: layer 3 sees those alone who are on the same.
        outcome = device_outcome(conversion, click) if conversion.ip_key == click.ip_key else None
        if outcome is not None:
            counts[outcome] += 1
    total = sum(counts.values())
    return {outcome: count / total for outcome, count in counts.items()}


def _screens(pairs: Pairs) -> dict[DeviceOutcome, float]:
    prior = PRIOR_PAIRS / 2
    same = {outcome: prior * share for outcome, share in DEFAULTS.same_screen.items()}
    known = dict.fromkeys(same, prior)
    for conversion, click in pairs:
        outcome = device_outcome(conversion, click) if conversion.ip_key == click.ip_key else None
        if outcome in same and conversion.screen is not None and click.screen is not None:
            known[outcome] += 1
            same[outcome] += conversion.screen == click.screen
    return {outcome: same[outcome] / known[outcome] for outcome in same}


def _share(pairs: Pairs, field: str, default: float) -> float:
    both = [(getattr(one, field), getattr(other, field)) for one, other in pairs]
    known = [one == other for one, other in both if one is not None and other is not None]
    return _proportion(sum(known), len(known), default)


def _identities(pairs: Pairs) -> dict[IdentityOutcome, float]:
    counts = {outcome: PRIOR_PAIRS * share for outcome, share in DEFAULTS.identity.items()}
    for conversion, click in pairs:
        outcome = identity_outcome(conversion, click)
        if outcome is not None:
            counts[outcome] += 1
    total = sum(counts.values())
    return {outcome: count / total for outcome, count in counts.items()}
