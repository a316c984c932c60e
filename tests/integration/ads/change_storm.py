"""A storm of changes on a virtual clock: random plans, workers that are killed, calls that are lost; and its auditor.

The auditor looks at what the platform has carried out and at the history, and knows nothing of how Kairo decides.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kairo.platform.database.clock import now, set_clock
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.contracts import Role
from kairo.sandbox.ad_market import AdMarket, Params
from kairo.sandbox.ad_market.faults import Faults
from kairo.sandbox.ad_market.graph import GraphAccount, GraphError
from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN
from kairo.sandbox.ad_market.meta_server import MetaSite, meta_server
from kairo.stages.ads import operations
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.changes import AdSafetySettings, ChangeDraft, ChangeSource, ChangeStatus, ChangeType
from kairo.stages.ads.contracts.platforms import EntityType, PlatformName
from kairo.stages.ads.models.changes import AdChangeHistory, PendingAdChange
from kairo.stages.ads.operations.change_history import safety_row
from kairo.stages.ads.operations.proposing import approve_row, store
from kairo.stages.ads.rules.change_states import OPEN
from tests.integration.ads.change_workers import ChangeWorker, Lacking
from tests.virtual_clock import OPTION, virtual_clock

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
ANA = "user:ana"
HOUR = timedelta(hours=1)


class StormClock:
    """The virtual clock, read from the database at every call: the platform's and the workers' are the same."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True, options=OPTION)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            row = self._connection.execute("SELECT kairo_now()").fetchone()
        assert row is not None
        at: datetime = row[0]
        return at.astimezone(UTC)

    def close(self) -> None:
        self._connection.close()


def market_on(clock: StormClock, number: int, params: Params) -> AdMarket:
    """Make a market whose clock cannot be moved but by the storm's."""

    class Clocked(AdMarket):
        @property
        def now(self) -> datetime:
            return clock()

        @now.setter
        def now(self, at: datetime) -> None:
            """The storm moves it."""

    return Clocked(number, START, params, account_id=str(9_000 + number))


@dataclass
class CarriedOut:
    """A change that the platform has made, or has refused for its frequency."""

    at: datetime
    account: str
    entity: str
    sent: Mapping[str, str]
    refused: bool


class WatchedAccount(GraphAccount):
    """A sandbox account that notes every change that reaches it, at the moment when it does."""

    seen: list[CarriedOut]

    def post(self, path: Any, sent: Mapping[str, str]) -> dict[str, Any]:
        at = self.market.now
        try:
            told = super().post(path, sent)
        except GraphError as error:
            if error.code == 613:
                self.seen.append(CarriedOut(at, self.market.account_id, path[0], dict(sent), refused=True))
            raise
        entity = str(told.get("id") or path[0])
        self.seen.append(CarriedOut(at, self.market.account_id, entity, dict(sent), refused=False))
        return told


@dataclass
class Storm:
    """A tenant with several accounts, the plans that were made in it, and the workers that carry them out."""

    tenant: UUID
    url: str
    seed: int
    accounts: int
    sets_each: int
    clock: StormClock
    site: MetaSite = field(default_factory=lambda: MetaSite([]))
    workers: list[ChangeWorker] = field(default_factory=list)
    planned: int = 0
    kills: int = 0
    lease_s: float = 8.0
    lacking: Lacking = "nothing"

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.sets: list[str] = []
        self.ads: list[tuple[str, str]] = []
        self.account_of: dict[str, str] = {}
        self.first_budget: dict[str, int] = {}
        for number in range(1, self.accounts + 1):
            self._open_account(number)

    def _open_account(self, number: int) -> None:
        params = Params(timezone="Europe/Berlin", currency=("EUR", "USD", "JPY")[number % 3])
        market = market_on(self.clock, number, params)
        campaign = market.make(CAMPAIGN, "Spring", status=ACTIVE).entity_id
        graph = WatchedAccount(market, token=f"token-{number}", quota=1_000_000)
        graph.seen = []
        self.site.accounts.append(graph)
        for _ in range(self.sets_each):
            budget = self.dice.randrange(2_000, 80_000)
            ad_set = market.make(AD_SET, "Set", parent_id=campaign, status=ACTIVE, daily_budget=budget).entity_id
            ad = market.make(AD, "Ad", parent_id=ad_set, status=ACTIVE, text="Leaves").entity_id
            self.sets.append(ad_set)
            self.ads.append((ad, ad_set))
            self.first_budget[ad_set] = budget
            self.account_of |= {ad_set: market.account_id, ad: market.account_id}

    def connect(self, address: str) -> None:
        with tenant_transaction(self.tenant):
            for number, graph in enumerate(self.site.accounts, start=1):
                connection = AccountConnection(
                    account_id=graph.market.account_id,
                    platform=PlatformName.SANDBOX,
                    currency=graph.market.params.currency,
                    timezone="Europe/Berlin",
                    access_token=f"token-{number}",
                )
                operations.connect_account(connection=connection, at=START, base_url=address)
            records = [{"ad_id": ad, "ad_set_id": ad_set, "platform": "sandbox"} for ad, ad_set in self.ads]
            operations.record_ads(records=records, at=START)
            operations.set_safety_settings(
                settings=AdSafetySettings(execution=True, expires_after_hours=720), by=ANA, role=Role.OWNER, at=START
            )

    def plan(self, count: int) -> None:
        """Make and approve random plans for what has none that is open: budgets, pauses, new ads, rollbacks."""
        at = now()
        with tenant_transaction(self.tenant):
            busy = set(PendingAdChange.objects.filter(status__in=OPEN).values_list("ad_entity_id", flat=True))
            settings = safety_row(at=at).to_contract()
            done = list(
                PendingAdChange.objects.filter(
                    status=ChangeStatus.DONE, change_type=ChangeType.BUDGET, settled_value__isnull=False
                ).order_by("-id")[:50]
            )
            free = [one for one in [*self.sets, *(ad for ad, _ in self.ads)] if one not in busy]
            self.dice.shuffle(free)
            for entity in free[:count]:
                self._plan_one(entity, at=at)
            for ad_set in self.sets[: max(1, count // 40)] if count else []:
                self._plan_ad(ad_set, settings, at=at)
            for row in done:
                if self.dice.random() < 0.03 and row.ad_entity_id not in busy:
                    self._take_back(row, at=at)

    def _plan_one(self, entity: str, *, at: datetime) -> None:
        if entity in self.first_budget:
            market = next(one.market for one in self.site.accounts if one.market.account_id == self.account_of[entity])
            budget = market.entity(entity).daily_budget or 1
            wanted = max(200, round(budget * self.dice.uniform(0.4, 1.6)))
            given: dict[str, Any] = {"change_type": ChangeType.BUDGET, "requested_value": wanted}
            kind = EntityType.AD_SET
        else:
            given = {"change_type": self.dice.choice([ChangeType.PAUSE, ChangeType.RESUME])}
            kind = EntityType.AD
        draft = ChangeDraft(
            ad_entity_type=kind, ad_entity_id=entity, reason="A plan.", account_id=self.account_of[entity], **given
        )
        change, _ = operations.propose_change(draft=draft, source=ChangeSource.PERSON, by=ANA, at=at)
        operations.approve_change(change_id=change.id, by=ANA, role=Role.EDITOR, at=at)
        self.planned += 1

    def _plan_ad(self, ad_set: str, settings: AdSafetySettings, *, at: datetime) -> None:
        change_id = new_id()
        ad = {
            "name": f"New [{change_id}]", "ad_set_id": ad_set, "variant_id": None, "package_id": None,
            "title": "New", "body": "Leaves", "link_url": "https://example.com", "image_hash": None,
        }  # fmt: skip
        row = PendingAdChange(
            id=change_id, account_id=self.account_of[ad_set], ad_entity_type=EntityType.AD,
            ad_entity_id=f"{ad_set}/{change_id}", change_type=ChangeType.CREATE, requested_value=ad, currency="EUR",
            reason="A plan.", source=ChangeSource.PERSON, proposed_by=ANA,
        )  # fmt: skip
        store(row, settings, at=at)
        approve_row(row, settings, by=ANA, at=at)
        self.planned += 1

    def _take_back(self, row: PendingAdChange, *, at: datetime) -> None:
        open_one = PendingAdChange.objects.filter(ad_entity_id=row.ad_entity_id, status__in=OPEN).exists()
        if not open_one:
            operations.roll_back_change(change_id=row.id, reason="A plan.", by=ANA, role=Role.EDITOR, at=at)
            self.planned += 1

    def start(self, workers: int) -> None:
        self.workers = [self._worker(number) for number in range(workers)]

    def _worker(self, number: int) -> ChangeWorker:
        database = str(conninfo_to_dict(self.url)["dbname"])
        return ChangeWorker(
            database, self.tenant, name=f"worker-{number}-{self.kills}", lease_s=self.lease_s, lacking=self.lacking
        )

    def kill_one(self) -> None:
        """Kill a worker, wherever it is, and start another."""
        number = self.dice.randrange(len(self.workers))
        self.workers[number].kill()
        self.kills += 1
        self.workers[number] = self._worker(number)

    def move_on(self) -> bool:
        """Move the clock to what is due next, if nothing is due now; False: nothing is open any more."""
        with tenant_transaction(self.tenant):
            [[open_ones, waiting, due_next]] = rows(_NEXT_DUE)
        if open_ones and waiting is not None and not waiting and due_next is not None:
            # Several become due at once, so that workers meet.
            set_clock(due_next + timedelta(seconds=self.dice.uniform(0, 240)))
        return bool(open_ones)

    def progress(self) -> tuple[int, int]:
        """Return how many lines the history has, and how many changes are open."""
        with tenant_transaction(self.tenant):
            return AdChangeHistory.objects.count(), PendingAdChange.objects.filter(status__in=OPEN).count()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.workers = []


_NEXT_DUE = """
SELECT count(*) FILTER (WHERE status IN ('approved', 'claimed', 'executing')),
       count(*) FILTER (WHERE not_before <= kairo_now() AND (status = 'approved' OR claimed_by IS NULL)),
       min(not_before) FILTER (WHERE not_before > kairo_now() AND (status = 'approved' OR claimed_by IS NULL))
FROM pending_ad_changes WHERE status IN ('approved', 'claimed', 'executing')
"""


@contextmanager
def storm_of(
    tenant: UUID,
    url: str,
    *,
    seed: int,
    accounts: int,
    sets_each: int,
    fault_rate: float,
    lacking: Lacking = "nothing",
) -> Iterator[Storm]:
    """Open a storm: a served platform on the virtual clock, whose calls go wrong at a rate."""
    with virtual_clock(), ExitStack() as stack:
        set_clock(START)
        clock = StormClock(url)
        stack.callback(clock.close)
        storm = Storm(tenant, url, seed, accounts, sets_each, clock, lacking=lacking)
        storm.site.faults = Faults(rate=fault_rate, seed=seed, slow_s=0.05)
        address = stack.enter_context(meta_server(storm.site))
        stack.callback(storm.stop)
        storm.connect(address)
        yield storm


def rage(
    storm: Storm, *, plans: int, workers: int, open_at_once: int, kill_after: int, say: Callable[[str], None] = print
) -> float:
    """Make so many plans and carry them out; return how many real seconds it took.

    A worker is killed, wherever it is, whenever about `kill_after` more lines stand in the history.
    """
    begun = last_said = time.monotonic()
    storm.plan(open_at_once)
    storm.start(workers)
    kill_at = kill_after
    while True:
        lines, open_ones = storm.progress()
        if storm.planned < plans and open_ones < open_at_once * 0.7:
            storm.plan(min(open_at_once // 2, plans - storm.planned))
        goes_on = storm.move_on()
        if not goes_on and storm.planned >= plans:
            break
        if kill_after and lines >= kill_at:
            storm.kill_one()
            kill_at = lines + storm.dice.randint(1, 2 * kill_after)
        if time.monotonic() - last_said > 20:
            last_said = time.monotonic()
            say(f"{storm.planned} planned, {open_ones} open, {storm.kills} kills, clock {now():%d %H:%M}")
        time.sleep(0.02)
    storm.stop()
    return time.monotonic() - begun


@dataclass
class Audit:
    """What an auditor has found; every list is empty where all is well."""

    carried_out: int = 0
    by_event: dict[str, int] = field(default_factory=dict)
    by_status: dict[str, int] = field(default_factory=dict)
    over_account_rate: list[str] = field(default_factory=list)
    over_platform_rate: list[str] = field(default_factory=list)
    refused_by_platform: list[str] = field(default_factory=list)
    too_fast: list[str] = field(default_factory=list)
    over_day: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)

    @property
    def limit_violations(self) -> int:
        found = (
            self.over_account_rate,
            self.over_platform_rate,
            self.refused_by_platform,
            self.too_fast,
            self.over_day,
        )
        return sum(map(len, found))


def audit(storm: Storm) -> Audit:
    """Hold what the platform has carried out against the limits and against the history."""
    found = Audit()
    with tenant_transaction(storm.tenant):
        lines = list(AdChangeHistory.objects.order_by("id"))
        changes = {row.id: row for row in PendingAdChange.objects.all()}
    found.by_event = dict(Counter(line.event for line in lines))
    found.by_status = dict(Counter(row.status for row in changes.values()))
    seen = [one for graph in storm.site.accounts for one in graph.seen]  # type: ignore[attr-defined]
    found.refused_by_platform = [f"{one.entity} at {one.at}" for one in seen if one.refused]
    made = [one for one in seen if not one.refused]
    found.carried_out = len(made)
    by_account, by_budget = defaultdict(list), defaultdict(list)
    for one in made:
        by_account[one.account].append(one)
        if "daily_budget" in one.sent:
            by_budget[one.entity].append(one)
    for account, ones in by_account.items():
        found.over_account_rate += [
            f"{account}: {other.at}" for one, other in _apart(ones, 15) if _within_hour(one, other)
        ]
    restored = {(row.ad_entity_id, str(row.requested_value)) for row in changes.values() if row.rolls_back_id}
    for entity, ones in by_budget.items():
        found.over_platform_rate += [
            f"{entity}: {other.at}" for one, other in _apart(ones, 4) if _within_hour(one, other)
        ]
        found.too_fast += _steps_over(ones, storm.first_budget[entity], timedelta(hours=6), 0.20, restored)
        found.over_day += _steps_over(ones, storm.first_budget[entity], timedelta(days=1), 0.50, restored)
    _hold_against_history(found, made, lines, storm)
    return found


def _apart(ones: list[CarriedOut], count: int) -> Iterator[tuple[CarriedOut, CarriedOut]]:
    in_order = sorted(ones, key=lambda one: one.at)
    return zip(in_order, in_order[count:], strict=False)


def _within_hour(one: CarriedOut, other: CarriedOut) -> bool:
    return other.at - one.at < HOUR


def _steps_over(
    ones: list[CarriedOut], first: int, window: timedelta, share: float, restored: set[tuple[str, str]]
) -> list[str]:
    """List the budgets that lie further than a share from one that was in force within the window before."""
    found, held = [], [(datetime.min.replace(tzinfo=UTC), first)]
    for one in ones:
        value = int(one.sent["daily_budget"])
        begun = [at for at, _ in held[1:]] + [one.at]
        in_force = [budget for (_, budget), until in zip(held, begun, strict=True) if until > one.at - window]
        over = [budget for budget in in_force if abs(value - budget) > share * budget + 1e-6]
        if over and (one.entity, str(value)) not in restored:
            found.append(f"{one.entity} to {value} at {one.at}, was {over}")
        held.append((one.at, value))
    return found


def _hold_against_history(found: Audit, made: list[CarriedOut], lines: list[AdChangeHistory], storm: Storm) -> None:
    done = [line for line in lines if line.event == "done" and line.execution_id is not None]
    told = Counter(_key(line) for line in done)
    shown = Counter(_key_shown(one) for one in made)
    found.doubled = [f"{key}: {count} for {told[key]}" for key, count in shown.items() if count > told[key]]
    found.unwritten = [f"{key}: {count} for {shown[key]}" for key, count in told.items() if count > shown[key]]
    twice = Counter(line.execution_id for line in done)
    found.doubled += [f"execution {key} is done {count} times" for key, count in twice.items() if count > 1]
    names = Counter(one.sent["name"] for one in made if "name" in one.sent)
    found.doubled += [f"{name} was made {count} times" for name, count in names.items() if count > 1]
    found.incomplete = [
        str(line.id)
        for line in done
        if line.after is None
        or (line.before is None and line.change_type != "create")
        or not (line.who and line.why and line.response)
        or (not line.checks and not line.response.get("found"))
    ]
    for graph in storm.site.accounts:
        last = {line.ad_entity_id: line.after for line in done if line.change_type == "budget"}
        for entity_id, value in last.items():
            if entity_id in graph.market.entities and graph.market.entity(str(entity_id)).daily_budget != value:
                found.unwritten.append(f"{entity_id} stands otherwise than the history says")


def _key(line: AdChangeHistory) -> tuple[str, str]:
    if isinstance(line.after, dict):
        return "ad", str(line.after["name"])
    return str(line.ad_entity_id), str(line.after)


def _key_shown(one: CarriedOut) -> tuple[str, str]:
    if "name" in one.sent:
        return "ad", one.sent["name"]
    return one.entity, one.sent.get("daily_budget") or one.sent["status"].lower()
