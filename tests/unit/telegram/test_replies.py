"""Messages: escaped, cut where Telegram cuts, never in the middle of a block."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.interfaces.telegram.replies import MAX_MESSAGE, linked, pages, said, units


class _Reader(HTMLParser):
    """Reads HTML as Telegram does: the tags that stand in it, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text())
def test_what_is_said_is_text_and_nothing_else(text: str) -> None:
    read = _Reader(said(text))

    assert read.tags == []
    assert read.words == text.replace("\r\n", "\n").replace("\r", "\n") or read.words == text


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=60))
def test_pages_hold_every_block_whole_and_fit(blocks: list[str]) -> None:
    packed = pages(blocks)

    assert "\n\n".join(packed) == "\n\n".join(blocks)
    assert all(units(page) <= MAX_MESSAGE for page in packed)


def test_letters_beyond_the_first_plane_count_twice() -> None:
    assert units("😀a") == 3


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "tg://user?id=1", "data:text/html,x"])
def test_an_address_that_no_browser_should_open_is_no_link(url: str | None) -> None:
    assert linked("here", url) == "here"


def test_an_address_cannot_leave_its_quotes() -> None:
    html = linked("a<b>", 'https://example.com/?q="><b>x')

    assert _Reader(html).tags == ["a"]
    assert "&lt;b&gt;" in html
