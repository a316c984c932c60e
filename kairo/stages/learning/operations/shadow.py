"""Scoring what was recommended against what happened since."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from django.db.models import Q

from kairo.stages.learning.contracts.budgets import RecommendationScore
from kairo.stages.learning.models import BudgetSelection
from kairo.stages.learning.queries.budgets import newest_totals
from kairo.stages.learning.rules.budgets.shadow import Told, held, said

AFTER = timedelta(days=7)
MOST_AT_ONCE = 2


def score_selections(*, as_of: datetime) -> int:
    """Score the newest selections that are a week old and have not been scored for a week; return how many.

    `as_of` is when ads were last reported on.
    """
    due = BudgetSelection.objects.filter(as_of__lte=as_of - AFTER).filter(
        Q(scored_until=None) | Q(scored_until__lte=as_of - AFTER)
    )
    found = list(due.order_by("-as_of", "-id")[:MOST_AT_ONCE])
    for selection in found:
        score = _score(selection, until=as_of)
        selection.score, selection.scored_until = score.model_dump(mode="json"), as_of
        selection.save(update_fields=["score", "scored_until"])
    return len(found)


def _score(selection: BudgetSelection, *, until: datetime) -> RecommendationScore:
    newest = newest_totals(selection.ad_ids)
    now = [newest.get(ad_id) for ad_id in selection.ad_ids]
    result = held(
        Told(
            current=np.array(selection.current),
            recommended=np.array(selection.recommended),
            roas=np.array(selection.roas),
            roas_low=np.array(selection.roas_low),
            roas_high=np.array(selection.roas_high),
            spend=np.array(selection.spend),
            value=np.array(selection.pipeline_value),
        ),
        np.array([np.nan if one is None else one.spend for one in now]),
        np.array([np.nan if one is None else max(one.pipeline_value, one.cash_revenue) for one in now]),
    )
    return RecommendationScore(
        selection_id=selection.id,
        made_at=selection.made_at,
        scored_until=until,
        ads=result.ads,
        interval_held=result.interval_held,
        expected_roas=result.expected_roas,
        observed_roas=result.observed_roas,
        roas_of_raised=result.roas_of_raised,
        roas_of_cut=result.roas_of_cut,
        says=said(result),
    )
