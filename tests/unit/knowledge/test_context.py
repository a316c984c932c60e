"""What is told of a graph within a budget of tokens."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.knowledge.rules.graph import Established, tokens_of, told_within

AXES = np.eye(8, dtype=np.float32)


def established(number: int, content: str, *, relevance: float = 0.5, confidence: float | None = None) -> Established:
    return Established(UUID(int=number), "audience", content, confidence, relevance, AXES[number % 8])


def test_what_bears_on_the_department_comes_first_then_what_is_surer_then_what_is_newer() -> None:
    told = told_within(
        [
            established(1, "older"),
            established(2, "newer"),
            established(3, "surer", confidence=0.9),
            established(4, "nearer", relevance=0.9, confidence=0.1),
        ],
        max_tokens=100,
    )

    assert [item.content for item in told.items] == ["nearer", "surer", "newer", "older"]


def test_a_statement_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    told = told_within(
        [established(1, "x" * 400, relevance=0.9), established(2, "short", relevance=0.1)], max_tokens=10
    )

    assert [item.content for item in told.items] == ["short"]
    assert told.tokens == tokens_of("short")


def test_what_says_the_same_is_told_once_by_the_newer() -> None:
    told = told_within([established(1, "We sell cream."), established(9, "We sell creams.")], max_tokens=100)

    assert [item.node_id for item in told.items] == [UUID(int=9)]


@given(st.lists(st.text(max_size=200), max_size=12), st.integers(min_value=0, max_value=200))
def test_the_budget_is_never_exceeded(contents: list[str], max_tokens: int) -> None:
    told = told_within([established(place, text) for place, text in enumerate(contents)], max_tokens=max_tokens)

    assert told.tokens == sum(tokens_of(item.content) for item in told.items)
    assert told.tokens <= max_tokens


def test_no_script_is_counted_for_less_than_a_token_for_four_bytes() -> None:
    assert [tokens_of(text) for text in ("", "word", "words", "слово", "漢字漢字")] == [1, 1, 2, 3, 3]
