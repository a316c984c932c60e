"""A market in the likeness of an account: its own past in place of the sandbox's numbers, where it is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kairo.sandbox.ad_market.params import Audience, Params
from kairo.shapes import Frozen
from kairo.stages.learning.contracts.measures import MarketMeasures, Measure

LEAST = {"clicks": 500, "impressions": 10_000, "ads": 10, "days of ads": 60, "deals": 30, "leads": 30}
"""So many observations a figure has to rest on; with fewer the default says more."""
OWN_AUDIENCE = "own"


class FittedLine(Frozen):
    """One number of the market: what is built in, what was fitted (null: the default is kept), and on how much."""

    name: str
    default: float
    fitted: float | None
    rests_on: int
    of: str
    note: str = ""


@dataclass(frozen=True)
class FittedMarket:
    """The market to compare budgets on, and where each of its numbers is from."""

    params: Params
    lines: Sequence[FittedLine]


@dataclass
class _Fit:
    """Takes what rests on enough, and notes all of it."""

    lines: list[FittedLine] = field(default_factory=list)

    def take(self, name: str, default: float, measure: Measure) -> float:
        """Return the measured figure, or the default where it rests on too little."""
        least, value, note = LEAST[measure.of], measure.value, ""
        if measure.rests_on < least:
            value, note = None, f"too few {measure.of} ({measure.rests_on:,} of {least:,}), default kept"
        elif value is None:
            note = "the past does not show it, default kept"
        self.lines.append(
            FittedLine(name=name, default=default, fitted=value, rests_on=measure.rests_on, of=measure.of, note=note)
        )
        return default if value is None else value


def fitted_market(measures: MarketMeasures) -> FittedMarket:
    """Put an account's own figures in the place of the sandbox's.

    Leads are those whose ad is known: deals of the fitted market name their ad, and the others come without one.
    """
    usual, fit = Params(), _Fit()
    mille, price = _usual_audience(usual)
    own_mille = fit.take("cost_per_mille", mille, measures.cost_per_mille)
    own_price = fit.take("first_click_price", price, measures.first_click_price)
    stages = tuple(
        replace(
            stage,
            goes_on=min(0.99, max(0.01, fit.take(f"{stage.name}.goes_on", stage.goes_on, told.goes_on))),
            mean_days=max(0.01, fit.take(f"{stage.name}.mean_days", stage.mean_days, told.mean_days)),
        )
        for stage, told in zip(usual.stages, measures.stages, strict=True)
    )
    params = replace(
        usual,
        currency=measures.currency,
        stages=stages,
        click_spread=fit.take("click_spread", usual.click_spread, measures.click_spread),
        saturation=fit.take("saturation", usual.saturation, measures.saturation),
        lead_rate=fit.take("lead_rate", usual.lead_rate, measures.lead_rate),
        lead_spread=fit.take("lead_spread", usual.lead_spread, measures.lead_spread),
        mean_amount=fit.take("mean_amount", usual.mean_amount, measures.mean_amount),
        amount_spread=fit.take("amount_spread", usual.amount_spread, measures.amount_spread),
        soon_share=fit.take("soon_share", usual.soon_share, measures.soon_share),
        soon_hours=fit.take("soon_hours", usual.soon_hours, measures.soon_hours),
        later_days=fit.take("later_days", usual.later_days, measures.later_days),
        pixel_loss=fit.take("pixel_loss", usual.pixel_loss, measures.pixel_loss),
    )
    fitted = {line.name for line in fit.lines if line.fitted is not None}
    if {"cost_per_mille", "first_click_price"} <= fitted:
        params = replace(
            params,
            audiences=(_own_audience(usual, cost_per_mille=own_mille),),
            click_through=min(0.5, own_mille / 1000 / own_price),
        )
    if "lead_rate" in fitted:
        unknown = fit.take("organic_leads_a_day", usual.organic_leads_a_day, measures.unknown_leads_a_day)
        params = replace(params, organic_leads_a_day=unknown, ad_in_crm=1.0)
    return FittedMarket(params, fit.lines)


def _usual_audience(usual: Params) -> tuple[float, float]:
    """Return what a thousand impressions and the first click of the sandbox's middle audience cost."""
    middle = usual.audiences[len(usual.audiences) // 2]
    return middle.cost_per_mille, middle.cost_per_mille / 1000 / (usual.click_through * middle.pull)


def _own_audience(usual: Params, *, cost_per_mille: float) -> Audience:
    """Return one audience for the whole account; how fast it tires no figures tell, and stays the middle one's."""
    middle = usual.audiences[len(usual.audiences) // 2]
    return replace(middle, name=OWN_AUDIENCE, cost_per_mille=cost_per_mille, pull=1.0)
