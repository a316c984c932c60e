"""Reads of deals: what they are, what they count, and by which rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.models import Tenant
from kairo.stages.revenue.contracts.deals import AmbiguousDeal, CurrencyRevenue, DealDTO, DealNotFound
from kairo.stages.revenue.contracts.stages import (
    DEFAULT_PIPELINE,
    PipelineDTO,
    PipelineStages,
    StageDTO,
    StageKind,
    StageModelDTO,
    StageModelsDTO,
    StageOrigin,
    StagesDTO,
    StageSetting,
)
from kairo.stages.revenue.models.deals import Deal, DealFact, StageModel, SyntheticRevenueConfig
from kairo.stages.revenue.rules.stage_values import (
    GENERAL,
    TEMPLATES,
    PipelineRules,
    Pipelines,
    SetStages,
    pipelines_from,
)
from kairo.stages.revenue.rules.survival import LEAST_CLOSED, LEAST_WON, probability_at
from kairo.stages.revenue.rules.telescoping import Fact, FactName, Rank

NOTHING_LEARNED = (
    f"Nothing learned yet: a pipeline needs {LEAST_CLOSED} closed deals, {LEAST_WON} of them won. Until then the set or"
    " usual probabilities are used."
)
_OF_ADS = """
SELECT ad_id, synthetic_currency, sum(synthetic_value),
       sum(CASE WHEN outcome = 'won' AND merged_into IS NULL AND NOT is_deleted THEN synthetic_value ELSE 0 END)
FROM deal WHERE tenant_id = %(tenant)s AND ad_id = ANY(%(ads)s) AND synthetic_value IS NOT NULL
GROUP BY ad_id, synthetic_currency ORDER BY ad_id, synthetic_currency
"""


def template_name() -> str:
    """Return the set of defaults that the account starts from: the one of its own name, else the general one."""
    slug = Tenant.objects.values_list("slug", flat=True).get(id=current_tenant())
    return slug if slug in TEMPLATES else GENERAL


def set_stages() -> list[SetStages]:
    """List what people and the CRM have set, a part for each pipeline and origin."""
    parts: dict[tuple[str, str], list[SyntheticRevenueConfig]] = defaultdict(list)
    for row in SyntheticRevenueConfig.objects.order_by("pipeline", "origin", "position"):
        parts[row.pipeline, row.origin].append(row)
    return [
        SetStages(
            stages=PipelineStages(
                pipeline=pipeline,
                currency=found[0].currency,
                stages=[
                    StageSetting(
                        stage=row.stage,
                        kind=StageKind(row.kind),
                        expected_value=row.expected_value,
                        probability=row.probability,
                    )
                    for row in found
                ],
            ),
            origin=StageOrigin(origin),
        )
        for (pipeline, origin), found in parts.items()
    ]


def newest_models() -> list[StageModelDTO]:
    """List the newest version of what was learned for each pipeline."""
    newest = StageModel.objects.order_by("pipeline", "-version").distinct("pipeline")
    return [row.to_contract() for row in newest]


def pipelines() -> Pipelines:
    """Return the rules by which deals count now."""
    return pipelines_from(set_stages(), models=newest_models(), template=template_name())


def stages() -> StagesDTO:
    """Return every pipeline's stages as they count now."""
    template = template_name()
    rules = pipelines_from(set_stages(), models=newest_models(), template=template)
    return StagesDTO(
        pipelines=[_pipeline(name, found) for name, found in sorted(rules.named.items())],
        template=template,
        templates=sorted(TEMPLATES),
    )


def _pipeline(name: str, rules: PipelineRules) -> PipelineDTO:
    found = []
    for folded, known in rules.stages.items():
        curve = rules.curves.get(folded)
        chance, _, _ = rules.probability(known.setting.stage)
        found.append(
            StageDTO(
                stage=known.setting.stage,
                kind=known.setting.kind,
                expected_value=known.setting.expected_value,
                probability=chance,
                origin=known.origin,
                learned_probability=probability_at(curve, 0.0)[0] if curve else None,
                learned_from=curve.visits if curve else None,
            )
        )
    return PipelineDTO(pipeline=name, currency=rules.currency, stages=found)


def stage_models(pipeline: str | None = None) -> StageModelsDTO:
    """Return what was learned of stages, with how right it was on deals that it had not seen."""
    found = [model for model in newest_models() if pipeline in {None, model.pipeline}]
    if not found:
        return StageModelsDTO(models=[], says=NOTHING_LEARNED)
    checked = [model for model in found if model.calibration is not None]
    says = "; ".join(
        f"{model.pipeline}: Brier {model.calibration.brier:.3f} on {model.calibration.deals} later deals"
        f" (base rate {model.calibration.brier_of_base_rate:.3f}, usual probabilities"
        f" {model.calibration.brier_of_defaults:.3f}), ECE {model.calibration.ece:.3f}"
        for model in checked
        if model.calibration is not None
    )
    return StageModelsDTO(models=found, says=says or "Too few later deals to say how right the probabilities are.")


def find_deal(deal_id: str, *, source: str | None = None) -> DealDTO | None:
    """Return a deal by the id that its CRM gave it, or None.

    Raises:
        AmbiguousDeal: several CRMs have a deal of this id, and none is named.
    """
    found = Deal.objects.filter(deal_key=deal_id)
    if source is not None:
        found = found.filter(source=source)
    deals = list(found.order_by("source")[:2])
    if len(deals) > 1:
        raise AmbiguousDeal(f"Several CRMs have a deal {deal_id}: name the `source`, such as {deals[0].source!r}.")
    return deals[0].to_contract() if deals else None


def deal(deal_id: str, *, source: str | None = None) -> DealDTO:
    """Return a deal by the id that its CRM gave it.

    Raises:
        DealNotFound: no such deal of this tenant.
        AmbiguousDeal: several CRMs have one, and none is named.
    """
    found = find_deal(deal_id, source=source)
    if found is None:
        raise DealNotFound(f"There is no deal {deal_id}.")
    return found


def deals_named(deal_ids: Iterable[str], *, source: str) -> list[DealDTO]:
    """List the deals of a CRM that are there of those named."""
    found = Deal.objects.filter(source=source, deal_key__in=list(deal_ids)).order_by("deal_key")
    return [row.to_contract() for row in found]


def deals_of_ad(ad_id: str) -> list[DealDTO]:
    """List the deals of an ad, the oldest first."""
    return [row.to_contract() for row in Deal.objects.filter(ad_id=ad_id).order_by("created_at", "id")]


def pipeline_values(ad_ids: Sequence[str]) -> dict[str, list[CurrencyRevenue]]:
    """Return what the deals of ads count now and what of it is cash, currency by currency, in one statement."""
    found: dict[str, list[CurrencyRevenue]] = defaultdict(list)
    for ad_id, currency, value, cash in rows(_OF_ADS, {"tenant": current_tenant(), "ads": list(ad_ids)}):
        found[ad_id].append(CurrencyRevenue(currency=currency, synthetic_revenue=value, cash_revenue=cash))
    return dict(found)


def facts_of(source: str, deal_ids: Sequence[str]) -> dict[str, list[Fact]]:
    """Return the logs of deals, in one statement."""
    logs: dict[str, list[Fact]] = {deal_id: [] for deal_id in deal_ids}
    found = DealFact.objects.filter(source=source, deal_key__in=list(deal_ids))
    for deal_key, name, value, at, rank, key in found.values_list("deal_key", "name", "value", "at", "rank", "key"):
        logs[deal_key].append(Fact(FactName(name), value, at, Rank(rank), key))
    return logs


def rows_of(source: str, deal_ids: Sequence[str]) -> dict[str, tuple[UUID, str, str | None]]:
    """Return of each deal that is there its id, its digest and its stage."""
    found = Deal.objects.filter(source=source, deal_key__in=list(deal_ids))
    return {key: (id_, digest, stage) for key, id_, digest, stage in found.values_list(
        "deal_key", "id", "digest", "stage"
    )}  # fmt: skip


def newest_closing(pipeline: str) -> tuple[int, datetime | None]:
    """Return how many deals of a pipeline have closed, and when the last of them did."""
    closed = Deal.objects.filter(pipeline=pipeline, closed_at__isnull=False, merged_into=None, is_deleted=False)
    newest = closed.order_by("-closed_at").values_list("closed_at", flat=True).first()
    return closed.count(), newest


def pipelines_with_deals() -> list[str]:
    """List the pipelines that deals are in."""
    return sorted(Deal.objects.values_list("pipeline", flat=True).distinct()) or [DEFAULT_PIPELINE]
