"""A preview shows every letter of a text, cut into lines and pieces; only Markdown's own signs are left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import FieldError
from kairo.interfaces.web.package_previews import LineKind, preview_of
from kairo.interfaces.web.package_wording import finding_words
from kairo.stages.opportunities.contracts import Channel


@given(body=st.text(max_size=400), channel=st.sampled_from([one for one in Channel if one is not Channel.BLOG]))
def test_nothing_of_a_text_is_lost(body: str, channel: Channel) -> None:
    shown = preview_of(channel, title=None, body=body, call_to_action=None)

    lines = ["".join(piece.text for piece in line.pieces) for line in shown.lines]
    assert lines == [line for line in body.split("\n") if line.strip()]


def test_hashtags_links_and_the_fold_are_told_apart() -> None:
    body = f"{'A long first line. ' * 8}\nhttps://a.example/x and #tea\nBuy now."

    shown = preview_of(Channel.INSTAGRAM, title=None, body=body, call_to_action="Buy now.")

    kinds = [(piece.text, piece.kind) for piece in shown.lines[1].pieces]
    assert kinds == [("https://a.example/x", "link"), (" and ", "plain"), ("#tea", "hashtag")]
    assert [line.is_folded for line in shown.lines] == [False, True, True]
    assert (shown.folds, shown.call_to_action) == (True, None)


def test_an_article_shows_its_headings_quotes_and_named_links() -> None:
    body = "## Asked\n\n> Is it slow?\n>\n> [TikTok](https://tiktok.example/1), and [no link](javascript:alert)"

    shown = preview_of(Channel.BLOG, title="Tea", body=body, call_to_action="Ask us.")

    assert [line.kind for line in shown.lines] == [LineKind.HEADING, *[LineKind.QUOTE] * 3]
    assert [(piece.text, piece.kind) for piece in shown.lines[3].pieces] == [
        ("TikTok", "link"),
        (", and [no link](javascript:alert)", "plain"),
    ]


def test_findings_are_told_with_their_place_and_figures() -> None:
    told = [
        finding_words(FieldError("body", "too_long: too long, in characters: 300 of at most 280")),
        finding_words(FieldError("title", "taboo: miracle")),
        finding_words(FieldError("call_to_action", "pii_phone: must not go out")),
        finding_words(FieldError("somewhere", "something: else")),
    ]

    assert told == [
        "Text: too long (300 of at most 280)",
        "Title: it says what the brand never says (miracle)",
        "Call to action: it holds a phone number",
        "Somewhere: something: else",
    ]
