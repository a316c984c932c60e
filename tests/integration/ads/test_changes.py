"""Changes from the wish to the platform and back, with a platform in Meta's shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import time, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import Error, connection, transaction
from pydantic import ValidationError

from kairo.errors import Forbidden
from kairo.platform.database.clock import set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.contracts import Role
from kairo.sandbox.ad_market.faults import Fault
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.changes import (
    AUTO_APPROVED,
    AdChangeDTO,
    BudgetWish,
    ChangeDraft,
    ChangeNotAllowed,
    ChangeSource,
    ChangeStatus,
    ChangeType,
    CheckName,
    HistoryEvent,
    KeyUsedOtherwise,
    KillSwitchInput,
    MarketHours,
    NewAdsDraft,
    OpenChangeExists,
    UnknownAdEntity,
)
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.ads.models.changes import PendingAdChange
from kairo.stages.content.contracts import VariantStatus
from tests.factories.ad_changes import ANA, AdDesk
from tests.factories.boards import make_item
from tests.factories.brands import stored_brand
from tests.factories.packages import make_package, make_variant
from tests.virtual_clock import virtual_clock

HISTORY_CHANGES = (
    "UPDATE ad_change_history SET why = 'never mind'",
    "DELETE FROM ad_change_history",
    "TRUNCATE ad_change_history",
)


@pytest.fixture
def desk(tenant: UUID) -> Iterator[AdDesk]:
    with ExitStack() as stack:
        yield AdDesk(tenant, stack)


def _failed(desk: AdDesk, change: AdChangeDTO, name: CheckName) -> dict[str, object]:
    """Return the numbers of a failed check from the last line of a change's history."""
    [check] = [check for check in desk.history(change)[-1].checks if check.name is name]
    assert not check.passed
    assert check.says
    return dict(check.numbers)


def _turn(desk: AdDesk, on: bool) -> None:
    with tenant_transaction(desk.tenant):
        order = KillSwitchInput(on=on, reason="The site is down." if on else "")
        operations.turn_kill_switch(order=order, by=ANA, role=Role.EDITOR, at=desk.at)


def test_an_approved_budget_is_set_and_written_down(desk: AdDesk) -> None:
    change = desk.approved(11_000)

    assert desk.run() == {"done": 1}

    assert desk.now_at_platform() == 11_000
    assert desk.change(change).status is ChangeStatus.DONE
    done = desk.last(change, HistoryEvent.DONE)
    assert (done.before, done.after, done.who, done.why) == (10_000, 11_000, "user:ana", "It pays.")
    assert done.before_text == "100.00 EUR"
    assert len(done.checks) == 11
    assert all(check.passed and check.says for check in done.checks)
    assert done.response == {"success": True}


def test_nothing_is_sent_before_somebody_has_approved_it(desk: AdDesk) -> None:
    change = desk.want(requested_value=11_000)
    assert desk.run() == {}
    assert desk.graph.log == []
    with tenant_transaction(desk.tenant), pytest.raises(Forbidden):
        operations.approve_change(change_id=change.id, by="user:vic", role=Role.VIEWER, at=desk.at)


def test_a_dry_run_tells_what_the_real_one_does(desk: AdDesk) -> None:
    desk.bound(execution=False, fuzzy_share=0.3)
    change = desk.approved(11_900)
    assert desk.run() == {"dry_run": 1}
    assert desk.run() == {}
    assert desk.graph.log == []
    planned = desk.last(change, HistoryEvent.DRY_RUN)

    desk.bound(fuzzy_share=0.3)
    assert desk.run() == {"done": 1}

    done = desk.last(change, HistoryEvent.DONE)
    assert (planned.before, planned.after, planned.checks) == (done.before, done.after, done.checks)
    assert desk.now_at_platform() == done.after != 11_900


def test_nothing_is_executed_until_a_tenant_turns_it_on(desk: AdDesk) -> None:
    with tenant_transaction(desk.tenant):
        operations.set_safety_settings(
            settings=queries.safety_settings().model_copy(update={"execution": False}),
            by=ANA, role=Role.OWNER, at=desk.at,
        )  # fmt: skip
    desk.approved(11_000)
    assert desk.run() == {"dry_run": 1}
    assert desk.now_at_platform() == 10_000


def test_a_rollback_restores_the_exact_budget_by_a_change_of_its_own(desk: AdDesk) -> None:
    desk.bound(fuzzy_share=0.5)
    change = desk.approved(8_123)
    desk.run()
    assert desk.now_at_platform() != 10_000

    undo = desk.roll_back(change)
    desk.run()

    assert desk.now_at_platform() == 10_000
    assert desk.change(change).status is ChangeStatus.ROLLED_BACK
    assert desk.change(undo).status is ChangeStatus.DONE
    done = desk.last(undo, HistoryEvent.DONE)
    assert (done.after, done.who, done.why) == (10_000, "user:ana", f"Takes back {change.id}: It did not pay.")
    assert desk.last(change, HistoryEvent.ROLLED_BACK).after == 10_000
    with pytest.raises(ChangeNotAllowed):
        desk.roll_back(change)


def test_a_rollback_of_what_somebody_has_changed_since_is_refused(desk: AdDesk) -> None:
    change = desk.approved(11_000)
    desk.run()
    desk.market.entity(desk.ad_set).daily_budget = 11_001
    undo = desk.roll_back(change)
    assert desk.run() == {"refused": 1}
    assert _failed(desk, undo, CheckName.AS_DECIDED) == {"now": 11_001, "then": 11_000, "allowed_share": 0.0}
    assert desk.change(change).status is ChangeStatus.DONE


def test_a_pause_is_made_and_taken_back(desk: AdDesk) -> None:
    change = desk.approve(desk.want(ChangeType.PAUSE, ad_entity_type=EntityType.AD, ad_entity_id=desk.ad))
    desk.run()
    assert desk.market.entity(desk.ad).status == "PAUSED"
    desk.roll_back(change)
    desk.run()
    assert desk.market.entity(desk.ad).status == "ACTIVE"
    again = desk.approve(desk.want(ChangeType.RESUME, ad_entity_type=EntityType.AD, ad_entity_id=desk.ad))
    sent = len(desk.graph.log)
    assert desk.run() == {"done": 1}
    assert len(desk.graph.log) == sent
    assert desk.change(again).says == "It is active already."


@pytest.mark.parametrize("statement", HISTORY_CHANGES)
def test_the_database_refuses_to_rewrite_the_history(desk: AdDesk, database: str, statement: str) -> None:
    desk.approved(11_000)
    lines = desk.history()
    with pytest.raises(Error), tenant_transaction(desk.tenant), connection.cursor() as cursor:
        cursor.execute(statement)
    with psycopg.connect(database) as superuser, pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        superuser.execute(statement)
    assert desk.history() == lines


def test_what_exceeds_the_limit_waits_for_a_person(desk: AdDesk) -> None:
    desk.bound(auto_approve_limit=Decimal(10))
    small = desk.want(requested_value=11_000, current_value=10_000, source=ChangeSource.OPTIMISER)
    assert (small.status, small.approved_by) == (ChangeStatus.APPROVED, AUTO_APPROVED)
    desk.run()
    large = desk.want(requested_value=12_001, current_value=11_000, source=ChangeSource.OPTIMISER)
    assert large.status is ChangeStatus.PENDING
    unknown = desk.want(requested_value=10_001, ad_entity_type=EntityType.CAMPAIGN, ad_entity_id=desk.campaign)
    assert unknown.status is ChangeStatus.PENDING


def test_a_limit_that_was_lowered_asks_a_person_after_all(desk: AdDesk) -> None:
    desk.bound(auto_approve_limit=Decimal(10))
    change = desk.want(requested_value=11_000, current_value=10_000)
    desk.bound(auto_approve_limit=Decimal(5))
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.APPROVAL) == {"amount": "10.00", "limit": "5"}
    assert desk.change(change).status is ChangeStatus.PENDING
    desk.approve(change)
    assert desk.run() == {"done": 1}


def test_a_limit_is_held_against_what_the_platform_shows(desk: AdDesk) -> None:
    desk.bound(auto_approve_limit=Decimal(10))
    change = desk.want(requested_value=11_000, current_value=10_500)
    desk.market.entity(desk.ad_set).daily_budget = 9_900
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.APPROVAL)["amount"] == "11.00"


def test_a_budget_that_moved_since_the_decision_is_left_alone(desk: AdDesk) -> None:
    change = desk.approved(11_000, current_value=10_000)
    desk.market.entity(desk.ad_set).daily_budget = 20_000
    assert desk.run() == {"refused": 1}
    assert _failed(desk, change, CheckName.AS_DECIDED) == {"now": 20_000, "then": 10_000, "allowed_share": 0.1}
    assert desk.now_at_platform() == 20_000


def test_one_decision_moves_a_budget_by_half_at_most(desk: AdDesk) -> None:
    change = desk.approved(15_001)
    assert desk.run() == {"refused": 1}
    assert _failed(desk, change, CheckName.DECISION_STEP)["to"] == 15_001
    assert desk.graph.log == []


def test_a_large_step_is_made_of_small_ones_six_hours_apart(desk: AdDesk) -> None:
    change = desk.approved(5_000)
    shown = []
    for _ in range(20):
        desk.run()
        shown.append(desk.now_at_platform())
        if desk.change(change).status is ChangeStatus.DONE:
            break
        desk.later(hours=6, seconds=2)
    assert [one for one, other in zip(shown, [None, *shown], strict=False) if one != other] == [
        8_000, 6_400, 5_120, 5_000,
    ]  # fmt: skip
    assert desk.change(change).current_value == 10_000
    desk.roll_back(change)
    desk.run()
    assert desk.now_at_platform() == 10_000


def test_a_budget_moves_by_a_fifth_in_six_hours(desk: AdDesk) -> None:
    desk.approved(12_000)
    desk.run()
    change = desk.approved(13_000)
    assert desk.run() == {"waiting": 1}
    numbers = _failed(desk, change, CheckName.VELOCITY)
    assert (numbers["now"], numbers["target"], numbers["high"]) == (12_000, 13_000, 12_000)
    held = desk.change(change)
    assert (held.status, held.held_by) == (ChangeStatus.APPROVED, CheckName.VELOCITY)
    assert held.not_before is not None
    assert timedelta(hours=6) <= held.not_before - desk.at < timedelta(hours=6, seconds=5)
    desk.later(hours=5, minutes=59)
    assert desk.run() == {}
    desk.later(minutes=2)
    assert desk.run() == {"done": 1}


def test_a_day_moves_a_budget_by_half_at_most(desk: AdDesk) -> None:
    desk.bound(velocity_share=1, daily_share=0.3)
    desk.approved(12_900)
    desk.run()
    desk.later(hours=8)
    change = desk.approved(14_000)
    desk.run()
    assert desk.now_at_platform() == 13_000
    assert desk.change(change).status is ChangeStatus.APPROVED
    desk.later(hours=8)
    desk.run()
    assert _failed(desk, change, CheckName.DAILY_CAP)["high"] == 13_000
    desk.later(hours=9)
    desk.run()
    assert desk.now_at_platform() == 14_000


def test_an_account_takes_fifteen_changes_an_hour(desk: AdDesk) -> None:
    ads = [desk.market.make("ad", f"Ad {number}", parent_id=desk.ad_set).entity_id for number in range(16)]
    with tenant_transaction(desk.tenant):
        records = [{"ad_id": ad, "ad_set_id": desk.ad_set, "campaign_id": desk.campaign} for ad in ads]
        operations.record_ads(records=records, at=desk.at)
    for ad in ads:
        desk.approve(desk.want(ChangeType.RESUME, ad_entity_type=EntityType.AD, ad_entity_id=ad))
    assert desk.run() == {"done": 15, "waiting": 1}
    [held] = [line for line in desk.history() if line.event is HistoryEvent.WAITING]
    assert {"in_last_hour": 15, "limit": 15} in [check.numbers for check in held.checks]
    desk.later(hours=1, seconds=1)
    assert desk.run() == {"done": 1}


def test_a_budget_is_changed_four_times_an_hour(desk: AdDesk) -> None:
    for budget in (10_100, 10_200, 10_300, 10_400):
        desk.approved(budget)
        assert desk.run() == {"done": 1}
    change = desk.approved(10_500)
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.PLATFORM_RATE) == {"in_last_hour": 4, "limit": 4}
    desk.later(hours=1, seconds=2)
    assert desk.run() == {"done": 1}


def test_the_kill_switch_stops_all_and_lets_them_go_on(desk: AdDesk) -> None:
    _turn(desk, on=True)
    change = desk.approved(11_000)
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.KILL_SWITCH) == {"on": True}
    assert "The site is down." in desk.change(change).says
    _turn(desk, on=False)
    assert desk.run() == {"done": 1}
    assert [line.who for line in desk.history() if line.event is HistoryEvent.KILL_SWITCH] == [ANA, ANA]


def test_changes_are_made_in_market_hours_of_the_account(desk: AdDesk) -> None:
    hours = MarketHours(from_time=time(8), until_time=time(13), weekdays=[0, 2])
    desk.bound(market_hours=hours.model_dump())
    change = desk.approved(11_000)
    # Monday noon is 13:00 in Berlin, when the window has just closed.
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.MARKET_HOURS)["time"] == "13:00"
    assert desk.change(change).not_before == desk.at.replace(day=7, hour=7)
    desk.later(hours=43)
    assert desk.run() == {"done": 1}


def test_no_raise_leads_past_the_cap_of_the_account_s_spend(desk: AdDesk) -> None:
    with tenant_transaction(desk.tenant):
        operations.record_stats(
            records=[{"ad_id": desk.ad, "starts_at": "2026-01-05", "spend": "95", "currency": "EUR",
                      "granularity": "day"}],
            at=desk.at,
        )  # fmt: skip
    desk.bound(account_spend_cap=Decimal(100))
    change = desk.approved(10_501)
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, change, CheckName.SPEND_CAP)["rise"] == 501
    with tenant_transaction(desk.tenant):
        operations.reject_change(change_id=change.id, reason="No.", by=ANA, role=Role.EDITOR, at=desk.at)
    desk.approved(10_500)
    assert desk.run() == {"done": 1}
    desk.approved(10_400)
    assert desk.run() == {"done": 1}


def test_an_account_that_is_nearly_used_up_is_asked_slowly_and_then_no_more(desk: AdDesk) -> None:
    desk.graph.quota = 8
    desk.approved(10_100)
    assert desk.run() == {"done": 1}
    desk.graph.take(1)
    slow = desk.approved(10_200)
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, slow, CheckName.PLATFORM_USAGE)["percent"] == 75.0
    held = desk.change(slow).not_before
    assert held is not None
    assert timedelta(seconds=59) < held - desk.at < timedelta(seconds=62)
    desk.graph.take(1)
    desk.later(minutes=2)
    assert desk.run() == {"waiting": 1}
    assert _failed(desk, slow, CheckName.PLATFORM_USAGE)["percent"] == 100.0
    assert desk.now_at_platform() == 10_100


def test_a_throttled_call_waits_as_told_and_is_sent_again(desk: AdDesk) -> None:
    change = desk.approved(11_000)
    desk.site.faults.plan(Fault.THROTTLED)
    assert desk.run() == {"waiting": 1}
    held = desk.change(change)
    assert held.not_before == desk.at + timedelta(seconds=300)
    desk.later(seconds=299)
    assert desk.run() == {}
    desk.later(seconds=2)
    assert desk.run() == {"done": 1}


@pytest.mark.parametrize(("fault", "sent_again"), [(Fault.LOST, False), (Fault.BROKEN, True), (Fault.GATEWAY, True)])
def test_what_was_not_answered_is_read_back_before_anything_else(desk: AdDesk, fault: Fault, sent_again: bool) -> None:
    change = desk.approved(11_000)
    desk.site.faults.plan(fault)
    assert desk.run() == {"read_back": 1}
    assert desk.change(change).status is ChangeStatus.EXECUTING
    desk.later(seconds=61)
    if sent_again:
        assert desk.run() == {"waiting": 1}
        desk.later(seconds=2)
    assert desk.run() == {"done": 1}
    assert [sent for _, _, sent in desk.graph.log] == [{"daily_budget": "11000"}]
    assert desk.change(change).status is ChangeStatus.DONE


def test_a_worker_that_died_after_sending_is_followed_by_one_that_reads(desk: AdDesk) -> None:
    change = desk.approved(11_000)
    desk.site.faults.plan(Fault.LOST)
    desk.run()
    with tenant_transaction(desk.tenant):
        PendingAdChange.objects.update(claimed_by="dead", claimed_at=desk.at)
    desk.later(seconds=61)
    assert desk.run(lease_s=0.0) == {"done": 1}
    assert len(desk.graph.log) == 1
    assert desk.last(change, HistoryEvent.DONE).response == {"read_back": 11_000}


def test_what_a_stranger_has_changed_meanwhile_is_left_to_people(desk: AdDesk) -> None:
    change = desk.approved(11_000)
    desk.site.faults.plan(Fault.LOST)
    desk.run()
    desk.market.entity(desk.ad_set).daily_budget = 12_345
    desk.later(seconds=61)
    assert desk.run() == {"failed": 1}
    assert "12345" in desk.change(change).says
    assert desk.now_at_platform() == 12_345


def test_what_the_platform_refuses_has_failed(desk: AdDesk) -> None:
    desk.bound(largest_step_share=1, velocity_share=1, daily_share=1)
    change = desk.approved(1)
    assert desk.run() == {"failed": 1}
    assert "budget is too low" in desk.change(change).says


def test_proposals_that_nobody_decides_on_expire(desk: AdDesk) -> None:
    pending, approved = desk.want(requested_value=11_000), desk.approve(desk.want(ChangeType.PAUSE))
    desk.market.now = desk.at
    desk.later(hours=48)
    assert desk.run() == {"expired": 2}
    assert {desk.change(one).status for one in (pending, approved)} == {ChangeStatus.EXPIRED}
    with pytest.raises(ChangeNotAllowed):
        desk.approve(pending)


def test_of_one_entity_and_type_one_change_is_open(desk: AdDesk) -> None:
    first = desk.want(requested_value=11_000)
    with pytest.raises(OpenChangeExists):
        desk.want(requested_value=11_500)
    with tenant_transaction(desk.tenant):
        row = PendingAdChange.objects.get(id=first.id)
        row.id = uuid4()
        with pytest.raises(Error, match="ad_change_one_open"), transaction.atomic():
            row.save(force_insert=True)


def test_the_same_key_gives_the_same_change(desk: AdDesk) -> None:
    first = desk.want(requested_value=11_000, idempotency_key="k")
    assert desk.want(requested_value=11_000, idempotency_key="k") == first
    desk.approve(first)
    desk.run()
    assert desk.want(requested_value=11_000, idempotency_key="k").id == first.id
    with pytest.raises(KeyUsedOtherwise):
        desk.want(ChangeType.PAUSE, idempotency_key="k")


def test_a_newer_recommendation_takes_the_place_of_one_that_waits(desk: AdDesk) -> None:
    old = desk.want(requested_value=11_000, current_value=10_000, source=ChangeSource.OPTIMISER)
    new = desk.want(requested_value=10_500, current_value=10_000, source=ChangeSource.OPTIMISER)
    assert desk.change(old).status is ChangeStatus.EXPIRED
    with pytest.raises(OpenChangeExists):
        desk.want(requested_value=10_600)
    assert desk.change(new).status is ChangeStatus.PENDING


def test_what_kairo_does_not_know_is_not_changed(desk: AdDesk) -> None:
    with pytest.raises(UnknownAdEntity, match="knows no ad set 'nobody'"):
        desk.want(ChangeType.PAUSE, ad_entity_id="nobody")


@pytest.mark.parametrize(
    ("recommended", "requested", "says"),
    [(150, 12_000, "a step up may be 20%"), (30, 5_000, "one decision may move 50%"), (90, 9_000, "")],
)
def test_a_recommendation_is_held_to_its_step(desk: AdDesk, recommended: int, requested: int, says: str) -> None:
    wish = BudgetWish(
        ad_id=desk.ad, current_budget=Decimal(100), recommended_budget=Decimal(recommended), reason="ROAS 3.1."
    )
    with tenant_transaction(desk.tenant):
        proposed = operations.propose_budgets(wishes=[wish], by="optimiser", at=desk.at)
    [change] = proposed.changes
    assert (change.ad_entity_id, change.current_value, change.requested_value) == (desk.ad_set, 10_000, requested)
    assert says in change.reason
    assert change.reason.startswith("ROAS 3.1.")


def test_wishes_for_unknown_ads_are_named_and_pauses_are_of_ads(desk: AdDesk) -> None:
    wishes = [
        BudgetWish(
            ad_id=desk.ad, current_budget=Decimal(100), recommended_budget=Decimal(0), reason="Lost.", pause=True
        ),
        BudgetWish(ad_id="nobody", current_budget=Decimal(1), recommended_budget=Decimal(2), reason="?"),
    ]
    with tenant_transaction(desk.tenant):
        proposed = operations.propose_budgets(wishes=wishes, by="optimiser", at=desk.at)
    assert [(one.change_type, one.ad_entity_id) for one in proposed.changes] == [(ChangeType.PAUSE, desk.ad)]
    assert [one.id for one in proposed.left_out] == ["nobody"]


@pytest.mark.parametrize("fault", [None, Fault.LOST])
def test_an_approved_variant_becomes_a_paused_ad_once(desk: AdDesk, fault: Fault | None) -> None:
    brand = stored_brand(desk.tenant)
    item = make_item(desk.tenant, brand_id=brand.id, text="How do I descale my machine?")
    package = make_package(desk.tenant, brand_id=brand.id, item_id=item)
    variant = make_variant(
        desk.tenant, brand_id=brand.id, package_id=package, item_id=item, status=VariantStatus.APPROVED
    )
    draft = NewAdsDraft(variant_ids=[variant, uuid4()], ad_set_id=desk.ad_set, link_url="https://example.com/machine")
    with tenant_transaction(desk.tenant):
        proposed = operations.propose_ads(draft=draft, source=ChangeSource.PERSON, by=ANA, at=desk.at)
    [change] = proposed.changes
    assert [one.code for one in proposed.left_out] == ["variant_not_found"]
    desk.approve(change)
    if fault:
        desk.site.faults.plan(Fault.GATEWAY, method="GET")
        desk.run()
        desk.later(minutes=2)
        desk.site.faults.plan(fault)
        desk.run()
        desk.later(minutes=2)

    assert desk.run()["done"] == 1

    with tenant_transaction(desk.tenant):
        [ad] = queries.ads_of_variant(variant)
        again = operations.propose_ads(draft=draft, source=ChangeSource.PERSON, by=ANA, at=desk.at)
    assert (ad.status, ad.package_id, ad.ad_set_id) == ("paused", package, desk.ad_set)
    assert desk.market.entity(ad.ad_id).status == "PAUSED"
    assert len(desk.market.of_kind("ad")) == 2
    assert [one.code for one in again.left_out] == ["variant_shown_already", "variant_not_found"]
    with pytest.raises(ChangeNotAllowed):
        desk.roll_back(change)


def test_only_approved_variants_become_ads(desk: AdDesk) -> None:
    brand = stored_brand(desk.tenant)
    item = make_item(desk.tenant, brand_id=brand.id, text="How do I descale my machine?")
    package = make_package(desk.tenant, brand_id=brand.id, item_id=item)
    variant = make_variant(desk.tenant, brand_id=brand.id, package_id=package, item_id=item)
    draft = NewAdsDraft(variant_ids=[variant], ad_set_id=desk.ad_set, link_url="https://example.com/machine")
    with tenant_transaction(desk.tenant):
        proposed = operations.propose_ads(draft=draft, source=ChangeSource.PERSON, by=ANA, at=desk.at)
    assert [one.code for one in proposed.left_out] == ["variant_not_approved"]


def test_what_bids_by_itself_takes_no_bid(desk: AdDesk) -> None:
    change = desk.approve(desk.want(ChangeType.BID, requested_value=200))
    assert desk.run() == {"refused": 1}
    assert "bids by itself" in desk.change(change).says


def test_a_bid_is_set_and_taken_back(desk: AdDesk) -> None:
    desk.market.entity(desk.ad_set).bid = 200
    change = desk.approve(desk.want(ChangeType.BID, requested_value=250))
    assert desk.run() == {"done": 1}
    assert desk.market.entity(desk.ad_set).bid == 250
    desk.roll_back(change)
    desk.run()
    assert desk.market.entity(desk.ad_set).bid == 200


def test_yen_are_whole(tenant: UUID) -> None:
    with ExitStack() as stack:
        desk = AdDesk(tenant, stack, currency="JPY", budget=12_000)
        change = desk.approved(13_000)
        desk.run()
        done = desk.last(change, HistoryEvent.DONE)
        assert (desk.graph.log[0][2], done.before_text, done.after_text) == (
            {"daily_budget": "13000"}, "12,000 JPY", "13,000 JPY",
        )  # fmt: skip
        wish = BudgetWish(
            ad_id=desk.ad, current_budget=Decimal(13_000), recommended_budget=Decimal("12500.4"), reason="Less."
        )
        with tenant_transaction(tenant):
            [less] = operations.propose_budgets(wishes=[wish], by="optimiser", at=desk.at).changes
        assert less.requested_value == 12_500


def test_views_show_recent_changes_failed_checks_and_limits(desk: AdDesk, stranger: UUID) -> None:
    desk.approved(11_000)
    desk.run()
    desk.approved(20_000)
    desk.run()
    with virtual_clock():
        set_clock(desk.at)
        with tenant_transaction(desk.tenant):
            failed = rows("SELECT check_name, numbers ->> 'to' FROM v_safety_check_failures")
            changes = rows(
                "SELECT ad_entity_id, before_minor, after_minor, change_share, who FROM v_recent_budget_changes"
            )
            limits = rows("SELECT scope, scope_id, in_last_hour, allowed FROM v_rate_limit_status ORDER BY scope")
        with tenant_transaction(stranger):
            assert rows("SELECT 1 FROM v_safety_check_failures") == rows("SELECT 1 FROM v_recent_budget_changes") == []
            assert rows("SELECT 1 FROM v_rate_limit_status") == []
    assert failed == [("decision_step", "20000")]
    assert changes == [(desk.ad_set, 10_000, 11_000, Decimal("0.1000"), ANA)]
    assert limits == [("account", "901", 1, 15), ("ad_set", desk.ad_set, 1, 4)]


def test_an_account_that_is_not_connected_any_more_holds_its_changes(desk: AdDesk) -> None:
    change = desk.approved(11_000)
    with tenant_transaction(desk.tenant):
        operations.disconnect_account(account_id=desk.account_id, role=Role.OWNER)
    assert desk.run() == {"waiting": 1}
    assert "901" in desk.change(change).says


def test_only_an_owner_moves_the_bounds(desk: AdDesk) -> None:
    with tenant_transaction(desk.tenant), pytest.raises(Forbidden):
        operations.set_safety_settings(settings=queries.safety_settings(), by=ANA, role=Role.EDITOR, at=desk.at)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"change_type": "budget"}, "name requested_value"),
        ({"change_type": "budget", "requested_value": 120.5}, "valid integer"),
        ({"change_type": "budget", "requested_value": 0}, "greater than or equal to 1"),
        ({"change_type": "pause", "requested_value": 1}, "take no values"),
        ({"change_type": "create"}, "send variant_ids"),
        ({"change_type": "budget", "requested_value": 1, "ad_entity_type": "ad"}, "change that of its ad set"),
        ({"change_type": "pause", "reason": " "}, "at least 1 character"),
    ],
)
def test_bad_wishes_hear_what_to_do(wish: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ChangeDraft.model_validate({"ad_entity_type": "ad_set", "ad_entity_id": "1", "reason": "Why", **wish})
