"""Sharing a day's money: where the next unit of it brings most, and none where it brings less than it costs."""

from __future__ import annotations

import numpy as np

from kairo.stages.learning.rules.budgets.histories import Floats

_NOTHING = 1e-12


def filled(value: Floats, cost: Floats, total: float, saturation: float, least_return: float) -> Floats:
    """Return the plans that bring most with at most `total`; a row of `value` (money a click) is a plan by itself.

    With saturation every funded ad ends at the same marginal return; without it all goes to the best ad.
    """
    rows = np.atleast_2d(value)
    cost = np.broadcast_to(cost, rows.shape)
    if total <= 0:
        return np.zeros_like(rows)
    returns = rows / cost
    if not np.isfinite(saturation):
        best = returns.argmax(axis=1)
        plan = np.zeros_like(rows)
        funded = returns[np.arange(len(rows)), best] > max(least_return, _NOTHING)
        plan[np.arange(len(rows))[funded], best[funded]] = total
        return plan
    order = np.argsort(-returns, axis=1, kind="stable")
    sum_value = np.cumsum(np.take_along_axis(rows, order, 1), axis=1)
    sum_cost = np.cumsum(np.take_along_axis(cost, order, 1), axis=1)
    level = (saturation * sum_value / (total + saturation * sum_cost)).max(axis=1, keepdims=True)
    level = np.maximum(level, max(least_return, _NOTHING))
    return np.asarray(np.maximum(0.0, saturation * (rows / level - cost)))


def shared(
    mean: Floats,
    draws: Floats,
    cost: Floats,
    costs: Floats,
    *,
    total: float,
    saturation: float,
    least_return: float,
    thompson_share: float,
    exploration_share: float,
) -> Floats:
    """Mix the plan of the mean with those of the draws (of values and costs), and spread a little of it evenly."""
    if not np.isfinite(saturation):
        # The mean's plan would be all or nothing, and never learn better; the draws' plans explore by themselves.
        thompson_share, exploration_share = 1.0, exploration_share / 4
    firm = filled(mean, cost, total, saturation, least_return)[0]
    bold = filled(draws, costs, total, saturation, least_return).mean(axis=0)
    plan = (1 - thompson_share) * firm + thompson_share * bold
    spread = exploration_share * plan.sum() / len(plan)
    return np.asarray((1 - exploration_share) * plan + spread)


def rounded_down(budgets: Floats, *, total: float, least: float) -> Floats:
    """Round to cents without ever exceeding the total; what is below the platform's least is not spent."""
    cents = np.floor(np.maximum(budgets, 0.0) * 100 + 1e-6)
    cents[cents < np.ceil(least * 100 - 1e-6)] = 0.0
    over = cents.sum() - np.floor(total * 100 + 1e-6)
    if over > 0:
        most = np.argsort(-cents, kind="stable")
        for place in most:
            taken = min(over, cents[place])
            cents[place] -= taken
            over -= taken
            if over <= 0:
                break
    return cents / 100
