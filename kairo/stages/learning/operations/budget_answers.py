"""From the rules' columns to one answer an ad, and keeping what was answered: for a hundred thousand ads at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.learning.contracts.budgets import (
    AccountLearned,
    AdMetrics,
    AdState,
    BudgetMode,
    BudgetSettings,
    Decision,
    Interval,
    Recommendation,
    Selection,
    SelectRequest,
)
from kairo.stages.learning.rules.budgets.histories import Floats, States
from kairo.stages.learning.rules.budgets.kill_rules import AdEvidence, Verdict, judged

if TYPE_CHECKING:
    from kairo.stages.learning.rules.budgets.selecting import Selected

# Arrays of numbers travel as literals: a driver's adaptation of each element costs more than everything else.
_KEEP = """
INSERT INTO budget_selection (id, tenant_id, made_at, as_of, mode, total_budget, currency, seed, shadow, ad_ids,
                              current, recommended, roas, roas_low, roas_high, decisions, spend, pipeline_value)
VALUES (%(id)b::uuid, %(tenant)b::uuid, %(at)b::timestamptz, %(as_of)b::timestamptz, %(mode)b::text, %(total)b::float8,
        %(currency)b::text, %(seed)b::bigint, %(shadow)b::boolean, %(ads)b::text[], %(current)s::text::float8[],
        %(recommended)s::text::float8[], %(roas)s::text::float8[], %(roas_low)s::text::float8[],
        %(roas_high)s::text::float8[], %(decisions)s::text::text[], %(spend)s::text::float8[],
        %(pipeline_value)s::text::float8[])
"""


def answered(
    states: Sequence[AdState],
    columns: States,
    found: Selected,
    *,
    request: SelectRequest,
    mode: BudgetMode,
    settings: BudgetSettings,
    as_of: datetime,
    because: Mapping[int, str],
) -> Selection:
    """Say of each ad what it should get and why; an ad that is killed gets nothing.

    `because` says, by place, what of an ad's prior its verdict does not.
    """
    verdicts = _verdicts(columns, found, settings, mode)
    for place, more in because.items():
        verdicts[place] = verdicts[place]._replace(reason=verdicts[place].reason + more)
    killed = np.array([verdict.decision is Decision.KILL for verdict in verdicts])
    recommended = np.where(killed, 0.0, found.budget)
    recommendations = list(_recommendations(states, columns, found, verdicts, recommended, mode))
    total = min(request.total_budget, round(float(recommended.sum()), 2))
    account = found.account
    return Selection(
        selection_id=new_id(),
        mode=mode,
        total_budget=request.total_budget,
        recommended_total=total,
        unspent=round(request.total_budget - total, 2),
        currency=settings.currency,
        as_of=as_of,
        recommendations=recommendations,
        account=AccountLearned(
            mean_amount=account.mean_amount,
            closed_deals=account.closed_deals,
            won_deals=account.won_deals,
            retired_ads=account.retired_ads,
            lead_rate=account.lead_rate,
            wins_a_lead=account.wins_a_lead,
            median_days_to_win=account.kernels.median_delay,
            delay_curve_version=account.curve_version,
            cost_per_click=found.prices.usual_cost,
            saturation_clicks=found.prices.saturation if np.isfinite(found.prices.saturation) else None,
        ),
        shadow=settings.shadow,
    )


def keep_selection(selection: Selection, columns: States, *, seed: int, at: datetime) -> None:
    """Keep what was recommended, with the totals of then, so that it can be scored later."""
    told = selection.recommendations
    batch_execute(
        _KEEP,
        {
            "id": selection.selection_id,
            "tenant": current_tenant(),
            "at": at,
            "as_of": selection.as_of,
            "mode": str(selection.mode),
            "total": selection.total_budget,
            "currency": selection.currency,
            "seed": seed,
            "shadow": selection.shadow,
            "ads": [one.ad_id for one in told],
            "current": _literal(one.current_budget for one in told),
            "recommended": _literal(one.recommended_budget for one in told),
            "roas": _literal(one.expected_roas for one in told),
            "roas_low": _literal(one.expected_roas_interval.low for one in told),
            "roas_high": _literal(one.expected_roas_interval.high for one in told),
            "decisions": "{" + ",".join([one.decision.value for one in told]) + "}",
            "spend": _literal(columns.spend.tolist()),
            "pipeline_value": _literal(columns.pipeline.tolist()),
        },
    )


def _literal(numbers: Iterator[float] | Sequence[float]) -> str:
    return "{" + ",".join(map(repr, numbers)) + "}"


def _verdicts(columns: States, found: Selected, settings: BudgetSettings, mode: BudgetMode) -> list[Verdict]:
    median = found.account.kernels.median_delay
    ages = [age if age == age else None for age in columns.age.tolist()]
    evidence = zip(
        columns.spend.tolist(),
        columns.impressions.tolist(),
        ages,
        found.since_half_spend.tolist(),
        [median] * len(ages),
        found.roas.tolist(),
        found.roas_low.tolist(),
        found.roas_high.tolist(),
        found.losing.tolist(),
        found.scaling.tolist(),
        found.budget.tolist(),
        strict=True,
    )
    return [judged(AdEvidence(*one), settings, mode) for one in evidence]


def _recommendations(
    states: Sequence[AdState],
    columns: States,
    found: Selected,
    verdicts: Sequence[Verdict],
    recommended: Floats,
    mode: BudgetMode,
) -> Iterator[Recommendation]:
    """Make the answer of each ad."""
    current = columns.budget
    change = _quotient(100 * (recommended - current), current)
    rows = zip(
        states,
        verdicts,
        _rounded(current, 2),
        recommended.tolist(),
        _rounded(change, 1),
        found.probability_best.tolist(),
        _rounded(found.roas, 4),
        _rounded(found.roas_low, 4),
        _rounded(found.roas_high, 4),
        _rounded(found.confidence, 4),
        _metrics(columns, found, mode),
        strict=True,
    )
    for state, verdict, now, money, by, best, roas, low, high, confidence, metrics in rows:
        yield Recommendation(
            ad_id=state.ad_id,
            current_budget=now,
            recommended_budget=money,
            change_percentage=by if by == by else None,
            probability_best=best,
            expected_roas=roas,
            expected_roas_interval=Interval(low, high),
            confidence=confidence,
            decision=verdict.decision,
            reason=verdict.reason,
            metrics=metrics,
        )


def _metrics(columns: States, found: Selected, mode: BudgetMode) -> Iterator[AdMetrics]:
    earned = columns.cash if mode is BudgetMode.DIRECT else columns.pipeline
    cost = found.prices.cost
    rows = zip(
        _rounded(cost, 4),
        _rounded(found.mean_value, 4),
        _rounded(found.mean_leads, 6),
        _rounded(found.mean_value / cost, 4),
        _rounded(found.matured, 4),
        _rounded(found.losing, 4),
        _rounded(found.scaling, 4),
        _rounded(_quotient(earned, columns.spend), 4),
        columns.spend.tolist(),
        columns.clicks.astype(np.int64).tolist(),
        strict=True,
    )
    for price, value, leads, first, matured, losing, scaling, observed, spend, clicks in rows:
        yield AdMetrics(
            cost_per_click=price,
            value_per_click=value,
            lead_rate=leads,
            first_dollar_roas=first,
            matured_share=matured,
            probability_losing=losing,
            probability_scaling=scaling,
            observed_roas=observed if observed == observed else None,
            spend=spend,
            clicks=clicks,
        )


def _quotient(above: Floats, below: Floats) -> Floats:
    """Divide; nan where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def _rounded(column: npt.NDArray[Any], places: int) -> list[Any]:
    found: list[Any] = np.round(column, places).tolist()
    return found
