"""Sharing a budget among ads: what is known is read, the rules decide, and what was recommended is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.db import transaction

from kairo.platform.database.sessions import current_tenant
from kairo.stages.ads import queries as ads
from kairo.stages.learning.contracts.budgets import (
    AdReport,
    AdState,
    BudgetMode,
    BudgetSettings,
    CampaignHasNoAds,
    Selection,
    SelectRequest,
)
from kairo.stages.learning.models import BudgetSettingsRow
from kairo.stages.learning.operations.budget_answers import answered, keep_selection
from kairo.stages.learning.operations.feedback import take_feedback_batch
from kairo.stages.learning.operations.shadow import score_selections
from kairo.stages.learning.operations.winner_priors import winner_starts
from kairo.stages.learning.queries.budgets import (
    LONGEST_DAYS,
    MATURE_DAYS,
    budget_settings,
    newest_moment,
    newest_totals,
    readings_of,
)
from kairo.stages.learning.queries.delay_curves import ServingCurve, paths_of, serving_curve, with_kept_curve
from kairo.stages.learning.rules.budgets.histories import MOST_IN_DETAIL, Readings, States
from kairo.stages.revenue import queries as revenue

if TYPE_CHECKING:
    from kairo.stages.learning.rules.budgets.selecting import Past

_DAY_S = 86_400.0
MOST_KEPT = 16
_KNOWN: dict[tuple[UUID, str, str, bool, str, ServingCurve | None], Past] = {}
"""What was learned of accounts' pasts, while neither deals nor retired ads change, nor the curve that serves."""
ADS_A_PAGE = 1_000


def change_budget_settings(*, settings: BudgetSettings, at: datetime) -> BudgetSettings:
    """Keep the account's settings; the next selection goes by them."""
    values = {"settings": settings.model_dump(mode="json"), "changed_at": at}
    BudgetSettingsRow.objects.update_or_create(tenant_id=current_tenant(), defaults=values)
    return settings


@transaction.atomic
def select_budgets(*, request: SelectRequest, at: datetime) -> Selection:
    """Share at most `total_budget` a day among ads, and keep what was recommended. Nothing acts on it.

    Earlier selections are scored by the way. What is known of ads goes up to their newest report; without any, to `at`.

    Raises:
        CampaignHasNoAds: no ad is known of the campaign that was named.
    """
    settings = budget_settings()
    mode = request.mode or settings.mode
    states = request.ad_states or _states_of_campaign(request.campaign_id or "", settings, at=at)
    ad_ids = [state.ad_id for state in states]
    as_of = newest_moment(ad_ids) or at
    columns = _columns(states, as_of=as_of, total=request.total_budget)
    detailed = _in_detail(ad_ids, columns)
    readings = readings_of(detailed, since=as_of - timedelta(days=LONGEST_DAYS), until=as_of)
    places = {ad_id: place for place, ad_id in enumerate(ad_ids)}
    where = np.array([places[ad_id] for ad_id in detailed], dtype=np.int64)
    starts = winner_starts(ad_ids, columns.impressions, least_impressions=settings.min_impressions_for_decision)
    # Loaded late: it takes half a second, and every command would wait for it.
    from kairo.stages.learning.rules.budgets.selecting import select

    found = select(
        columns,
        _placed(readings, where),
        _past(ad_ids, settings, mode, until=as_of),
        as_of=as_of.timestamp() / _DAY_S,
        total=request.total_budget,
        mode=mode,
        settings=settings,
        seed=request.seed,
        starts=starts.factors,
    )
    selection = answered(
        states, columns, found, request=request, mode=mode, settings=settings, as_of=as_of, because=starts.reasons
    )
    keep_selection(selection, columns, seed=request.seed, at=at)
    score_selections(as_of=as_of)
    return selection


def _states_of_campaign(campaign_id: str, settings: BudgetSettings, *, at: datetime) -> list[AdState]:
    """Read the ads of a campaign as they stand: as reported, else by the platform's figures and their deals.

    What the platform's figures and the deals say is kept as a report, so that it becomes a history.
    """
    found, after = [], None
    while page := ads.ads(campaign_id=campaign_id, after=after, limit=ADS_A_PAGE):
        found += page
        after = page[-1].ad_id
    if not found:
        raise CampaignHasNoAds(f"There are no ads of a campaign {campaign_id}: send them to /api/ads first.")
    ad_ids = [ad.ad_id for ad in found]
    newest = newest_totals(ad_ids)
    figures = {one.ad_id: one for one in ads.totals(ad_ids=ad_ids, until=at) if one.currency == settings.currency}
    worth = revenue.pipeline_values([ad_id for ad_id in ad_ids if ad_id in figures])
    reports = []
    for ad_id, figure in figures.items():
        in_currency = [part for part in worth.get(ad_id, ()) if part.currency == settings.currency]
        cash = max(float(figure.cash_revenue), sum(float(part.cash_revenue) for part in in_currency))
        opened = sum(float(part.synthetic_revenue - part.cash_revenue) for part in in_currency)
        reports.append(
            AdReport(
                ad_id=ad_id,
                impressions=figure.impressions,
                clicks=figure.clicks,
                spend=float(figure.spend),
                pipeline_value=cash + max(0.0, opened),
                cash_revenue=cash,
                observed_at=at.isoformat(),
            )
        )
    if reports:
        take_feedback_batch(reports=reports, at=at)
        newest = newest_totals(ad_ids)
    return [
        AdState(
            **(newest[ad.ad_id].model_dump(exclude={"observed_at"}) if ad.ad_id in newest else {"ad_id": ad.ad_id}),
            # An ad that ran before Kairo knew of it is as old as its figures.
            created_at=min(ad.created_at, figures[ad.ad_id].first_at if ad.ad_id in figures else at).isoformat(),
        )
        for ad in found
    ]


def _columns(states: Sequence[AdState], *, as_of: datetime, total: float) -> States:
    moment = as_of.timestamp()
    ages = [
        state.age_hours / 24
        if state.age_hours is not None
        else max(0.0, moment - state.created_at.timestamp()) / _DAY_S
        if state.created_at is not None
        else np.nan
        for state in states
    ]
    even = total / len(states)
    return States(
        impressions=np.array([state.impressions for state in states], dtype=float),
        clicks=np.array([state.clicks for state in states], dtype=float),
        spend=np.array([state.spend for state in states], dtype=float),
        pipeline=np.array([max(state.pipeline_value, state.cash_revenue) for state in states], dtype=float),
        cash=np.array([state.cash_revenue for state in states], dtype=float),
        age=np.array(ages),
        budget=np.array([even if state.daily_budget is None else state.daily_budget for state in states]),
    )


def _in_detail(ad_ids: Sequence[str], columns: States) -> list[str]:
    """List the ads that are looked at day by day: all of a usual account, of a huge one those that spent most."""
    if len(ad_ids) <= MOST_IN_DETAIL:
        return list(ad_ids)
    most = np.argsort(-columns.spend, kind="stable")[:MOST_IN_DETAIL]
    return [ad_ids[place] for place in sorted(most)]


def _placed(readings: Readings, where: np.ndarray) -> Readings:
    if not len(readings.ad):
        return readings
    return Readings(
        where[readings.ad], *(getattr(readings, name) for name in ("day", "clicks", "spend", "pipeline", "cash"))
    )


def _past(asked: Sequence[str], settings: BudgetSettings, mode: BudgetMode, *, until: datetime) -> Past:
    """Return what the account has learned by `until` from other ads and from closed deals."""
    direct = mode is BudgetMode.DIRECT
    version = revenue.deal_histories_version(until=until)
    asked_ids = set(asked)
    week = until.strftime("%G-%V")
    key_of_asked = f"{week} {hash(frozenset(asked_ids))}"
    curve = serving_curve(mode, until=until)
    key = (current_tenant(), version, settings.currency, direct, key_of_asked, curve)
    known = _KNOWN.get(key)
    if known is not None:
        return known
    histories = revenue.deal_histories(until=until, currency=settings.currency)
    newest: dict[str, datetime] = {}
    for deal in histories:
        if deal.ad_id is not None and deal.ad_id not in asked_ids:
            newest[deal.ad_id] = max(deal.created_at, newest.get(deal.ad_id, deal.created_at))
    ripe = until - timedelta(days=MATURE_DAYS)
    retired = sorted(ad_id for ad_id, created_at in newest.items() if created_at <= ripe)
    readings = readings_of(retired, since=until - timedelta(days=3 * 365), until=until)
    while len(_KNOWN) >= MOST_KEPT:
        _KNOWN.pop(next(iter(_KNOWN)))
    from kairo.stages.learning.rules.budgets.selecting import learn_past

    past = learn_past(paths_of(histories), retired, readings, direct=direct)
    _KNOWN[key] = past if curve is None else replace(past, account=with_kept_curve(past.account, curve))
    return _KNOWN[key]
