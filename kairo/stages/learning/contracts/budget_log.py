"""What was recommended to budgets, as it was written down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.errors import NotFound
from kairo.shapes import Frozen
from kairo.stages.learning.contracts.budgets import BudgetMode, Decision


class SelectionNotFound(NotFound):
    code = "selection_not_found"


class LoggedRecommendation(Frozen):
    """One ad of a selection: its budget a day, what it was recommended to be, and the return that was expected."""

    ad_id: str
    current: float
    recommended: float
    roas: float
    low: float
    high: float
    decision: Decision


class LoggedSelection(Frozen):
    """One selection; `recommendations` are in the order asked."""

    id: UUID
    made_at: datetime
    mode: BudgetMode
    total_budget: float
    currency: str
    shadow: bool
    recommendations: list[LoggedRecommendation]
