"""Which click a conversion is credited to, by layers, and why it is not where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kairo.stages.revenue.rules.posterior import Scored, posteriors
from kairo.stages.revenue.rules.sightings import IDENTITIES, Candidate, Sighting, device
from kairo.stages.revenue.rules.weights import WINDOW_HOURS, DeviceOutcome, Weights


class Method(StrEnum):
    CLICK_ID = "click_id"
    FBCLID = "fbclid"
    GCLID = "gclid"
    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL_ID = "external_id"
    FINGERPRINT = "device_fingerprint"
    PROBABILISTIC = "probabilistic"


class Reason(StrEnum):
    """Why a conversion is credited to nobody."""

    NO_CANDIDATE = "no_candidate"
    NO_CONSENT = "no_consent"
    OUTSIDE_WINDOW = "outside_window"
    SHARED_IDENTITY = "shared_identity"
    AMBIGUOUS = "ambiguous"
    BELOW_THRESHOLD = "below_threshold"


LAYER = {
    Method.CLICK_ID: 1, Method.FBCLID: 1, Method.GCLID: 1, Method.EMAIL: 2, Method.PHONE: 2, Method.EXTERNAL_ID: 2,
    Method.FINGERPRINT: 2, Method.PROBABILISTIC: 3,
}  # fmt: skip
DETERMINISTIC, BY_IDENTITY, BY_FINGERPRINT = 1.00, 0.95, 0.90
_OWN = (("click_key", Method.CLICK_ID), ("fbclid_key", Method.FBCLID), ("gclid_key", Method.GCLID))
_PERSON = (("email_key", Method.EMAIL), ("phone_key", Method.PHONE), ("external_key", Method.EXTERNAL_ID))


@dataclass(frozen=True, slots=True)
class Limits:
    """The tenant's settings that decide; `window_s` is in seconds, before the conversion."""

    window_s: float = 7 * 86_400
    threshold: float = 0.70
    degree_cap: int = 3
    most_on_a_line: int = 60


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one attempt; `scored` are the candidates that layer 3 compared."""

    layers_tried: tuple[int, ...]
    method: Method | None = None
    confidence: float = 0.0
    click: Candidate | None = None
    reason: Reason | None = None
    scored: Sequence[Scored] = field(default=())


def decide(
    conversion: Sighting,
    candidates: Sequence[Candidate],
    weights: Weights,
    limits: Limits,
    *,
    others: Sequence[Sighting] = (),
    observed_hours: float = WINDOW_HOURS,
) -> Decision:
    """Credit a conversion to one click or to none; a click after the conversion never counts.

    `others` are conversions that share an identity with this one: they tell how many people use it.
    """
    earlier = [one for one in candidates if one.seen.at <= conversion.at]
    within = [one for one in earlier if conversion.at - one.seen.at <= limits.window_s]
    if conversion.consent is False:
        return _first_layer(conversion, within) or Decision((1,), reason=_why(earlier, within, Reason.NO_CONSENT))
    by_id = _first_layer(conversion, within)
    by_person, is_shared = _second_layer(conversion, earlier, others, limits)
    if by_id is not None:
        # A stale cookie may name an older click: the person's own last click counts.
        later = (
            by_person if _is_later(by_person, by_id) else _later_on_device(conversion, by_id, within, weights, limits)
        )
        return later or by_id
    if by_person is not None:
        return by_person
    if conversion.consent is not True or conversion.ip_key is None:
        missing = Reason.SHARED_IDENTITY if is_shared else Reason.NO_CANDIDATE
        return Decision((1, 2), reason=_why(earlier, within, missing))
    found = _third_layer(conversion, within, weights, limits, observed_hours)
    if found is not None:
        return found
    missing = Reason.SHARED_IDENTITY if is_shared else Reason.NO_CANDIDATE
    return Decision((1, 2, 3), reason=_why(earlier, within, missing))


def _why(earlier: Sequence[Candidate], within: Sequence[Candidate], otherwise: Reason) -> Reason:
    return Reason.OUTSIDE_WINDOW if earlier and not within else otherwise


def _latest(found: Sequence[Candidate]) -> Candidate:
    return max(found, key=lambda one: (one.seen.at, one.click_id))


def _first_layer(conversion: Sighting, within: Sequence[Candidate]) -> Decision | None:
    for name, method in _OWN:
        key = getattr(conversion, name)
        found = [one for one in within if key is not None and getattr(one.seen, name) == key]
        if found:
            return Decision((1,), method, DETERMINISTIC, _latest(found))
    return None


def _second_layer(
    conversion: Sighting, earlier: Sequence[Candidate], others: Sequence[Sighting], limits: Limits
) -> tuple[Decision | None, bool]:
    """Find the person's last click; also tell whether a key was found that many share."""
    found: list[tuple[Candidate, Method]] = []
    is_shared = False
    for name, method in _PERSON:
        key = getattr(conversion, name)
        with_key = [one for one in earlier if key is not None and getattr(one.seen, name) == key]
        if not with_key:
            continue
        known = [one.seen for one in with_key] + [one for one in others if getattr(one, name) == key]
        if degree(known) > limits.degree_cap:
            is_shared = True
            continue
        found += [(one, method) for one in with_key if conversion.at - one.seen.at <= limits.window_s]
    if not found:
        return None, is_shared
    last, method = max(found, key=lambda entry: (entry[0].seen.at, entry[0].click_id))
    return Decision((1, 2), method, BY_IDENTITY, last), is_shared


def degree(known: Sequence[Sighting]) -> int:
    """Return how many people seem to use a key: by their devices, or by another identity that tells them apart."""
    devices = {device(one) for one in known if one.browser is not None}
    others = [{getattr(one, name) for one in known} - {None} for name in IDENTITIES]
    return max(len(devices), *map(len, others))


def _third_layer(
    conversion: Sighting, within: Sequence[Candidate], weights: Weights, limits: Limits, observed_hours: float
) -> Decision | None:
    """Compare the clicks on the conversion's line; None where there is none that agreed to it."""
    neighbours = on_line_of(conversion, within)
    if not neighbours:
        return None
    cut_off = len(neighbours) >= limits.most_on_a_line
    scored = posteriors(conversion, neighbours, weights, observed_hours=observed_hours, cut_off=cut_off)
    by_ad: dict[str, float] = defaultdict(float)
    for one in scored:
        by_ad[one.candidate.ad_id] += one.probability
    ad_id, probability = max(by_ad.items(), key=lambda entry: entry[1])
    if probability < limits.threshold:
        reason = Reason.AMBIGUOUS if sum(by_ad.values()) >= limits.threshold else Reason.BELOW_THRESHOLD
        return Decision((1, 2, 3), reason=reason, scored=scored)
    best = max((one for one in scored if one.candidate.ad_id == ad_id), key=lambda one: one.probability)
    if probability >= BY_FINGERPRINT and _is_full_fingerprint(conversion, best):
        return Decision((1, 2), Method.FINGERPRINT, BY_FINGERPRINT, best.candidate, scored=scored)
    return Decision((1, 2, 3), Method.PROBABILISTIC, probability, best.candidate, scored=scored)


def on_line_of(conversion: Sighting, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the clicks that came from the conversion's line and agreed to be compared."""
    return [one for one in candidates if one.seen.ip_key == conversion.ip_key and one.seen.consent is True]


def _is_later(one: Decision | None, other: Decision) -> bool:
    if one is None or one.click is None or other.click is None:
        return False
    return one.click.seen.at > other.click.seen.at


def _later_on_device(
    conversion: Sighting, by_id: Decision, within: Sequence[Candidate], weights: Weights, limits: Limits
) -> Decision | None:
    """Find a later click of the device whose cookie names an older one: its own id was never kept."""
    named = by_id.click
    if named is None or conversion.consent is not True or conversion.ip_key is None or named.seen.browser is None:
        return None
    neighbours = on_line_of(conversion, within)
    if not any(one.seen.at > named.seen.at and _is_same_device(one.seen, named.seen) for one in neighbours):
        return None
    cut_off = len(neighbours) >= limits.most_on_a_line
    for one in posteriors(conversion, neighbours, weights, cut_off=cut_off):
        seen = one.candidate.seen
        is_sure = one.probability >= BY_FINGERPRINT and one.outcome is DeviceOutcome.SAME
        if is_sure and seen.at > named.seen.at and _is_same_device(seen, named.seen):
            return Decision((1, 2), Method.FINGERPRINT, BY_FINGERPRINT, one.candidate)
    return None


def _is_same_device(one: Sighting, other: Sighting) -> bool:
    return one.browser == other.browser and one.system == other.system and one.screen in (None, other.screen)


def _is_full_fingerprint(conversion: Sighting, best: Scored) -> bool:
    """Tell whether address, browser, version, screen, time zone and language are all known and all the same."""
    click = best.candidate.seen
    parts = [(getattr(conversion, name), getattr(click, name)) for name in ("screen", "timezone", "language")]
    return best.outcome is DeviceOutcome.SAME and all(one is not None and one == other for one, other in parts)
