"""A served market: the ad platform and the CRM over HTTP, and whoever clicks posted to a Kairo that runs elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from pydantic import JsonValue

from kairo.interfaces.cli.loop.records import click_record, lead_record
from kairo.interfaces.cli.output import errors
from kairo.platform.database.clock import now
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.faults import Faults
from kairo.sandbox.ad_market.graph import GraphAccount
from kairo.sandbox.ad_market.hubspot_server import TOKEN as CRM_TOKEN
from kairo.sandbox.ad_market.hubspot_server import Portal, hubspot_server, portal_of, show
from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN
from kairo.sandbox.ad_market.meta_server import MetaSite, meta_server
from kairo.sandbox.ad_market.staging import invented_launches

BUDGET = 8_000
MOST_RECORDS = 1_000
TIMEOUT_S = 30.0


@dataclass
class Served:
    """A market that lives while its servers run."""

    market: AdMarket
    account: GraphAccount
    portal: Portal
    addresses: tuple[str, str]
    kairo_url: str | None = None
    kairo_token: str = ""
    _told_once: set[str] = field(default_factory=set)

    @classmethod
    def opened(
        cls, stack: ExitStack, *, seed: int, ads: int, ports: tuple[int, int], fault_rate: float,
        kairo: tuple[str | None, str],
    ) -> Served:  # fmt: skip
        """Make a market with ads that run, and serve it until the stack is closed."""
        start = now().replace(minute=0, second=0, microsecond=0)
        market = AdMarket(seed, start, Params())
        campaign = market.make(CAMPAIGN, "Sandbox campaign", status=ACTIVE)
        for launch in invented_launches(ads, days=1, audiences=[one.name for one in market.params.audiences]):
            ad_set = market.make(
                AD_SET, launch.name, parent_id=campaign.entity_id, status=ACTIVE, daily_budget=BUDGET,
                audience=launch.audience,
            )  # fmt: skip
            market.make(AD, launch.name, parent_id=ad_set.entity_id, status=ACTIVE, text=launch.text)
        account, portal = GraphAccount(market), portal_of(market.params, at=start)
        site = MetaSite([account], Faults(rate=fault_rate, seed=seed))
        addresses = (
            stack.enter_context(meta_server(site, port=ports[0])),
            stack.enter_context(hubspot_server(portal, port=ports[1])),
        )
        return cls(market, account, portal, addresses, *kairo)

    def lines(self) -> list[str]:
        """Return what to do with the servers."""
        platform, crm = self.addresses
        return [
            f"Ad platform {platform}, account {self.market.account_id}, token {self.account.token}",
            f"  KAIRO_AD_ACCESS_TOKEN={self.account.token} kairo ads accounts connect {self.market.account_id}"
            f" --tenant TENANT --platform sandbox --base-url {platform}",
            f"CRM {crm}, token {CRM_TOKEN}: KAIRO_HUBSPOT_API_URL={crm} kairo crm sync --tenant TENANT",
            f"Clicks and leads go to {self.kairo_url or 'nobody: give --kairo-url and --kairo-token'}.",
        ]

    def live_until(self, at: datetime) -> None:
        """Let time pass up to a moment and send on what came about."""
        happened = self.market.advance(at)
        with self.portal.lock:
            self.portal.at = max(self.portal.at + timedelta(seconds=1), self.market.now)
            for deal in happened.deals:
                show(self.portal, deal, until=self.market.now)
        if self.kairo_url is None:
            return
        clicks = [click_record(one) for one in happened.clicks if one.visit is not None]
        leads = [lead_record(one, currency=self.market.params.currency) for one in happened.leads]
        self._post("track-clicks", "clicks", clicks)
        self._post("attribute-conversions", "conversions", leads)

    def _post(self, what: str, name: str, records: Sequence[dict[str, JsonValue]]) -> None:
        for part in _parts(records):
            try:
                answer = httpx.post(
                    f"{self.kairo_url}/api/ml/attribution/{what}", json={name: part}, timeout=TIMEOUT_S,
                    headers={"Authorization": f"Bearer {self.kairo_token}"},
                )  # fmt: skip
                problem = None if answer.is_success else f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                problem = str(error)
            if problem is not None and problem not in self._told_once:
                self._told_once.add(problem)
                errors.print(f"{what}: {problem}", markup=False)


def _parts(records: Sequence[dict[str, JsonValue]]) -> Iterable[Sequence[dict[str, JsonValue]]]:
    return (records[place : place + MOST_RECORDS] for place in range(0, len(records), MOST_RECORDS))
