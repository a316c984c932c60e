"""Prompt files are checked against their calls, and what comes from outside stays between its marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.llm.contracts import InvalidPrompt
from kairo.platform.llm.prompts import Evidence, EvidenceText, load_prompt, new_nonce
from kairo.shapes import Frozen

GOOD = "---\nversion: 2\n---\n# System\nYou judge {subject}.\n# User\n{posts}\nHow many: {count}\n"


class Given(Frozen):
    subject: str
    posts: Evidence
    count: int = 3


def written(folder: Path, text: str) -> Path:
    path = folder / "judge.md"
    path.write_text(text, encoding="utf-8")
    return path


def inputs(*texts: str, subject: str = "soap") -> Given:
    items = tuple(EvidenceText(id=f"p{place}", text=text) for place, text in enumerate(texts))
    return Given(subject=subject, posts=Evidence(items=items))


def test_inputs_stand_in_their_places(tmp_path: Path) -> None:
    prompt = load_prompt(written(tmp_path, GOOD), version=2, takes=Given)

    system, user = prompt.rendered(inputs("Nice"), nonce="abc")

    assert prompt.label == "judge@2"
    assert system.startswith("You judge soap.\n\nTexts between <evidence-abc …>")
    assert user == '<evidence-abc id="p0">\nNice\n</evidence-abc>\nHow many: 3'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD.replace("version: 2", "version: 1"), "has the version 1, and its call wants 2"),
        (GOOD.replace("{count}", "{number}"), "no input fills: number"),
        (GOOD.replace("{subject}", "{posts}"), "evidence into the model's role: posts"),
        (GOOD.replace("# User\n", ""), "needs a head"),
        (GOOD.replace("version: 2", "versions: 2"), "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_its_call_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidPrompt, match=problem):
        load_prompt(written(tmp_path, text), version=2, takes=Given)


def test_every_letter_of_a_prompt_counts(tmp_path: Path) -> None:
    first = load_prompt(written(tmp_path, GOOD), version=2, takes=Given)
    (tmp_path / "other").mkdir()
    second = load_prompt(written(tmp_path / "other", GOOD.replace("judge", "weigh")), version=2, takes=Given)

    assert first.digest != second.digest


@given(texts=st.lists(st.text(max_size=80), min_size=1, max_size=4), subject=st.text(max_size=40))
def test_no_text_can_end_its_own_mark(texts: list[str], subject: str) -> None:
    given_texts = inputs(*texts, subject=subject)

    nonce = new_nonce(given_texts)

    assert nonce not in given_texts.model_dump_json()


def test_a_place_inside_a_text_stays_a_text(tmp_path: Path) -> None:
    prompt = load_prompt(written(tmp_path, GOOD), version=2, takes=Given)

    _, user = prompt.rendered(inputs("{count} {subject}"), nonce="abc")

    assert "{count} {subject}" in user
