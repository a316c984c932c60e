"""A market in the likeness of an account: what its past tells is found again, and what it does not stays as it was."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from uuid import UUID

import pytest
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.interfaces.cli.loop.fitting import FittedLine, fitted_market
from kairo.platform.database.clock import set_clock
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.models import Tenant
from kairo.sandbox.ad_market import Params
from kairo.sandbox.ad_market.params import Audience, Stage
from kairo.stages.learning import queries as learning
from tests.factories.ad_histories import advertise
from tests.virtual_clock import virtual_clock

KNOWN = replace(
    Params(),
    audiences=(Audience("all", cost_per_mille=20.0, pull=1.0, reach=50_000_000, phone_share=0.6),),
    click_through=0.012,
    click_spread=0.5,
    lead_rate=0.045,
    lead_spread=0.5,
    saturation=60.0,
    stages=(
        Stage("appointmentscheduled", mean_days=1.0, goes_on=0.75),
        Stage("qualifiedtobuy", mean_days=2.0, goes_on=0.5),
        Stage("contractsent", mean_days=3.0, goes_on=0.65),
    ),
    mean_amount=2_400.0,
    amount_spread=0.4,
    soon_share=0.7,
    soon_hours=2.0,
    later_days=5.0,
    organic_leads_a_day=1.0,
    ad_in_crm=1.0,
    pixel_loss=0.3,
)
TOLERANCE = {
    "cost_per_mille": 0.02, "first_click_price": 0.25, "click_spread": 0.4, "saturation": 0.35, "lead_rate": 0.35,
    "lead_spread": 0.4, "organic_leads_a_day": 0.3, "mean_amount": 0.1, "amount_spread": 0.15, "soon_share": 0.15,
    "soon_hours": 0.25, "later_days": 0.3, "pixel_loss": 0.2,
    "appointmentscheduled.goes_on": 0.1, "qualifiedtobuy.goes_on": 0.15, "contractsent.goes_on": 0.15,
    "appointmentscheduled.mean_days": 0.2, "qualifiedtobuy.mean_days": 0.2, "contractsent.mean_days": 0.2,
}  # fmt: skip


def truth(name: str) -> float:
    stage, _, part = name.partition(".")
    if part:
        return float(getattr(next(one for one in KNOWN.stages if one.name == stage), part))
    if name == "first_click_price":
        return KNOWN.audiences[0].cost_per_mille / 1000 / KNOWN.click_through
    return float(KNOWN.audiences[0].cost_per_mille if name == "cost_per_mille" else getattr(KNOWN, name))


def off(line: FittedLine) -> float:
    """Return by which share of the truth a fitted number lies beside it."""
    assert line.fitted is not None, line
    return abs(line.fitted / truth(line.name) - 1)


def test_the_numbers_of_a_market_are_found_in_the_past_of_who_advertised_there(tenant: UUID) -> None:
    at = advertise(tenant, KNOWN, ads=20, days=40, budgets=(10, 120))

    with tenant_transaction(tenant):
        found = fitted_market(learning.market_measures(until=at))

    assert {line.name for line in found.lines} == set(TOLERANCE)
    assert {line.name: off(line) for line in found.lines if off(line) > TOLERANCE[line.name]} == {}
    assert found.params.ad_in_crm == 1.0
    assert found.params.click_through == pytest.approx(KNOWN.click_through, rel=0.25)


def test_what_rests_on_too_little_stays_as_it_was(tenant: UUID) -> None:
    at = advertise(tenant, KNOWN, ads=3, days=4, budgets=(10, 20))

    with tenant_transaction(tenant):
        found = fitted_market(learning.market_measures(until=at))

    usual = Params()
    lines = {line.name: line for line in found.lines}
    assert lines["click_spread"].fitted is None
    assert re.fullmatch(r"too few ads \([123] of 10\), default kept", lines["click_spread"].note)
    assert (found.params.click_spread, found.params.audiences) == (usual.click_spread, usual.audiences)


def test_budgets_are_compared_on_the_fitted_market(tenant: UUID) -> None:
    at = advertise(tenant, KNOWN, ads=12, days=20, budgets=(10, 60))
    with tenant_transaction(tenant):
        slug = Tenant.objects.get().slug
    command = ["simulate", "ads", "--fit", slug, "--days", "3", "--ads", "3", "--seeds", "1", "--budget", "100"]

    with virtual_clock():
        set_clock(at)
        told = CliRunner().invoke(app, [*command, "--json"])
        shown = CliRunner().invoke(app, command)

    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    fitted = {line["name"]: line["fitted"] for line in answer["fitted"]}
    assert answer["fitted_to"] == slug
    assert fitted["mean_amount"] == pytest.approx(KNOWN.mean_amount, rel=0.25)
    [market] = answer["markets"]
    assert [one["policy"] for one in market["policies"]] == [
        "equal split",
        "plain rules",
        "who knows the truth",
        "kairo",
    ]
    assert "cost_per_mille" in shown.output


def test_an_account_without_a_past_is_told_so(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        slug = Tenant.objects.get().slug
    refused = CliRunner().invoke(app, ["simulate", "ads", "--fit", slug, "--days", "3"])
    unknown = CliRunner().invoke(app, ["simulate", "ads", "--fit", "nobody", "--days", "3"])
    assert refused.exit_code != 0
    assert "too little of a past" in str(refused.exception)
    assert unknown.exit_code != 0
