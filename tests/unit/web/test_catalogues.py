"""The catalogues hold every marked message, translated, and the compiled ones say the same."""

from __future__ import annotations

import gettext
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import translation

from kairo.interfaces.web.told import FORMS, told
from kairo.interfaces.web.wording import as_sentence, byte_words, cadence_words, engagement_words, gate_line
from kairo.stages.evidence.contracts import GateThresholds
from kairo.stages.evidence.rules.gates import GateItem, judge
from tests.catalogues import catalogue_files, compiled, marked_words, read_po
from tests.factories.boards import NOON

HEAD = ("", None)
HOLES = re.compile(r"%\(\w+\)(?:s|d|\.1f)|\{\w+\}|<[^>]+>")
OPTIONAL = {"%(count)s", "%(days)s", "%(shown)s"}
"""What one of the plural forms may leave out: one day is the day."""
ENGLISH = re.compile(r"\b(?:the|items?|need|posts?|of|from|with|not|is|are|import|connect)\b", re.IGNORECASE)


@pytest.mark.parametrize(("room", "source"), catalogue_files())
def test_every_marked_message_is_translated_and_none_is_left_over(room: Path, source: Path) -> None:
    catalogue = read_po(source.read_text(encoding="utf-8"))

    assert set(catalogue) - {HEAD} == marked_words(room)
    assert [words for (words, _), said in catalogue.items() if not all(said)] == []


@pytest.mark.parametrize(("_room", "source"), catalogue_files())
def test_a_translation_fills_in_what_the_message_does(_room: Path, source: Path) -> None:
    catalogue = read_po(source.read_text(encoding="utf-8"))

    for (words, plural), said in catalogue.items() - {HEAD: catalogue[HEAD]}.items():
        for form in said:
            differing = set(HOLES.findall(form)) ^ set(HOLES.findall(plural or words))
            assert differing <= (OPTIONAL if plural else set()), words


@pytest.mark.parametrize(("_room", "source"), catalogue_files())
def test_the_compiled_catalogue_is_that_of_its_source(_room: Path, source: Path) -> None:
    assert source.with_suffix(".mo").read_bytes() == compiled(read_po(source.read_text(encoding="utf-8"))), (
        "Run `python scripts/write_messages.py`."
    )


def test_what_is_compiled_is_read_by_the_standard_library() -> None:
    head = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    words = {HEAD: (head,), ('a\n"b"', None): ("б\n«в»",), ("%(n)s post", "%(n)s posts"): ("один", "много")}

    read = gettext.GNUTranslations(BytesIO(compiled(words)))

    assert read.gettext('a\n"b"') == "б\n«в»"
    assert [read.ngettext("%(n)s post", "%(n)s posts", number) for number in (1, 5)] == ["один", "много"]


def test_every_sentence_of_the_gates_is_told_in_russian() -> None:
    poor = GateItem(
        platform="reddit", published_at=NOON.replace(month=10), has_text=True, text_length=1, holds_real_content=False,
        is_video=True, url=None,
    )  # fmt: skip
    thresholds = GateThresholds(min_items=20)
    with translation.override("ru"):
        for items in ([], [poor] * 3):
            report = judge(items, thresholds, as_of=NOON)
            sentences = re.split(r"(?<=\.)\s+(?=[A-Z])", report.remediation or "")
            lines = [gate_line(gate) for gate in report.shortfall.gates]
            said = [told(one) for one in [*sentences, *(gate.message for gate in report.shortfall.gates)]]
            said += [words for line in lines for words in (line.subject, line.asked, line.found, line.verdict_words)]

            left = [one for one in said if ENGLISH.search(re.sub(r"`[^`]*`", "", one))]
            assert left == []


def test_what_no_form_fits_is_shown_as_it_is() -> None:
    with translation.override("ru"):
        assert told("Somebody said something else") == "Somebody said something else"
        assert told("") == ""
    assert told("a.csv is empty") == "a.csv is empty"


def test_what_a_stage_filled_in_is_told_too() -> None:
    with translation.override("ru"):
        assert as_sentence("a.csv: no record can be read; the first one: the record has no id of its own") == (
            "a.csv: ни одну запись нельзя прочитать; первая: у записи нет собственного идентификатора."
        )


def test_no_form_hides_a_later_one() -> None:
    with translation.override("ru"):
        for form in FORMS:
            filled = re.sub(r"\{(\w+)\}", r"<\1>", form)
            assert told(filled) == re.sub(r"\{(\w+)\}", r"<\1>", translation.gettext(form)), form


def test_numbers_follow_the_language() -> None:
    counts = {"views": 12_345, "likes": 1, "comments": 3, "shares": None}

    with translation.override("ru"):
        assert engagement_words(**counts) == ["12\xa0345 просмотров", "1 отметка «нравится»", "3 комментария"]
        assert [cadence_words(minutes) for minutes in (5, 60, 180, 1_440, 10_080)] == [
            "каждые 5 минут",
            "каждый час",
            "каждые 3 часа",
            "каждый день",
            "каждые 7 дней",
        ]
        assert byte_words(1_240_000) == "1,24\xa0МБ"
    assert engagement_words(**counts) == ["12,345 views", "1 like", "3 comments"]
    assert [byte_words(count) for count in (1, 999, 200_000_000)] == ["1 byte", "999 bytes", "200\xa0MB"]
