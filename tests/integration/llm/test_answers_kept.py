"""Answers that were paid for are kept: the same question comes from the cache, and a run can be asked again offline."""

from __future__ import annotations

from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute
from kairo.platform.llm.asking import replaying
from kairo.platform.llm.contracts import Answer, NotRecorded, RecordedCall, Spender
from kairo.platform.llm.models import LlmAnswer
from kairo.platform.llm.operations import forget_answers, set_keep_days, set_route, sweep
from kairo.platform.llm.queries import calls_of_run, recording_of
from tests.fakes.model_calls import GOOD, NOON, ROUTES, Mood, models_at, mood_call, posts, spender
from tests.fakes.model_servers import openai_says
from tests.integration.outbound.servers import Site

SPACED = '{ "mood":   "bad", "post_ids": ["p1"] }'


def ask(site: Site, payer: Spender, text: str, task: str = "single") -> Answer[Mood]:
    return models_at(openai=site).ask(mood_call(task), posts(text), spender=payer, at=NOON)


def test_the_same_question_is_paid_once(tenant: UUID) -> None:
    again = spender(tenant)
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "Lovely!")
        answer = ask(site, again, "Lovely!")

    with tenant_transaction(tenant):
        [call] = calls_of_run(again.run_id)
    assert (answer.from_cache, answer.cost_microdollars, answer.output.mood) == (True, 0, "good")
    assert (call.from_cache, call.attempt, call.cost_microdollars) == (True, 0, 0)
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("task", "text"), [("single", "Another post."), ("cheaper", "Lovely!"), ("uncached", "Lovely!")]
)
def test_another_input_another_route_or_a_task_without_a_cache_asks_again(tenant: UUID, task: str, text: str) -> None:
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "Lovely!", task="uncached" if task == "uncached" else "single")
        assert ask(site, spender(tenant), text, task=task).from_cache is False


def test_an_answer_of_a_model_that_left_the_route_is_not_served(tenant: UUID) -> None:
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "Lovely!")
        with tenant_transaction(tenant):
            set_route("single", ["openai:gpt-4o"], at=NOON, file=ROUTES)
        answer = ask(site, spender(tenant), "Lovely!")

    assert (answer.from_cache, answer.model) == (False, "openai:gpt-4o")


def test_answers_stay_within_their_account(tenant: UUID, stranger: UUID) -> None:
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "Lovely!")
        answer = ask(site, spender(stranger), "Lovely!")

    assert answer.from_cache is False


def test_an_account_that_keeps_nothing_has_no_cache(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        set_keep_days(0, at=NOON)
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "Lovely!")
        ask(site, spender(tenant), "Lovely!")

    with tenant_transaction(tenant):
        assert LlmAnswer.objects.count() == 0
    assert len(site.requests) == 2


def test_a_replay_gives_the_same_bytes_and_opens_no_connection(tenant: UUID) -> None:
    payer = spender(tenant)
    with Site(openai_says(SPACED)) as site:
        first = [ask(site, payer, text).output.model_dump_json() for text in ("One", "Two", "Three")]
    with tenant_transaction(tenant):
        lines = [call.model_dump_json() for call in recording_of(payer.run_id)]

    offline = replaying([RecordedCall.model_validate_json(line) for line in lines])
    second = [
        offline.ask(mood_call("single"), posts(text), spender=payer, at=NOON).output.model_dump_json()
        for text in ("One", "Two", "Three")
    ]

    assert second == first
    assert [RecordedCall.model_validate_json(line).reply for line in lines] == [SPACED] * 3
    assert len(site.requests) == 3


def test_a_replay_says_what_was_not_recorded(tenant: UUID) -> None:
    with pytest.raises(NotRecorded, match="mood@1"):
        replaying([]).ask(mood_call("single"), posts("One"), spender=spender(tenant), at=NOON)


def test_what_is_kept_can_be_forgotten_and_ends_by_itself(tenant: UUID) -> None:
    with Site(openai_says(GOOD)) as site:
        ask(site, spender(tenant), "One")
        ask(site, spender(tenant), "Two")

    with tenant_transaction(tenant):
        execute("UPDATE llm_answer SET expires_at = now() - interval '1 second' WHERE inputs::text LIKE '%%One%%'")
    sweep(tenant)
    with tenant_transaction(tenant):
        assert forget_answers() == 1
        assert LlmAnswer.objects.count() == 0
