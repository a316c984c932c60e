"""Reads of delay curves: the closed deals they are learned from, and the one that serves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from kairo.stages.learning.contracts import ModelKind, ModelStatus
from kairo.stages.learning.contracts.budgets import BudgetMode
from kairo.stages.learning.models import LearnedModel
from kairo.stages.learning.rules.budgets.histories import DealPath
from kairo.stages.revenue.contracts.histories import DealHistory

if TYPE_CHECKING:
    from kairo.stages.learning.rules.budgets.account import Account

_DAY_S = 86_400.0


class ServingCurve(NamedTuple):
    """Which version of the curve serves."""

    model_id: UUID
    version: int


def paths_of(histories: Iterable[DealHistory]) -> list[DealPath]:
    """Return closed deals as the rules read them."""
    return [
        DealPath(
            ad_id=deal.ad_id,
            created=deal.created_at.timestamp() / _DAY_S,
            closed=deal.closed_at.timestamp() / _DAY_S,
            is_won=deal.is_won,
            amount=deal.amount,
            steps=tuple((share, moment.timestamp() / _DAY_S) for share, moment in deal.steps),
        )
        for deal in histories
    ]


def serving_curve(mode: BudgetMode, *, until: datetime) -> ServingCurve | None:
    """Return the champion of a mode; none that was learned from what came after `until`, which it could not know."""
    found = LearnedModel.objects.filter(
        kind=ModelKind.DELAY_CURVE,
        brand_id__isnull=True,
        subject=mode,
        status=ModelStatus.CHAMPION,
        trained_until__lte=until,
    )
    row = found.values_list("id", "version").first()
    return ServingCurve(*row) if row else None


def with_kept_curve(account: Account, serving: ServingCurve) -> Account:
    """Return an account whose delays are those of a kept curve; amounts and rates stay what the deals say now."""
    from kairo.stages.learning.rules.budgets.delay_curves import curve_from

    curve = curve_from(LearnedModel.objects.get(id=serving.model_id).artifact)
    return replace(account, kernels=curve.kernels, curve_version=serving.version)
