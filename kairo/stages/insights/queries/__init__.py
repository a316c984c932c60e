"""Reads of insights: the door of the stage."""

from kairo.stages.insights.queries.analyses import analyses, analysis, command_usage, metric_samples
from kairo.stages.insights.queries.baselines import first_post_at, fitted_baseline, losses_by_topic, serving_baseline
from kairo.stages.insights.queries.trends import cluster, trends

__all__ = [
    "analyses",
    "analysis",
    "cluster",
    "command_usage",
    "first_post_at",
    "fitted_baseline",
    "losses_by_topic",
    "metric_samples",
    "serving_baseline",
    "trends",
]
