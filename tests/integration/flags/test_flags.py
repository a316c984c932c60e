"""Switches belong to a tenant, stick to brands, and reach other processes within seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations, queries
from kairo.platform.flags.contracts import DegradationLevel, Flag, FlagNotFound, InvalidFlag
from kairo.platform.flags.rules import is_on_for

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_switch_is_off_until_somebody_sets_it_for_his_own_brands(tenant: UUID, stranger: UUID) -> None:
    brand_id = uuid4()
    with tenant_transaction(tenant):
        before = queries.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=brand_id)
        operations.set_flag(name=Flag.ENABLE_TRENDS_ENHANCED, percentage=100, at=NOON)
        after = queries.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=brand_id)
    with tenant_transaction(stranger):
        elsewhere = queries.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=brand_id)

    assert (before, after, elsewhere) == (False, True, False)


def test_a_growing_share_keeps_the_brands_that_are_in() -> None:
    brands = [uuid4() for _ in range(2_000)]

    few = {brand for brand in brands if is_on_for(Flag.ENABLE_TRENDS_ENHANCED, 10, brand)}
    more = {brand for brand in brands if is_on_for(Flag.ENABLE_TRENDS_ENHANCED, 30, brand)}

    assert few < more
    assert 0.07 < len(few) / len(brands) < 0.13
    assert {is_on_for(Flag.ENABLE_TRENDS_ENHANCED, share, brands[0]) for share in (0, 100)} == {False, True}


def test_switches_are_read_once_in_a_while(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        queries.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=uuid4())
        with CaptureQueriesContext(connection) as asked:
            queries.is_on(Flag.ENABLE_TRENDS_ENHANCED, brand_id=uuid4())
            queries.degradation_level()

    assert len(asked) == 0


def test_holding_back_is_set_and_taken_back(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        operations.set_degradation(level=DegradationLevel.HARD, reason="slow", at=NOON)
        held = queries.degradation_level()
        operations.set_degradation(level=DegradationLevel.NONE, reason="", at=NOON)

        assert (held, queries.degradation_level()) == (DegradationLevel.HARD, DegradationLevel.NONE)


@pytest.mark.parametrize(
    ("name", "percentage", "error"), [("magic", 10, FlagNotFound), (Flag.ENABLE_TRENDS_ENHANCED, 101, InvalidFlag)]
)
def test_a_switch_that_is_none_is_refused(tenant: UUID, name: str, percentage: int, error: type[Exception]) -> None:
    with tenant_transaction(tenant), pytest.raises(error):
        operations.set_flag(name=name, percentage=percentage, at=NOON)
