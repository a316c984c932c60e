"""Files and pages as text, and the passages that are cut from it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.platform.outbound.contracts import Fetched
from kairo.stages.knowledge.adapters.markdown import read_text_file
from kairo.stages.knowledge.adapters.pdf import read_pdf
from kairo.stages.knowledge.adapters.web_page import read_web_page
from kairo.stages.knowledge.contracts.documents import DocumentKind, ReadText, UnreadableDocument
from kairo.stages.knowledge.rules.documents import LONGEST_PASSAGE, cut_into_passages
from tests.factories.documents import pdf_of, protected_pdf_of
from tests.growth import grows_like_its_input

MARKDOWN = """---
title: ignored
---
# The brand

We make **unscented** cleansers for [sensitive skin](https://example.com/skin).

Who buys
--------

- Parents of babies
- People with *rosacea*, who read `INCI` lists

| step | minutes |
|------|---------|
| wash | 2       |

<!-- not for readers -->
> "It never burns," says Ana.
"""


def html(markup: str, *, content_type: str = "text/html; charset=utf-8") -> Fetched:
    return Fetched(
        status=200,
        headers={"content-type": content_type},
        body=markup.encode(),
        final_url="https://glow.example/about",
        charset="utf-8",
    )


def passages_of(read: ReadText) -> list[tuple[str | None, str]]:
    return [(one.heading, read.text[one.start : one.end]) for one in cut_into_passages(read.text, read.headings)]


def test_markdown_is_kept_as_what_people_read_under_its_headings() -> None:
    read = read_text_file(MARKDOWN.encode(), name="brand.md")

    assert (read.kind, read.title) == (DocumentKind.MARKDOWN, "The brand")
    assert passages_of(read) == [
        ("The brand", "We make unscented cleansers for sensitive skin."),
        (
            "Who buys",
            "Parents of babies\nPeople with rosacea, who read INCI lists\n\nstep · minutes\nwash · 2\n\n"
            '"It never burns," says Ana.',
        ),
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="aЖ漢.!? \n\t", max_size=3_000),
    st.lists(st.integers(min_value=0, max_value=3_000), max_size=5, unique=True),
)
def test_passages_are_stretches_of_the_text_and_leave_out_blanks_alone(text: str, places: list[int]) -> None:
    headings = [(place, "\x00") for place in sorted(places) if place <= len(text)]

    stretches = cut_into_passages(text, headings)

    covered = [text[one.start : one.end] for one in stretches]
    assert all(piece == piece.strip() and 0 < len(piece) <= LONGEST_PASSAGE for piece in covered)
    assert all(one.end <= other.start for one, other in pairwise(stretches))
    assert "".join("".join(covered).split()) == "".join(text.split())
    for place, _ in headings:
        assert not any(one.start < place < one.end for one in stretches)


def test_long_paragraphs_are_cut_at_the_ends_of_sentences() -> None:
    text = " ".join(f"Sentence number {number} says something about cleansers and skin." for number in range(40))

    pieces = [text[one.start : one.end] for one in cut_into_passages(text)]

    assert len(pieces) > 1
    assert all(piece.startswith("Sentence") and piece.endswith(".") for piece in pieces)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"PK\x03\x04rest of a .docx", "save it as PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x00\x01\x02\x03" * 50, "data of some program"),
        ("Привет, это письмо".encode("cp1251"), "UTF-8"),
        (b"   \n \t\n", "no text"),
        (b"12345 67890 --- 5", "no text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes, advice: str) -> None:
    with pytest.raises(UnreadableDocument, match=advice):
        read_text_file(content, name="notes.txt")


def test_text_in_utf_16_and_other_line_ends_is_read() -> None:
    read = read_text_file("Наш крем без запаха.\r\nОн подходит всем.".encode("utf-16"), name="крем.txt")

    assert read.text == "Наш крем без запаха.\nОн подходит всем."
    assert read.title == "крем"


def test_a_pdf_tells_the_page_of_each_passage() -> None:
    read = read_pdf(pdf_of("We make unscented cleansers.", "", "Parents buy them.", title="Handbook"), name="h.pdf")

    assert (read.kind, read.title) == (DocumentKind.PDF, "Handbook")
    assert passages_of(read) == [("p. 1", "We make unscented cleansers."), ("p. 3", "Parents buy them.")]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (protected_pdf_of("Secret."), "password"),
        (pdf_of("Text.")[:200], "broken"),
        (b"%PDF-1.7\n" + b"\xff" * 5_000, "broken"),
        (pdf_of("", ""), "OCR"),
    ],
    ids=["protected", "cut off", "rubbish", "pictures"],
)
def test_a_hostile_pdf_is_refused_with_what_to_do(content: bytes, advice: str) -> None:
    with pytest.raises(UnreadableDocument, match=advice):
        read_pdf(content, name="file.pdf")


def test_a_pdf_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(UnreadableDocument, match="too long"):
        read_pdf(pdf_of("Text."), name="file.pdf", seconds=0.001)


def test_a_web_page_is_kept_as_what_its_reader_sees() -> None:
    read = read_web_page(
        html(
            "<html><head><title>About Glow</title><style>p {color: red}</style></head><body><nav>Home Shop</nav>"
            "<h1>About us</h1><p>We make <b>unscented</b> cleansers &amp; creams.</p><script>alert('x')</script>"
            "<h2>Who buys</h2><ul><li>Parents</li><li>Teenagers</li></ul><form>Your e-mail</form></body></html>"
        )
    )

    assert (read.kind, read.title) == (DocumentKind.WEB_PAGE, "About Glow")
    assert read.text == "About us\n\nWe make unscented cleansers & creams.\n\nWho buys\n\nParents\n\nTeenagers"
    assert passages_of(read) == [
        ("About us", "We make unscented cleansers & creams."),
        ("Who buys", "Parents\n\nTeenagers"),
    ]


def test_a_page_that_is_a_pdf_or_plain_text_is_read_as_such() -> None:
    pdf = read_web_page(Fetched(200, {"content-type": "application/pdf"}, pdf_of("Parents buy."), "https://g.example"))
    text = read_web_page(Fetched(200, {"content-type": "text/plain"}, b"Parents buy.", "https://g.example/t"))

    assert (pdf.text, text.text) == ("Parents buy.", "Parents buy.")
    assert {pdf.kind, text.kind} == {DocumentKind.WEB_PAGE}


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (html("<script>only()</script>"), "no text"),
        (html("x", content_type="image/png"), "image/png"),
        (html("x", content_type="application/zip"), "a page, a text or a PDF"),
    ],
)
def test_a_page_without_text_is_refused(answer: Fetched, advice: str) -> None:
    with pytest.raises(UnreadableDocument, match=advice):
        read_web_page(answer)


@pytest.mark.parametrize(
    "content",
    [
        "<!--" * 60_000,
        "[" * 30_000 + "x",
        "**x " * 15_000,
        "word " * 60_000,
        "x" * 60_000,
        "| --- " * 30_000,
        'a."' * 60_000,
    ],
    ids=["comments", "brackets", "stars", "words", "one word", "table", "quotes"],
)
def test_reading_grows_like_its_input_whatever_it_is(content: str) -> None:
    def read(share: int) -> None:
        text = read_text_file(("a " + content[: len(content) * share // 4]).encode(), name="a.md").text
        cut_into_passages(text)

    assert grows_like_its_input(read, 1)


def test_menus_in_menus_without_an_end_cost_no_more_than_their_length() -> None:
    def read(depth: int) -> None:
        read_web_page(html("<p>Text.</p>" + "<nav>" * depth + "</aside></nav>" * depth))

    assert grows_like_its_input(read, 5_000)


def test_broken_and_deeply_nested_markup_is_still_read() -> None:
    read = read_web_page(html("<div>" * 20_000 + "<p>Parents buy it</nav><b>often." + "<nav><script>"))

    assert read.text == "Parents buy itoften."
