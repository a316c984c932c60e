"""What deals count: a change of stage, an ad's return, the stages' settings, and what closed deals teach of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.jobs.operations import enqueue
from kairo.stages.ads import queries as ads
from kairo.stages.revenue.contracts.deals import (
    AdRoasDTO,
    AdRoasRequest,
    ChangeReason,
    CurrencyRevenue,
    DealDTO,
    RevalueDeals,
    StageChange,
    StageChangeValue,
)
from kairo.stages.revenue.contracts.stages import (
    DEFAULT_PIPELINE,
    PipelineStages,
    StageKind,
    StageModelDTO,
    StageOrigin,
    StagesChange,
    StagesDTO,
    UnknownTemplate,
)
from kairo.stages.revenue.models.deals import Deal, StageModel, SyntheticRevenueConfig
from kairo.stages.revenue.queries import deals as queries
from kairo.stages.revenue.rules.learning_stages import PastDeal, learned_stages
from kairo.stages.revenue.rules.stage_values import TEMPLATES, PipelineRules, Pipelines, folded
from kairo.stages.revenue.rules.telescoping import Change, Fact, Worth, changes_of, reason_of, state_of

REVALUE = "revenue.revalue_deals"
_WINDOW = re.compile(r"(\d+)([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
NO_SPEND = "no_spend_known"
NOTHING_SPENT = "nothing_spent"
OTHER_CURRENCY = "spend_in_other_currency"
NO_DEALS = "no_deals"
OK = "ok"


def value_stage_change(change: StageChange) -> StageChangeValue:
    """Return what a deal counts after a change of stage, and by how much that moves what it counted. Stores nothing.

    Raises:
        AmbiguousDeal: several CRMs have a deal of this id, and none is named.
    """
    known = queries.find_deal(change.deal_id, source=change.source)
    pipelines = queries.pipelines()
    pipeline = change.pipeline or (known.pipeline if known else DEFAULT_PIPELINE)
    rules = pipelines.of(pipeline)
    amount = change.deal_value if change.deal_value is not None else known.amount if known else None
    currency = change.currency or (known.currency if known else None)
    if known and (known.merged_into or known.is_deleted):
        return _gone(change, known, rules)
    after = _worth(rules, change.stage_to, amount, currency)
    before = _worth(rules, change.stage_from, amount, currency) if change.stage_from is not None else None
    reason = reason_of(before, after)
    delta = None
    if after.amount is not None and (before is None or before.currency == after.currency):
        delta = after.amount - (before.amount if before and before.amount is not None else Decimal(0))
    found = after.of_stage
    return StageChangeValue(
        deal_id=change.deal_id,
        synthetic_revenue=after.amount,
        delta=delta,
        currency=after.currency,
        confidence=round(found.confidence, 4) if found else 0.0,
        reason=reason,
        probability=found.probability if found else None,
        probability_source=found.source if found else None,
        explanation=_explained(change, rules, after, amount),
    )


def _worth(rules: PipelineRules, stage: str, amount: Decimal | None, currency: str | None) -> Worth:
    kind = rules.kind_of(stage)
    found = rules.worth(stage, kind=kind, amount=amount, currency=currency)
    return Worth(found.amount, found.currency, kind, found)


def _gone(change: StageChange, known: DealDTO, rules: PipelineRules) -> StageChangeValue:
    reason = ChangeReason.MERGED if known.merged_into else ChangeReason.DELETED
    where = f"was merged into {known.merged_into}, which counts for it" if known.merged_into else "was deleted"
    return StageChangeValue(
        deal_id=change.deal_id,
        synthetic_revenue=Decimal(0),
        delta=Decimal(0),
        currency=known.synthetic_currency or rules.currency,
        confidence=1.0,
        reason=reason,
        explanation=f"The deal {where}.",
    )


def _explained(change: StageChange, rules: PipelineRules, worth: Worth, amount: Decimal | None) -> str:
    stage, found = change.stage_to, worth.of_stage
    if worth.kind is StageKind.LOST:
        return f"{stage} is a lost stage: the deal counts nothing."
    if worth.kind is StageKind.WON and amount is not None:
        return f"{stage} is won: the deal counts its amount."
    known = rules.stages.get(folded(stage))
    if known is not None and known.setting.expected_value is not None:
        return f"The expected value of {stage}."
    if found is None or found.probability is None:
        return f"Nobody has said what {stage} is worth: set it with PUT /api/revenue/stages."
    if worth.amount is None:
        return f"{stage} is won with {found.probability:.1%}, but the deal's amount is not known: send deal_value."
    return f"The deal's amount times {found.probability:.1%} ({found.source})."


def ad_roas(request: AdRoasRequest, *, at: datetime) -> AdRoasDTO:
    """Return what an ad's deals came to count within a window, beside what was spent on it there.

    Spend counts by the hours and days that begin within the window, in the currency of the revenue alone.
    """
    until = request.as_of or at
    since = until - _span(request.window) if request.window != "all" else None
    pipelines = queries.pipelines()
    deals = queries.deals_of_ad(request.ad_id)
    synthetic: dict[str, Decimal] = defaultdict(Decimal)
    cash: dict[str, Decimal] = defaultdict(Decimal)
    for change in _changes(deals, pipelines, until):
        if since is None or change.at > since:
            synthetic[change.currency] += change.delta
            cash[change.currency] += change.cash
    totals = ads.totals(ad_ids=[request.ad_id], since=since, until=until)
    spent = {total.currency: total.spend for total in totals}
    main = _main_currency(pipelines.of(DEFAULT_PIPELINE).currency, synthetic, spent)
    spend = spent.get(main)
    return AdRoasDTO(
        ad_id=request.ad_id,
        window=request.window,
        currency=main,
        deals=len(deals),
        spend=spend,
        synthetic_revenue=synthetic.get(main, Decimal(0)),
        cash_revenue=cash.get(main, Decimal(0)),
        pipeline_roas=_times_back(synthetic.get(main, Decimal(0)), spend),
        cash_roas=_times_back(cash.get(main, Decimal(0)), spend),
        other_currencies=_others(main, synthetic, cash),
        unvalued_deals=sum(deal.synthetic_revenue is None for deal in deals),
        reason=_why_no_return(bool(deals), spent, main),
    )


def _main_currency(usual: str, synthetic: Mapping[str, Decimal], spent: Mapping[str, Decimal]) -> str:
    """Choose the currency that is told of first: the usual one, unless all revenue, or all spend, is in another."""
    for told in (synthetic, spent):
        if usual in told:
            return usual
        if len(told) == 1:
            return next(iter(told))
    return usual


def _others(main: str, synthetic: Mapping[str, Decimal], cash: Mapping[str, Decimal]) -> list[CurrencyRevenue]:
    return [
        CurrencyRevenue(currency=currency, synthetic_revenue=synthetic[currency], cash_revenue=cash[currency])
        for currency in sorted(synthetic)
        if currency != main
    ]


def _times_back(revenue: Decimal, spend: Decimal | None) -> float | None:
    return round(float(revenue / spend), 4) if spend else None


def _why_no_return(has_deals: bool, spent: Mapping[str, Decimal], currency: str) -> str:
    if not has_deals:
        return NO_DEALS
    if currency not in spent:
        return OTHER_CURRENCY if spent else NO_SPEND
    return OK if spent[currency] else NOTHING_SPENT


def _span(window: str) -> timedelta:
    found = _WINDOW.fullmatch(window)
    if found is None:
        raise ValueError(f"{window!r} is no window")
    return int(found[1]) * _UNITS[found[2]]


def _changes(deals: Sequence[DealDTO], pipelines: Pipelines, until: datetime) -> list[Change]:
    logs: dict[tuple[str, str], list[Fact]] = {}
    for source in sorted({deal.source for deal in deals}):
        named = [deal.deal_id for deal in deals if deal.source == source]
        logs |= {(source, deal_id): log for deal_id, log in queries.facts_of(source, named).items()}
    states = [state_of(logs[deal.source, deal.deal_id]) for deal in deals]
    return [change for state in states for change in changes_of(state, pipelines, as_of=until)]


@transaction.atomic
def change_stages(*, change: StagesChange, at: datetime) -> StagesDTO:
    """Set what stages count, and have every deal counted anew. What is not named stays as it is.

    Raises:
        UnknownTemplate: there is no such set of defaults.
    """
    wanted = list(change.pipelines)
    if change.copy_from is not None:
        template = TEMPLATES.get(change.copy_from)
        if template is None:
            raise UnknownTemplate(f"There is no set of stages {change.copy_from!r}; there are {', '.join(TEMPLATES)}.")
        wanted = [template, *wanted]
    for pipeline in wanted:
        store_stages(pipeline, origin=StageOrigin.OWN, at=at)
    if wanted:
        enqueue(REVALUE, RevalueDeals(), dedupe_key=REVALUE)
    return queries.stages()


def store_stages(pipeline: PipelineStages, *, origin: StageOrigin, at: datetime) -> None:
    """Keep the stages of a pipeline as somebody has set them, in place of what was there from the same origin."""
    # Two who set them at once: the second waits for the first, and replaces what it has set.
    rows("SELECT pg_advisory_xact_lock(hashtextextended('revenue.stages:' || %s, 0))", [str(current_tenant())])
    SyntheticRevenueConfig.objects.filter(pipeline=pipeline.pipeline, origin=origin).delete()
    by_name = {folded(stage.stage): stage for stage in pipeline.stages}
    SyntheticRevenueConfig.objects.bulk_create(
        SyntheticRevenueConfig(
            pipeline=pipeline.pipeline,
            stage=stage.stage,
            origin=origin,
            kind=stage.kind,
            position=position,
            currency=pipeline.currency,
            expected_value=stage.expected_value,
            probability=stage.probability,
            changed_at=at,
        )
        for position, stage in enumerate(by_name.values())
    )


@transaction.atomic
def learn_stages(*, at: datetime) -> list[StageModelDTO]:
    """Learn each pipeline's stage probabilities where deals have closed since its last version; list the new ones."""
    pipelines = queries.pipelines()
    newest = {model.pipeline: model for model in queries.newest_models()}
    made = []
    for pipeline in queries.pipelines_with_deals():
        closed, last_at = queries.newest_closing(pipeline)
        before = newest.get(pipeline)
        if last_at is None or (before and before.closed == closed and before.trained_until >= last_at):
            continue
        found = learned_stages(pipeline, _past_deals(pipeline), pipelines.of(pipeline), at=at)
        if found is not None:
            made.append(_stored(found))
    if made:
        enqueue(REVALUE, RevalueDeals(), dedupe_key=REVALUE)
    return made


def _past_deals(pipeline: str) -> list[PastDeal]:
    found = Deal.objects.filter(pipeline=pipeline, merged_into=None, is_deleted=False, stage__isnull=False)
    return [
        PastDeal(
            steps=tuple((step["stage"], datetime.fromisoformat(step["at"])) for step in steps),
            created_at=created_at,
            closed_at=closed_at,
            is_won=outcome == "won",
        )
        for steps, created_at, closed_at, outcome in found.order_by("id").values_list(
            "steps", "created_at", "closed_at", "outcome"
        )
    ]


def _stored(model: StageModelDTO) -> StageModelDTO:
    last = StageModel.objects.filter(pipeline=model.pipeline).aggregate(last=Max("version"))["last"] or 0
    kept = model.model_copy(update={"version": last + 1})
    columns = {"pipeline", "version", "trained_until", "created_at"}
    artifact: Mapping[str, object] = kept.model_dump(mode="json", exclude=columns)
    StageModel.objects.create(
        pipeline=kept.pipeline,
        version=kept.version,
        artifact=artifact,
        trained_until=kept.trained_until,
        created_at=kept.created_at,
    )
    return kept
