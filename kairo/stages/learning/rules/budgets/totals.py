"""Beliefs about very many ads from their totals alone: a gamma posterior each, in closed form over columns.

Money of an ad is taken to have been spent evenly over its age. Cash counts as wins, open deals as so many leads on
their way; both are noisier than counts, and count for less. Ads share the account's level, which their sums tell.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from kairo.stages.learning.rules.budgets.account import HIGHEST_UNITS, OLDEST_DAYS, UNIT_SHARE, WON, Account
from kairo.stages.learning.rules.budgets.beliefs import Beliefs
from kairo.stages.learning.rules.budgets.histories import Floats, States

POINTS = 12
WON_UNITS = 0.8 / UNIT_SHARE
OPEN_DISPERSION = 3.0
LEVEL_WEIGHT = 30.0
"""The account's past counts as much as this many conversions in where its level stands."""


def believed_by_totals(states: States, account: Account, starts: Floats, *, direct: bool, unit: float) -> Beliefs:
    """Work out what the clicks of each ad bring, from its totals and its siblings'.

    `starts` are the factors by which priors lie above the account's level.
    """
    ages = np.where(np.isfinite(states.age), states.age, OLDEST_DAYS / 2.0)
    matured = _by_age(np.cumsum(account.kernels.wins), ages)
    win_rate = account.wins_a_lead
    noise = 1 + account.amount_spread**2
    wins = states.cash / account.mean_amount / noise
    exposed = states.clicks * win_rate * matured / noise
    if not direct:
        wins = wins + np.maximum(0.0, states.pipeline - states.cash) / unit / OPEN_DISPERSION
        exposed = exposed + states.clicks * _by_age(_open_units(account), ages) / OPEN_DISPERSION
    shape = 1 / account.lead_spread**2
    level = (wins.sum() + LEVEL_WEIGHT) / ((exposed * starts).sum() * account.lead_rate + LEVEL_WEIGHT)
    shapes = shape + wins
    leads = shapes / (shape / (account.lead_rate * level * starts) + exposed)
    chain = float(account.chains.weights @ (account.chains.win_rates / win_rate - 1) ** 2)
    shapes = 1 / (1 / shapes + chain)
    points = _gamma_points(shapes)
    return Beliefs(
        value=(leads * win_rate * account.mean_amount)[:, None] * points,
        leads=np.broadcast_to(leads[:, None], points.shape),
        weight=np.full(points.shape, 1 / POINTS),
        matured=matured,
        common=np.zeros(len(ages)),
        prior_spread=float(np.sqrt(account.lead_spread**2 + chain)),
    )


def _by_age(reached: Floats, ages: Floats) -> Floats:
    """Mean of what clicks have reached by now, over clicks spread evenly from birth to now."""
    mean = np.concatenate([[0.0], np.cumsum(reached) / np.arange(1, len(reached) + 1)])
    return np.asarray(np.interp(ages, np.arange(len(mean)), mean))


def _open_units(account: Account) -> Floats:
    """Units of open value that a lead is expected to have by the days since its click."""
    units = np.arange(-HIGHEST_UNITS, HIGHEST_UNITS + 1)
    ends = account.chains.weights @ account.chains.ends
    moved = (account.kernels.changes @ units) * ends[:, None]
    held = np.cumsum(moved.sum(axis=0))
    return np.asarray(np.maximum(0.0, held - WON_UNITS * ends[WON] * np.cumsum(account.kernels.wins)))


def _gamma_points(shapes: Floats) -> Floats:
    """Equally likely points of gammas of mean one (Wilson and Hilferty's approximation)."""
    normal = ndtri((np.arange(POINTS) + 0.5) / POINTS)
    spread = 1 / (9 * shapes[:, None])
    points = np.maximum(1e-4, 1 - spread + normal[None, :] * np.sqrt(spread)) ** 3
    return np.asarray(points / points.mean(axis=1, keepdims=True))
