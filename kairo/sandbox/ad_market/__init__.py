"""An ad account, its buyers and their CRM with a hidden truth: an optimiser's laptop instead of somebody's money.

Creatives have a quality that nobody is told, audiences tire and saturate, hours differ, buyers decide after days and
a part of the traces is lost. The same seed and the same decisions give the same world. Nothing in the product knows
it; who looks from outside uses the servers, in the shapes of Meta and of HubSpot.
"""

from __future__ import annotations

from kairo.sandbox.ad_market.market import AdMarket, Entity, EntityMissing, Happened
from kairo.sandbox.ad_market.params import Params

__all__ = ["AdMarket", "Entity", "EntityMissing", "Happened", "Params"]
