"""When a model rests, how long is waited, and what tells a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from kairo.platform.llm.contracts import Caps, CapScope, Outcome, Spender
from kairo.platform.llm.rules import caps_for, is_refusal, is_resting, unfenced, until_renewed_s, wait_before_retry_s

FAILED = [(Outcome.TIMED_OUT, age_s) for age_s in (2.0, 5.0, 9.0, 12.0, 20.0)]
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recent", "is_being_tried", "resting"),
    [
        ([], False, False),
        (FAILED[:4], False, False),
        (FAILED, False, True),
        ([(Outcome.OK, 1.0), *FAILED], False, False),
        ([*FAILED[:3], (Outcome.WRONG_SHAPE, 10.0), *FAILED[3:]], False, False),
        ([(outcome, age_s + 60) for outcome, age_s in FAILED], False, False),
        ([(outcome, age_s + 60) for outcome, age_s in FAILED], True, True),
    ],
)
def test_a_model_rests_after_failures_in_a_row(
    recent: list[tuple[Outcome, float]], is_being_tried: bool, resting: bool
) -> None:
    assert is_resting(recent, is_being_tried=is_being_tried) is resting


@pytest.mark.parametrize(
    ("asked_s", "left_s", "wait_s"),
    [(None, 30.0, 0.75), (3.0, 30.0, 3.0), (11.0, 60.0, None), (3.0, 3.1, None), (0.0, 30.0, 0.0), (None, 0.5, None)],
)
def test_patience_has_an_end(asked_s: float | None, left_s: float, wait_s: float | None) -> None:
    assert wait_before_retry_s(asked_s, left_s=left_s, luck=0.5) == wait_s


def test_a_call_is_paid_from_the_caps_of_its_command_user_day_and_month() -> None:
    payer = Spender(tenant_id=uuid4(), run_id=uuid4(), user_id=uuid4())

    found = caps_for(payer, Caps(), at=NEW_YEARS_EVE)

    assert found == [
        (CapScope.COMMAND, str(payer.run_id), 500_000),
        (CapScope.USER, f"{payer.user_id}/2026-12-31", 5_000_000),
        (CapScope.DAY, "2026-12-31", 10_000_000),
        (CapScope.TENANT, "2026-12", 200_000_000),
    ]
    assert [until_renewed_s(scope, at=NEW_YEARS_EVE) for scope in CapScope] == [1, 3600, 3600, 3600]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I cannot assist with this request", True),
        ("As an AI, I do not judge.", True),
        ("Извините, но я не могу.", True),
        ("Sure! Here is the answer: …", False),
        ("", False),
    ],
)
def test_a_refusal_is_told_from_a_bad_answer(text: str, refusal: bool) -> None:
    assert is_refusal(text) is refusal


@pytest.mark.parametrize("text", ['{"a": 1}', '```json\n{"a": 1}\n```', '\n```\n{"a": 1}```\n'])
def test_a_document_is_read_without_its_fence(text: str) -> None:
    assert unfenced(text) == '{"a": 1}'
