"""Clicks of an ad that led to nothing: looked for from the newest back, and what was not looked at is never denied."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kairo.errors import Invalid
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, ClicksBefore, LineageNotFound
from kairo.stages.revenue.queries.lineage import MOST_CLICKS_LOOKED_AT
from tests.factories.callers import caller
from tests.factories.packages import NOON
from tests.factories.tracking import attributed, click_record, tracked
from tests.integration.revenue.deal_records import deal, ingest

MINUTE = timedelta(minutes=1)
_OF_OTHERS = """
INSERT INTO click_tracking (id, tenant_id, click_key, clicked_at, expires_at, received_at, click_id, ad_id)
SELECT gen_random_uuid(), %s, number, %s - number * interval '1 millisecond', %s, %s, 'other-' || number, 'other'
FROM generate_series(1, %s) AS number
"""


def follow(tenant: UUID, ad_id: str, *, before: str | None = None) -> ChainDTO:
    place = None if before is None else ClicksBefore.read(before)
    with tenant_transaction(tenant):
        return operations.follow(kind=ChainKind.AD, object_id=ad_id, at=NOON, clicks_before=place)


def clicks(found: ChainDTO) -> list[str]:
    return [node.object_id for node in found.nodes if node.kind == "click"]


def track_many(tenant: UUID, ids: list[str], *, at: datetime, ad_id: str = "ad-1") -> None:
    records = [click_record(at, ad_id=ad_id, click_id=click_id) for click_id in ids]
    with tenant_transaction(tenant):
        operations.track_clicks(records=records, at=NOON)


def older(found: ChainDTO) -> str | None:
    assert found.clicks_looked_at is not None
    return found.clicks_looked_at.older


def test_an_ad_is_not_denied_as_long_as_there_are_clicks_that_were_not_looked_at(tenant: UUID) -> None:
    tracked(tenant, NOON - 600 * MINUTE, ad_id="old", click_id="kc-old")
    with tenant_transaction(tenant):
        execute(_OF_OTHERS, [tenant, NOON, NOON, NOON, MOST_CLICKS_LOOKED_AT])

    newest = follow(tenant, "old")
    rest = follow(tenant, "old", before=older(newest))

    assert (clicks(newest), clicks(rest)) == ([], ["kc-old"])
    assert newest.clicks_looked_at is not None
    assert newest.clicks_looked_at.since == NOON - timedelta(milliseconds=MOST_CLICKS_LOOKED_AT)
    assert rest.clicks_looked_at is not None
    assert (rest.clicks_looked_at.until, rest.clicks_looked_at.since) == (newest.clicks_looked_at.since, None)
    assert older(rest) is None
    with tenant_transaction(tenant):
        execute("DELETE FROM click_tracking WHERE click_id = 'other-1'")
    assert clicks(follow(tenant, "old")) == ["kc-old"]
    with tenant_transaction(tenant):
        execute("DELETE FROM click_tracking WHERE ad_id = 'old'")
    with pytest.raises(LineageNotFound):
        follow(tenant, "old")


def test_page_by_page_every_click_comes_once_also_those_of_one_moment(tenant: UUID) -> None:
    ids = [f"kc-{number:03}" for number in range(120)]
    track_many(tenant, ids[:30], at=NOON - 3 * MINUTE)
    track_many(tenant, ids[30:100], at=NOON - 2 * MINUTE)
    track_many(tenant, ids[100:], at=NOON - MINUTE)
    track_many(tenant, ["kc-other"], at=NOON - 2 * MINUTE, ad_id="ad-2")

    pages = [follow(tenant, "ad-1")]
    while (place := older(pages[-1])) is not None:
        pages.append(follow(tenant, "ad-1", before=place))

    told = [clicks(page) for page in pages]
    assert [len(page) for page in told] == [50, 50, 20]
    assert sorted(click_id for page in told for click_id in page) == ids
    assert not any(page.truncated for page in pages)


def test_a_click_whose_conversion_is_not_shown_is_not_told_as_having_led_to_nothing(tenant: UUID) -> None:
    ids = [f"kc-{number}" for number in range(51)]
    track_many(tenant, [*ids, "kc-idle"], at=NOON - 2 * MINUTE)
    for number, click_id in enumerate(ids):
        attributed(tenant, NOON - MINUTE + timedelta(seconds=number), conversion_id=f"cv-{number}", click_id=click_id)

    found = follow(tenant, "ad-1")

    assert found.truncated
    assert sorted(clicks(found)) == sorted([*ids[1:], "kc-idle"])


def test_a_click_that_only_a_deal_names_keeps_its_time(tenant: UUID) -> None:
    tracked(tenant, NOON - MINUTE, ad_id="ad-1", click_id="kc-1")
    ingest(tenant, deal("d1", ad_id="ad-1", click_id="kc-1"))

    found = follow(tenant, "ad-1")

    assert [(node.object_id, node.at) for node in found.nodes if node.kind == "click"] == [("kc-1", NOON - MINUTE)]
    assert ("click:kc-1", "deal:crm:d1") in {(edge.source, edge.target) for edge in found.edges}


def test_one_may_look_from_any_moment_on_back(tenant: UUID) -> None:
    tracked(tenant, NOON - 2 * MINUTE, click_id="kc-before")
    tracked(tenant, NOON - MINUTE, click_id="kc-at")

    answer = caller(tenant).get(f"/api/lineage/ad/ad-1?clicks_before={(NOON - MINUTE).isoformat()[:19]}Z").json()

    assert [node["object_id"] for node in answer["nodes"] if node["kind"] == "click"] == ["kc-before"]
    assert answer["clicks_looked_at"] == {"until": "2026-11-20T11:59:00Z", "since": None, "older": None}


@pytest.mark.parametrize("text", ["", "yesterday", "1700000000", "2026-06-01T12:00:00Z~a\0b"])
def test_what_is_no_place_among_clicks_is_refused(tenant: UUID, text: str) -> None:
    with pytest.raises(Invalid, match="clicks_before"):
        ClicksBefore.read(text)
    answer = caller(tenant).get("/api/lineage/ad/ad-1", data={"clicks_before": text})
    assert answer.status_code == 422
