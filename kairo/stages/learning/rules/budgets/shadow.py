"""How a recommendation compares with what happened after it, while nobody acted on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kairo.stages.learning.rules.budgets.histories import Floats

LEAST_SPEND = 1.0


@dataclass(frozen=True)
class Told:
    """What was recommended, an entry an ad, with the totals of then."""

    current: Floats
    recommended: Floats
    roas: Floats
    roas_low: Floats
    roas_high: Floats
    spend: Floats
    value: Floats


@dataclass(frozen=True)
class Held:
    """What came of it. Returns are of what was spent since, open deals included; None where nothing was."""

    ads: int
    interval_held: float | None
    expected_roas: float | None
    observed_roas: float | None
    roas_of_raised: float | None
    roas_of_cut: float | None


def held(told: Told, spend: Floats, value: Floats) -> Held:
    """Compare with the totals of now. Deals of earlier clicks come in too: both groups gain by them alike."""
    spent, gained = spend - told.spend, value - told.value
    known = np.isfinite(spent) & (spent >= LEAST_SPEND)
    if not known.any():
        return Held(0, None, None, None, None, None)
    returns = gained[known] / spent[known]
    raised = known & (told.recommended > told.current)
    cut = known & (told.recommended < told.current)
    inside = (returns >= told.roas_low[known]) & (returns <= told.roas_high[known])
    return Held(
        ads=int(known.sum()),
        interval_held=float(inside.mean()),
        expected_roas=float((told.roas[known] * spent[known]).sum() / spent[known].sum()),
        observed_roas=_return(spent, gained, known),
        roas_of_raised=_return(spent, gained, raised),
        roas_of_cut=_return(spent, gained, cut),
    )


def said(found: Held) -> str:
    """Say in words what came of a recommendation."""
    if not found.ads:
        return "Nothing has been spent since."
    if found.roas_of_raised is None or found.roas_of_cut is None:
        return f"{found.ads} ads have spent since; there is nothing to compare, as all went one way."
    right = "more" if found.roas_of_raised > found.roas_of_cut else "no more"
    return (
        f"{found.ads} ads have spent since. Those that it would have raised brought back {found.roas_of_raised:.2f} a"
        f" unit of money, those that it would have cut {found.roas_of_cut:.2f}: {right}."
    )


def _return(spent: Floats, gained: Floats, chosen: np.ndarray) -> float | None:
    return float(gained[chosen].sum() / spent[chosen].sum()) if chosen.any() else None
