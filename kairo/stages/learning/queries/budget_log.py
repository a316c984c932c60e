"""Reads of what was recommended to budgets."""

from __future__ import annotations

from uuid import UUID

from kairo.stages.learning.contracts.budget_log import LoggedRecommendation, LoggedSelection, SelectionNotFound
from kairo.stages.learning.contracts.budgets import BudgetMode, Decision
from kairo.stages.learning.models import BudgetSelection


def newest_selection() -> LoggedSelection | None:
    """Return the account's newest selection, or None where nobody has asked for one."""
    row = BudgetSelection.objects.order_by("-made_at", "-id").first()
    return None if row is None else _logged(row)


def selection(selection_id: UUID) -> LoggedSelection:
    """Return a selection.

    Raises:
        SelectionNotFound: not there, or somebody else's.
    """
    row = BudgetSelection.objects.filter(id=selection_id).first()
    if row is None:
        raise SelectionNotFound("There is no such recommendation.")
    return _logged(row)


def _logged(row: BudgetSelection) -> LoggedSelection:
    columns = (row.ad_ids, row.current, row.recommended, row.roas, row.roas_low, row.roas_high, row.decisions)
    return LoggedSelection(
        id=row.id,
        made_at=row.made_at,
        mode=BudgetMode(row.mode),
        total_budget=row.total_budget,
        currency=row.currency,
        shadow=row.shadow,
        recommendations=[
            LoggedRecommendation(
                ad_id=ad_id,
                current=current,
                recommended=recommended,
                roas=roas,
                low=low,
                high=high,
                decision=Decision(decision),
            )
            for ad_id, current, recommended, roas, low, high, decision in zip(*columns, strict=True)
        ],
    )
