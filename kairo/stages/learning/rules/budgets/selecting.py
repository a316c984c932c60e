"""One selection: from what is told of the ads to beliefs, budgets and what can be said of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings
from kairo.stages.learning.rules.budgets.account import UNIT_SHARE, Account, learn_account
from kairo.stages.learning.rules.budgets.allocation import rounded_down, shared
from kairo.stages.learning.rules.budgets.beliefs import Beliefs
from kairo.stages.learning.rules.budgets.histories import (
    MOST_IN_DETAIL,
    DealPath,
    Floats,
    Readings,
    States,
    Steps,
    steps_of,
    thinned,
)
from kairo.stages.learning.rules.budgets.posterior import believed
from kairo.stages.learning.rules.budgets.prices import Prices, clicks_for, learn_prices, learn_saturation
from kairo.stages.learning.rules.budgets.totals import believed_by_totals

DRAWS, DRAWS_OF_MANY = 256, 12
LATTICE_SHARE = 0.9
ERROR_OF_LINEAR_PRICES = 0.8
"""Where clicks grow with money a draw gives all to one ad: with less than the whole error they explore enough."""


@dataclass(frozen=True)
class Past:
    """What an account knows besides the asked ads: what it has learned, and the steps of ads that have stopped."""

    account: Account
    steps: Steps
    ads: int


def learn_past(deals: Sequence[DealPath], retired_ids: Sequence[str], retired: Readings, *, direct: bool) -> Past:
    """Learn from closed deals, and from the readings of ads that have stopped; worth keeping while neither changes."""
    count = len(retired_ids)
    clicks = _last(retired, retired.clicks, count)
    return Past(
        account=learn_account(deals, dict(zip(retired_ids, clicks, strict=True)), direct=direct),
        steps=steps_of_past(retired, count),
        ads=count,
    )


@dataclass(frozen=True)
class Selected:
    """The answer as columns, one entry an ad. `share` is the even share of the money, at which returns are told."""

    budget: Floats
    probability_best: Floats
    roas: Floats
    roas_low: Floats
    roas_high: Floats
    confidence: Floats
    losing: Floats
    scaling: Floats
    mean_value: Floats
    mean_leads: Floats
    matured: Floats
    prices: Prices
    account: Account
    share: float
    since_half_spend: Floats


def select(
    states: States,
    readings: Readings,
    past: Past,
    *,
    as_of: float,
    total: float,
    mode: BudgetMode,
    settings: BudgetSettings,
    seed: int,
    starts: Floats | None = None,
) -> Selected:
    """Share at most `total` a day among the ads; the same question with the same seed has the same answer.

    `starts` are the factors by which ads' priors lie above the account's level; without them all start at it.
    """
    direct = mode is BudgetMode.DIRECT
    ads = len(states.clicks)
    starts = np.ones(ads) if starts is None else starts
    steps = steps_of(readings, states, as_of=as_of)
    account = past.account
    if not np.isfinite(account.mean_amount):
        amount = _amount_without_deals(states, steps, account, direct=direct)
        account = replace(account, mean_amount=amount)
    prices = _prices(steps, past.steps, ads, past.ads)
    unit = _unit(steps, past.steps, account)
    coarse = steps_of(thinned(readings, as_of=as_of), states, as_of=as_of)
    beliefs = _beliefs(states, readings, coarse, account, starts, settings, direct=direct, unit=unit)
    # Other draws as the ads go on: the same ones day after day would leave some ads out for good.
    rng = np.random.default_rng([seed, ads, round(states.spend.sum())])
    draws = beliefs.draws(DRAWS if ads <= MOST_IN_DETAIL else DRAWS_OF_MANY, rng)
    error = prices.error if np.isfinite(prices.saturation) else ERROR_OF_LINEAR_PRICES * prices.error
    costs = prices.cost * np.exp(rng.standard_normal(draws.shape) * error)
    plan = shared(
        beliefs.mean_value,
        draws,
        prices.cost,
        costs,
        total=total,
        saturation=prices.saturation,
        least_return=settings.least_marginal_return,
        thompson_share=settings.thompson_share,
        exploration_share=settings.exploration_share,
    )
    budget = rounded_down(plan, total=total, least=settings.min_daily_budget)
    waited = _since_half_spend(steps, states)
    return _told(budget, draws / costs, beliefs, prices, account, total / ads, settings, waited)


def _beliefs(
    states: States,
    readings: Readings,
    steps: Steps,
    account: Account,
    starts: Floats,
    settings: BudgetSettings,
    *,
    direct: bool,
    unit: float,
) -> Beliefs:
    """Look at each ad day by day; where there are very many, only at those that a history was read of."""
    half_life = settings.half_life_days
    if len(states.clicks) <= MOST_IN_DETAIL:
        return believed(steps, account, starts, direct=direct, unit=unit, half_life_days=half_life)
    beliefs = believed_by_totals(states, account, starts, direct=direct, unit=unit)
    closely = np.unique(readings.ad)
    if not len(closely):
        return beliefs
    chosen = np.isin(steps.ad, closely)
    some = Steps(*(column[chosen] for column in vars(steps).values()))
    some = replace(some, ad=np.searchsorted(closely, some.ad))
    detail = believed(some, account, starts[closely], direct=direct, unit=unit, half_life_days=half_life)
    return beliefs.with_rows(closely, detail)


def _told(
    budget: Floats,
    returns: Floats,
    beliefs: Beliefs,
    prices: Prices,
    account: Account,
    share: float,
    settings: BudgetSettings,
    since_half_spend: Floats,
) -> Selected:
    share = max(share, 0.01)
    clicks = clicks_for(np.full(len(budget), share), prices.cost, prices.saturation)
    a_click = share / np.maximum(clicks, 1e-12)
    mean = beliefs.mean_value
    low, high = beliefs.quantile(0.05), beliefs.quantile(0.95)
    best = np.bincount(returns.argmax(axis=1), minlength=len(budget)) / len(returns)
    spread = np.log(np.maximum(high, 1e-9) / np.maximum(low, 1e-9)) / 3.29
    return Selected(
        budget=budget,
        probability_best=best,
        roas=mean / a_click,
        roas_low=low / a_click,
        roas_high=high / a_click,
        confidence=np.clip(1 - spread / max(beliefs.prior_spread, 1e-9), 0.0, 1.0),
        losing=beliefs.below(settings.kill_roas * a_click),
        scaling=1 - beliefs.below(settings.scale_roas * a_click),
        mean_value=mean,
        mean_leads=beliefs.mean_leads,
        matured=beliefs.matured,
        prices=prices,
        account=account,
        share=share,
        since_half_spend=since_half_spend,
    )


def steps_of_past(readings: Readings, count: int) -> Steps:
    """Return the steps of ads whose readings are all that there is of them."""
    nothing = np.zeros(count)
    last: Mapping[str, Floats] = {
        name: _last(readings, getattr(readings, name), count) for name in ("clicks", "spend", "pipeline", "cash")
    }
    states = States(nothing, age=np.full(count, np.nan), budget=nothing, **last)
    return steps_of(readings, states, as_of=float(readings.day.max(initial=0.0)))


def _last(readings: Readings, column: Floats, count: int) -> Floats:
    found = np.zeros(count)
    found[readings.ad] = column
    return found


def _amount_without_deals(states: States, steps: Steps, account: Account, *, direct: bool) -> float:
    """Guess an amount where no deal was ever told.

    In a shop, what makes the usual share of all clicks buy; else what the smallest move of open value is a share of, or
    the middle of the sums by which cash has risen.
    """
    if direct:
        cash, orders = states.cash.sum(), states.clicks.sum() * account.lead_rate
        return float(cash / orders) if cash > 0 and orders > 0 else 100.0
    rises = steps.cash[steps.cash > 0]
    if len(rises):
        return float(np.median(rises))
    moves = np.abs(steps.open_value[np.abs(steps.open_value) > 0.01])
    return float(moves.min() / UNIT_SHARE) if len(moves) else 1_000.0


def _prices(steps: Steps, old_steps: Steps, ads: int, retired: int) -> Prices:
    joined = Steps(
        *(np.concatenate([new, old]) for new, old in zip(vars(steps).values(), vars(old_steps).values(), strict=True))
    )
    joined = replace(joined, ad=np.concatenate([steps.ad, old_steps.ad + ads]))
    saturation = learn_saturation(joined, ads + retired)
    found = learn_prices(joined, ads + retired, saturation=saturation, usual_cost=None)
    bought = np.bincount(joined.ad, joined.clicks, ads + retired) > 0
    if bought.any():
        usual = float(np.exp(np.log(found.cost[bought]).mean()))
        found = learn_prices(joined, ads + retired, saturation=saturation, usual_cost=usual)
    return replace(found, cost=found.cost[:ads], error=found.error[:ads])


def _unit(steps: Steps, old_steps: Steps, account: Account) -> float:
    """Return the money by which open value moves: the smallest move, if all are its multiples, else a usual share."""
    usual = UNIT_SHARE * account.mean_amount
    moves = np.abs(np.concatenate([steps.open_value[steps.cash < 0.005], old_steps.open_value[old_steps.cash < 0.005]]))
    moves = moves[moves > 0.25 * usual]
    if len(moves) < 10:
        return usual
    least = float(moves.min())
    multiples = np.round(moves / least)
    fits = np.abs(moves - multiples * least) < 0.02 + 0.005 * multiples
    if fits.mean() < LATTICE_SHARE or not 0.5 < least / usual < 2.0:
        return usual
    return float(moves[fits].sum() / multiples[fits].sum())


def _since_half_spend(steps: Steps, states: States) -> Floats:
    """Days since half of an ad's money was spent; half its age where no readings say more."""
    ads = len(states.spend)
    order = np.lexsort((steps.end, steps.ad))
    ad, end, spend = steps.ad[order], steps.end[order], steps.spend[order]
    # Within an ad from the newest on: the step with which the later half is full.
    total = np.bincount(ad, spend, ads)
    running = np.cumsum(spend)
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    enough = (running - before[ad] >= total[ad] / 2) & (total[ad] > 0)
    found = np.full(ads, np.inf)
    np.minimum.at(found, ad[enough], end[enough])
    half_age = np.where(np.isfinite(states.age), states.age, 0.0) / 2
    return np.where(np.isfinite(found), found, half_age)
