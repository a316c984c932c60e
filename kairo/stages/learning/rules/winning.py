"""Which ads beat the rest of their campaign with certainty: a posterior of return on ad spend, pooled over siblings.

Results come at a rate for each unit of money spent (Poisson), and each is worth something (exponential around a mean).
Both have conjugate priors made of the campaign's other ads. How strongly an ad is drawn to its siblings is learned
from the campaign itself: where its ads differ no more than chance makes them, nobody is far ahead and nobody wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CERTAINTY = 0.95
"""So probable must it be that an ad's return is above that of the rest of its campaign."""
KEPT_WHILE = 0.8
"""A winner stays one down to here: an ad on the edge does not come and go each day."""
LEAST_RESULTS = 5
DRAWS = 20_000
_MOST_ALIKE = 100.0
_LEAST_ALIKE = 1.0
_VALUE_STRENGTH = 5.0
"""What a result of an ad is worth is drawn to its siblings as by so many results."""


@dataclass(frozen=True)
class AdOutcome:
    """What an ad cost and brought, in one currency; `results` are deals or conversions."""

    ad_id: str
    spend: float
    results: int
    revenue: float


@dataclass(frozen=True)
class Judged:
    """An ad beside the rest of its campaign: returns, a 90 % interval of its own, and how probably it is ahead."""

    ad_id: str
    roas: float
    rest_roas: float
    expected: float
    low: float
    high: float
    probability: float
    results: int
    spend: float
    revenue: float

    @property
    def is_winner(self) -> bool:
        return self.probability >= CERTAINTY


def judge_campaign(ads: Sequence[AdOutcome], *, seed: int, draws: int = DRAWS) -> list[Judged]:
    """Judge each ad of a campaign beside all its others.

    An ad that is alone, has cost nothing or has brought fewer than LEAST_RESULTS cannot win, and is not judged.
    """
    spent = [ad for ad in ads if ad.spend > 0]
    if len(spent) < 2 or sum(ad.results for ad in spent) == 0:
        return []
    alike = likeness([ad.results for ad in spent], [ad.spend for ad in spent])
    generator = np.random.default_rng(seed)
    spend, revenue = sum(ad.spend for ad in spent), sum(ad.revenue for ad in spent)
    results = sum(ad.results for ad in spent)
    return [
        _judged(
            ad,
            AdOutcome("", max(1e-4, spend - ad.spend), results - ad.results, max(0.0, revenue - ad.revenue)),
            alike,
            generator,
            draws,
        )
        for ad in spent
        if ad.results >= LEAST_RESULTS
    ]


def likeness(results: Sequence[int], spends: Sequence[float]) -> float:
    """Estimate the shape of the gamma distribution that the ads' rates come from: large where they hardly differ.

    By moments of the negative binomial: what the results vary beyond Poisson is how the rates vary.
    """
    counted, spent = np.asarray(results, dtype=float), np.asarray(spends, dtype=float)
    expected = spent * counted.sum() / spent.sum()
    beyond = float(((counted - expected) ** 2 - expected).sum())
    if beyond <= 0:
        return _MOST_ALIKE
    return float(np.clip((expected**2).sum() / beyond, _LEAST_ALIKE, _MOST_ALIKE))


def _judged(ad: AdOutcome, rest: AdOutcome, alike: float, generator: np.random.Generator, draws: int) -> Judged:
    """Judge an ad beside the sums of its siblings."""
    # Half a result more: a campaign in which only one ad has sold anything still has a rate to be compared with.
    rate = (rest.results + 0.5) / (rest.spend + 0.5 * (rest.spend + ad.spend) / (rest.results + ad.results))
    worth = rest.revenue / rest.results if rest.results and rest.revenue > 0 else ad.revenue / ad.results
    own = _returns(ad.results + alike, ad.spend + alike / rate, ad, worth, generator, draws)
    beside = _returns(rest.results + 0.5, rest.spend + 0.5 / rate, rest, worth, generator, draws)
    low, high = np.quantile(own, [0.05, 0.95])
    return Judged(
        ad_id=ad.ad_id,
        roas=ad.revenue / ad.spend,
        rest_roas=rest.revenue / rest.spend,
        expected=float(own.mean()),
        low=float(low),
        high=float(high),
        probability=float((own > beside).mean()),
        results=ad.results,
        spend=ad.spend,
        revenue=ad.revenue,
    )


def _returns(
    shape: float, exposure: float, ad: AdOutcome, worth: float, generator: np.random.Generator, draws: int
) -> NDArray[np.float64]:
    """Draw results for each unit spent times what a result is worth."""
    rates = generator.gamma(shape, 1.0 / exposure, draws)
    drawn = generator.gamma(ad.results + _VALUE_STRENGTH + 1.0, 1.0, draws)
    return rates * (ad.revenue + _VALUE_STRENGTH * worth) / drawn


def why(judged: Judged, *, currency: str, revenue_kind: str) -> str:
    """Say in words and numbers why an ad is held to have won."""
    return (
        f"{revenue_kind} return of {judged.roas:.2f} beside {judged.rest_roas:.2f} of the rest of its campaign:"
        f" {judged.revenue:,.2f} {currency} from {judged.spend:,.2f} spent, {judged.results} results;"
        f" with {judged.probability:.1%} probability it is ahead (90 % interval {judged.low:.2f} to {judged.high:.2f})."
    )
