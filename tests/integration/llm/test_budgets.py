"""Money is set aside before a model is asked; what does not fit is not asked, whoever comes at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute
from kairo.platform.llm.asking import Models
from kairo.platform.llm.budgets import Attempted, Reservation, reserve, settle
from kairo.platform.llm.contracts import BudgetExceeded, BudgetState, CapScope, InvalidCaps, ModelUnavailable, Outcome
from kairo.platform.llm.operations import set_caps, sweep
from kairo.platform.llm.queries import budgets, calls_of_run, command_budget
from tests.fakes.model_calls import GOOD, NOON, models_at, mood_call, posts, spender
from tests.fakes.model_servers import failure, openai_says, openai_says_uncounted
from tests.integration.outbound.servers import Site

DOLLAR = 1_000_000
COMMANDS = 50
UNCOUNTED = openai_says_uncounted(GOOD)


def caps(account: UUID, /, **cents: int) -> None:
    with tenant_transaction(account):
        set_caps(cents, at=NOON)


def state(tenant: UUID, scope: CapScope) -> BudgetState:
    with tenant_transaction(tenant):
        [found] = budgets(scopes=frozenset({scope}))
    return found


def reserved(tenant: UUID, *, amount: int, run_id: UUID | None = None) -> Reservation:
    payer = run_id or new_id()
    attempted = Attempted(run_id=payer, task="single", model="openai:gpt-4o-mini", prompt="mood@1", attempt=1)
    with tenant_transaction(tenant):
        return reserve(
            attempted,
            [(CapScope.COMMAND, str(payer), 5 * DOLLAR), (CapScope.DAY, "2026-11-21", 5 * DOLLAR)],
            amount=amount,
            lasts_s=10,
        )


def test_fifty_commands_at_once_on_a_cap_for_ten_make_ten_calls(tenant: UUID) -> None:
    caps(tenant, command=100, day=1_000, tenant=100_000)
    start = threading.Barrier(COMMANDS)

    def command(models: Models, number: int) -> bool:
        start.wait()
        try:
            models.ask(mood_call("costly"), posts(f"Post {number}"), spender=spender(tenant), at=NOON)
        except BudgetExceeded as error:
            return error.scope is not CapScope.DAY
        finally:
            connections.close_all()
        return True

    with Site(UNCOUNTED) as site, ThreadPoolExecutor(COMMANDS) as pool:
        models = models_at(local=site)
        served = list(pool.map(lambda number: command(models, number), range(COMMANDS)))

    day = state(tenant, CapScope.DAY)
    assert served.count(True) == len(site.requests) == 10
    assert (day.spent_microdollars, day.reserved_microdollars) == (10 * DOLLAR, 0)


def test_real_usage_takes_the_place_of_the_worst_case(tenant: UUID) -> None:
    payer = spender(tenant, user_id=new_id())
    with Site(openai_says(GOOD, tokens_in=1_000, tokens_out=50)) as site:
        models_at(openai=site).ask(mood_call("single"), posts("Lovely!"), spender=payer, at=NOON)

    # 1,000 tokens at 0.15 dollars a million and 50 at 0.60.
    for scope in CapScope:
        found = state(tenant, scope)
        assert (found.spent_microdollars, found.reserved_microdollars) == (180, 0)


def test_a_call_that_may_cost_more_than_its_command_is_refused_unasked(tenant: UUID) -> None:
    caps(tenant, command=99)
    payer = spender(tenant)
    with Site(UNCOUNTED) as site, pytest.raises(BudgetExceeded, match="cap of this command") as caught:
        models_at(local=site).ask(mood_call("costly"), posts("Hm."), spender=payer, at=NOON)

    with tenant_transaction(tenant):
        [call] = calls_of_run(payer.run_id)
    assert site.requests == []
    assert caught.value.code == "BUDGET_EXCEEDED"
    assert call.outcome is Outcome.OVER_BUDGET


def test_a_user_has_a_cap_of_the_day(tenant: UUID) -> None:
    caps(tenant, command=100, user=100)
    ana = new_id()
    with Site(UNCOUNTED) as site:
        models = models_at(local=site)
        models.ask(mood_call("costly"), posts("One"), spender=spender(tenant, user_id=ana), at=NOON)
        models.ask(mood_call("costly"), posts("Two"), spender=spender(tenant, user_id=new_id()), at=NOON)
        with pytest.raises(BudgetExceeded, match="cap of this user") as caught:
            models.ask(mood_call("costly"), posts("Three"), spender=spender(tenant, user_id=ana), at=NOON)

    assert caught.value.retry_after_s == 12 * 3600


def test_what_one_account_spends_is_not_anothers(tenant: UUID, stranger: UUID) -> None:
    caps(tenant, command=100, day=100)
    caps(stranger, command=100, day=100)
    with Site(UNCOUNTED) as site:
        models = models_at(local=site)
        models.ask(mood_call("costly"), posts("One"), spender=spender(tenant), at=NOON)
        models.ask(mood_call("costly"), posts("One"), spender=spender(stranger), at=NOON)

    assert len(site.requests) == 2


def test_a_dearer_fallback_over_the_cap_is_refused(tenant: UUID) -> None:
    payer = spender(tenant)
    cap_cents = 1
    caps(tenant, command=cap_cents)
    long = "word " * 5_000
    with Site(failure(401)) as site, pytest.raises(BudgetExceeded):
        models_at(openai=site).ask(mood_call("dearer"), posts(long), spender=payer, at=NOON)

    with tenant_transaction(tenant):
        calls = calls_of_run(payer.run_id)
    assert [(call.model, call.outcome) for call in calls] == [
        ("openai:gpt-4o-mini", Outcome.REJECTED),
        ("openai:gpt-4o", Outcome.OVER_BUDGET),
    ]
    assert len(site.requests) == 1


def test_a_cheaper_model_may_serve_what_a_dear_one_may_not(tenant: UUID) -> None:
    caps(tenant, command=1)
    with Site(openai_says(GOOD)) as site:
        answer = models_at(openai=site).ask(
            mood_call("cheaper"), posts("word " * 5_000), spender=spender(tenant), at=NOON
        )

    assert answer.model == "openai:gpt-4o-mini"
    assert answer.fallback_reason == "openai:gpt-4o over_budget"


def test_a_model_without_a_price_is_not_asked(tenant: UUID) -> None:
    with Site(openai_says(GOOD)) as site, pytest.raises(ModelUnavailable, match="No price is known"):
        models_at(openai=site).ask(mood_call("unpriced"), posts("Hm."), spender=spender(tenant), at=NOON)

    assert site.requests == []


def test_a_server_of_ones_own_has_the_price_that_its_route_declares(tenant: UUID) -> None:
    caps(tenant, command=0, day=0, tenant=0)
    with Site(openai_says(GOOD)) as site:
        answer = models_at(local=site).ask(mood_call("own"), posts("Hm."), spender=spender(tenant), at=NOON)

    assert answer.cost_microdollars == 0


def test_eighty_percent_of_a_cap_is_said(tenant: UUID) -> None:
    caps(tenant, command=110)
    with Site(UNCOUNTED) as site:
        answer = models_at(local=site).ask(mood_call("costly"), posts("Hm."), spender=spender(tenant), at=NOON)

    assert answer.warnings == ("budget_command_91_percent",)


def test_money_of_a_crashed_attempt_is_swept_and_counts_as_spent(tenant: UUID) -> None:
    run_id = new_id()
    reserved(tenant, amount=DOLLAR, run_id=run_id)
    assert sweep(tenant) == 0

    with tenant_transaction(tenant):
        execute("UPDATE llm_reservation SET expires_at = now() - interval '1 second'")
    assert sweep(tenant) == 1
    assert sweep(tenant) == 0

    with tenant_transaction(tenant):
        [call] = calls_of_run(run_id)
        command = command_budget(run_id)
    assert (call.outcome, call.cost_microdollars) == (Outcome.LOST, DOLLAR)
    assert (command.spent_microdollars, command.reserved_microdollars) == (DOLLAR, 0)


def test_an_attempt_that_was_only_slow_corrects_what_was_swept(tenant: UUID) -> None:
    reservation = reserved(tenant, amount=DOLLAR)
    with tenant_transaction(tenant):
        execute("UPDATE llm_reservation SET expires_at = now() - interval '1 second'")
    sweep(tenant)

    with tenant_transaction(tenant):
        settle(reservation, cost=700)

    day = state(tenant, CapScope.DAY)
    assert (day.spent_microdollars, day.reserved_microdollars) == (700, 0)


def test_a_refusal_sets_nothing_aside_in_the_caps_that_had_room(tenant: UUID) -> None:
    caps(tenant, command=1_000, day=50)
    with Site(UNCOUNTED) as site, pytest.raises(BudgetExceeded):
        models_at(local=site).ask(mood_call("costly"), posts("Hm."), spender=spender(tenant), at=NOON)

    with tenant_transaction(tenant):
        assert [budget.reserved_microdollars for budget in budgets()] == []


@pytest.mark.parametrize("values", [{"command": -1}, {"command": "much"}, {"week": 5}, {"day": 10**9}])
def test_caps_are_whole_cents_of_known_scopes(tenant: UUID, values: dict[str, int]) -> None:
    with tenant_transaction(tenant), pytest.raises(InvalidCaps, match="whole cents"):
        set_caps(values, at=NOON)
