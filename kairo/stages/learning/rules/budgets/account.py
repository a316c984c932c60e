"""What an account's past teaches: amounts, how leads move through stages and when, rates, and how far ads differ.

Learned from closed deals and from the totals of ads that have stopped. Where the past is short, the answer leans on a
usual account: 5 leads in 100 clicks, every ninth of them won after weeks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betaln, gammaln

from kairo.stages.learning.rules.budgets.histories import DealPath, Floats, Ints

OLDEST_DAYS = 180
"""Later moves of a deal than this many days after its click are taken to have come then."""
MOST_DEALS = 20_000
USUAL_LEAD_RATE, USUAL_ORDER_RATE, USUAL_SPREAD = 0.05, 0.025, 0.5
USUAL_PASSING = (0.5, 0.5, 0.45)
USUAL_DEALS = 40.0
"""The usual account counts as much as this many closed deals of one's own."""
UNIT_SHARE = 0.2
HIGHEST_UNITS = 5
LOST_AS_LEAD, LOST_QUALIFIED, LOST_PROPOSED, WON = range(4)
_NODES = np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])
_NODE_WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])


@dataclass(frozen=True)
class StageKernels:
    """How deals that end in each of four ways move open value, by days since the click.

    `changes[end, age, units + HIGHEST_UNITS]` is the chance that value changes by so many units between the mornings
    age - 1 and age; a won deal stays at its last open value, wins are taken out by themselves. `wins[age]` is the
    chance that a won deal is won then.
    """

    changes: Floats
    wins: Floats

    @property
    def won_by(self) -> Floats:
        return np.cumsum(self.wins)

    @property
    def median_delay(self) -> float:
        return float(np.searchsorted(self.won_by, 0.5))


@dataclass(frozen=True)
class Chains:
    """Ways in which an ad's leads may pass through the stages: shares of the four ends, with prior weights."""

    ends: Floats
    weights: Floats

    @property
    def win_rates(self) -> Floats:
        return self.ends[:, WON]


@dataclass(frozen=True)
class Account:
    """What is known before an ad has done anything. `lead_spread` is how far ads' rates differ (coefficient)."""

    mean_amount: float
    amount_spread: float
    kernels: StageKernels
    chains: Chains
    lead_rate: float
    lead_spread: float
    closed_deals: int
    won_deals: int
    retired_ads: int
    curve_version: int | None = None
    """Of the registry, where a kept delay curve serves in place of what the deals say now."""

    @property
    def wins_a_lead(self) -> float:
        return float(self.chains.weights @ self.chains.win_rates)


def learn_account(deals: Sequence[DealPath], retired: Mapping[str, float], *, direct: bool) -> Account:
    """Learn from closed deals, and from the clicks of ads that have stopped, by their ids."""
    known = sorted(deals, key=lambda deal: deal.closed)[-MOST_DEALS:]
    own_amounts = [deal.amount for deal in known if deal.amount]
    usual = usual_deals(direct)
    amounts = amounts_of(known)
    kernels = mixed_kernels(known, usual, direct)
    ends = np.array([end_of(deal) for deal in known], dtype=np.int64)
    counts = _counts_by_ad(known, ends, retired)
    lead_rate, lead_spread = rates_of(counts, np.array(list(retired.values()), dtype=float), direct)
    return Account(
        mean_amount=float(amounts.mean()) if len(own_amounts) else float("nan"),
        amount_spread=float(amounts.std() / amounts.mean()) if len(amounts) > 4 else 1.0,
        kernels=kernels,
        chains=_chains(ends, counts) if not direct else Chains(np.eye(4)[[WON]], np.ones(1)),
        lead_rate=lead_rate,
        lead_spread=lead_spread,
        closed_deals=len(known),
        won_deals=sum(deal.is_won for deal in known),
        retired_ads=len(retired),
    )


@lru_cache(maxsize=2)
def usual_deals(direct: bool) -> tuple[DealPath, ...]:
    """Return the deals of the usual account, the same ones each time."""
    rng = np.random.default_rng(7)
    count = 400
    if direct:
        late = rng.random(count) < 0.45
        delays = np.where(late, rng.exponential(2.5, count), 0.2)
        return tuple(DealPath(None, 0.0, float(delay), True, 1.0) for delay in delays)
    delays = np.clip(rng.lognormal(np.log(14.0), 1.3, count), 0.2, OLDEST_DAYS)
    found = []
    for delay in delays:
        passed = rng.random(3) < USUAL_PASSING
        reached = 3 if passed.all() else int(np.argmin(passed))
        steps = [(0.2, 0.0), (0.4, 0.3 * delay), (0.8, 0.6 * delay)][: min(3, reached + 1)]
        closed = delay if reached == 3 else delay * rng.uniform(1.0, 3.0)
        found.append(DealPath(None, 0.0, float(closed), reached == 3, 1.0, tuple(steps)))
    return tuple(found)


def amounts_of(deals: Sequence[DealPath]) -> Floats:
    """Amounts of won deals; those of lost ones too, where the two do not differ by more than chance."""
    won = np.array([deal.amount for deal in deals if deal.amount and deal.is_won])
    lost = np.array([deal.amount for deal in deals if deal.amount and not deal.is_won])
    if not len(won) or not len(lost):
        return won if len(won) else lost
    error = np.sqrt(won.var() / len(won) + lost.var() / len(lost))
    return np.r_[won, lost] if abs(won.mean() - lost.mean()) <= 2 * error else won


def end_of(deal: DealPath) -> int:
    """Return which of the four ends a deal came to."""
    if deal.is_won:
        return WON
    highest = max((share for share, _ in deal.steps), default=0.0)
    return LOST_PROPOSED if highest > 0.6 else LOST_QUALIFIED if highest > 0.3 else LOST_AS_LEAD


def mixed_kernels(deals: Sequence[DealPath], usual: Sequence[DealPath], direct: bool) -> StageKernels:
    """Learn how deals move from one's own, leaning on the usual ones."""
    own_changes, own_wins, own_ends = _kernel_sums(deals, direct)
    changes, wins, ends = _kernel_sums(usual, direct)
    little = USUAL_DEALS / len(usual)
    # A rare end leans on the usual account by a few deals, not by a tenth of all of them.
    totals = own_ends + little * ends
    changes = (own_changes + little * changes) / np.maximum(totals, 1e-9)[:, None, None]
    wins = (own_wins + little * wins) / max(totals[WON], 1e-9)
    return StageKernels(changes=changes, wins=wins)


def _kernel_sums(deals: Sequence[DealPath], direct: bool) -> tuple[Floats, Floats, Floats]:
    changes = np.zeros((4, OLDEST_DAYS + 1, 2 * HIGHEST_UNITS + 1))
    wins = np.zeros(OLDEST_DAYS + 1)
    ends = np.zeros(4)
    for deal in deals:
        end = end_of(deal)
        ends[end] += 1
        closed = age_in_mornings(deal.closed - deal.created)
        if deal.is_won:
            wins[closed] += 1
        if direct:
            continue
        before = 0
        for age, units in _course(deal, closed):
            if units != before:
                changes[end, age, units - before + HIGHEST_UNITS] += 1
            before = units
    return changes, wins, ends


def _course(deal: DealPath, closed: int) -> list[tuple[int, int]]:
    """List (age in mornings, units) where a deal's open value may change; the last of a morning counts."""
    course: dict[int, int] = {}
    for share, day in deal.steps:
        course[age_in_mornings(day - deal.created)] = min(HIGHEST_UNITS, round(share / UNIT_SHARE))
    course = {age: units for age, units in sorted(course.items()) if age <= closed}
    course[closed] = round(0.8 / UNIT_SHARE) if deal.is_won else 0
    return sorted(course.items())


def age_in_mornings(days: float) -> int:
    """Return the first morning on which what came `days` after the click is seen."""
    return int(min(OLDEST_DAYS, max(1.0, np.ceil(days))))


def _counts_by_ad(deals: Sequence[DealPath], ends: Ints, retired: Mapping[str, float]) -> Ints:
    """Deals by retired ad and end."""
    places = {ad_id: place for place, ad_id in enumerate(retired)}
    counts = np.zeros((len(retired), 4), dtype=np.int64)
    for deal, end in zip(deals, ends, strict=True):
        if deal.ad_id in places:
            counts[places[deal.ad_id], end] += 1
    return counts


def rates_of(counts: Ints, clicks: Floats, direct: bool) -> tuple[float, float]:
    """Mean and spread of leads a click over ads: the best of a grid, by the negative binomial likelihood."""
    usual = USUAL_ORDER_RATE if direct else USUAL_LEAD_RATE
    leads = counts.sum(axis=1)
    told = clicks > 0
    leads, clicks = leads[told], clicks[told]
    if leads.sum() < 5:
        return usual, USUAL_SPREAD
    centre = leads.sum() / clicks.sum()
    means = centre * np.exp(np.linspace(-0.7, 0.7, 29))
    spreads = np.geomspace(0.15, 1.2, 16)
    shape = 1 / spreads[None, :, None] ** 2
    rate = shape / means[:, None, None]
    likelihood = (
        gammaln(shape + leads) - gammaln(shape) + shape * np.log(rate) - (shape + leads) * np.log(rate + clicks)
    ).sum(axis=-1) - 0.5 * (np.log(spreads / USUAL_SPREAD) / 0.5) ** 2
    weights = np.exp(likelihood - likelihood.max())
    weights /= weights.sum()
    return float((weights * means[:, None]).sum()), float((weights * spreads).sum())


def _chains(ends: Ints, counts: Ints) -> Chains:
    """Quadrature over the three steps' chances: the first by itself, the later two together."""
    all_ends = np.bincount(ends, minlength=4).astype(float)
    steps = []
    for place in range(3):
        reached, passed = all_ends[place:].sum(), all_ends[place + 1 :].sum()
        mean = (passed + USUAL_PASSING[place] * 6) / (reached + 6)
        steps.append((mean, _spread_of_step(counts[:, place:].sum(axis=1), counts[:, place + 1 :].sum(axis=1), mean)))
    points, weights = [], []
    later = np.hypot(steps[1][1], steps[2][1]) / (steps[1][1] + steps[2][1])
    for first, first_weight in zip(_NODES, _NODE_WEIGHTS, strict=True):
        for second, second_weight in zip(_NODES, _NODE_WEIGHTS, strict=True):
            moved = (first, second * later, second * later)
            q, p, w = (_shifted(mean, spread * node) for (mean, spread), node in zip(steps, moved, strict=True))
            points.append([1 - q, q * (1 - p), q * p * (1 - w), q * p * w])
            weights.append(first_weight * second_weight)
    return Chains(ends=np.array(points), weights=np.array(weights))


def _shifted(mean: float, by: float) -> float:
    return float(1 / (1 + np.exp(-(np.log(mean / (1 - mean)) + by))))


def _spread_of_step(reached: Ints, passed: Ints, mean: float) -> float:
    """How far ads differ in a step, in logits: the mean over a grid, by the beta-binomial likelihood."""
    spreads = np.linspace(0.1, 1.2, 12)
    concentration = 1 / (mean * (1 - mean) * spreads**2)
    alpha, beta = (mean * concentration)[:, None], ((1 - mean) * concentration)[:, None]
    likelihood = (betaln(alpha + passed, beta + reached - passed) - betaln(alpha, beta)).sum(axis=1)
    likelihood -= 0.5 * (np.log(spreads / 0.5) / 0.5) ** 2
    weights = np.exp(likelihood - likelihood.max())
    return float((weights * spreads).sum() / weights.sum())
