"""Tables of revenue."""

from kairo.stages.revenue.models.deals import (
    Deal,
    DealFact,
    HubSpotDelivery,
    HubSpotPortal,
    StageModel,
    SyntheticRevenueConfig,
)
from kairo.stages.revenue.models.tracking import (
    AttributionAttempt,
    AttributionConfig,
    Click,
    Conversion,
    Holdout,
    LearnedWeights,
    TrackedLink,
    TrackedSite,
)

__all__ = [
    "AttributionAttempt",
    "AttributionConfig",
    "Click",
    "Conversion",
    "Deal",
    "DealFact",
    "Holdout",
    "HubSpotDelivery",
    "HubSpotPortal",
    "LearnedWeights",
    "StageModel",
    "SyntheticRevenueConfig",
    "TrackedLink",
    "TrackedSite",
]
