"""Reads of insights: the door of the stage."""

from kairo.stages.insights.queries.analyses import analyses, analysis, command_usage, metric_samples
from kairo.stages.insights.queries.trends import cluster, trends

__all__ = ["analyses", "analysis", "cluster", "command_usage", "metric_samples", "trends"]
