"""The delay curve as a thing to keep: when deals move and close by days since the click, and how well it foretells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue

from kairo.stages.learning.contracts.delay_curves import KeptDelayCurve
from kairo.stages.learning.rules.budgets.account import (
    HIGHEST_UNITS,
    OLDEST_DAYS,
    USUAL_DEALS,
    WON,
    StageKernels,
    age_in_mornings,
    end_of,
    mixed_kernels,
    usual_deals,
)
from kairo.stages.learning.rules.budgets.histories import DealPath, Floats

SCORED_AGES = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120)
"""Days since the click at which a deal is asked for: closed by now?"""
LEAST_CHANCE = 0.005
"""No curve is so sure that one deal could cost more than a hundred others."""
LEAST_DEALS, LEAST_DAYS = 200, 90.0
"""A first curve is kept once so many deals have closed over so many days: a short past knows short delays alone."""
LEAST_NEW = 100
"""Deals that a next version has to add, and as many later ones to be compared on."""
_MOMENT = 1e-9


@dataclass(frozen=True)
class DelayCurve:
    """How open value moves and when wins come (`kernels`), and by which age deals of each end have closed."""

    kernels: StageKernels
    closed_by: Floats
    deals: int
    won: int


def learn_curve(deals: Sequence[DealPath], *, direct: bool) -> DelayCurve:
    """Learn a curve as an account's past is learned: from its own closed deals, leaning on usual ones."""
    usual = usual_deals(direct)
    own, others = _closings(deals), _closings(usual)
    closings = own + USUAL_DEALS / len(usual) * others
    totals = closings.sum(axis=1, keepdims=True)
    return DelayCurve(
        kernels=mixed_kernels(deals, usual, direct),
        closed_by=np.cumsum(closings, axis=1) / np.maximum(totals, 1e-9),
        deals=len(deals),
        won=sum(deal.is_won for deal in deals),
    )


def losses(curve: DelayCurve, deals: Sequence[DealPath]) -> Floats:
    """Return each deal's logarithmic loss: how surprising it is that it had closed by some ages, and not by others."""
    ends = np.array([end_of(deal) for deal in deals], dtype=np.int64)
    ages = np.array([age_in_mornings(deal.closed - deal.created) for deal in deals], dtype=np.int64)
    foretold = np.clip(curve.closed_by[ends][:, SCORED_AGES], LEAST_CHANCE, 1 - LEAST_CHANCE)
    has_closed = ages[:, None] <= np.array(SCORED_AGES)
    return np.asarray(-np.log(np.where(has_closed, foretold, 1 - foretold)).mean(axis=1))


def is_enough(deals: Sequence[DealPath]) -> bool:
    """Tell whether a first curve can be kept of these deals."""
    return len(deals) >= LEAST_DEALS and deals[-1].closed - deals[0].closed >= LEAST_DAYS


def closed_after(deals: Sequence[DealPath], day: float) -> Sequence[DealPath]:
    """Return the deals, of those in order of their closing, that closed after a moment."""
    return [deal for deal in deals if deal.closed > day + _MOMENT]


def next_cut(deals: Sequence[DealPath], *, newest_until: float, newest_deals: int, waits: bool) -> float | None:
    """Return up to when a next version is to be learned, or None as long as there is too little that is new.

    Half of what closed since the newest version is held out. One that still waits is replaced once as many deals have
    closed after it as it was learned from.
    """
    new = closed_after(deals, newest_until)
    if len(new) < 2 * LEAST_NEW or (waits and len(new) < newest_deals):
        return None
    return new[len(new) - len(new) // 2 - 1].closed


def kept(curve: DelayCurve) -> dict[str, JsonValue]:
    """Return a curve as it is kept: what is zero is left out."""
    ends, ages, places = np.nonzero(curve.kernels.changes)
    chances = curve.kernels.changes[ends, ages, places].tolist()
    units = (places - HIGHEST_UNITS).tolist()
    changes = list(zip(ends.tolist(), ages.tolist(), units, chances, strict=True))
    won_at = np.flatnonzero(curve.kernels.wins)
    return KeptDelayCurve(
        changes=changes,
        wins=list(zip(won_at.tolist(), curve.kernels.wins[won_at].tolist(), strict=True)),
        closed_by=curve.closed_by.tolist(),
        deals=curve.deals,
        won=curve.won,
    ).model_dump(mode="json")


def curve_from(artifact: Mapping[str, JsonValue]) -> DelayCurve:
    """Return a kept curve, to the last digit as it was learned."""
    told = KeptDelayCurve.model_validate(artifact)
    changes = np.zeros((WON + 1, OLDEST_DAYS + 1, 2 * HIGHEST_UNITS + 1))
    for end, age, units, chance in told.changes:
        changes[end, age, units + HIGHEST_UNITS] = chance
    wins = np.zeros(OLDEST_DAYS + 1)
    for age, chance in told.wins:
        wins[age] = chance
    return DelayCurve(StageKernels(changes, wins), np.array(told.closed_by), told.deals, told.won)


def _closings(deals: Sequence[DealPath]) -> Floats:
    """Count deals by their end and the age at which they closed."""
    found = np.zeros((WON + 1, OLDEST_DAYS + 1))
    for deal in deals:
        found[end_of(deal), age_in_mornings(deal.closed - deal.created)] += 1
    return found
