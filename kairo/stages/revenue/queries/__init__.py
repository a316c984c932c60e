"""Reads of revenue: the door of the stage."""

from kairo.stages.revenue.queries.ad_outcomes import ad_deals
from kairo.stages.revenue.queries.attributions import attributions
from kairo.stages.revenue.queries.candidates import (
    MOST_ON_A_LINE,
    candidates_for,
    first_click_at,
    others_for,
    sample_of_clicks,
)
from kairo.stages.revenue.queries.conversions import conversion, conversions
from kairo.stages.revenue.queries.deal_histories import (
    deal_histories,
    deal_histories_version,
    deals_begun,
    lead_delays,
)
from kairo.stages.revenue.queries.deals import deal, deals_of_ad, pipeline_values, stage_models, stages
from kairo.stages.revenue.queries.holdouts import holdouts
from kairo.stages.revenue.queries.learned_versions import stage_versions, weight_versions
from kairo.stages.revenue.queries.lineage import lineage
from kairo.stages.revenue.queries.overview import (
    ads_by_credit,
    attribution_overview,
    campaign_activity,
    deals_by_stage,
)
from kairo.stages.revenue.queries.reports import attribution_report, links, modelled, sites
from kairo.stages.revenue.queries.validation import validate_attribution
from kairo.stages.revenue.queries.weights import attribution_settings, settings_and_weights

__all__ = [
    "MOST_ON_A_LINE",
    "ad_deals",
    "ads_by_credit",
    "attribution_overview",
    "attribution_report",
    "attribution_settings",
    "attributions",
    "campaign_activity",
    "candidates_for",
    "conversion",
    "conversions",
    "deal",
    "deal_histories",
    "deal_histories_version",
    "deals_begun",
    "deals_by_stage",
    "deals_of_ad",
    "first_click_at",
    "holdouts",
    "lead_delays",
    "lineage",
    "links",
    "modelled",
    "others_for",
    "pipeline_values",
    "sample_of_clicks",
    "settings_and_weights",
    "sites",
    "stage_models",
    "stage_versions",
    "stages",
    "validate_attribution",
    "weight_versions",
]
