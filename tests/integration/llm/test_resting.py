"""A model that fails again and again is left alone for a while, and then tried by one."""

from __future__ import annotations

from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute
from kairo.platform.llm.contracts import ModelUnavailable, Outcome
from kairo.platform.llm.queries import calls_of_run
from kairo.platform.llm.rules import FAILURES_TO_REST
from tests.fakes.model_calls import GOOD, NOON, models_at, mood_call, posts, spender
from tests.fakes.model_servers import anthropic_says, failure, openai_says
from tests.integration.outbound.servers import Site

ANSWER = {"mood": "good", "post_ids": ["p1"]}


def wear_out(tenant: UUID) -> None:
    """Have the model of the route `single` fail until it rests."""
    with Site(failure(500)) as site:
        for number in range(FAILURES_TO_REST // 2 + 1):
            with pytest.raises(ModelUnavailable):
                models_at(openai=site).ask(
                    mood_call("single"), posts(f"Post {number}"), spender=spender(tenant), at=NOON
                )
    assert len(site.requests) >= FAILURES_TO_REST


def test_a_resting_model_is_passed_over_at_once(tenant: UUID) -> None:
    wear_out(tenant)
    payer = spender(tenant)
    with Site(openai_says(GOOD)) as site, Site(anthropic_says(ANSWER)) as other:
        answer = models_at(openai=site, anthropic=other).ask(
            mood_call("chain"), posts("Lovely!"), spender=payer, at=NOON
        )

    with tenant_transaction(tenant):
        calls = calls_of_run(payer.run_id)
    assert site.requests == []
    assert [call.outcome for call in calls] == [Outcome.RESTING, Outcome.OK]
    assert answer.fallback_reason == "openai:gpt-4o-mini resting"


def test_after_its_rest_it_is_tried_again_and_back_once_it_answers(tenant: UUID) -> None:
    wear_out(tenant)
    with tenant_transaction(tenant):
        execute("UPDATE llm_call SET at = at - interval '1 minute'")

    with Site(openai_says(GOOD)) as site:
        for text in ("One", "Two"):
            models_at(openai=site).ask(mood_call("single"), posts(text), spender=spender(tenant), at=NOON)

    assert len(site.requests) == 2


def test_a_model_that_rests_for_one_account_serves_another(tenant: UUID, stranger: UUID) -> None:
    wear_out(tenant)
    with Site(openai_says(GOOD)) as site:
        answer = models_at(openai=site).ask(mood_call("single"), posts("Lovely!"), spender=spender(stranger), at=NOON)

    assert answer.output.mood == "good"
