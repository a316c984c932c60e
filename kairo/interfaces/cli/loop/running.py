"""Running the loop and saying what came of it, beside what others would have made of the same market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

from pydantic import JsonValue

from kairo.interfaces.cli.loop.days import Advertiser
from kairo.interfaces.cli.loop.texts import Desk
from kairo.platform.database.clock import release_clock, set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.graph import GraphAccount
from kairo.sandbox.ad_market.meta_server import MetaSite, meta_server
from kairo.sandbox.ad_market.observing import Standing
from kairo.sandbox.ad_market.policies import Budgets, PlainRules, best_split, equal_split
from kairo.sandbox.ad_market.staging import Decide, Launch, Played, play, result
from kairo.shapes import Frozen
from kairo.stages.learning import queries as learning
from kairo.stages.opportunities.contracts import TodayBoardDTO
from kairo.stages.revenue import queries as revenue

TOKEN = "sandbox-token"  # noqa: S105
BOARD_EVERY_DAYS = 14
LEARN_EVERY_DAYS = 7
FIRST_ADS, LATER_ADS = 6, 3
Told = Callable[[str], None]


class PolicyResult(Frozen):
    """What a policy made of the market, in the account's currency. `profit` is by the truth, not by what was drawn."""

    policy: str
    spend: float
    expected_value: float
    profit: float
    won: float
    clicks: int
    leads: int


class LearnedLine(Frozen):
    """What ads and decisions have taught about one thing that opportunities have in common."""

    dimension: str
    name: str
    effect: float


class LoopReport(Frozen):
    """What came of the loop. `credited_right` is the share of deals with an ad whose ad is the true one."""

    tenant: str
    seed: int
    start: datetime
    days: int
    budget_a_day: float
    currency: str
    policies: list[PolicyResult]
    against_equal: float
    against_rules: float
    posts: int
    boards: int
    ads: int
    counts: dict[str, int]
    executed: dict[str, int]
    decisions: dict[str, int]
    deals_credited: float
    credited_right: float
    winners: list[dict[str, JsonValue]]
    learned: list[LearnedLine]
    next_board: list[str]
    missing: list[str]


def run_loop(
    *, seed: int, start: datetime, days: int, budget: float, posts_per_day: float, tell: Told = lambda line: None
) -> LoopReport:
    """Live through the loop; called on a virtual clock, which is let go at the end."""
    market = AdMarket(seed, start, Params(), name=f"Loop {seed}")
    with ExitStack() as stack:
        stack.callback(release_clock)
        set_clock(market.now)
        desk = Desk.opened(seed=seed, start=market.now, days=days, posts_per_day=posts_per_day)
        tell(f"Tenant {desk.tenant_slug}, {days} days from {market.now:%Y-%m-%d}.")
        address = stack.enter_context(meta_server(MetaSite([GraphAccount(market, token=TOKEN)])))
        advertiser = Advertiser.opened(desk.tenant_id, market, address=address, token=TOKEN, total=budget)
        stack.callback(advertiser.close)
        return _Loop(desk, advertiser, days, tell).run()


class _Loop:
    def __init__(self, desk: Desk, advertiser: Advertiser, days: int, tell: Told) -> None:
        self.desk, self.advertiser, self.days, self.tell = desk, advertiser, days, tell
        self.market = advertiser.market
        self.posts = 0
        self.boards: list[TodayBoardDTO] = []
        self.winners: list[dict[str, JsonValue]] = []

    def run(self) -> LoopReport:
        start = self.market.now
        for day in range(self.days):
            if day % BOARD_EVERY_DAYS == 0 and day < self.days - 1:
                self._texts(day)
            if day:
                self.advertiser.share_budgets()
            self.advertiser.pass_day()
            if (day + 1) % LEARN_EVERY_DAYS == 0 or day == self.days - 1:
                self.winners.append(self.advertiser.learn())
        self._look()
        return self._report(start)

    def _texts(self, day: int) -> None:
        board = self._look()
        variants = self.desk.approved(board, most=LATER_ADS if day else FIRST_ADS, at=self.market.now)
        made = self.advertiser.launch(variants, day=day)
        self.tell(f"Day {day}: {len(board.opportunities)} opportunities, {len(variants)} texts, {made} ads.")

    def _look(self) -> TodayBoardDTO:
        self.posts += self.desk.bring_in(self.market.now)
        self.boards.append(self.desk.board(self.market.now))
        return self.boards[-1]

    def _report(self, start: datetime) -> LoopReport:
        advertiser = self.advertiser
        counts = advertiser.counts
        mine = _told("kairo", result(self.market, clicks=counts["clicks"], leads=counts["leads of ads"]))
        others = compared(
            advertiser.launches, seed=self.market.seed, start=start, days=self.days, total=advertiser.total
        )
        credited, right = self._credited()
        return LoopReport(
            tenant=self.desk.tenant_slug,
            seed=self.market.seed,
            start=start,
            days=self.days,
            budget_a_day=advertiser.total,
            currency=self.market.params.currency,
            policies=[mine, *others],
            against_equal=round(mine.profit - others[0].profit, 2),
            against_rules=round(mine.profit - others[1].profit, 2),
            posts=self.posts,
            boards=len(self.boards),
            ads=len(advertiser.launches),
            counts=dict(counts),
            executed=dict(advertiser.executed),
            decisions=dict(advertiser.decided),
            deals_credited=credited,
            credited_right=right,
            winners=self.winners,
            learned=self._learned(),
            next_board=[f"{one.title} ({one.score:.0f})" for one in self.boards[-1].opportunities[:5]],
            missing=[],
        )

    def _credited(self) -> tuple[float, float]:
        """Return which share of the ads' deals has an ad in Kairo, and for which share of those it is the true one."""
        true = {str(deal.deal_id): deal.true_ad_id for deal in self.market.deals.values()}
        with tenant_transaction(self.desk.tenant_id):
            known = {deal.deal_id: ad_id for ad_id in self.advertiser.ad_sets for deal in revenue.deals_of_ad(ad_id)}
        from_ads = [deal_id for deal_id, ad_id in true.items() if ad_id is not None and self._has_come(deal_id)]
        right = sum(true.get(deal_id) == ad_id for deal_id, ad_id in known.items())
        found = sum(deal_id in known for deal_id in from_ads)
        return round(found / max(len(from_ads), 1), 4), round(right / max(len(known), 1), 4)

    def _has_come(self, deal_id: str) -> bool:
        return self.market.deals[int(deal_id)].created_at < self.market.now

    def _learned(self) -> list[LearnedLine]:
        with tenant_transaction(self.desk.tenant_id):
            summary = learning.learning_summary(self.desk.brand_id, at=self.market.now)
        return [
            LearnedLine(dimension=str(one.dimension), name=one.name, effect=round(one.effect, 3))
            for one in summary.effects
        ]


def compared(
    launches: Sequence[Launch], *, seed: int, start: datetime, days: int, total: float, params: Params | None = None
) -> list[PolicyResult]:
    """Return what an equal split, the plain rules and the truth make of a market with the same ads on the same days."""
    rules = PlainRules()

    def split(standings: Sequence[Standing], market: AdMarket) -> Budgets:
        return equal_split(standings, total=total)

    def by_rules(standings: Sequence[Standing], market: AdMarket) -> Budgets:
        return rules.budgets(standings, total=total)

    def by_truth(standings: Sequence[Standing], market: AdMarket) -> Budgets:
        return best_split(market, total=total)

    policies: tuple[tuple[str, Decide], ...] = (
        ("equal split", split), ("plain rules", by_rules), ("who knows the truth", by_truth),
    )  # fmt: skip
    return [
        played_by(name, decide, launches, seed=seed, start=start, days=days, params=params) for name, decide in policies
    ]


def played_by(
    policy: str, decide: Decide, launches: Sequence[Launch], *, seed: int, start: datetime, days: int,
    params: Params | None = None,
) -> PolicyResult:  # fmt: skip
    """Return what a policy makes of a market."""
    return _told(policy, play(launches, decide, seed=seed, start=start, days=days, params=params))


def _told(policy: str, played: Played) -> PolicyResult:
    return PolicyResult(
        policy=policy,
        spend=round(played.spend, 2),
        expected_value=round(played.expected_value, 2),
        profit=round(played.profit, 2),
        won=round(played.won, 2),
        clicks=played.clicks,
        leads=played.leads,
    )


def start_of(days: int, *, at: datetime) -> datetime:
    """Return the start of a loop that ends on the day of a moment."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
