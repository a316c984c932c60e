"""One advertiser's days: ads made and paid through the sandbox's HTTP, traces and deals in, budgets moved safely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar
from uuid import UUID

from pydantic import JsonValue

from kairo.interfaces.cli.loop.records import click_record, deal_record, lead_record
from kairo.platform.database.clock import set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.sandbox.ad_market import AdMarket, Happened
from kairo.sandbox.ad_market.staging import Launch
from kairo.stages.ads import operations as ads
from kairo.stages.ads import queries as ad_queries
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    BudgetWish,
    ChangeDraft,
    ChangeSource,
    ChangeType,
    NewAdsDraft,
)
from kairo.stages.ads.contracts.platforms import EntityType, PlatformName
from kairo.stages.content.contracts import VariantDTO
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.budgets import BudgetMode, Decision, Recommendation, SelectRequest
from kairo.stages.revenue import operations as revenue
from kairo.stages.revenue.contracts.deals import DealsIn

PERSON, OPTIMISER, WORKER = "simulated editor", "optimiser", "simulated worker"
CRM = "sandbox"
STEP = timedelta(hours=12)
"""How often the executor looks: a change may go on when its six hours are over."""
SOON = timedelta(minutes=2)
"""Longer than the jitter of a change that was approved just now."""
LEAST_BUDGET = 5.0
LEAST_MOVE = 0.10
"""A smaller share is not worth a change."""
MOST_RECORDS = 1_000
LINK = "https://fernway.example/offer"
RecordT = TypeVar("RecordT")


@dataclass
class Advertiser:
    """A connected account with its campaign, and what was counted while its days went by."""

    tenant_id: UUID
    market: AdMarket
    total: float
    campaign_id: str
    seed: int
    launches: list[Launch] = field(default_factory=list)
    ad_sets: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    executed: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)

    @classmethod
    def opened(cls, tenant_id: UUID, market: AdMarket, *, address: str, token: str, total: float) -> Advertiser:
        """Connect the account, switch execution on, and make a campaign on the platform."""
        connection = AccountConnection(
            account_id=market.account_id,
            platform=PlatformName.SANDBOX,
            currency=market.params.currency,
            timezone=market.params.timezone,
            access_token=token,
        )
        settings = AdSafetySettings(execution=True, auto_approve_limit=Decimal(10_000))
        set_clock(market.now)
        with tenant_transaction(tenant_id):
            ads.connect_account(connection=connection, at=market.now, base_url=address)
            ads.set_safety_settings(settings=settings, by=PERSON, role=Role.OWNER, at=market.now)
            platform = ads.platform_of_account(account_id=market.account_id)
        campaign_id = platform.create_campaign(name="Loop", objective="OUTCOME_LEADS")
        return cls(tenant_id, market, total, campaign_id, market.seed)

    def launch(self, variants: Sequence[VariantDTO], *, day: int) -> int:
        """Make an ad of each variant in an ad set of its own, let it run, and return how many were made."""
        if not variants:
            return 0
        share = self.total / (len(variants) if not self.ad_sets else 4 * len(variants))
        fresh = {variant.id: self._ad_set(variant, share) for variant in variants}
        ads.pull_stats(tenant_id=self.tenant_id, at=self.market.now, days=1)
        at = self.market.now
        for variant_id, ad_set_id in fresh.items():
            draft = NewAdsDraft(
                variant_ids=[variant_id], ad_set_id=ad_set_id, link_url=LINK, account_id=self.market.account_id
            )
            with tenant_transaction(self.tenant_id):
                proposed = ads.propose_ads(draft=draft, source=ChangeSource.PERSON, by=PERSON, at=at)
                self._approve(proposed.changes, at=at)
        self.carry_out()
        made = self._made(fresh)
        self._resume(made)
        self.carry_out()
        for ad_id in made:
            ad = self.market.entity(ad_id)
            audience = self.market.entity(ad.parent_id or "").audience
            self.ad_sets[ad_id] = ad.parent_id or ""
            self.launches.append(Launch(day, ad.name, ad.text, audience.name if audience else ""))
        return len(made)

    def pass_day(self) -> None:
        """Let a day pass: the market lives, traces and deals come in, what waits is carried out, figures are pulled."""
        end = self.market.now + timedelta(days=1)
        while self.market.now < end:
            self._take(self.market.advance(self.market.now + STEP))
            set_clock(self.market.now)
            self.carry_out()
        report = ads.pull_stats(tenant_id=self.tenant_id, at=self.market.now)
        self.counts["figures"] += sum(one.stats for one in report.accounts)
        self.counts["pulls that failed"] += sum(one.error is not None for one in report.accounts)

    def share_budgets(self) -> None:
        """Have the money shared anew; what is worth a change is proposed, approved by its limit and carried out."""
        at = self.market.now
        request = SelectRequest(
            campaign_id=self.campaign_id, total_budget=self.total, mode=BudgetMode.PIPELINE, seed=self.seed
        )
        with tenant_transaction(self.tenant_id):
            selection = learning.select_budgets(request=request, at=at)
        wishes = list(self._wishes(selection.recommendations))
        with tenant_transaction(self.tenant_id):
            proposed = ads.propose_budgets(wishes=wishes, by=OPTIMISER, at=at)
        self.counts["changes proposed"] += len(proposed.changes)
        self.counts["changes left out"] += len(proposed.left_out)
        self.carry_out()

    def carry_out(self) -> None:
        """Run what is due a moment after now; the market's own clock stays where it is."""
        set_clock(self.market.now + SOON)
        report = ads.run_due(tenant_id=self.tenant_id, worker=WORKER)
        self.executed.update(report.counts)

    def learn(self) -> dict[str, JsonValue]:
        """Let everything be learned that comes round by the clock: weights, stages, winners, what ads teach boards."""
        at = self.market.now
        with tenant_transaction(self.tenant_id):
            revenue.learn_stages(at=at)
            revenue.learn_weights(until=at, at=at)
            winners = learning.find_winners(at=at)
            brands = learning.note_ad_results(at=at)
            for brand_id in brands:
                learning.update_effects(brand_id=brand_id, at=at)
        return {"at": at.date().isoformat(), **winners.model_dump(mode="json")}

    def close(self) -> None:
        """Switch the account off: its platform ends with the command."""
        connection = AccountConnection(
            account_id=self.market.account_id,
            platform=PlatformName.SANDBOX,
            currency=self.market.params.currency,
            timezone=self.market.params.timezone,
            is_active=False,
        )
        with tenant_transaction(self.tenant_id):
            ads.connect_account(connection=connection, at=self.market.now)

    def _ad_set(self, variant: VariantDTO, budget: float) -> str:
        with tenant_transaction(self.tenant_id):
            platform = ads.platform_of_account(account_id=self.market.account_id)
        name = f"{variant.title or variant.channel.value} ({len(self.ad_sets) + 1})"
        return platform.create_ad_set(campaign_id=self.campaign_id, name=name, daily_budget=round(budget * 100))

    def _made(self, fresh: dict[UUID, str]) -> list[str]:
        with tenant_transaction(self.tenant_id):
            return [ad.ad_id for variant_id in fresh for ad in ad_queries.ads_of_variant(variant_id)]

    def _resume(self, ad_ids: Iterable[str]) -> None:
        at = self.market.now + SOON
        drafts = [
            ChangeDraft(
                ad_entity_type=EntityType.AD, ad_entity_id=ad_id, change_type=ChangeType.RESUME, reason="It begins."
            )
            for ad_id in ad_ids
        ]
        with tenant_transaction(self.tenant_id):
            proposed = ads.propose_changes(drafts=drafts, source=ChangeSource.PERSON, by=PERSON, at=self.market.now)
            self._approve(proposed.changes, at=at - SOON)

    def _approve(self, changes: Iterable[AdChangeDTO], *, at: datetime) -> None:
        for change in changes:
            ads.approve_change(change_id=change.id, by=PERSON, role=Role.OWNER, at=at)

    def _wishes(self, recommendations: Iterable[Recommendation]) -> Iterator[BudgetWish]:
        for one in recommendations:
            self.decided[one.decision.value] += 1
            ad = self.market.entities.get(one.ad_id)
            if ad is None or not self.market.is_delivering(ad):
                continue
            current = (self.market.entity(self.ad_sets[one.ad_id]).daily_budget or 0) / 100
            wanted = max(one.recommended_budget, LEAST_BUDGET)
            is_kill = one.decision is Decision.KILL
            if is_kill or abs(wanted - current) >= LEAST_MOVE * current:
                yield BudgetWish(
                    ad_id=one.ad_id,
                    current_budget=Decimal(str(round(current, 2))),
                    recommended_budget=Decimal(str(round(wanted, 2))),
                    reason=one.reason,
                    pause=is_kill,
                )

    def _take(self, happened: Happened) -> None:
        """Send what came about where it would come in: clicks and leads to tracking, deals to the CRM's door."""
        at, currency = self.market.now, self.market.params.currency
        seen = [click_record(click) for click in happened.clicks if click.visit is not None]
        self.counts["clicks"] += len(happened.clicks)
        self.counts["clicks tracked"] += len(seen)
        self.counts["leads of ads"] += sum(lead.ad_id is not None for lead in happened.leads)
        for part in _parts(seen):
            with tenant_transaction(self.tenant_id):
                revenue.track_clicks(records=part, at=at)
        for part in _parts([lead_record(lead, currency=currency) for lead in happened.leads]):
            with tenant_transaction(self.tenant_id):
                answers = revenue.attribute_conversions(records=part, at=at)
            self.counts["leads"] += len(part)
            self.counts["leads attributed"] += sum(getattr(one, "attributed", False) for one in answers.results)
        changed = {deal.deal_id: deal for deal in happened.deals}
        for deals in _parts([deal_record(deal, until=at, currency=currency) for deal in changed.values()]):
            with tenant_transaction(self.tenant_id):
                taken = revenue.ingest_deals(sent=DealsIn(source=CRM, deals=deals), at=at)
            self.counts["deals"] += taken.ingested
            self.counts["deals refused"] += len(taken.errors)


def _parts(found: Iterable[RecordT]) -> Iterator[list[RecordT]]:
    walk = iter(found)
    while part := list(islice(walk, MOST_RECORDS)):
        yield part
