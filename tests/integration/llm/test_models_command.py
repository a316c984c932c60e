"""`kairo models` as it is typed: routes, checks, caps, and what a run has asked."""

from __future__ import annotations

import json
import socket
from uuid import UUID

import pytest
from pytest_django import Settings
from typer.testing import CliRunner, Result

from kairo.interfaces.cli.models import models_app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm.checking import CHECK
from kairo.platform.llm.configured import configured_models
from kairo.platform.llm.contracts import InvalidCaps, ModelsDisabled, UnknownTask
from kairo.platform.llm.models import LlmCall
from tests.fakes.model_calls import NOON, spender
from tests.fakes.model_servers import failure, openai_says
from tests.integration.outbound.servers import Site

EVERGREEN = '{"word": "evergreen"}'


def models(*arguments: str) -> Result:
    return CliRunner().invoke(models_app, list(arguments), terminal_width=200)


@pytest.fixture
def own_server(settings: Settings) -> Settings:
    """The settings of an installation that has a server of its own and Anthropic's key."""
    settings.KAIRO_LLM_MODEL_FAST = "local:small"
    settings.KAIRO_LLM_MODEL_HEAVY = "local:small"
    settings.ANTHROPIC_API_KEY = "sk-ant-for-tests"
    return settings


def test_routes_say_what_is_missing(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-for-tests"
    listed = {route["task"]: route for route in json.loads(models("list", "--json").stdout)}
    shown = models("list").stdout

    assert listed["synthesis"]["models"][0] == {
        "model": "openai:gpt-4o",
        "has_provider": True,
        "dollars_in": 2.5,
        "dollars_out": 10.0,
    }
    assert "anthropic:claude-haiku-4-5   no key" in shown
    assert "openai:gpt-4o-mini           ready" in shown


def test_check_asks_each_model_there_is_and_pays_for_it(tenant: UUID, own_server: Settings) -> None:
    with Site(openai_says(EVERGREEN)) as site, Site(failure(401)) as other:
        own_server.KAIRO_LLM_BASE_URL = site.url("/v1")
        own_server.ANTHROPIC_BASE_URL = other.url("")
        result = models("check", "--tenant", "acme", "--json")

    checks = {check["model"]: check for check in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert checks["local:small"]["answered"] is True
    assert checks["anthropic:claude-haiku-4-5"]["answered"] is False
    assert "answered 401" in checks["anthropic:claude-haiku-4-5"]["detail"]
    with tenant_transaction(tenant):
        run_id = LlmCall.objects.values_list("run_id", flat=True).first()
    listed = json.loads(models("calls", str(run_id), "--json").stdout)
    assert [call["outcome"] for call in listed if call["model"] == "local:small"] == ["ok"]
    [line] = models("recording", str(run_id)).stdout.splitlines()
    assert json.loads(line)["reply"] == EVERGREEN


def test_a_small_model_that_gives_another_word_back_answers_all_the_same(tenant: UUID, own_server: Settings) -> None:
    own_server.ANTHROPIC_API_KEY = None
    with Site(openai_says('{"word": "oak"}')) as site:
        own_server.KAIRO_LLM_BASE_URL = site.url("/v1")
        result = models("check", "--tenant", "acme")

    assert (result.exit_code, "it said 'oak'" in result.stdout) == (0, True)


def test_disabled_models_open_no_connection(tenant: UUID, own_server: Settings) -> None:
    own_server.LLM_DISABLED = True
    with Site(openai_says(EVERGREEN)) as site:
        own_server.KAIRO_LLM_BASE_URL = site.url("/v1")
        with pytest.raises(ModelsDisabled):
            configured_models().ask(CHECK, CHECK.takes(word="evergreen"), spender=spender(tenant), at=NOON)

    assert site.requests == []
    assert "local implementations serve" in models("check", "--tenant", "acme").stdout


def test_an_address_of_the_operator_may_be_a_name_inside_the_network(tenant: UUID, own_server: Settings) -> None:
    assert socket.gethostbyname("localhost") == "127.0.0.1"
    with Site(openai_says(EVERGREEN)) as site:
        own_server.KAIRO_LLM_BASE_URL = site.url("/v1", host="localhost")
        own_server.ANTHROPIC_API_KEY = None
        result = models("check", "--tenant", "acme")

    assert (result.exit_code, "answers" in result.stdout) == (0, True)


def test_caps_are_changed_and_shown(tenant: UUID) -> None:
    changed = json.loads(models("budget", "--tenant", "acme", "--set", "command=25", "--json").stdout)

    assert changed == {"caps_cents": {"command": 25, "user": 500, "day": 1000, "tenant": 20000}, "budgets": []}
    assert "command  25" in models("budget", "--tenant", "acme").stdout


def test_a_cap_that_is_no_cap_is_explained(tenant: UUID) -> None:
    mistyped = models("budget", "--tenant", "acme", "--set", "command=much")
    unknown = models("budget", "--tenant", "acme", "--set", "week=5")

    assert mistyped.exit_code == 2
    assert isinstance(unknown.exception, InvalidCaps)


def test_an_account_may_have_its_own_route(tenant: UUID) -> None:
    chosen = json.loads(models("route", "scoring", "local:small", "fast", "--tenant", "acme", "--json").stdout)
    listed = {route["task"]: route for route in json.loads(models("list", "--tenant", "acme", "--json").stdout)}
    back = json.loads(models("route", "scoring", "--tenant", "acme", "--json").stdout)

    assert chosen["models"] == ["local:small", "openai:gpt-4o-mini"]
    assert [model["model"] for model in listed["scoring"]["models"]] == chosen["models"]
    assert back["models"][0] == "openai:gpt-4o-mini"
    assert isinstance(models("route", "poetry", "fast", "--tenant", "acme").exception, UnknownTask)


def test_nothing_is_kept_on_request(tenant: UUID) -> None:
    assert models("keep", "0", "--tenant", "acme").stdout == "No answer is kept; 0 were deleted.\n"
