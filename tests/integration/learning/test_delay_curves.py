"""Delay curves as versions: what is learned when, what has to be beaten, and what a selection goes by."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.clock import set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.runner import run_job_by_id
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import ModelKind, ModelStatus
from kairo.stages.learning.contracts.budgets import BudgetMode, BudgetSettings, Selection, SelectRequest
from kairo.stages.learning.contracts.registry import LearnModels, ModelSummary, PromotionAction
from kairo.stages.learning.jobs import LEARN
from tests.factories.callers import caller
from tests.factories.sales_delays import on_day, sell
from tests.virtual_clock import virtual_clock

PIPELINE = str(BudgetMode.PIPELINE)
ADS = [
    {"ad_id": "a", "impressions": 9_000, "clicks": 300, "spend": 400, "pipeline_value": 900, "age_hours": 480},
    {"ad_id": "b", "impressions": 9_000, "clicks": 280, "spend": 400, "pipeline_value": 200, "age_hours": 240},
    {"ad_id": "c", "impressions": 2_000, "clicks": 40, "spend": 90, "pipeline_value": 0, "age_hours": 72},
]


def learn(tenant: UUID, day: float) -> int:
    with tenant_transaction(tenant):
        return operations.learn_delay_curves(at=on_day(day))


def selected(tenant: UUID, day: float) -> Selection:
    request = SelectRequest.model_validate({"ad_states": ADS, "total_budget": 200, "seed": 5})
    with tenant_transaction(tenant):
        return operations.select_budgets(request=request, at=on_day(day))


def answer(selection: Selection) -> dict[str, Any]:
    """Return all that was answered but the names of the selection and of the curve."""
    return selection.model_dump(exclude={"selection_id": True, "account": {"delay_curve_version"}})


def versions(tenant: UUID) -> list[ModelSummary]:
    with tenant_transaction(tenant):
        return queries.registered_models(kind=ModelKind.DELAY_CURVE)


def test_too_few_deals_and_too_short_a_past_teach_nothing(tenant: UUID) -> None:
    sell(tenant, days=(0, 90), a_day=1, median=10)
    few = learn(tenant, 160)
    sell(tenant, days=(160, 200), a_day=8, median=3, seed=1)
    with tenant_transaction(tenant):
        operations.change_budget_settings(settings=BudgetSettings(currency="EUR"), at=on_day(0))
    assert (few, learn(tenant, 100), versions(tenant)) == (0, 0, [])


def test_the_first_curve_serves_what_the_deals_say_to_the_last_digit(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=10)
    live = selected(tenant, 200)

    assert learn(tenant, 200) == 1

    kept = selected(tenant, 200)
    [first] = versions(tenant)
    assert (live.account.delay_curve_version, kept.account.delay_curve_version) == (None, 1)
    assert answer(kept) == answer(live)
    assert (first.status, first.subject) == (ModelStatus.CHAMPION, PIPELINE)
    assert first.metrics["deals"] == live.account.closed_deals > 300
    assert first.trained_until <= on_day(200)


def test_amounts_and_rates_stay_what_the_deals_say_now(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=10)
    learn(tenant, 150)
    sell(tenant, days=(150, 170), a_day=4, median=5, seed=2)

    later = selected(tenant, 300)

    assert (later.account.closed_deals, later.account.delay_curve_version) == (440, 1)


def test_slower_sales_bring_a_better_curve_and_a_rollback_takes_it_away(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=5)
    learn(tenant, 150)
    sell(tenant, days=(150, 290), a_day=3, median=20, seed=1)
    before = selected(tenant, 400)

    assert learn(tenant, 400) == 1

    after = selected(tenant, 400)
    [newest, first] = versions(tenant)
    assert (newest.status, first.status) == (ModelStatus.CHAMPION, ModelStatus.RETIRED)
    assert newest.comparison is not None
    assert newest.comparison.pairs >= 200
    assert (before.account.delay_curve_version, after.account.delay_curve_version) == (1, 2)
    assert after.account.median_days_to_win > before.account.median_days_to_win
    assert answer(after)["recommendations"] != answer(before)["recommendations"]

    client = caller(tenant)
    back = client.post(f"/api/models/{newest.id}/rollback", {"reason": "odd"}, content_type="application/json")

    assert (back.status_code, back.json()["version"]) == (200, 1)
    assert answer(selected(tenant, 400)) == answer(before)
    with tenant_transaction(tenant):
        lines = [(line.action, line.version, line.by) for line in queries.promotions()]
    assert [line[:2] for line in lines] == [
        (PromotionAction.ROLLED_BACK, 1), (PromotionAction.PROMOTED, 2), (PromotionAction.INSTALLED, 1)
    ]  # fmt: skip
    assert [line[2] for line in lines][1:] == ["learning", "learning"]
    assert learn(tenant, 401) == 0
    assert selected(tenant, 401).account.delay_curve_version == 1


def test_more_of_the_same_deals_bring_no_other_curve_into_use(tenant: UUID) -> None:
    sell(tenant, days=(0, 200), a_day=3, median=5)
    learn(tenant, 260)
    sell(tenant, days=(260, 400), a_day=3, median=5, seed=1)

    assert learn(tenant, 460) == 0

    [newest, first] = versions(tenant)
    assert first.status is ModelStatus.CHAMPION
    assert newest.status is not ModelStatus.CHAMPION
    assert newest.comparison is not None
    assert selected(tenant, 460).account.delay_curve_version == 1
    refused = caller(tenant).post(f"/api/models/{newest.id}/promote", "", content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_better")


def test_one_that_waits_is_compared_again_as_deals_close(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=8)
    learn(tenant, 150)
    sell(tenant, days=(150, 222), a_day=3, median=9, seed=1)
    waits = learn(tenant, 262)
    [waiting, _] = versions(tenant)
    sell(tenant, days=(262, 300), a_day=3, median=9, seed=2)

    learn(tenant, 330)

    again = next(one for one in versions(tenant) if one.id == waiting.id)
    assert (waits, waiting.status) == (0, ModelStatus.CHALLENGER)
    assert waiting.comparison is not None
    assert again.comparison is not None
    assert again.comparison.pairs > waiting.comparison.pairs
    assert again.trained_until == waiting.trained_until


def test_what_was_learned_later_does_not_serve_an_earlier_moment(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=10)
    early = selected(tenant, 80)
    learn(tenant, 200)
    assert selected(tenant, 80).account.delay_curve_version is None
    assert answer(selected(tenant, 80)) == answer(early)


def test_what_is_due_is_learned_by_a_job_and_by_a_command(tenant: UUID) -> None:
    sell(tenant, days=(0, 120), a_day=3, median=10)
    with virtual_clock():
        set_clock(on_day(200))
        with tenant_transaction(tenant):
            asked = enqueue(LEARN, LearnModels())
        run_job_by_id(asked.id)
        told = CliRunner().invoke(app, ["models", "learn", "--tenant", "acme", "--json"])
        nobody = CliRunner().invoke(app, ["models", "learn", "--tenant", "nobody"])

    with tenant_transaction(tenant):
        job = Job.objects.get(id=asked.id)
    assert (job.state, job.outcome) == (JobState.SUCCEEDED, {"delay_curves": 1, "trend_baseline": False})
    assert json.loads(told.stdout) == {"delay_curves": 0, "trend_baseline": False}
    assert nobody.exit_code != 0


@pytest.mark.parametrize("mode", list(BudgetMode))
def test_a_curve_serves_the_mode_that_it_was_learned_for(tenant: UUID, mode: BudgetMode) -> None:
    sell(tenant, days=(0, 240), a_day=3, median=10)
    with tenant_transaction(tenant):
        operations.change_budget_settings(settings=BudgetSettings(mode=mode), at=on_day(0))

    assert learn(tenant, 300) == 1

    assert [one.subject for one in versions(tenant)] == [str(mode)]
    assert selected(tenant, 300).account.delay_curve_version == 1


def test_a_mode_that_is_asked_for_gets_a_curve_of_its_own(tenant: UUID, stranger: UUID) -> None:
    sell(tenant, days=(0, 240), a_day=3, median=10)
    request = SelectRequest.model_validate({"ad_states": ADS, "total_budget": 200, "mode": "direct"})
    with tenant_transaction(tenant):
        operations.select_budgets(request=request, at=on_day(300))

    assert (learn(tenant, 300), learn(stranger, 300)) == (2, 0)

    assert {one.subject for one in versions(tenant)} == {"direct", PIPELINE}
    assert versions(stranger) == []
