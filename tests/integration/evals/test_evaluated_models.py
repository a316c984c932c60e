"""Evaluations of models over real connections: two models compared, what a cache spares, and what failures leave."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.fakes import board_models, content_models
from tests.fakes.board_models import Draft
from tests.fakes.model_servers import failure, openai_says
from tests.integration.evals.test_hero_command import evals, lasting
from tests.integration.outbound.servers import Seen, Site

FIXTURE = Path(__file__).resolve().parents[3] / "evals" / "hero" / "tea-taboos"
STRONG, WEAK = "openai:gpt-4o", "openai:gpt-4o-mini"
Says = Callable[[Seen], str]


def hears_what_nobody_said(draft: Draft, posts: dict[str, str]) -> None:
    draft["quotes"][0]["text"] = "Nobody ever wrote this sentence anywhere."


def speaker(seen: Seen) -> str:
    """Answer every question of the loop; the weak model makes most of its quotes up."""
    asked = json.loads(seen.body)
    if _is_about_content(seen):
        question = content_models.question_in(seen)
        return json.dumps(content_models.honest(question))
    if asked["model"] == WEAK.partition(":")[2]:
        return board_models.lying([hears_what_nobody_said], honest_ones=4)(seen)
    return board_models.honest(seen)


def _is_about_content(seen: Seen) -> bool:
    return re.search(rb"You (plan content|write posts) for the brand", seen.body) is not None


@contextmanager
def answering(settings: Settings, says: Says) -> Iterator[Site]:
    """Have the installation ask a server that speaks like this."""

    def send(seen: Seen, connection: socket.socket) -> None:
        connection.sendall(openai_says(says(seen)))

    with Site(send) as site:
        settings.LLM_DISABLED = False
        settings.OPENAI_API_KEY = "sk-for-tests"
        settings.OPENAI_BASE_URL = site.url("/v1")
        yield site


def run(out: Path, *options: str) -> Any:
    """Evaluate the fixture with one package, and return the report."""
    done = evals(
        "hero", "--fixture", str(FIXTURE), "--out", str(out), "--max-opportunities", "1", "--json", *options
    )  # fmt: skip
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)


def test_two_models_on_one_fixture_are_told_apart(database: str, tmp_path: Path, settings: Settings) -> None:
    with answering(settings, speaker):
        settings.KAIRO_LLM_MODEL_HEAVY = STRONG
        strong = run(tmp_path, "--generator", "model")
        settings.KAIRO_LLM_MODEL_HEAVY = WEAK
        weak = run(tmp_path, "--generator", "model")

    assert (strong["board"]["generator"], weak["board"]["generator"]) == ("model", "model")
    assert (strong["metrics"]["opportunities"], weak["metrics"]["opportunities"]) == (6, 4)
    assert (strong["quality"], weak["quality"]) == ("good", "partial")
    assert strong["metrics"]["quote_fidelity"] == weak["metrics"]["quote_fidelity"] == 1
    assert strong["spending"]["cost_cents"] > weak["spending"]["cost_cents"] > 0
    compared = json.loads(evals("compare", strong["files"][0], weak["files"][0], "--json").stdout)
    assert f"synthesis: synthesis@1 on {STRONG} → synthesis@1 on {WEAK}" in compared["prompts"]
    changed = {change["name"]: (change["before"], change["after"]) for change in compared["figures"]}
    assert (changed["opportunities"], changed["quality"]) == ((6, 4), ("good", "partial"))


def test_the_same_model_again_differs_only_in_what_the_cache_spares(
    database: str, tmp_path: Path, settings: Settings
) -> None:
    with answering(settings, speaker) as site:
        first = run(tmp_path, "--generator", "model")
        asked = len(site.requests)
        again = run(tmp_path, "--generator", "model")

    assert len(site.requests) == asked
    spared = {"cost_cents", "calls_from_cache", "tokens_in", "tokens_out"}
    assert {change["name"] for change in again["previous"]["changes"]} == spared
    assert again["spending"]["calls_from_cache"] == again["spending"]["calls"] == first["spending"]["calls"]
    assert lasting(again)["cases"] == lasting(first)["cases"]


def test_without_a_model_none_is_asked_although_there_is_one(database: str, tmp_path: Path, settings: Settings) -> None:
    with answering(settings, speaker) as site:
        report = run(tmp_path, "--generator", "extractive")

    assert site.requests == []
    assert (report["board"]["generator"], report["cases"][0]["package"]["generator"]) == ("extractive", "local")


def test_a_model_that_fails_leaves_a_degraded_board_and_errors_in_the_result(
    database: str, tmp_path: Path, settings: Settings
) -> None:
    with Site(failure(400)) as site:
        settings.LLM_DISABLED = False
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-for-tests", site.url("/v1")
        report = run(tmp_path, "--generator", "model")

    assert (report["board"]["state"], report["board"]["degraded"]) == ("ready", True)
    assert [(error["stage"], error["place"]) for error in report["errors"]] == [("package", 1)]
    assert (report["quality"], report["obs_health"]) == ("bad", "failed")
    assert "0 of 1 packages valid" in report["quality_reasons"]


def test_one_case_that_fails_does_not_stop_the_others(database: str, tmp_path: Path, settings: Settings) -> None:
    refused: list[str] = []

    def stumbling(seen: Seen) -> str:
        question = content_models.question_in(seen)
        if _is_about_content(seen) and not question.channel and (not refused or question.posts[0][1] in refused):
            refused.append(question.posts[0][1])
            return "{}"
        return speaker(seen)

    with answering(settings, stumbling):
        report = run(tmp_path, "--generator", "model", "--max-opportunities", "3")

    assert [(error["stage"], error["place"]) for error in report["errors"]] == [("package", 1)]
    assert [bool(case["package"]) for case in report["cases"][:3]] == [False, True, True]
    assert (report["metrics"]["packages"], report["metrics"]["packages_valid"]) == (3, 2)
    assert report["quality"] == "partial"


@pytest.mark.parametrize("generator", ["model", "auto"])
def test_without_any_model_the_report_says_who_wrote(
    database: str, tmp_path: Path, settings: Settings, generator: str
) -> None:
    settings.LLM_DISABLED = True

    report = run(tmp_path, "--generator", generator)

    assert report["board"]["generator"] == "extractive"
    assert (report["obs_health"], len(report["errors"])) == (("failed", 1) if generator == "model" else ("ok", 0))
