"""`kairo text`: one JSON object a line in and out, and what happens to lines that cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from kairo.interfaces.cli.text import text_app

POST = {"id": 1, "text": "Running shoes are great. Write to bob@example.com"}


def run(command: str, *lines: object, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]], str]:
    """Return the exit code, the answers, and standard error; a line that is no string is written as JSON."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    done = CliRunner().invoke(text_app, [command, *options], input=text)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("language", {"id", "lang", "confidence"}),
        ("sentiment", {"id", "label", "scores"}),
        ("keyphrases", {"id", "keyphrases"}),
        ("pii", {"id", "spans", "masked"}),
        ("topics", {"id", "topic", "label"}),
    ],
)
def test_each_filter_answers_each_line_in_its_shape(command: str, fields: set[str]) -> None:
    code, answers, errors = run(command, POST, {"id": "b", "text": ""})

    assert (code, errors) == (0, "")
    assert [answer["id"] for answer in answers] == [1, "b"]
    assert all(set(answer) == fields for answer in answers)


def test_pairs_are_compared() -> None:
    code, answers, _ = run(
        "similarity",
        {"id": 1, "a": "Big sale on running shoes today", "b": "RT @bob: Big sale on running shoes today!! 🔥"},
        {"id": 2, "a": "Cats sleep", "b": "Stocks fell"},
    )

    assert code == 0
    assert [answer["near_duplicate"] for answer in answers] == [True, False]


def test_spans_lie_where_the_text_says() -> None:
    [answer] = run("pii", POST)[1]
    [span] = answer["spans"]

    assert str(POST["text"])[span["start"] : span["end"]] == "bob@example.com"
    assert answer["masked"] == "Running shoes are great. Write to [email]"


@pytest.mark.parametrize(
    "bad", ["not json", "[1]", '{"text": "no id"}', '{"id": 2, "text": 5}', '{"id": null, "text": "x"}']
)
def test_a_bad_line_is_named_by_its_number_and_the_rest_goes_on(bad: str) -> None:
    code, answers, errors = run("language", POST, "", bad, {"id": 3, "text": "Доброе утро всем"})

    assert code == 1
    assert [answer["id"] for answer in answers] == [1, 3]
    assert errors.startswith("line 3: ")
    assert len(errors.splitlines()) == 1


def test_half_characters_are_replaced_and_not_refused() -> None:
    code, answers, _ = run("pii", '{"id": "\\ud800", "text": "half \\ud800 sign"}')

    assert code == 0
    assert answers[0]["masked"] == "half \ufffd sign"


def test_topics_read_dates_and_refuse_what_is_none() -> None:
    posts = [{"id": day, "text": "Cold brew coffee", "published_at": f"2026-05-0{day}"} for day in (1, 2)]

    code, answers, errors = run("topics", *posts, {"id": 9, "text": "x", "published_at": "yesterday"})

    assert code == 1
    assert errors.startswith("line 3: published_at")
    assert answers[0]["topic"] == answers[1]["topic"] is not None


def test_a_given_language_is_believed() -> None:
    neutral = run("sentiment", {"id": 1, "text": "кофе утром"}, options=("--lang", "ru"))[1]

    assert neutral[0]["label"] == "neutral"


def test_a_language_that_is_none_is_a_wrong_use() -> None:
    assert run("sentiment", POST, options=("--lang", "english"))[0] == 2
    assert run("sentiment", POST, options=("--lang", "auto"))[0] == 0


@pytest.mark.parametrize("command", ["language", "sentiment", "keyphrases", "pii", "similarity", "topics"])
def test_help_shows_an_example(command: str) -> None:
    assert "Example:" in CliRunner().invoke(text_app, [command, "--help"]).stdout
