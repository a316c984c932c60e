"""Random plans, eight workers that are killed while they work, calls that are lost: no limit broken, nothing twice."""

from __future__ import annotations

import os
from uuid import UUID

import pytest

from tests.integration.ads.change_storm import START, Audit, audit, rage, storm_of


def _assert_all_well(found: Audit, *, plans: int) -> None:
    assert found.limit_violations == 0, found
    assert found.doubled == [], found
    assert found.unwritten == [], found
    assert found.incomplete == [], found
    assert sum(found.by_status.values()) >= plans
    assert not {"pending", "approved", "claimed", "executing"} & set(found.by_status), found.by_status
    assert found.by_event["done"] > plans / 3


def test_eight_workers_that_are_killed_break_no_limit_and_do_nothing_twice(tenant: UUID, database: str) -> None:
    with storm_of(tenant, database, seed=1, accounts=2, sets_each=25, fault_rate=0.04) as storm:
        rage(storm, plans=80, workers=8, open_at_once=50, kill_after=25)
        found = audit(storm)

    _assert_all_well(found, plans=80)


def test_the_auditor_sees_workers_that_do_not_count(tenant: UUID, database: str) -> None:
    """The control: the same storm by workers that forget what was sent breaks limits, and that is found."""
    with storm_of(tenant, database, seed=1, accounts=1, sets_each=15, fault_rate=0.0, lacking="counting") as storm:
        rage(storm, plans=60, workers=4, open_at_once=30, kill_after=0)
        found = audit(storm)

    assert found.over_account_rate


def test_the_auditor_sees_workers_that_do_not_read_back(tenant: UUID, database: str) -> None:
    """The control: workers that take what was never answered for unsent leave what nobody knows to be done."""
    with storm_of(tenant, database, seed=1, accounts=1, sets_each=15, fault_rate=0.3, lacking="reading back") as storm:
        rage(storm, plans=40, workers=4, open_at_once=20, kill_after=0)
        found = audit(storm)

    assert found.doubled


@pytest.mark.long
def test_ten_thousand_plans(tenant: UUID, database: str) -> None:
    plans = int(os.environ.get("KAIRO_STORM_PLANS", "10000"))
    accounts = max(2, plans // 400)
    with storm_of(tenant, database, seed=7, accounts=accounts, sets_each=30, fault_rate=0.03) as storm:
        took_s = rage(storm, plans=plans, workers=8, open_at_once=25 * accounts, kill_after=60)
        found = audit(storm)
        virtual = storm.clock() - START
        kills = storm.kills

    print(
        f"{sum(found.by_status.values())} plans in {accounts} accounts, {took_s:.0f} s, {virtual} on the virtual clock,"
        f" {kills} workers killed; {found.carried_out} carried out; {found.limit_violations} limit violations,"
        f" {len(found.doubled)} done twice, {len(found.unwritten)} unwritten; {found.by_status}; {found.by_event}"
    )
    _assert_all_well(found, plans=plans)
    assert kills > plans / 200
