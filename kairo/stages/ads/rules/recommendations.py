"""How far a recommendation goes when it becomes a change."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from kairo.stages.ads.contracts.changes import AdSafetySettings
from kairo.stages.ads.rules.minor_units import in_words


@dataclass(frozen=True)
class CappedStep:
    """The budget that may be asked for, in smallest units, and why it is less than recommended where it is."""

    requested: int
    says: str = ""


def capped(*, current: int, recommended: int, currency: str, settings: AdSafetySettings) -> CappedStep:
    """Hold a recommendation to what one decision may move, and a raise to one step up."""
    step_up = min(settings.largest_step_up_share, settings.largest_step_share)
    # 1e-9: 0.2 × 15 is a little more than 3 in floating point.
    low = max(1, ceil(current * (1 - settings.largest_step_share) - 1e-9))
    high = floor(current * (1 + step_up) + 1e-9)
    requested = min(max(recommended, low), high)
    if requested == recommended:
        return CappedStep(requested)
    bound = (
        f"a step up may be {step_up:.0%}" if recommended > high else f"one decision may move {1 - low / current:.0%}"
    )
    says = (
        f"Recommended were {in_words(recommended, currency)}; {bound}, so {in_words(requested, currency)}"
        f" from {in_words(current, currency)}."
    )
    return CappedStep(requested, says)
