"""Learning delay curves as versions of the registry: the first is kept, a later one has to foretell deals better."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.contracts.budgets import BudgetMode
from kairo.stages.learning.models import BudgetSelection, LearnedModel
from kairo.stages.learning.operations.registry import Learned, Slot, judge, propose
from kairo.stages.learning.queries.budgets import budget_settings
from kairo.stages.learning.queries.delay_curves import paths_of
from kairo.stages.learning.queries.registry import champion, gone_back_at
from kairo.stages.learning.rules.budgets.histories import DealPath
from kairo.stages.revenue import queries as revenue

_DAY_S = 86_400.0


@transaction.atomic
def learn_delay_curves(*, at: datetime) -> int:
    """Learn what is due from deals that have closed by `at`, compare what waits; return how many versions came in use.

    There is a curve for each way in which the account has budgets decided.
    """
    settings = budget_settings()
    modes = {settings.mode, *map(BudgetMode, BudgetSelection.objects.values_list("mode", flat=True).distinct())}
    deals = sorted(paths_of(revenue.deal_histories(until=at, currency=settings.currency)), key=lambda deal: deal.closed)
    return sum(_learn(mode, deals, at=at) for mode in sorted(modes))


def _learn(mode: BudgetMode, deals: Sequence[DealPath], *, at: datetime) -> bool:
    # Loaded late, as all that is computed with scipy.
    from kairo.stages.learning.rules.budgets.delay_curves import closed_after, curve_from, is_enough, losses, next_cut

    slot = Slot(ModelKind.DELAY_CURVE, subject=mode)
    direct = mode is BudgetMode.DIRECT
    if direct:
        # A shop's curve tells of orders alone.
        deals = [deal for deal in deals if deal.is_won]
    newest = (
        LearnedModel.objects.filter(kind=slot.kind, brand_id__isnull=True, subject=mode).order_by("-version").first()
    )
    if newest is None:
        if not is_enough(deals):
            return False
        propose(slot=slot, learned=_learned(deals, direct=direct), at=at)
        return True
    before = champion(slot.kind, subject=mode)
    assert before is not None
    waits = newest.status == ModelStatus.CHALLENGER
    # Where somebody went back to a version, it holds until there is something new to learn from.
    back_at = gone_back_at(slot.kind, subject=mode)
    since = _day(max(newest.trained_until, back_at or newest.trained_until))
    if waits:
        judged = _judged(newest, before, closed_after(deals, since), at=at)
        if judged is not ModelStatus.CHALLENGER:
            return judged is ModelStatus.CHAMPION
    cut = next_cut(deals, newest_until=since, newest_deals=int(newest.metrics["deals"]), waits=waits)
    if cut is None:
        return False
    learned = _learned([deal for deal in deals if deal.closed <= cut], direct=direct)
    held_out = closed_after(deals, cut)
    proposed = propose(
        slot=slot,
        learned=learned,
        champion_losses=losses(curve_from(before.artifact), held_out).tolist(),
        challenger_losses=losses(curve_from(learned.artifact), held_out).tolist(),
        at=at,
    )
    return proposed.status is ModelStatus.CHAMPION


def _judged(
    waiting: LearnedModel, before: LearnedModelDTO, held_out: Sequence[DealPath], *, at: datetime
) -> ModelStatus:
    """Compare a challenger that waits on all deals that neither it nor the champion was learned from."""
    from kairo.stages.learning.rules.budgets.delay_curves import curve_from, losses

    if not held_out:
        return ModelStatus.CHALLENGER
    theirs, ours = (losses(curve_from(one.artifact), held_out).tolist() for one in (before, waiting))
    return judge(model_id=waiting.id, champion_losses=theirs, challenger_losses=ours, at=at).status


def _learned(deals: Sequence[DealPath], *, direct: bool) -> Learned:
    from kairo.stages.learning.rules.budgets.delay_curves import kept, learn_curve

    curve = learn_curve(deals, direct=direct)
    return Learned(
        artifact=kept(curve),
        trained_from=_moment(min(deal.closed for deal in deals)),
        trained_until=_moment(max(deal.closed for deal in deals)),
        metrics={"deals": curve.deals, "won": curve.won, "median_days_to_win": curve.kernels.median_delay},
    )


def _day(at: datetime) -> float:
    return at.timestamp() / _DAY_S


def _moment(day: float) -> datetime:
    return datetime.fromtimestamp(day * _DAY_S, UTC)
