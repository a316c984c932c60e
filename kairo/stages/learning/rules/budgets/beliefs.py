"""Beliefs about ads as weighted points: what a click brings in leads and in wins. One row an ad, one column a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from kairo.stages.learning.rules.budgets.histories import Floats


@dataclass(frozen=True)
class Beliefs:
    """`value` is money a click, in the end; weights of a row add up to one. `prior_spread` is of the logarithm.

    `common` is the part of an ad's uncertainty, 0 to 1, that it shares with all others: the account's own level.
    """

    value: Floats
    leads: Floats
    weight: Floats
    matured: Floats
    common: Floats
    prior_spread: float

    @property
    def mean_value(self) -> Floats:
        return np.asarray((self.value * self.weight).sum(axis=1))

    @property
    def mean_leads(self) -> Floats:
        return np.asarray((self.leads * self.weight).sum(axis=1))

    def quantile(self, share: float) -> Floats:
        """Return of each ad the value below which the share lies."""
        order = np.argsort(self.value, axis=1)
        reached = np.cumsum(np.take_along_axis(self.weight, order, 1), axis=1)
        place = np.minimum((reached < share).sum(axis=1), self.value.shape[1] - 1)
        return np.asarray(np.take_along_axis(np.take_along_axis(self.value, order, 1), place[:, None], 1)[:, 0])

    def below(self, value: Floats) -> Floats:
        """Return the chance that an ad's value is below its figure."""
        return np.asarray((self.weight * (self.value < value[:, None])).sum(axis=1))

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw values jointly, a row a draw: what ads share moves them all at once."""
        own = rng.standard_normal((len(self.common), count)) * np.sqrt(1 - self.common)[:, None]
        chances = ndtr(own + rng.standard_normal(count)[None, :] * np.sqrt(self.common)[:, None])
        ordered = np.argsort(self.value, axis=1)
        value, weight = (np.take_along_axis(np.asarray(one), ordered, 1) for one in (self.value, self.weight))
        reached = np.cumsum(weight, axis=1)
        reached /= reached[:, -1:]
        rows = np.arange(len(reached))[:, None]
        # One sorted search over all rows: each row's shares are lifted by its number.
        at = np.searchsorted((reached + rows).ravel(), (chances + rows).ravel())
        points = np.minimum(at.reshape(len(reached), count) - rows * reached.shape[1], reached.shape[1] - 1)
        return np.asarray(np.take_along_axis(value, points, 1).T)

    def with_rows(self, places: npt.NDArray[np.int64], other: Beliefs) -> Beliefs:
        """Put another's beliefs in the place of some rows, at as many points as these have."""
        points = self.value.shape[1]
        value, leads, matured = self.value.copy(), self.leads.copy(), self.matured.copy()
        weight = np.array(np.broadcast_to(self.weight, value.shape))
        value[places] = np.stack([other.quantile((point + 0.5) / points) for point in range(points)], axis=1)
        common = self.common.copy()
        common[places] = other.common
        leads[places] = other.mean_leads[:, None]
        weight[places] = 1 / points
        matured[places] = other.matured
        return Beliefs(value, leads, weight, matured, common, self.prior_spread)
