"""Meta's ads by its official client, whose global state is left alone: every account has a client of its own.

The token travels as a header: in the address, where the client would put it, it comes into logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from kairo.stages.ads.contracts.accounts import AccountFacts, MetaMissing, PlatformAd, PlatformAdSet
from kairo.stages.ads.contracts.platforms import (
    EntityState,
    EntityStatus,
    EntityType,
    OutcomeUnknown,
    PlatformAway,
    PlatformRefused,
    PlatformThrottled,
    PlatformUsage,
    UnableToAskPlatform,
)
from kairo.stages.ads.contracts.stats import AdStatDTO, Granularity
from kairo.stages.ads.rules.meta_answers import THROTTLING, UNSURE, stat_of, status_of, usage_of, wait_after

API_VERSION = "v26.0"
GRAPH = "https://graph.facebook.com"
TIMEOUT_S = (5.0, 30.0)
AWAY_S = 60.0
PAGE = 500
SPAN = {Granularity.DAY: timedelta(days=30), Granularity.HOUR: timedelta(days=1)}
"""So many days are asked for at once: Meta breaks off reports that become too large."""
BREAKDOWN = "hourly_stats_aggregated_by_advertiser_time_zone"
FIGURES = "ad_id,impressions,inline_link_clicks,spend,actions,action_values,account_currency"
AD_FIELDS = "id,name,status,adset_id,campaign_id"
AD_SET_FIELDS = "id,name,campaign{id,name,status,objective}"


def graph_client(access_token: str, *, base_url: str | None = None) -> Any:
    """Make Meta's client for one token; `base_url` leads elsewhere than to Meta.

    Raises:
        MetaMissing: the client is not installed.
    """
    try:
        from facebook_business.api import FacebookAdsApi
        from facebook_business.session import FacebookSession
    except ImportError as error:
        raise MetaMissing("Asking Meta needs its client: pip install 'kairo[meta]'.") from error
    session = FacebookSession(access_token=access_token, timeout=TIMEOUT_S)
    session.GRAPH = (base_url or GRAPH).rstrip("/")
    session.requests.params.clear()
    session.requests.headers["Authorization"] = f"Bearer {access_token}"
    session.requests.max_redirects = 0
    return FacebookAdsApi(session, api_version=API_VERSION)


@dataclass
class MetaAccount:
    """One ad account of Meta, or of a server in its shape. `account_id` may lack its act_."""

    client: Any
    account_id: str
    currency: str
    timezone: str
    page_size: int = PAGE
    _usage: PlatformUsage = field(default_factory=PlatformUsage)

    @property
    def usage(self) -> PlatformUsage:
        return self._usage

    @property
    def node(self) -> str:
        return self.account_id if self.account_id.startswith("act_") else f"act_{self.account_id}"

    def facts(self) -> AccountFacts:
        """Tell what Meta says of the account; needs a token that may read it."""
        told = self._ask(self.node, fields="account_id,name,currency,timezone_name")
        currency, timezone = told.get("currency"), told.get("timezone_name")
        if not currency or not timezone:
            raise PlatformRefused("Meta does not tell the account's currency and time zone: the token needs ads_read.")
        name = str(told.get("name") or "")
        return AccountFacts(account_id=self.account_id, name=name, currency=str(currency), timezone=str(timezone))

    def ads(self) -> Iterator[PlatformAd]:
        """Yield the account's ads."""
        for row in self._pages(self.node, "ads", fields=AD_FIELDS):
            yield PlatformAd(
                ad_id=str(row["id"]),
                name=str(row.get("name") or ""),
                status=str(row.get("status") or "").lower(),
                ad_set_id=str(row.get("adset_id") or ""),
                campaign_id=str(row.get("campaign_id") or ""),
            )

    def ad_sets(self) -> Iterator[PlatformAdSet]:
        """Yield the account's ad sets, those without ads too."""
        for row in self._pages(self.node, "adsets", fields=AD_SET_FIELDS):
            campaign = row.get("campaign") or {}
            yield PlatformAdSet(
                ad_set_id=str(row["id"]),
                name=str(row.get("name") or ""),
                campaign_id=str(campaign.get("id") or ""),
                campaign_name=str(campaign.get("name") or ""),
                campaign_status=str(campaign.get("status") or "").lower(),
                objective=str(campaign.get("objective") or ""),
            )

    def read(self, entity_type: EntityType, entity_id: str) -> EntityState:
        """Tell how something stands now."""
        fields = "id,status" if entity_type is EntityType.AD else "id,status,daily_budget"
        told = self._ask(entity_id, fields=fields)
        budget = told.get("daily_budget")
        return EntityState(
            entity_type=entity_type,
            entity_id=entity_id,
            status=status_of(told.get("status")),
            daily_budget=int(str(budget)) if budget and str(budget) != "0" else None,
            currency=self.currency,
        )

    def set_daily_budget(
        self, entity_type: EntityType, entity_id: str, *, daily_budget: int
    ) -> Mapping[str, JsonValue]:
        """Set a daily budget, in the currency's smallest units; return Meta's answer."""
        if entity_type is EntityType.AD:
            raise PlatformRefused("At Meta an ad has no budget of its own: change that of its ad set.")
        return self._change(entity_id, daily_budget=daily_budget)

    def set_status(self, entity_type: EntityType, entity_id: str, *, status: EntityStatus) -> Mapping[str, JsonValue]:
        """Pause something or let it run; return Meta's answer."""
        words = {EntityStatus.ACTIVE: "ACTIVE", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "ARCHIVED"}
        return self._change(entity_id, status=words[status])

    def bid(self, entity_type: EntityType, entity_id: str) -> int | None:
        """Tell the bid cap of an ad set, in smallest units; None: Meta bids by itself."""
        if entity_type is not EntityType.AD_SET:
            raise PlatformRefused("At Meta only an ad set has a bid.")
        cap = self._ask(entity_id, fields="id,bid_amount").get("bid_amount")
        return int(str(cap)) if cap else None

    def set_bid(self, entity_type: EntityType, entity_id: str, *, bid: int) -> Mapping[str, JsonValue]:
        """Set the bid cap of an ad set; return Meta's answer."""
        if entity_type is not EntityType.AD_SET:
            raise PlatformRefused("At Meta only an ad set has a bid.")
        return self._change(entity_id, bid_amount=bid)

    def create_campaign(self, *, name: str, objective: str) -> str:
        """Make a running campaign without a budget of its own and return its id."""
        made = self._change(
            self.node, "campaigns", name=name, objective=objective, status="ACTIVE", special_ad_categories=[]
        )
        return str(made["id"])

    def create_ad_set(self, *, campaign_id: str, name: str, daily_budget: int) -> str:
        """Make a running ad set that is optimised for link clicks, with a budget in smallest units; return its id."""
        made = self._change(
            self.node,
            "adsets",
            name=name,
            campaign_id=campaign_id,
            daily_budget=daily_budget,
            billing_event="IMPRESSIONS",
            optimization_goal="LINK_CLICKS",
            bid_strategy="LOWEST_COST_WITHOUT_CAP",
            status="ACTIVE",
        )
        return str(made["id"])

    def create_ad(self, *, ad_set_id: str, name: str, creative: Mapping[str, JsonValue]) -> str:
        """Make a paused ad and return its id; the page that it speaks for is the creative's or the account's first."""
        link = {"name": creative.get("title"), "message": creative.get("body"), "link": creative.get("link_url")}
        link["image_hash"] = creative.get("image_hash")
        story = {
            "page_id": str(creative.get("page_id") or self._first_page()),
            "link_data": {key: value for key, value in link.items() if value},
        }
        made = self._change(
            self.node, "ads", name=name, adset_id=ad_set_id, status="PAUSED", creative={"object_story_spec": story}
        )
        if not made.get("id"):
            raise OutcomeUnknown("Meta answered without the new ad's id: look for it by its name.")
        return str(made["id"])

    def ads_named(self, name: str) -> list[str]:
        """List the ids of the ads with just this name."""
        wanted = [{"field": "name", "operator": "CONTAIN", "value": name}]
        found = self._pages(self.node, "ads", fields="id,name", filtering=wanted)
        return [str(row["id"]) for row in found if row.get("name") == name]

    def stats(self, *, since: date, until: date, granularity: Granularity) -> Iterator[AdStatDTO]:
        """Yield the figures of all ads from the first to the last day, both included, in the account's time zone."""
        zone, step = ZoneInfo(self.timezone), SPAN[granularity]
        hourly = {"breakdowns": [BREAKDOWN]} if granularity is Granularity.HOUR else {}
        while since <= until:
            last = min(since + step - timedelta(days=1), until)
            span = {"since": since.isoformat(), "until": last.isoformat()}
            asked = {"level": "ad", "fields": FIGURES, "time_range": span, "time_increment": 1, **hourly}
            for row in self._pages(self.node, "insights", **asked):
                yield stat_of(row, zone=zone, granularity=granularity, currency=self.currency)
            since = last + timedelta(days=1)

    def _first_page(self) -> str:
        page = next(self._pages(self.node, "promote_pages", fields="id"), None)
        if page is None:
            raise PlatformRefused("The account may not speak for any page: name a page_id, or share one with it.")
        return str(page["id"])

    def _pages(self, *path: str, **params: Any) -> Iterator[Mapping[str, Any]]:
        after: dict[str, str] = {}
        while True:
            told = self._ask(*path, limit=self.page_size, **params, **after)
            yield from told.get("data") or ()
            paging = told.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            if not paging.get("next") or not cursor or cursor == after.get("after"):
                return
            after = {"after": cursor}

    def _ask(self, *path: str, **params: Any) -> Mapping[str, Any]:
        return self._call("GET", path, params)

    def _change(self, *path: str, **params: Any) -> Mapping[str, JsonValue]:
        return self._call("POST", path, params)

    def _call(self, method: str, path: tuple[str, ...], params: Mapping[str, Any]) -> Mapping[str, Any]:
        from facebook_business.exceptions import FacebookRequestError
        from requests.exceptions import RequestException

        changes = method == "POST"
        try:
            answer = self.client.call(method, path, params=dict(params))
        except FacebookRequestError as error:
            self._note(error.http_headers())
            raise self._failure(error, changes=changes) from error
        except RequestException as error:
            raise _lost(changes=changes and not _never_sent(error)) from error
        except (TypeError, ValueError, AttributeError) as error:
            # The client stumbles over a gateway's page in the place of JSON.
            raise _lost(changes=changes) from error
        self._note(answer.headers())
        told = answer.json()
        if not isinstance(told, dict):
            raise _lost(changes=changes)
        return told

    def _note(self, headers: Mapping[str, str] | None) -> None:
        told = usage_of(dict(headers or {}))
        if told is not None:
            self._usage = told

    def _failure(self, error: Any, *, changes: bool) -> UnableToAskPlatform:
        code, subcode = error.api_error_code(), error.api_error_subcode()
        told = error.body().get("error", {}) if isinstance(error.body(), dict) else {}
        message = str(told.get("error_user_msg") or error.api_error_message() or "no reason given")
        if code in THROTTLING:
            wait_s = wait_after(subcode, usage_of(dict(error.http_headers() or {})))
            return PlatformThrottled(f"Meta asks to wait ({code}): {message}", after_s=wait_s)
        if code is None or code in UNSURE or int(error.http_status() or 0) >= 500:
            return _lost(changes=changes)
        where = f"{code}, {subcode}" if subcode else str(code)
        return PlatformRefused(f"Meta refused ({where}): {message}")


def _lost(*, changes: bool) -> UnableToAskPlatform:
    if changes:
        return OutcomeUnknown("Meta did not answer a change that was sent: read back whether it was carried out.")
    return PlatformAway("Meta does not answer. Ask again later.", after_s=AWAY_S)


def _never_sent(error: Exception) -> bool:
    """Tell whether no connection came about, so that nothing can have been carried out."""
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, ConnectTimeout) or isinstance(reason, NewConnectionError)
