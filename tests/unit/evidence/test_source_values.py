"""Numbers, dates, tags and texts as people and tables write them: one reading, or a refusal."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from kairo.stages.evidence.adapters.captured import author_handle, identity, language_tag, platform_name, web_address
from kairo.stages.evidence.adapters.fields.dates import DateOrder, published
from kairo.stages.evidence.adapters.fields.numbers import read_count
from kairo.stages.evidence.adapters.fields.tags import hashtags
from kairo.stages.evidence.adapters.fields.texts import text_of_html, unescaped
from kairo.stages.evidence.adapters.fields.transcripts import transcript_of
from kairo.stages.evidence.ports import BadRecord
from tests.unit.evidence.source_reading import RECEIVED_AT


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (7, 7),
        (7.0, 7),
        ("7", 7),
        (" 1200 ", 1_200),
        ("1376610268.0", 1_376_610_268),
        ("1,234", 1_234),
        ("1,000", 1_000),
        ("1.234", 1_234),
        ("1,234,567", 1_234_567),
        ("1.234.567", 1_234_567),
        ("1.234,0", 1_234),
        ("1 234", 1_234),
        ("1\u202f234\u00a0567", 1_234_567),
        ("12'345", 12_345),
        ("1.2K", 1_200),
        ("1,2k", 1_200),
        ("3M", 3_000_000),
        ("1.5 млн", 1_500_000),
        ("2.1万", 21_000),
        ("+5", 5),
        ("-0", 0),
        ("", None),
        ("n/a", None),
        ("NaN", None),
        (float("nan"), None),
    ],
)
def test_a_count_is_read_as_people_write_it(value: JsonValue, count: int | None) -> None:
    assert read_count(value, "likes") == count


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "negative_count"),
        ("-3", "negative_count"),
        ("-1.2K", "negative_count"),
        (1.5, "bad_number"),
        ("1.5", "bad_number"),
        ("1.234,5", "bad_number"),
        (True, "bad_number"),
        ([1], "bad_number"),
        ({"n": 1}, "bad_number"),
        (float("inf"), "bad_number"),
        (10**30, "bad_number"),
        ("9" * 30, "bad_number"),
        ("9" * 5000, "bad_number"),
        ("many", "bad_number"),
        ("1,23,4", "bad_number"),
        ("12:30", "bad_number"),
        ("50%", "bad_number"),
        ("1.000", "ambiguous_number"),
        ("1,234K", "ambiguous_number"),
    ],
)
def test_a_count_that_has_no_one_reading_is_refused(value: JsonValue, code: str) -> None:
    with pytest.raises(BadRecord) as refused:
        read_count(value, "likes")

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-18T17:31:00.000Z", datetime(2026, 11, 18, 17, 31, tzinfo=UTC)),
        ("2026-06-27T03:01:00+08:00", datetime(2026, 6, 26, 19, 1, tzinfo=UTC)),
        ("2023-07-21T01:33:51.481951", datetime(2023, 7, 21, 1, 33, 51, 481951, tzinfo=UTC)),
        ("2026-11-18 17:31:00", datetime(2026, 11, 18, 17, 31, tzinfo=UTC)),
        ("2026-11-18 17:31:00 UTC", datetime(2026, 11, 18, 17, 31, tzinfo=UTC)),
        ("2026-11-18 17:31:00 -0800", datetime(2026, 11, 19, 1, 31, tzinfo=UTC)),
        ("2026-11-18", datetime(2026, 11, 18, tzinfo=UTC)),
        ("2026/1/8", datetime(2026, 1, 8, tzinfo=UTC)),
        ("20261118", datetime(2026, 11, 18, tzinfo=UTC)),
        (1_376_610_268, datetime(2013, 8, 15, 23, 44, 28, tzinfo=UTC)),
        (1_376_610_268.0, datetime(2013, 8, 15, 23, 44, 28, tzinfo=UTC)),
        ("1376610268.0", datetime(2013, 8, 15, 23, 44, 28, tzinfo=UTC)),
        (1_376_610_268_000, datetime(2013, 8, 15, 23, 44, 28, tzinfo=UTC)),
        ("1376610268000", datetime(2013, 8, 15, 23, 44, 28, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 17:31:00 GMT", datetime(2026, 11, 18, 17, 31, tzinfo=UTC)),
        ("Wed Aug 27 13:08:45 +0000 2008", datetime(2008, 8, 27, 13, 8, 45, tzinfo=UTC)),
        ("31/10/2026 18:05", datetime(2026, 10, 31, 18, 5, tzinfo=UTC)),
        ("10/31/2026", datetime(2026, 10, 31, tzinfo=UTC)),
        ("05.05.2026", datetime(2026, 5, 5, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_in_utc(value: JsonValue, moment: datetime | None) -> None:
    assert published(value, "date", received_at=RECEIVED_AT) == moment


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("03/04/2026", "ambiguous_date"),
        ("3.4.2026 10:00", "ambiguous_date"),
        ("31/13/2026", "bad_date"),
        ("30/02/2026", "bad_date"),
        ("31/10/2026 25:00", "bad_date"),
        ("yesterday", "bad_date"),
        ("2 days ago", "bad_date"),
        ("2026-13-01", "bad_date"),
        ("x" * 100, "bad_date"),
        (True, "bad_date"),
        ({}, "bad_date"),
        (float("inf"), "bad_date"),
        (10**400, "bad_date"),
        (0, "date_out_of_range"),
        (-1, "date_out_of_range"),
        (-(10**400), "date_out_of_range"),
        ("1989-12-31", "date_out_of_range"),
        ("0001-01-01T00:00:00+14:00", "bad_date"),
        ("9999-12-31T23:59:59-14:00", "bad_date"),
        ("2026-11-24", "date_out_of_range"),
        (99_999_999_999, "date_out_of_range"),
    ],
)
def test_a_date_that_cannot_be_right_is_refused(value: JsonValue, code: str) -> None:
    with pytest.raises(BadRecord) as refused:
        published(value, "date", received_at=RECEIVED_AT)

    assert refused.value.code == code


def test_a_date_two_days_ahead_is_a_clock_and_not_a_mistake() -> None:
    ahead = RECEIVED_AT + timedelta(days=2)

    assert published(ahead.isoformat(), "date", received_at=RECEIVED_AT) == ahead


@pytest.mark.parametrize(("order", "month"), [(DateOrder.DAY_FIRST, 4), (DateOrder.MONTH_FIRST, 3)])
def test_a_told_order_decides_between_day_and_month(order: DateOrder, month: int) -> None:
    moment = published("03/04/2026", "date", received_at=RECEIVED_AT, order=order)

    assert moment is not None
    assert moment.month == month


@pytest.mark.parametrize(
    ("listed", "text", "tags"),
    [
        (["Coffee", "#COFFEE", " Tea "], "#ignored", ("coffee", "tea")),
        ([{"name": "Latte"}, {"title": "Art"}, {}, 7, None], "", ("latte", "art")),
        ("#one two, three", "", ("one", "two", "three")),
        ([], "Fresh #Röst ＃コーヒー #2026 a#b &#39; #हिन्दी", ("röst", "コーヒー", "हिन्दी")),
        (None, "#𝗖𝗼𝗹𝗱", ("cold",)),
        ([], "no tags", ()),
    ],
)
def test_hashtags_come_from_their_field_or_from_the_text(listed: JsonValue, text: str, tags: tuple[str, ...]) -> None:
    assert hashtags(listed, text) == tags


def test_a_wall_of_hashtags_is_cut() -> None:
    assert len(hashtags([f"tag{number}" for number in range(500)], "")) == 50
    assert hashtags(["x" * 51], "#" + "y" * 51) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        ("123456789012345678", "123456789012345678"),
        (123456789012345678, "123456789012345678"),
        (12.0, "12"),
    ],
)
def test_an_id_is_kept_exactly(value: JsonValue, text: str) -> None:
    assert identity(value) == text


@pytest.mark.parametrize("value", ["", "  ", None, True, [], {}, 1e20, 1.5, "1.23457E+17", "x" * 301, 10**400])
def test_an_id_that_is_missing_or_has_lost_digits_is_refused(value: JsonValue) -> None:
    with pytest.raises(BadRecord):
        identity(value)


def test_platforms_authors_languages_and_addresses_are_brought_into_one_form() -> None:
    assert platform_name("Instagram") == "instagram"
    assert (author_handle("@ana"), author_handle("[deleted]"), author_handle("@")) == ("ana", None, None)
    assert (language_tag("en-US"), language_tag("zh_Hans_CN"), language_tag("English")) == ("en", "zh", None)
    assert web_address("https://example.com/a") == "https://example.com/a"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "/a", "https://a b", "https://a\nb", "https://" + "x" * 3000]
)
def test_what_is_no_web_address_never_becomes_a_link(url: str) -> None:
    assert web_address(url) is None


def test_entities_are_decoded_once_and_addresses_stay_whole() -> None:
    escaped = "R&amp;D &lt;3 &#39;x&#39; &amp;lt; ?a=1&copy=2 &nosuch;"

    assert unescaped(escaped) == "R&D <3 'x' &lt; ?a=1&copy=2 &nosuch;"


def test_html_is_read_as_lines_without_tags() -> None:
    markup = "<p>One<br />two</p><p class='x'>three &lt;b&gt; a < b</p><ul><li>four</li></ul><!-- gone -->"

    assert text_of_html(markup) == "One\ntwo\n\nthree <b> a < b\nfour"


def test_a_text_made_to_take_for_ever_does_not() -> None:
    started_at = time.process_time()

    for piece in (" ", "<", "<p ", "&", "&#", "#", "\n ", "1 ", "<!--", "a#"):
        text = piece * (1_000_000 // len(piece))
        text_of_html(text)
        transcript_of(f"{text}-->")
        hashtags(None, text)

    assert time.process_time() - started_at < 20


@pytest.mark.parametrize(
    ("value", "transcript"),
    [
        ("plain words", "plain words"),
        ("1\n00:00:00,000 --> 00:00:02,000\nTen\n\n2\n00:00:02,000 --> 00:00:03,000\n10\n", "Ten 10"),
        ("WEBVTT\n\n00:00.000 --> 00:02.000 align:start\n<c>hello</c> there\n", "hello there"),
        ([{"text": "a &amp; b"}, {"text": ""}, {"start": 1}, "c"], "a & b c"),
        (["\x00", {"text": "a\x00b &#0;"}, "\ud800"], "ab \ufffd \ufffd"),
        ([], ""),
        (7, ""),
    ],
)
def test_a_transcript_is_what_was_said(value: JsonValue, transcript: str) -> None:
    assert transcript_of(value) == transcript
