"""Budgets over HTTP: what is told, what is answered, and what stays with its account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import create_tenant, issue_token
from kairo.stages.learning.models import AdReading, BudgetSelection

SELECT, FEEDBACK = "/api/ml/battle-hardened/select", "/api/ml/battle-hardened/feedback"
SETTINGS = "/api/settings/budgets"


def caller(tenant_id: UUID) -> Client:
    token = issue_token(tenant_id=tenant_id, name="owner", role=Role.OWNER).token
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def owner(tenant: UUID) -> Client:
    return caller(tenant)


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def report(ad_id: str = "a", *, day: int = 5, **told: float) -> dict[str, Any]:
    usual = {"impressions": 3_000, "clicks": 60, "spend": 300.0, "pipeline_value": 400.0, "cash_revenue": 0.0}
    return {"ad_id": ad_id, "observed_at": f"2026-01-{day:02}T00:00:00Z", **usual, **told}


def state(ad_id: str = "a", **told: float) -> dict[str, Any]:
    return {name: value for name, value in report(ad_id).items() if name != "observed_at"} | {"age_hours": 240} | told


def rows(tenant: UUID) -> list[tuple[str, float]]:
    with tenant_transaction(tenant):
        return list(AdReading.objects.order_by("ad_id", "observed_at").values_list("ad_id", "spend"))


def test_the_same_totals_twice_change_nothing(owner: Client, tenant: UUID) -> None:
    first, second = post(owner, FEEDBACK, report()), post(owner, FEEDBACK, report())
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert rows(tenant) == [("a", 300.0)]


def test_reports_may_come_in_any_order_and_be_corrected(owner: Client, tenant: UUID) -> None:
    post(owner, FEEDBACK, report(day=7, spend=700.0))
    late = post(owner, FEEDBACK, report(day=5))
    corrected = post(owner, FEEDBACK, report(day=7, spend=650.0))
    assert late["spend"] == 700.0
    assert corrected["spend"] == 650.0
    assert rows(tenant) == [("a", 300.0), ("a", 650.0)]


def test_many_reports_are_taken_at_once(owner: Client, tenant: UUID) -> None:
    sent = [report("a"), report("b"), report("a"), report("a", day=6, spend=310.0)]
    answers = post(owner, FEEDBACK, {"reports": sent})["results"]
    assert [one["ad_id"] for one in answers] == ["a", "b", "a", "a"]
    assert answers[0]["spend"] == 310.0
    assert len(rows(tenant)) == 3


def test_each_ad_has_its_answer_and_the_sum_stays_within_the_total(owner: Client) -> None:
    post(owner, FEEDBACK, report())
    asked = {"ad_states": [state("a"), state("b", age_hours=0, spend=0, clicks=0)], "total_budget": 100, "seed": 3}

    first, second = post(owner, SELECT, asked), post(owner, SELECT, asked)

    assert [one["ad_id"] for one in first["recommendations"]] == ["a", "b"]
    assert sum(one["recommended_budget"] for one in first["recommendations"]) <= 100
    assert first["recommendations"] == second["recommendations"]
    assert (first["mode"], first["as_of"]) == ("pipeline", "2026-01-05T00:00:00Z")
    for one in first["recommendations"]:
        assert one["expected_roas_interval"]["low"] <= one["expected_roas"] <= one["expected_roas_interval"]["high"]
        assert one["decision"] == "HOLD"
        assert one["reason"]


def test_what_was_recommended_is_kept(owner: Client, tenant: UUID) -> None:
    answer = post(owner, SELECT, {"ad_states": [state()], "total_budget": 50})
    with tenant_transaction(tenant):
        kept = BudgetSelection.objects.get(id=answer["selection_id"])
    assert kept.ad_ids == ["a"]
    assert kept.recommended == [answer["recommendations"][0]["recommended_budget"]]
    assert kept.shadow


def test_what_was_recommended_is_scored_against_what_happened(owner: Client) -> None:
    asked = {"ad_states": [state("a", daily_budget=5), state("b", daily_budget=90)], "total_budget": 50}
    for ad_id in "ab":
        post(owner, FEEDBACK, report(ad_id))
    made = post(owner, SELECT, asked)["selection_id"]
    post(owner, FEEDBACK, report("a", day=15, spend=400.0, pipeline_value=800.0))
    post(owner, FEEDBACK, report("b", day=15, spend=500.0, pipeline_value=500.0))

    post(owner, SELECT, asked)

    [score] = owner.get("/api/ml/battle-hardened/scores").json()["items"]
    assert score["selection_id"] == made
    assert (score["ads"], score["roas_of_raised"], score["roas_of_cut"]) == (2, 4.0, 0.5)
    assert "4.00" in score["says"]


def test_a_campaign_is_read_from_what_was_told_of_its_ads(owner: Client) -> None:
    post(owner, "/api/ads", {"ads": [{"ad_id": "a", "campaign_id": "c"}, {"ad_id": "b", "campaign_id": "c"}]})
    post(owner, FEEDBACK, report("a"))
    answer = post(owner, SELECT, {"campaign_id": "c", "total_budget": 50})
    assert [(one["ad_id"], one["metrics"]["spend"]) for one in answer["recommendations"]] == [("a", 300.0), ("b", 0.0)]


def test_an_ad_that_ran_before_it_was_known_is_as_old_as_its_figures(owner: Client) -> None:
    post(owner, "/api/ads", {"ads": [{"ad_id": "a", "campaign_id": "c"}, {"ad_id": "b", "campaign_id": "c"}]})
    days = [
        {"ad_id": "a", "granularity": "day", "starts_at": f"2026-01-{day:02}T00:00:00Z", "impressions": 1000,
         "clicks": 20, "spend": 100, "currency": "USD"}
        for day in range(1, 29)
    ]  # fmt: skip
    post(owner, "/api/ads/stats", {"stats": days})

    [old, new] = post(owner, SELECT, {"campaign_id": "c", "total_budget": 50, "mode": "direct"})["recommendations"]

    assert old["metrics"]["matured_share"] == pytest.approx(1.0, abs=0.05)
    assert new["metrics"]["matured_share"] < 0.5


def test_closed_deals_teach_the_account(owner: Client) -> None:
    deals = [
        {"deal_id": f"d{n}", "ad_id": "old", "stage": outcome, "outcome": outcome, "amount": 750, "currency": "USD",
         "created_at": "2025-06-01T00:00:00Z", "closed_at": "2025-06-15T00:00:00Z",
         "stage_history": [{"stage": "qualified", "at": "2025-06-03T00:00:00Z"}]}
        for n, outcome in enumerate(["won", "lost", "lost", "lost"] * 10)
    ]  # fmt: skip
    post(owner, "/api/ml/ingest-crm-data", {"source": "crm", "deals": deals})
    post(owner, FEEDBACK, report("old", clicks=400, day=4))
    post(owner, FEEDBACK, report("a"))

    account = post(owner, SELECT, {"ad_states": [state()], "total_budget": 50})["account"]

    assert (account["closed_deals"], account["won_deals"], account["retired_ads"]) == (40, 10, 1)
    assert account["mean_amount"] == 750
    assert account["lead_rate"] > 0.06


def test_nothing_of_another_account_counts(owner: Client) -> None:
    other = caller(create_tenant(slug="other").id)
    post(owner, FEEDBACK, report())
    asked = {"ad_states": [state()], "total_budget": 100}
    assert post(owner, SELECT, asked)["as_of"] == "2026-01-05T00:00:00Z"
    assert post(other, SELECT, asked)["as_of"] > "2026-01-05T00:00:00Z"
    assert post(other, FEEDBACK, report(day=4))["is_new"]


def test_settings_are_kept_and_used(owner: Client) -> None:
    changed = owner.put(SETTINGS, {"currency": "EUR", "ignore_spend_below": 1_000}, content_type="application/json")
    assert changed.status_code == 200
    assert owner.get(SETTINGS).json()["currency"] == "EUR"
    answer = post(owner, SELECT, {"ad_states": [state()], "total_budget": 100})
    assert answer["currency"] == "EUR"
    assert "1,000.00" in answer["recommendations"][0]["reason"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (FEEDBACK, {"ad_id": "a"}),
        (FEEDBACK, report(clicks=-1)),
        (FEEDBACK, report() | {"observed_at": "yesterday"}),
        (FEEDBACK, {"reports": []}),
        (SELECT, {"total_budget": 10}),
        (SELECT, {"ad_states": [], "total_budget": 10}),
        (SELECT, {"ad_states": [{"ad_id": "a"}], "total_budget": -1}),
        (SELECT, {"ad_states": [{"ad_id": "a"}, {"ad_id": "a"}], "total_budget": 1}),
        (SELECT, {"ad_states": [{"ad_id": "a"}], "total_budget": 1, "mode": "both"}),
    ],
)
def test_wrong_input_is_told_what_to_mend(owner: Client, path: str, body: dict[str, Any]) -> None:
    answer = owner.post(path, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (report(clicks=-1), ["body.clicks"]),
        ({"reports": [report(), report(clicks=-1)]}, ["body.reports.1.clicks"]),
        ({"ad_id": "a"}, ["body.observed_at"]),
    ],
)
def test_only_the_mistakes_of_what_was_meant_are_named(owner: Client, body: dict[str, Any], named: list[str]) -> None:
    answer = owner.post(FEEDBACK, body, content_type="application/json")
    assert [error["field"] for error in answer.json()["errors"]] == named


def test_a_question_that_is_too_large_is_told_to_name_its_campaign(owner: Client) -> None:
    answer = owner.post(SELECT, b" " * 3_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert "campaign_id" in answer.json()["detail"]


def test_an_unknown_campaign_is_not_found(owner: Client) -> None:
    answer = owner.post(SELECT, {"campaign_id": "nope", "total_budget": 10}, content_type="application/json")
    assert answer.status_code == 404
    assert "/api/ads" in answer.json()["detail"]
