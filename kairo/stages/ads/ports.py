"""What ads are run through: a platform that tells how its entities stand and takes changes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from kairo.stages.ads.contracts.platforms import EntityState, EntityStatus, EntityType, PlatformUsage
from kairo.stages.ads.contracts.stats import AdStatDTO, Granularity


class AdPlatform(Protocol):
    """One account of an ad platform. Each call raises PlatformThrottled, PlatformRefused or OutcomeUnknown."""

    @property
    def usage(self) -> PlatformUsage:
        """What the headers of the last answer said."""

    def read(self, entity_type: EntityType, entity_id: str) -> EntityState:
        """Tell how something stands now."""

    def set_daily_budget(
        self, entity_type: EntityType, entity_id: str, *, daily_budget: int
    ) -> Mapping[str, JsonValue]:
        """Set a daily budget, in the currency's smallest units; return the platform's answer."""

    def set_status(self, entity_type: EntityType, entity_id: str, *, status: EntityStatus) -> Mapping[str, JsonValue]:
        """Pause something or let it run; return the platform's answer."""

    def create_ad(self, *, ad_set_id: str, name: str, creative: Mapping[str, JsonValue]) -> str:
        """Make a paused ad and return its id. `creative` has title, body, link_url and, where there is one, image_hash.

        The name is unique in the account: `ads_named` finds what an unanswered call has made.
        """

    def ads_named(self, name: str) -> list[str]:
        """List the ids of the ads with just this name."""

    def stats(self, *, since: date, until: date, granularity: Granularity) -> Iterator[AdStatDTO]:
        """Yield the figures of all ads from the first to the last day, both included, in the account's time zone."""


@runtime_checkable
class TakesBids(Protocol):
    """A platform that also lets bids be set; one that does not is told so where a bid is to be changed."""

    def bid(self, entity_type: EntityType, entity_id: str) -> int | None:
        """Tell the bid cap, in the currency's smallest units; None: the platform bids by itself."""

    def set_bid(self, entity_type: EntityType, entity_id: str, *, bid: int) -> Mapping[str, JsonValue]:
        """Set the bid cap; return the platform's answer."""
