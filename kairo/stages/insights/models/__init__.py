"""Tables of insights."""

from kairo.stages.insights.models.answers import Analysis, AnalysisCitation
from kairo.stages.insights.models.baselines import TrendBaselineRow
from kairo.stages.insights.models.clusters import (
    ArtifactClusterLink,
    Cluster,
    ClusterBucket,
    ClusteringProgress,
    TrendCandidate,
)

__all__ = [
    "Analysis",
    "AnalysisCitation",
    "ArtifactClusterLink",
    "Cluster",
    "ClusterBucket",
    "ClusteringProgress",
    "TrendBaselineRow",
    "TrendCandidate",
]
