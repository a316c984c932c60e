"""How likely the changes of an ad's open value and cash are, for each lead rate and each way through the stages.

Leads come as a Poisson process and move on as closed deals did, so the moves of one span of time are independent
Poisson counts of steps up and down. The distribution of their sum is exact, by its characteristic function; wins are
seen by themselves as cash, and taken out. Moves of the same lead in different spans are counted as if they
were of several: `TEMPER` pays for that.
"""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from kairo.stages.learning.rules.budgets.account import HIGHEST_UNITS, OLDEST_DAYS, UNIT_SHARE, Account
from kairo.stages.learning.rules.budgets.histories import Floats, Steps

AN_OCTAVE = 3
OCTAVES = 6
RATES = AN_OCTAVE * OCTAVES
TEMPER = 0.7
FLOOR = 1e-5
MOST_WINS = 4
WON_UNITS = round(0.8 / UNIT_SHARE)
_NO_CHANGE = HIGHEST_UNITS
_WAVES = ((16, 0.0, 7.0), (32, 7.0, 15.0), (64, 15.0, 31.0), (512, 31.0, np.inf))
"""Frequencies for steps whose change and usual spread together are at least and below so many units."""
_REACH = 2.5


def rate_grid(account: Account) -> Floats:
    """Lead rates, from a thirtieth of the account's to four times it, in thirds of octaves."""
    return account.lead_rate * 2.0 ** (np.arange(RATES) / AN_OCTAVE - 4)


def daily_clicks(steps: Steps, ads: int, days: int) -> Floats:
    """Clicks by ad and by day before now; those of a longer span are spread evenly over it."""
    clicks = np.zeros((ads, days))
    start = np.clip(np.round(steps.start).astype(int), 0, days)
    end = np.clip(np.round(steps.end).astype(int), 0, days)
    start = np.maximum(start, np.minimum(end + 1, days))
    length = np.maximum(start - end, 1)
    for place in range(int(length.max(initial=0))):
        inside = place < length
        np.add.at(
            clicks, (steps.ad[inside], np.minimum(end[inside] + place, days - 1)), (steps.clicks / length)[inside]
        )
    return clicks


def expected_by(clicks: Floats, kernel: Floats) -> Floats:
    """Moves that are to be expected by each morning, counted in days before now: (ads, mornings, kernel's columns)."""
    ads, days = clicks.shape
    reached = np.concatenate([np.cumsum(kernel, axis=0), np.zeros((1, kernel.shape[1]))])
    born, morning = np.arange(days)[:, None] + 1, np.arange(days + 1)[None, :]
    age = np.where(born > morning, np.minimum(born - morning, OLDEST_DAYS), -1)
    return np.asarray((clicks @ reached[age].reshape(days, -1)).reshape(ads, days + 1, kernel.shape[1]))


def within(expected: Floats, steps: Steps) -> Floats:
    """Of what is expected by mornings, the part that falls within each step."""
    last = expected.shape[1] - 1
    start = np.clip(np.round(steps.start).astype(int), 0, last)
    end = np.clip(np.round(steps.end).astype(int), 0, last)
    return np.asarray(expected[steps.ad, end] - expected[steps.ad, start])


class StagedLikelihood:
    """The likelihood of a question's steps. Arrays are (steps, chains, rates)."""

    def __init__(self, steps: Steps, account: Account, *, unit: float) -> None:
        self.steps, self.account = steps, account
        self.rates = rate_grid(account)
        kernels = account.kernels
        moves = [place for place in range(2 * HIGHEST_UNITS + 1) if place != _NO_CHANGE]
        self.kernel = kernels.changes[:, :, moves].transpose(1, 0, 2).reshape(OLDEST_DAYS + 1, -1)
        self.units = np.array(moves) - _NO_CHANGE
        units = np.clip(np.round(steps.open_value / unit), -200, 200).astype(int)
        self.wins, self.win_weights = self._possible_wins()
        self.sizes = units[:, None] + WON_UNITS * self.wins

    def part(self, steps: Steps, chosen: npt.NDArray[np.bool_]) -> StagedLikelihood:
        """Return the likelihood of some of the steps."""
        found = copy(self)
        found.steps = steps
        found.wins, found.win_weights = self.wins[chosen], self.win_weights[chosen]
        found.sizes = self.sizes[chosen]
        return found

    def _possible_wins(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Numbers of wins that a step's cash may stand for, with the density of that cash (amounts taken as gamma)."""
        cash, mean = self.steps.cash, self.account.mean_amount
        first = np.where(cash > 0.005, np.maximum(1, np.ceil(cash / mean / 3 - 1)), 0).astype(np.int64)
        wins = first[:, None] + np.arange(MOST_WINS)
        shape = 1 / max(self.account.amount_spread, 0.2) ** 2
        scaled = np.maximum(cash / mean * shape, 1e-6)[:, None]
        shapes = np.maximum(wins * shape, 1e-6)
        weights = np.exp((shapes - 1) * np.log(scaled) - scaled - gammaln(shapes)) * shape
        weights[cash <= 0.005] = np.eye(MOST_WINS)[0]
        return wins, weights

    def logs(self, expected: Floats, won: Floats, base: Floats | None = None, base_won: Floats | None = None) -> Floats:
        """Log likelihood of each step. `expected` are moves a unit of lead rate; `base` moves come on top."""
        found = np.empty((len(expected), len(self.account.chains.weights), RATES))
        farthest = np.abs(np.where(self.win_weights > 1e-6, self.sizes, 0)).max(axis=1, initial=0)
        farthest = farthest + _REACH * np.sqrt(self._usual_variance(expected))
        has_won = self.wins[:, 0] > 0
        for waves, least, most in _WAVES:
            for wins in (False, True):
                chosen = np.flatnonzero((farthest >= least) & (farthest < most) & (has_won == wins))
                if len(chosen):
                    more = (None, None) if base is None or base_won is None else (base[chosen], base_won[chosen])
                    found[chosen] = self._logs(chosen, expected[chosen], won[chosen], *more, waves=waves, wins=wins)
        return found

    def _logs(
        self,
        chosen: npt.NDArray[np.int64],
        expected: Floats,
        won: Floats,
        base: Floats | None,
        base_won: Floats | None,
        *,
        waves: int,
        wins: bool,
    ) -> Floats:
        """Log likelihood of those steps whose changes so many waves can tell apart."""
        chains = self.account.chains
        frequencies = np.arange(waves // 2 + 1) * (2 * np.pi / waves)
        turns = np.exp(1j * np.outer(self.units, frequencies)) - 1
        psi = self._exponents(expected, turns)
        sides = np.full(len(frequencies), 2.0 / waves)
        sides[0] = sides[-1] = 1.0 / waves
        columns = MOST_WINS if wins else 1
        phases = (np.exp(-1j * self.sizes[chosen, :columns, None] * frequencies) * sides).astype(np.complex64)
        fixed = None if base is None else np.exp(self._exponents(base, turns))
        expected_wins = chains.win_rates[None, :] * won[:, None]
        more = 0.0 if base_won is None else chains.win_rates[None, :] * base_won[:, None]
        counts, weights = self.wins[chosen, :columns], self.win_weights[chosen, :columns]
        found = np.empty((len(chosen), len(chains.weights), RATES))
        for third in range(AN_OCTAVE):
            power = np.exp(psi * np.float32(self.rates[third]))
            for place in range(third, RATES, AN_OCTAVE):
                whole = power if fixed is None else power * fixed
                shares = np.einsum("scw,skw->sck", whole, phases).real
                found[:, :, place] = _mixed(shares, self.rates[place] * expected_wins + more, counts, weights)
                power = power * power
        return np.asarray(np.log(found + FLOOR) * TEMPER)

    def _usual_variance(self, expected: Floats) -> Floats:
        """Variance of each step's change for an ad of twice the account's rate."""
        ends = self.account.chains.weights @ self.account.chains.ends
        moves = expected.reshape(len(expected), 4, len(self.units)) @ (self.units**2).astype(float)
        return np.asarray(2 * self.account.lead_rate * (moves @ ends))

    def _exponents(self, moves: Floats, turns: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex64]:
        by_end = moves.reshape(len(moves), 4, len(self.units)) @ turns
        return np.asarray(np.einsum("ce,sew->scw", self.account.chains.ends, by_end, optimize=True), dtype=np.complex64)

    def expectations(self, clicks: Floats) -> tuple[Floats, Floats]:
        """Moves and wins expected in each step, a unit of lead rate, from the clicks by ad and day."""
        moves = within(expected_by(clicks, self.kernel), self.steps)
        won = within(expected_by(clicks, self.account.kernels.wins[:, None]), self.steps)[:, 0]
        return np.maximum(moves, 0.0), np.maximum(won, 0.0)


def _mixed(shares: Floats, expected_wins: Floats, counts: npt.NDArray[np.int64], weights: Floats) -> Floats:
    """Sum over the numbers of wins that a step's cash may stand for."""
    mean = np.maximum(expected_wins, 1e-9)[:, :, None]
    if counts.shape[1] == 1 and not counts.any():
        return np.asarray(np.maximum(shares[:, :, 0], 0.0) * np.exp(-mean[:, :, 0]))
    poisson = np.exp(counts[:, None, :] * np.log(mean) - mean - gammaln(counts + 1)[:, None, :])
    return np.asarray((np.maximum(shares, 0.0) * poisson * weights[:, None, :]).sum(axis=2))


class OrderLikelihood:
    """The likelihood of a shop's cash: orders at a mean amount, whose spread widens what chance explains."""

    def __init__(self, steps: Steps, account: Account) -> None:
        self.steps, self.account = steps, account
        self.rates = rate_grid(account)

    def part(self, steps: Steps, chosen: npt.NDArray[np.bool_]) -> OrderLikelihood:
        """Return the likelihood of some of the steps."""
        return OrderLikelihood(steps, self.account)

    def expectations(self, clicks: Floats) -> tuple[Floats, Floats]:
        """Orders expected in each step, a unit of order rate, from the clicks by ad and day."""
        won = within(expected_by(clicks, self.account.kernels.wins[:, None]), self.steps)[:, 0]
        return np.maximum(won, 0.0)[:, None], np.maximum(won, 0.0)

    def logs(self, expected: Floats, won: Floats, base: Floats | None = None, base_won: Floats | None = None) -> Floats:
        """Log likelihood of each step; `base_won` orders come on top."""
        orders = (self.steps.cash / self.account.mean_amount)[:, None]
        mean = np.maximum(self.rates * won[:, None] + (0.0 if base_won is None else base_won[:, None]), 1e-9)
        dispersion = 1 + self.account.amount_spread**2
        return np.asarray(((orders * np.log(mean) - mean) / dispersion)[:, None, :])


def matured_shares(clicks: Floats, account: Account) -> Floats:
    """Of the wins of each ad's clicks, the share that could have come by now."""
    total = clicks.sum(axis=1)
    by_now = expected_by(clicks, account.kernels.wins[:, None])[:, 0, 0]
    return np.asarray(np.where(total > 0, by_now / np.maximum(total, 1e-9), 0.0))
