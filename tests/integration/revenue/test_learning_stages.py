"""Learned stage probabilities from a tenant's own deals, version by version."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.deals import StageChange
from tests.factories.callers import caller
from tests.factories.deals import BEGINNING, past_deals
from tests.integration.revenue.deal_records import deal, ingest, stored

AT = BEGINNING + timedelta(days=300)


def learn(tenant: UUID) -> list[int]:
    with tenant_transaction(tenant):
        return [model.version for model in operations.learn_stages(at=AT)]


def test_closed_deals_teach_what_their_stages_are_worth(tenant: UUID) -> None:
    ingest(tenant, *past_deals(240), deal("open", stage="qualified", amount=1_000, created_at=AT.isoformat()), at=AT)

    versions = learn(tenant)
    with tenant_transaction(tenant):
        operations.revalue_deals(at=AT)
        value = operations.value_stage_change(StageChange(deal_id="open", stage_to="qualified"))

    assert versions == [1]
    assert value.probability_source == "learned"
    assert value.probability is not None
    assert 0.25 < value.probability < 0.42
    assert stored(tenant, "open").synthetic_revenue == value.synthetic_revenue


def test_a_new_version_is_made_when_deals_have_closed_and_not_before(tenant: UUID) -> None:
    ingest(tenant, *past_deals(100), at=AT)

    first, again = learn(tenant), learn(tenant)
    ingest(tenant, *past_deals(120), at=AT)
    after = learn(tenant)

    assert (first, again, after) == ([1], [], [2])


def test_how_right_it_was_is_shown(tenant: UUID) -> None:
    ingest(tenant, *past_deals(300), at=AT)
    learn(tenant)

    answer = caller(tenant).get("/api/revenue/stage-probabilities").json()

    [model] = answer["models"]
    assert model["stages"][0]["stage"] == "qualified"
    assert model["calibration"]["brier"] < model["calibration"]["brier_of_base_rate"]
    assert "Brier" in answer["says"]


def test_too_few_deals_say_so(tenant: UUID, stranger: UUID) -> None:
    ingest(tenant, *past_deals(300), at=AT)
    learn(tenant)

    assert learn(stranger) == []
    with tenant_transaction(stranger):
        assert queries.stage_models().says.startswith("Nothing learned yet")
