"""Deals in from any CRM: each by itself, as often as anybody likes, in a fixed number of statements."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.operations import create_tenant
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import AdRoasRequest, AmbiguousDeal, DealNotFound, DealOutcome, StageChange
from kairo.stages.revenue.contracts.stages import PipelineStages, StagesChange, StageSetting
from kairo.stages.revenue.contracts.tracking import ClickInput, EraseRequest
from tests.factories.callers import caller
from tests.integration.revenue.deal_records import CREATED, NOON, deal, ingest, stored

EMAIL = "ana@example.com"


def test_the_same_deals_again_change_nothing(tenant: UUID) -> None:
    sent = [deal("d1", amount=100, currency="EUR"), deal("d2", amount="250.50", currency="USD")]

    first, second = ingest(tenant, *sent), ingest(tenant, *sent)

    assert (first.ingested, first.updated, first.unchanged) == (2, 0, 0)
    assert (second.ingested, second.updated, second.unchanged) == (0, 0, 2)


def test_a_deal_counts_its_amount_times_what_its_stage_is_worth(tenant: UUID) -> None:
    ingest(tenant, deal(amount="250.50", currency="USD", stage="proposal"))

    found = stored(tenant)

    assert (found.synthetic_revenue, found.synthetic_currency) == (Decimal("200.40"), "USD")


def test_a_deal_that_is_told_anew_moves_on(tenant: UUID) -> None:
    ingest(tenant, deal(stage="qualified", amount=100))

    taken = ingest(tenant, deal(stage="won", amount=100, outcome="won", closed_at="2026-05-20T12:00:00Z"))

    found = stored(tenant)
    assert taken.updated == 1
    assert (found.outcome, found.stage, found.synthetic_revenue) == (DealOutcome.WON, "won", Decimal(100))
    assert [step.stage for step in found.steps] == ["qualified", "won"]


def test_a_record_without_times_of_its_own_corrects_what_is_known(tenant: UUID) -> None:
    ingest(tenant, deal(stage="a", stage_history=[{"stage": "a", "at": CREATED}], amount=1))
    ingest(tenant, deal(stage="b", stage_history=[{"stage": "b", "at": "2026-05-09T12:00:00Z"}], amount=2))

    taken = ingest(tenant, deal(stage="c", amount=3))

    found = stored(tenant)
    assert taken.updated == 1
    assert (found.stage, found.amount) == ("c", Decimal(3))


def test_an_older_record_that_comes_late_takes_nothing_back(tenant: UUID) -> None:
    newer = deal(stage="b", amount=2, modified_at="2026-05-09T12:00:00Z")
    older = deal(stage="a", amount=1, modified_at="2026-05-08T12:00:00Z")
    ingest(tenant, newer)

    ingest(tenant, older)

    found = stored(tenant)
    assert (found.stage, found.amount) == ("b", Decimal(2))
    assert [step.stage for step in found.steps] == ["a", "b"]


def test_a_deal_that_is_refused_does_not_hold_up_the_others(tenant: UUID) -> None:
    taken = ingest(
        tenant,
        deal("good"),
        deal("", amount=1),
        {"deal_id": "no-stage", "created_at": CREATED},
        deal("yen", amount="10.50", currency="JPY"),
        deal("numeric-time", created_at=1_764_000_000),
        deal("negative", amount=-1),
    )

    assert taken.ingested == 1
    assert [(error.index, error.field) for error in taken.errors] == [
        (1, "deal_id"), (2, "stage"), (3, "amount"), (4, "created_at"), (5, "amount"),
    ]  # fmt: skip
    assert "JPY" in taken.errors[2].message


def test_unknown_fields_of_a_record_are_passed_over(tenant: UUID) -> None:
    taken = ingest(tenant, deal(dealname="Ana's studio", contact={"email": "ana@example.com"}))

    assert taken.ingested == 1
    with tenant_transaction(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deal_fact WHERE value LIKE '%Ana%' OR value LIKE '%@%'")
        assert cursor.fetchone() == (0,)


def test_a_thousand_deals_take_as_many_statements_as_one(tenant: UUID) -> None:
    counts = []
    for size in (1, 1_000):
        with CaptureQueriesContext(connection) as captured:
            ingest(tenant, *(deal(f"{size}-{number}", amount=number, ad_id="ad-1") for number in range(size)))
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 16


def test_deals_of_two_crms_with_one_id_are_two(tenant: UUID) -> None:
    ingest(tenant, deal(amount=1), source="one")
    ingest(tenant, deal(amount=2), source="two")

    with pytest.raises(AmbiguousDeal, match="source"):
        stored(tenant)
    assert stored(tenant, source="two").amount == Decimal(2)


def test_a_deal_of_another_account_is_not_there(tenant: UUID, stranger: UUID) -> None:
    ingest(tenant, deal())

    with pytest.raises(DealNotFound):
        stored(stranger)


def test_an_ads_return_is_the_sum_of_what_its_deals_came_to_count(tenant: UUID) -> None:
    won = {"stage": "won", "outcome": "won", "closed_at": "2026-05-20T12:00:00Z"}
    history: JsonValue = [{"stage": "qualified", "at": CREATED}, {"stage": "won", "at": "2026-05-20T12:00:00Z"}]
    ingest(
        tenant,
        deal("won", ad_id="ad-1", amount=1_000, **won, stage_history=history),
        deal("open", ad_id="ad-1", amount=500, stage="proposal"),
        deal("lost", ad_id="ad-1", amount=700, stage="lost", outcome="lost", closed_at="2026-05-21T12:00:00Z"),
        deal("other", ad_id="ad-2", amount=900),
        deal("euro", ad_id="ad-1", amount=80, currency="EUR", stage="proposal"),
    )

    with tenant_transaction(tenant):
        of_all = operations.ad_roas(AdRoasRequest(ad_id="ad-1", window="all"), at=NOON)
        of_late = operations.ad_roas(AdRoasRequest(ad_id="ad-1", window="14d"), at=NOON)
        now_worth = queries.pipeline_values(["ad-1"])

    assert (of_all.synthetic_revenue, of_all.cash_revenue) == (Decimal("1400.00"), Decimal(1_000))
    assert (of_late.synthetic_revenue, of_late.cash_revenue) == (Decimal("600.00"), Decimal(1_000))
    assert [(part.currency, part.synthetic_revenue) for part in of_all.other_currencies] == [("EUR", Decimal("64.00"))]
    assert (of_all.spend, of_all.pipeline_roas, of_all.reason) == (None, None, "no_spend_known")
    assert [(part.currency, part.synthetic_revenue) for part in now_worth["ad-1"]] == [
        ("EUR", Decimal("64.0000")), ("USD", Decimal("1400.0000")),
    ]  # fmt: skip


def test_stages_that_are_set_are_what_deals_count(tenant: UUID) -> None:
    ingest(tenant, deal(stage="Demo Held", amount=1_000))
    before = stored(tenant).synthetic_revenue
    setting = StageSetting(stage="demo_held", probability=0.0)

    with tenant_transaction(tenant):
        operations.change_stages(change=StagesChange(pipelines=[PipelineStages(stages=[setting])]), at=NOON)
        operations.revalue_deals(at=NOON)

    assert (before, stored(tenant).synthetic_revenue) == (None, Decimal(0))


def test_the_fitness_account_starts_from_its_own_figures(database: str) -> None:
    fitness = create_tenant(slug="ptd-fitness").id
    with tenant_transaction(fitness):
        value = operations.value_stage_change(StageChange(deal_id="d", stage_to="appointment_scheduled"))

    assert (value.synthetic_revenue, value.delta, value.currency) == (Decimal(2250), Decimal(2250), "USD")


def test_anybody_may_copy_a_set_of_figures(tenant: UUID) -> None:
    client = caller(tenant)

    answer = client.put("/api/revenue/stages", {"copy_from": "ptd-fitness"}, content_type="application/json")
    change = {"deal_id": 7, "stage_from": "appointment_scheduled", "stage_to": "closedlost"}
    value = client.post("/api/ml/synthetic-revenue/calculate", change, content_type="application/json").json()
    unknown = client.put("/api/revenue/stages", {"copy_from": "nobody"}, content_type="application/json")

    assert answer.status_code == 200
    assert (value["synthetic_revenue"], value["delta"], value["reason"]) == (0, -2250, "lost")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_template")


def test_an_amount_that_is_not_known_is_not_guessed(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        value = operations.value_stage_change(StageChange(deal_id="d", stage_to="proposal"))

    assert (value.synthetic_revenue, value.confidence, value.reason) == (None, 0.0, "amount_missing")
    assert "deal_value" in value.explanation


def test_over_http_a_batch_has_at_most_a_thousand_deals(tenant: UUID) -> None:
    body = {"source": "crm", "deals": [deal(str(number)) for number in range(1_001)]}

    answer = caller(tenant).post("/api/ml/ingest-crm-data", body, content_type="application/json")

    assert answer.status_code == 422


def test_a_deal_is_the_ad_of_the_click_that_it_came_from_until_that_is_erased(tenant: UUID) -> None:
    clicked_at = (NOON - timedelta(days=40)).isoformat()
    click = ClickInput.model_validate(
        {"click_id": "click-1", "ad_id": "ad-9", "clicked_at": clicked_at, "email": EMAIL}
    )
    with tenant_transaction(tenant):
        operations.track_click(click=click, at=NOON)
    ingest(tenant, deal("by-click", click_id="click-1", amount=100), deal("own", click_id="click-1", ad_id="ad-1"))
    before = (stored(tenant, "by-click").ad_id, stored(tenant, "own").ad_id)

    with tenant_transaction(tenant):
        operations.erase_person(request=EraseRequest(email=EMAIL), at=NOON)

    after = (stored(tenant, "by-click"), stored(tenant, "own"))
    assert before == ("ad-9", "ad-1")
    assert [(found.ad_id, found.click_id) for found in after] == [(None, None), ("ad-1", None)]
