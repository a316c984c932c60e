"""From likelihoods to beliefs: rates that the ads of an account share in part, and that may have changed on the way."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import gammaln, logsumexp

from kairo.stages.learning.rules.budgets.account import Account
from kairo.stages.learning.rules.budgets.beliefs import Beliefs
from kairo.stages.learning.rules.budgets.histories import Floats, Steps
from kairo.stages.learning.rules.budgets.staged_likelihood import (
    OrderLikelihood,
    StagedLikelihood,
    daily_clicks,
    matured_shares,
)

FINER = 6
"""Points between neighbours of the rates' grid."""
LEVELS = np.linspace(-3.5, 1.5, 41)
"""Logarithms of how far a whole account may have moved from its past."""
SPREADS_WITHOUT_PAST = np.array([0.04])
"""How far ads differ, as parts of what is usual, where no past says it: the asked ads do."""
LEVEL_SCALE, LEVEL_FREEDOM = 0.2, 3.0
CHANGES_AGO = (12.0, 30.0)
HALF_LIVES = np.array([0.25, 1.0, 8.0])
"""How long rates may hold, as parts of what is usual: the ads of an account tell together which."""
CHANGE_MEAN, CHANGE_SPREAD = -0.35, 0.5
"""What a change does to the logarithm of a rate: ads tire more often than they recover."""
LONGEST_DAYS = 200


def believed(
    steps: Steps, account: Account, starts: Floats, *, direct: bool, unit: float, half_life_days: float
) -> Beliefs:
    """Work out what each ad's clicks bring, from its own steps, its siblings' and the account's past.

    `starts` has one entry an ad: by what factor its prior lies above the account's level.
    """
    ads = len(starts)
    days = int(min(LONGEST_DAYS, max(2.0, np.ceil(steps.start.max(initial=0)) + 1)))
    clicks = daily_clicks(steps, ads, days)
    likelihood = OrderLikelihood(steps, account) if direct else StagedLikelihood(steps, account, unit=unit)
    expected, won = likelihood.expectations(clicks)
    told = likelihood.logs(expected, won)
    coarse = np.log(likelihood.rates)
    fine = np.linspace(coarse[0], coarse[-1], (len(coarse) - 1) * FINER + 1)
    chains = account.chains
    priors, of_levels = _priors(fine, account, starts)
    steady = CubicSpline(coarse, _by_ad(told, steps, ads), axis=2)(fine) + np.log(chains.weights)[None, :, None]
    level = _level(steady, priors, of_levels)
    # Of each ad, the prior that the others leave: (ads, rates).
    prior = logsumexp(level[:, :, None] + priors, axis=1)
    parts = [steady + prior[:, None, :]]
    for ago in CHANGES_AGO:
        parts.append(_changed(ago, steps, clicks, likelihood, told, prior, coarse, fine, account))
    stacked = np.stack(parts)
    stacked += _chances_of_change(logsumexp(stacked, axis=(2, 3)), half_life_days)[:, :, None, None]
    joined = logsumexp(stacked, axis=0)
    weight = np.exp(joined - joined.max(axis=(1, 2), keepdims=True))
    weight /= weight.sum(axis=(1, 2), keepdims=True)
    rates = np.exp(fine)
    value = account.mean_amount * chains.win_rates[:, None] * rates
    shape = (ads, value.size)
    return Beliefs(
        value=np.broadcast_to(value.ravel(), shape),
        leads=np.broadcast_to(np.tile(rates, len(chains.weights)), shape),
        weight=weight.reshape(shape),
        matured=matured_shares(clicks, account),
        common=_common(steady, priors, level, fine),
        prior_spread=float(np.hypot(account.lead_spread, np.std(np.log(chains.win_rates)))),
    )


def _by_ad(told: Floats, steps: Steps, ads: int) -> Floats:
    summed = np.zeros((ads, *told.shape[1:]))
    np.add.at(summed, steps.ad, told)
    return summed


def _priors(fine: Floats, account: Account, starts: Floats) -> tuple[Floats, Floats]:
    """Log prior of a rate at each level and spread of the account: (ads or 1, levels × spreads, rates), gammas."""
    spreads = (np.ones(1) if account.retired_ads else SPREADS_WITHOUT_PAST) * account.lead_spread
    shape = 1 / np.repeat(spreads, len(LEVELS))[:, None] ** 2
    levels = np.tile(LEVELS, len(spreads))[:, None]
    # Where no ad starts elsewhere, one prior serves all.
    shifts = np.log(starts if (starts != 1.0).any() else starts[:1])[:, None, None]
    scaled = fine[None, :] - np.log(account.lead_rate) - levels + np.log(shape) - shifts
    logs = shape * scaled - np.exp(scaled) - gammaln(shape)
    own = -(LEVEL_FREEDOM + 1) / 2 * np.log1p((levels / LEVEL_SCALE) ** 2 / LEVEL_FREEDOM)
    return np.asarray(logs - logsumexp(logs, axis=2, keepdims=True)), np.asarray(own[:, 0])


def _level(steady: Floats, priors: Floats, own: Floats) -> Floats:
    """Log weights of the account's levels as seen by each ad: what all the others say of it."""
    rates = logsumexp(steady, axis=1)
    evidence = logsumexp(rates[:, None, :] + priors, axis=2)
    others = own + evidence.sum(axis=0)[None, :] - evidence
    return np.asarray(others - logsumexp(others, axis=1, keepdims=True))


def _common(steady: Floats, priors: Floats, level: Floats, fine: Floats) -> Floats:
    """Return the part of each ad's variance that comes from not knowing the account's level."""
    joint = level[:, :, None] + priors + logsumexp(steady, axis=1)[:, None, :]
    weights = np.exp(joint - joint.max(axis=(1, 2), keepdims=True))
    of_level = weights.sum(axis=2)
    at_level = (weights @ fine) / np.maximum(of_level, 1e-300)
    of_level = of_level / of_level.sum(axis=1, keepdims=True)
    between = (of_level * at_level**2).sum(axis=1) - (of_level * at_level).sum(axis=1) ** 2
    rates = weights.sum(axis=1)
    rates /= rates.sum(axis=1, keepdims=True)
    total = rates @ fine**2 - (rates @ fine) ** 2
    return np.asarray(np.clip(between / np.maximum(total, 1e-12), 0.0, 0.99))


def _chances_of_change(evidence: Floats, half_life_days: float) -> Floats:
    """Log chance that each ad's rate has not changed, or changed so long ago: (1 + changes, ads).

    How often rates change in this account is learned from how well each history explains all its ads.
    """
    possible = np.isfinite(evidence)
    spans = np.exp2(-np.array([0.0, *CHANGES_AGO]) / (half_life_days * HALF_LIVES[:, None]))
    chances = np.concatenate([spans[:, -1:], spans[:, :-1] - spans[:, 1:]], axis=1)[:, :, None] * possible
    chances /= chances.sum(axis=1, keepdims=True)
    logs = np.log(np.maximum(chances, 1e-300)) + np.where(possible, evidence, -np.inf)
    of_half_lives = logsumexp(logs, axis=1).sum(axis=1)
    weights = np.exp(of_half_lives - of_half_lives.max())
    mixed = np.tensordot(weights / weights.sum(), chances, axes=1)
    return np.asarray(np.log(np.maximum(mixed, 1e-300)))


def _changed(
    ago: float,
    steps: Steps,
    clicks: Floats,
    likelihood: OrderLikelihood | StagedLikelihood,
    told: Floats,
    prior: Floats,
    coarse: Floats,
    fine: Floats,
    account: Account,
) -> Floats:
    """Log weights of the rates that hold since `ago` days, had they changed then: (ads, chains, rates).

    What the clicks from before still bring is taken at the rate that fits best what came before.
    """
    ads = len(prior)
    old = np.bincount(steps.ad, steps.clicks * (steps.start > ago + 0.5), ads) > 0
    after = (steps.start <= ago + 0.5) & old[steps.ad]
    if not after.any():
        return np.full((ads, len(account.chains.weights), len(fine)), -np.inf)
    before_logs = CubicSpline(coarse, _by_ad(np.where(after[:, None, None], 0.0, told), steps, ads), axis=2)(fine)
    before_logs = before_logs + np.log(account.chains.weights)[None, :, None] + prior[:, None, :]
    weights = np.exp(before_logs - before_logs.max(axis=(1, 2), keepdims=True))
    earlier = (weights.sum(axis=1) @ np.exp(fine)) / weights.sum(axis=(1, 2))
    late = Steps(*(column[after] for column in vars(steps).values()))
    recent = clicks.copy()
    recent[:, round(ago) :] = 0.0
    part = likelihood.part(late, after)
    moves, won = part.expectations(recent)
    old_moves, old_won = part.expectations(clicks - recent)
    scale = earlier[late.ad]
    late_logs = part.logs(moves, won, old_moves * scale[:, None], old_won * scale)
    after_logs = CubicSpline(coarse, _by_ad(late_logs, late, ads), axis=2)(fine)
    jump = -0.5 * ((fine[None, :] - fine[:, None] - CHANGE_MEAN) / CHANGE_SPREAD) ** 2
    jump -= logsumexp(jump, axis=1, keepdims=True)
    peak = before_logs.max(axis=(1, 2), keepdims=True)
    carried = np.log(np.exp(before_logs - peak) @ np.exp(jump) + 1e-300) + peak
    return np.where(old[:, None, None], carried + after_logs, -np.inf)
