"""Reads of revenue: the door of the stage."""

from kairo.stages.revenue.queries.attributions import attributions
from kairo.stages.revenue.queries.candidates import (
    MOST_ON_A_LINE,
    candidates_for,
    first_click_at,
    others_for,
    sample_of_clicks,
)
from kairo.stages.revenue.queries.deals import deal, deals_of_ad, pipeline_values, stage_models, stages
from kairo.stages.revenue.queries.holdouts import holdouts
from kairo.stages.revenue.queries.reports import attribution_report, links, sites
from kairo.stages.revenue.queries.validation import validate_attribution
from kairo.stages.revenue.queries.weights import attribution_settings, settings_and_weights

__all__ = [
    "MOST_ON_A_LINE",
    "attribution_report",
    "attribution_settings",
    "attributions",
    "candidates_for",
    "deal",
    "deals_of_ad",
    "first_click_at",
    "holdouts",
    "links",
    "others_for",
    "pipeline_values",
    "sample_of_clicks",
    "settings_and_weights",
    "sites",
    "stage_models",
    "stages",
    "validate_attribution",
]
