"""New ads start from winners whose texts are like theirs; where there are none, nothing is another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.learning.contracts.winners import WinnerDraft
from kairo.stages.learning.operations import add_winner
from kairo.stages.learning.operations.winner_priors import winner_starts
from kairo.stages.opportunities.models import KnownWinner
from tests.factories.advertising import make_ad
from tests.factories.boards import NOON, make_brand, make_item
from tests.factories.callers import caller
from tests.factories.packages import make_package, make_variant

SELECT = "/api/ml/battle-hardened/select"
WON = {"expected_roas": 3.0, "rest_roas": 1.2, "low": 2.4, "high": 3.7}
TEXTS = {
    "descale": "Descale your espresso machine in five minutes with citric acid",
    "beans": "Fresh beans from Ethiopia, roasted on Tuesday",
    "grinder": "A grinder that does not wake the neighbours",
    "cups": "Cups of stoneware, thrown by hand in Porto",
    "course": "Learn latte art in one evening at our bar",
}


@pytest.fixture
def owner(tenant: UUID) -> Client:
    return caller(tenant, role=Role.OWNER)


@pytest.fixture
def shop(tenant: UUID) -> UUID:
    """Make five ads, each showing its own text."""
    brand_id = make_brand(tenant).id
    item_id = make_item(tenant, brand_id=brand_id, text="How do I descale my machine?")
    for ad_id, body in TEXTS.items():
        package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
        variant_id = make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, body=body)
        make_ad(tenant, ad_id, variant_id=variant_id, at=NOON)
    return tenant


def win(
    tenant: UUID, ad_id: str = "old", text: str = "Descale your espresso machine in minutes", **metrics: float
) -> None:
    with tenant_transaction(tenant):
        add_winner(draft=WinnerDraft(ad_id=ad_id, text=text, metrics={**WON, **metrics}), at=NOON)


def select(owner: Client, **more: float) -> dict[str, Any]:
    asked = [{"ad_id": ad_id, "age_hours": 0, **more} for ad_id in TEXTS]
    body = {"ad_states": asked, "total_budget": 100, "seed": 5}
    answer = owner.post(SELECT, body, content_type="application/json").json()
    return {one["ad_id"]: one for one in answer["recommendations"]}


def test_a_new_ad_starts_from_the_winner_whose_text_is_like_its(owner: Client, shop: UUID) -> None:
    win(shop)
    found = select(owner)
    lifted, other = found["descale"], found["cups"]
    assert 1.05 < lifted["expected_roas"] / other["expected_roas"] <= 1.6
    assert lifted["recommended_budget"] > other["recommended_budget"]
    assert "ad old, return 3.00 beside 1.20" in lifted["reason"]
    assert "account's level" not in other["reason"]


def test_an_ad_like_no_winner_starts_where_it_did(owner: Client, shop: UUID) -> None:
    before = select(owner)
    win(shop, text="Pumps for garden ponds, silent and frugal")
    assert select(owner) == before


def test_evidence_of_its_own_takes_the_place_of_similar_winners(owner: Client, shop: UUID) -> None:
    grown = {"impressions": 100_000, "clicks": 2_000, "spend": 5_000, "pipeline_value": 9_000}
    before = select(owner, **grown)
    win(shop)
    assert select(owner, **grown) == before


def test_the_lead_of_a_winner_that_may_be_luck_counts_less(shop: UUID) -> None:
    names, nothing = list(TEXTS), np.zeros(len(TEXTS))
    win(shop)
    with tenant_transaction(shop):
        certain = winner_starts(names, nothing, least_impressions=100).factors
    win(shop, low=0.9, high=9.0)
    with tenant_transaction(shop):
        lucky = winner_starts(names, nothing, least_impressions=100).factors
    assert certain is not None
    assert lucky is not None
    assert 1.0 < lucky[0] < certain[0]
    assert list(lucky[1:]) == [1.0] * 4


def test_a_winner_does_not_start_from_itself(owner: Client, shop: UUID) -> None:
    before = select(owner)
    win(shop, ad_id="descale")
    assert select(owner) == before


@pytest.mark.parametrize(
    "metrics",
    [
        {"roas": 9.0},
        {**WON, "expected_roas": "3.0"},
        {**WON, "rest_roas": 0},
        {**WON, "low": True},
        {**WON, "high": 1.0},
        {**WON, "low": -1},
        {**WON, "high": None},
    ],
)
def test_a_winner_that_does_not_say_how_far_it_was_ahead_is_no_prior(
    owner: Client, shop: UUID, metrics: dict[str, float | str | bool | None]
) -> None:
    before = select(owner)
    added = {"ad_id": "old", "text": TEXTS["descale"], "metrics": metrics}
    assert owner.post("/api/ml/rag/add-winner", added, content_type="application/json").status_code == 201
    assert select(owner) == before
    with tenant_transaction(shop):
        assert not KnownWinner.objects.exists()


def test_a_stranger_s_winners_are_no_prior(owner: Client, shop: UUID, stranger: UUID) -> None:
    before = select(owner)
    win(stranger)
    assert select(owner) == before


@pytest.mark.parametrize("ads", [5, 2_000])
def test_looking_up_takes_as_many_queries_however_many_ads_there_are(shop: UUID, ads: int) -> None:
    win(shop)
    names = [*TEXTS, *(f"other-{number}" for number in range(ads - len(TEXTS)))]
    with tenant_transaction(shop), CaptureQueriesContext(connection) as asked:
        found = winner_starts(names, np.zeros(ads), least_impressions=100).factors
    assert len(asked) == 4
    assert found is not None
    assert found[0] > 1.0


def test_without_winners_one_query_is_asked_and_nothing_else(shop: UUID) -> None:
    with tenant_transaction(shop), CaptureQueriesContext(connection) as asked:
        found = winner_starts(list(TEXTS), np.zeros(len(TEXTS)), least_impressions=100)
    assert found.factors is None
    assert len(asked) == 1
