"""The calls that a change makes to its platform: one look, one sending. Outside transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from kairo.stages.ads.contracts.changes import ChangeType
from kairo.stages.ads.contracts.platforms import EntityState, EntityStatus, EntityType, PlatformRefused, PlatformUsage
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.ads.ports import AdPlatform, TakesBids

CREATIVE = ("title", "body", "link_url", "image_hash")


@dataclass(frozen=True)
class Seen:
    """What a look at the platform showed; `made` are ads that carry a new ad's name already."""

    state: EntityState | None = None
    bid: int | None = None
    made: tuple[str, ...] = ()
    usage: PlatformUsage = field(default_factory=PlatformUsage)


def look(platform: AdPlatform, row: PendingAdChange) -> Seen:
    """Read how the entity of a change stands now, or which ads carry the name of a new one."""
    entity_type = EntityType(row.ad_entity_type)
    if row.change_type == ChangeType.CREATE:
        named = platform.ads_named(str(ad_to_make(row)["name"]))
        return Seen(made=tuple(named), usage=platform.usage)
    state = platform.read(entity_type, row.ad_entity_id)
    bid = None
    if row.change_type == ChangeType.BID:
        bid = _bidding(platform).bid(entity_type, row.ad_entity_id)
    return Seen(state=state, bid=bid, usage=platform.usage)


def send(platform: AdPlatform, row: PendingAdChange) -> Mapping[str, JsonValue]:
    """Tell the platform what was marked to be sent, once, and return its answer."""
    entity_type, value = EntityType(row.ad_entity_type), row.sent_value
    if row.change_type == ChangeType.CREATE:
        ad = ad_to_make(row)
        creative = {name: ad[name] for name in CREATIVE if ad.get(name)}
        ad_id = platform.create_ad(ad_set_id=str(ad["ad_set_id"]), name=str(ad["name"]), creative=creative)
        return {"id": ad_id}
    if row.change_type == ChangeType.BUDGET:
        return platform.set_daily_budget(entity_type, row.ad_entity_id, daily_budget=int(str(value)))
    if row.change_type == ChangeType.BID:
        return _bidding(platform).set_bid(entity_type, row.ad_entity_id, bid=int(str(value)))
    return platform.set_status(entity_type, row.ad_entity_id, status=EntityStatus(str(value)))


def ad_to_make(row: PendingAdChange) -> dict[str, JsonValue]:
    """Return the ad that a change of the kind create describes."""
    if not isinstance(row.requested_value, dict):
        raise TypeError(f"The change {row.id} describes no ad.")
    return row.requested_value


def _bidding(platform: AdPlatform) -> TakesBids:
    if not isinstance(platform, TakesBids):
        raise PlatformRefused("This platform sets bids by itself: Kairo cannot change them. Change the budget instead.")
    return platform
