"""An account with an ad set on the sandbox platform, and short ways to want changes of it and to carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.graph import GraphAccount
from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN
from kairo.sandbox.ad_market.meta_server import MetaSite, meta_server
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    ChangeDraft,
    ChangeHistoryDTO,
    ChangeSource,
    ChangeType,
    HistoryEvent,
)
from kairo.stages.ads.contracts.platforms import EntityType, PlatformName

ANA = "user:ana"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SURE: dict[str, Any] = {"execution": True, "jitter_min_s": 0, "jitter_max_s": 0, "fuzzy_share": 0}
"""Bounds within which a test can foretell every value and moment."""


class LoggedAccount(GraphAccount):
    """A sandbox account that remembers what was carried out: (when, entity, what was sent)."""

    def post(self, path: Any, sent: Mapping[str, str]) -> dict[str, Any]:
        told = super().post(path, sent)
        self.__dict__.setdefault("carried_out", []).append((self.market.now, path[0], dict(sent)))
        return told

    @property
    def log(self) -> list[tuple[datetime, str, dict[str, str]]]:
        return list(self.__dict__.get("carried_out", []))


@dataclass
class AdDesk:
    """A tenant's desk for changes. `at` is its clock, which only `later` moves; the platform's goes with it."""

    tenant: UUID
    stack: ExitStack
    currency: str = "EUR"
    budget: int = 10_000
    at: datetime = NOON
    account_id: str = "901"
    settings: dict[str, Any] = field(default_factory=lambda: dict(SURE))

    def __post_init__(self) -> None:
        params = Params(timezone="Europe/Berlin", currency=self.currency)
        self.market = AdMarket(1, self.at, params, account_id=self.account_id)
        campaign = self.market.make(CAMPAIGN, "Spring", status=ACTIVE)
        self.campaign = campaign.entity_id
        self.ad_set = self.market.make(
            AD_SET, "Set", parent_id=self.campaign, status=ACTIVE, daily_budget=self.budget
        ).entity_id
        self.ad = self.market.make(
            AD, "First", parent_id=self.ad_set, status=ACTIVE, text="Leaves", link_url="https://example.com"
        ).entity_id
        self.graph = LoggedAccount(self.market, token="token-1")
        self.site = MetaSite([self.graph])
        address = self.stack.enter_context(meta_server(self.site))
        self.connect(address)
        self.bound(**self.settings)

    def connect(self, address: str) -> None:
        connection = AccountConnection(
            account_id=self.account_id,
            platform=PlatformName.SANDBOX,
            currency=self.currency,
            timezone="Europe/Berlin",
            access_token="token-1",
        )
        campaign = {"campaign_id": self.campaign, "platform": "sandbox"}
        ad = {"ad_id": self.ad, "ad_set_id": self.ad_set, "campaign_id": self.campaign, "platform": "sandbox"}
        with tenant_transaction(self.tenant):
            operations.connect_account(connection=connection, at=self.at, base_url=address)
            operations.record_campaigns(records=[campaign], at=self.at)
            operations.record_ads(records=[ad], at=self.at)

    def bound(self, **settings: Any) -> None:
        """Set the bounds: those named, and what makes a test foreseeable."""
        with tenant_transaction(self.tenant):
            operations.set_safety_settings(
                settings=AdSafetySettings(**{**SURE, **settings}), by=ANA, role=Role.OWNER, at=self.at
            )

    def want(self, change_type: ChangeType = ChangeType.BUDGET, **values: Any) -> AdChangeDTO:
        """Propose a change of the ad set, or of what is named."""
        given = {"ad_entity_type": EntityType.AD_SET, "ad_entity_id": self.ad_set, "reason": "It pays.", **values}
        source = given.pop("source", ChangeSource.PERSON)
        draft = ChangeDraft(change_type=change_type, **given)
        with tenant_transaction(self.tenant):
            return operations.propose_change(draft=draft, source=source, by=ANA, at=self.at)[0]

    def approve(self, change: AdChangeDTO) -> AdChangeDTO:
        with tenant_transaction(self.tenant):
            return operations.approve_change(change_id=change.id, by=ANA, role=Role.EDITOR, at=self.at)

    def approved(self, requested_value: int, **values: Any) -> AdChangeDTO:
        """Propose and approve a budget."""
        return self.approve(self.want(requested_value=requested_value, **values))

    def roll_back(self, change: AdChangeDTO) -> AdChangeDTO:
        with tenant_transaction(self.tenant):
            return operations.roll_back_change(
                change_id=change.id, reason="It did not pay.", by=ANA, role=Role.EDITOR, at=self.at
            )

    def run(self, **options: Any) -> dict[str, int]:
        """Carry out what is due now, and count what happened."""
        return operations.run_due(tenant_id=self.tenant, worker="test", clock=lambda: self.at, **options).counts

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)
        self.market.now = self.at

    def now_at_platform(self) -> int | None:
        return self.market.entity(self.ad_set).daily_budget

    def change(self, change: AdChangeDTO) -> AdChangeDTO:
        with tenant_transaction(self.tenant):
            return queries.change(change.id)

    def history(self, change: AdChangeDTO | None = None) -> list[ChangeHistoryDTO]:
        """List the history, the oldest first."""
        with tenant_transaction(self.tenant):
            found = queries.change_history(change_id=change.id if change else None, limit=1_000)
        return found[::-1]

    def last(self, change: AdChangeDTO, event: HistoryEvent) -> ChangeHistoryDTO:
        return [line for line in self.history(change) if line.event is event][-1]
