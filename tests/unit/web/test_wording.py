"""The words of the pages."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.interfaces.web.evidence import split_at_quote
from kairo.interfaces.web.wording import (
    ENDED_WORDS,
    STATE_WORDS,
    TYPE_WORDS,
    code_parts,
    duration_words,
    gate_line,
    job_words,
    openable_url,
    platform_name,
)
from kairo.platform.jobs.contracts import JobDTO, JobProgress, JobState
from kairo.stages.evidence.contracts import GateKind, GateResult, GateThresholds, GateVerdict
from kairo.stages.evidence.rules.gates import judge
from kairo.stages.opportunities.contracts import BoardState, OpportunityType
from tests.factories.boards import NOON

ENDED = {JobState.SUCCEEDED, JobState.FAILED, JobState.INSUFFICIENT_EVIDENCE, JobState.CANCELLED}


def _job(**fields: object) -> JobDTO:
    given = {"id": uuid4(), "kind": "k", "queue": "default", "attempts": 0, "run_id": uuid4(), "created_at": NOON}
    return JobDTO.model_validate(given | {"state": JobState.RUNNING} | fields)


def test_every_state_has_words() -> None:
    assert set(STATE_WORDS) == set(BoardState)
    assert set(TYPE_WORDS) == set(OpportunityType)
    assert set(ENDED_WORDS) == ENDED


def test_every_gate_that_the_rules_know_has_words() -> None:
    report = judge([], GateThresholds(), as_of=NOON)

    for gate in report.shortfall.gates:
        assert gate_line(gate).subject.casefold() != gate.code.replace("_", " ")


@pytest.mark.parametrize(
    ("measured", "threshold", "code", "found", "asked"),
    [
        (1.0, 8.0, "insufficient_items", "1 post", "at least 8 posts"),
        (0.333, 0.3, "low_transcript_coverage", "33.3\xa0%", "at least 30\xa0%"),
        (0.0, 0.2, "too_many_duplicates", "0\xa0%", "less than 20\xa0%"),
        ([], ["tiktok"], "missing_platforms", "none", "one of TikTok"),
        (["x"], [], "missing_platforms", "X", "any"),
        (2.5, 3.0, "gate_of_tomorrow", "2.5", "at least 3"),
    ],
)
def test_gates_are_told_with_their_units(
    measured: float | list[str], threshold: float | list[str], code: str, found: str, asked: str
) -> None:
    gate = GateResult(
        code=code, kind=GateKind.QUALITY, measured=measured, threshold=threshold, verdict=GateVerdict.FAILED
    )

    line = gate_line(gate)

    assert (line.found, line.asked) == (found, asked)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": JobState.PENDING}, "Waiting for a worker"),
        ({"state": JobState.PENDING, "attempts": 1}, "Attempt 1 of 4 failed; the next one is due"),
        ({}, "Starting"),
        ({"progress": JobProgress(step="gates")}, "Checking the evidence gates"),
        ({"progress": JobProgress(step="warm_up")}, "Warm up"),
        ({"progress": JobProgress(step="gates"), "cancel_requested": True}, "Stopping"),
    ],
)
def test_a_live_job_is_told_in_words(fields: dict[str, object], words: str) -> None:
    assert job_words(_job(**fields)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (125, "2 min 5 s"), (3600, "1 h"), (3_660, "1 h 1 min")],
)
def test_durations_are_told_in_at_most_two_units(seconds: float, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize("url", ["https://a.example/x?y=1#z", "http://a.example", "HTTPS://A.example/"])
def test_addresses_of_the_web_can_be_opened(url: str) -> None:
    assert openable_url(url) == url


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "JaVaScRiPt://a.example/%0aalert(1)", "//a.example", "https:/a.example", "https://",
     "https://[", "ht\ttps://a.example", " https://a.example", "https://a.example/ x", "https:\\\\a.example",
     "data:text/html,x", "file:///etc/passwd"],
)  # fmt: skip
def test_no_other_address_can_be_opened(url: str | None) -> None:
    assert openable_url(url) is None


def test_platforms_are_called_by_their_names() -> None:
    assert [platform_name(name) for name in ("tiktok", "meta_ads", "reddit", "x")] == [
        "TikTok",
        "Meta Ads",
        "Reddit",
        "X",
    ]


def test_backticks_mark_code() -> None:
    assert code_parts("Run `kairo worker` now") == [("Run ", False), ("kairo worker", True), (" now", False)]


@given(st.text(), st.text())
def test_passages_joined_together_are_the_text(text: str, quote: str) -> None:
    passages = split_at_quote(text, quote)

    assert "".join(passage.text for passage in passages) == text
    assert all(passage.text for passage in passages)
    assert any(passage.is_quoted for passage in passages) == (bool(quote) and quote in text)
