"""How files hold records: lists, lines, tables, gzip, encodings; and that damage costs only what is damaged."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from kairo.stages.evidence.adapters.files import open_source
from kairo.stages.evidence.contracts import MAX_RECORD_BYTES, CapturedItem, UnreadableFile
from tests.unit.evidence.source_reading import RECEIVED_AT, read


def _post(number: int, **fields: JsonValue) -> dict[str, JsonValue]:
    return {"platform": "forum", "platform_item_id": f"p{number}", "text": f"Text {number}", **fields}


def _file(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


POSTS = [_post(number) for number in range(1, 31)]
TABLE = "platform,platform_item_id,text\n" + "".join(f"forum,p{number},Text {number}\n" for number in range(1, 31))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("posts.json", json.dumps(POSTS)),
        ("pretty.json", json.dumps(POSTS, indent=2)),
        ("page.json", json.dumps({"total": 30, "items": POSTS})),
        ("pretty-page.json", json.dumps({"total": 30, "data": {"posts": POSTS}}, indent=1)),
        ("posts.jsonl", "\n".join(map(json.dumps, POSTS))),
        ("blank-lines.txt", "\n\n".join(map(json.dumps, POSTS)) + "\n\n"),
        ("windows.jsonl", "\r\n".join(map(json.dumps, POSTS))),
        ("concatenated.json", "\n".join(json.dumps(post, indent=1) for post in POSTS)),
        ("pages.jsonl", json.dumps({"hits": POSTS[:15]}) + "\n" + json.dumps({"hits": POSTS[15:]})),
        ("posts.csv", TABLE),
        ("posts.tsv", TABLE.replace(",", "\t")),
        ("semicolons.csv", TABLE.replace(",", ";")),
        ("excel.csv", "sep=;\n" + TABLE.replace(",", ";")),
        ("old-mac.csv", TABLE.replace("\n", "\r")),
        ("bom.csv", TABLE.encode("utf-8-sig")),
        ("bom.jsonl", "\n".join(map(json.dumps, POSTS)).encode("utf-8-sig")),
        ("utf16.csv", TABLE.encode("utf-16")),
        ("utf16-without-mark.csv", TABLE.encode("utf-16-le")),
        ("posts.json.gz", gzip.compress(json.dumps(POSTS).encode())),
        ("posts.jsonl.gz", gzip.compress("\n".join(map(json.dumps, POSTS)).encode())),
        ("posts.csv.gz", gzip.compress(TABLE.encode())),
    ],
)
def test_the_same_posts_are_read_from_every_layout(tmp_path: Path, name: str, content: str | bytes) -> None:
    read_file = read(_file(tmp_path, name, content))

    assert read_file.rejects == []
    assert [item.platform_item_id for item in read_file.items] == [f"p{number}" for number in range(1, 31)]
    assert read_file.items[4].text_content == "Text 5"


def test_one_post_alone_is_a_file_of_one_record(tmp_path: Path) -> None:
    [item] = read(_file(tmp_path, "post.json", json.dumps(_post(1), indent=2))).items

    assert item.platform_item_id == "p1"


BROKEN_RECORDS = [
    ('{"platform": "forum", "platform_item_id": "x", "text": }', "broken_json"),
    ('{"platform": "forum", "text": "bad \\x escape", "platform_item_id": "x"}', "broken_json"),
    ('{"platform": "forum", "platform_item_id": 1' + "0" * 5000 + ', "text": "t"}', "broken_json"),
    ('{"platform": "forum", "platform_item_id": "x", "text": ' + "[" * 3000 + "]" * 3000 + "}", "too_deep"),
    ('{"platform": "forum", "platform_item_id": "x", "text": "' + "a" * MAX_RECORD_BYTES + '"}', "too_large"),
    ('{"platform": "forum", "platform_item_id": "x", "text": "' + "a" * 100_001 + '"}', "text_too_long"),
    ('{"platform": "forum", "platform_item_id": "x", "text": "t", "views": 1e999}', "bad_number"),
    ('{"platform": "forum", "platform_item_id": "x", "text": "t", "more": ' + "[" * 100 + "]" * 100 + "}", "too_deep"),
    ('"a text"', "not_an_object"),
    ("[1, 2]", "not_an_object"),
    ("null", "not_an_object"),
]


@pytest.mark.parametrize(("broken", "code"), BROKEN_RECORDS)
def test_a_broken_element_of_a_list_costs_itself_alone(tmp_path: Path, broken: str, code: str) -> None:
    content = f"[{json.dumps(_post(1))}, {broken}, {json.dumps(_post(2))}]"

    read_file = read(_file(tmp_path, "posts.json", content))

    assert [item.platform_item_id for item in read_file.items] == ["p1", "p2"]
    assert read_file.codes == [(2, code)]


@pytest.mark.parametrize(("broken", "code"), BROKEN_RECORDS)
@pytest.mark.parametrize("place", [0, 1])
def test_a_broken_line_costs_itself_alone(tmp_path: Path, broken: str, code: str, place: int) -> None:
    lines = [json.dumps(_post(1)), json.dumps(_post(2))]
    lines.insert(place, broken)

    read_file = read(_file(tmp_path, "posts.jsonl", "\n".join(lines)))

    assert [item.platform_item_id for item in read_file.items] == ["p1", "p2"]
    assert read_file.codes == [(place + 1, code)]


def test_nan_is_a_missing_value(tmp_path: Path) -> None:
    line = '{"platform": "forum", "platform_item_id": "x", "text": "t", "title": NaN, "likes": NaN, "ratio": NaN}'

    [item] = read(_file(tmp_path, "posts.jsonl", line)).items

    assert (item.title, item.counts.likes) == (None, None)
    assert item.raw["ratio"] == "nan"


def test_what_postgresql_cannot_store_is_taken_out_of_text_and_raw_record(tmp_path: Path) -> None:
    line = (
        r'{"platform": "forum", "platform_item_id": "x\u0000", '
        r'"text": "a\u0000b \ud83d \ud83d\ude00", "k\u0000": ["\udc00"]}'
    )

    [item] = read(_file(tmp_path, "posts.jsonl", line)).items

    assert item.text_content == "ab \ufffd 😀"
    assert item.platform_item_id == "x"
    assert item.raw["k"] == ["\ufffd"]
    assert "\\u0000" not in json.dumps(item.raw)
    assert json.dumps(item.raw, ensure_ascii=False).encode()


def test_a_record_too_large_to_keep_whole_keeps_what_matters_and_says_so(tmp_path: Path) -> None:
    line = json.dumps(_post(1, likes=3, blob="x" * 100_000))

    [item] = read(_file(tmp_path, "posts.jsonl", line)).items

    assert item.raw["text"] == "Text 1"
    assert item.raw["likes"] == 3
    assert item.raw["_cut"] == {
        "bytes": len(json.dumps(_post(1, likes=3, blob="x" * 100_000), separators=(",", ":"))),
        "dropped": ["blob"],
    }


@pytest.mark.parametrize(
    "content", ["[" + json.dumps(_post(1)) + ",", "[" + json.dumps(_post(1)) + ', {"platform": "fo']
)
def test_a_list_that_breaks_off_says_so_and_keeps_what_was_read(tmp_path: Path, content: str) -> None:
    read_file = read(_file(tmp_path, "posts.json", content))

    assert len(read_file.items) == 1
    assert read_file.rejects[-1].code == "broken_file"


def test_text_behind_the_end_of_a_list_is_reported(tmp_path: Path) -> None:
    read_file = read(_file(tmp_path, "posts.json", json.dumps([_post(1)]) + json.dumps([_post(2)])))

    assert (len(read_file.items), [reject.code for reject in read_file.rejects]) == (1, ["trailing_text"])


def test_a_page_too_large_to_be_held_is_read_element_by_element(tmp_path: Path) -> None:
    posts = [_post(number, filling="x" * 5_000) for number in range(600)]
    page = {
        "status": {"deep": ["]", "}"]},
        "note": 'a "quoted" \\ one',
        "data": {"more": False, "items": posts},
        "end": 1,
    }

    read_file = read(_file(tmp_path, "page.json", json.dumps(page)))

    assert (len(read_file.items), read_file.rejects) == (600, [])


def test_objects_behind_one_that_is_too_large_are_still_read(tmp_path: Path) -> None:
    huge = json.dumps(_post(1, filling={"deep": ["x" * MAX_RECORD_BYTES]}))

    read_file = read(_file(tmp_path, "posts", f"{huge}\n{json.dumps(_post(2))}\n{json.dumps(_post(3))}"))

    assert read_file.codes == [(1, "too_large")]
    assert [item.platform_item_id for item in read_file.items] == ["p2", "p3"]


@pytest.mark.parametrize(
    "content",
    [
        "[" + '{"a":"' * 400_000,
        "[" + "[" * 2_500_000,
        '{"a":' * 500_000,
        json.dumps(_post(1)) + "\n" + '"' * 2_000_000,
        "[" + json.dumps(_post(1, filling="x" * 1_900_000)) + ",x" * 20_000,
        "platform,platform_item_id,text\n" + 'forum,p,"a\n' * 60_001,
        "platform,platform_item_id,text\n" + '"""\n' * 100_001,
        "," * 1_900_000,
        "<transcript>" + "<a>" * 300_000,
        "<transcript><text>" + "<" * 10 + "</text>",
        "interactions:\n" + "- " * 20_000,
        "interactions:\n- &a [" + "*a, " * 50_000 + "]",
    ],
)
def test_a_file_made_to_take_for_ever_does_not(tmp_path: Path, content: str) -> None:
    path = _file(tmp_path, "hostile", content)
    started_at = time.process_time()

    with contextlib.suppress(UnreadableFile):
        read(path)

    # What has no bound takes minutes: this one is wide enough for a machine that is slow or watched.
    assert time.process_time() - started_at < 60


def test_rows_out_of_step_are_refused_with_the_row_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    rows = ['forum,p1,"two\nlines"', "forum,p2", "", "forum,p3,a,b", "forum,p4,ok,,", 'forum,"p""5",x']
    content = "\n".join(["platform,platform_item_id,text", *rows])

    read_file = read(_file(tmp_path, "posts.csv", content))

    assert [item.platform_item_id for item in read_file.items] == ["p1", "p4", 'p"5']
    assert read_file.codes == [(3, "wrong_columns"), (5, "wrong_columns")]


def test_a_quote_that_is_never_closed_costs_its_own_row(tmp_path: Path) -> None:
    rows = [f"forum,p{number},Text" for number in range(1, 50)]
    rows[9] = 'forum,p10,"an open quote'

    read_file = read(_file(tmp_path, "posts.csv", "platform,platform_item_id,text\n" + "\n".join(rows)))

    assert read_file.codes == [(11, "open_quote")]
    assert len(read_file.items) == 48


def test_a_quote_open_over_more_than_a_record_may_hold_costs_its_own_row(tmp_path: Path) -> None:
    rows = [f"forum,p{number},{'x' * 1000}" for number in range(1, 4001)]
    rows[9] = 'forum,p10,"an open quote'

    read_file = read(_file(tmp_path, "posts.csv", "platform,platform_item_id,text\n" + "\n".join(rows)))

    assert read_file.codes == [(11, "open_quote")]
    assert len(read_file.items) == 3999


def test_a_row_larger_than_a_record_may_be_is_refused_alone(tmp_path: Path) -> None:
    rows = ["forum,p1,a", f"forum,p2,{'x' * (MAX_RECORD_BYTES + 100_000)}", "forum,p3,c"]

    read_file = read(_file(tmp_path, "posts.csv", "platform,platform_item_id,text\n" + "\n".join(rows)))

    assert read_file.codes == [(3, "too_large")]
    assert [item.platform_item_id for item in read_file.items] == ["p1", "p3"]


def test_headings_that_spread_objects_over_columns_are_put_together_again(tmp_path: Path) -> None:
    content = (
        "id,text,webVideoUrl,createTimeISO,diggCount,authorMeta/name,hashtags/0/name,hashtags/1/name\n"
        "7,Hi,https://www.tiktok.com/@a/video/7,2026-11-01T00:00:00Z,5,ana,Coffee,Tea\n"
    )

    read_file = read(_file(tmp_path, "tiktok.csv", content))

    [item] = read_file.items
    assert (read_file.format_name, item.author_ref, item.hashtags) == ("apify_tiktok", "ana", ("coffee", "tea"))


def test_western_windows_text_is_read_where_it_is_no_utf8(tmp_path: Path) -> None:
    content = "platform;platform_item_id;text\nforum;p1;Das Café hat geöffnet – schön, täglich ab neun Uhr\n"

    [item] = read(_file(tmp_path, "posts.csv", content.encode("cp1252"))).items

    assert item.text_content == "Das Café hat geöffnet – schön, täglich ab neun Uhr"


def test_a_code_page_that_cannot_be_told_is_refused_instead_of_garbled(tmp_path: Path) -> None:
    content = "platform;platform_item_id;text\nforum;p1;Кофейня открыта каждый день с девяти утра\n"

    with pytest.raises(UnreadableFile, match="save it as UTF-8"):
        read(_file(tmp_path, "posts.csv", content.encode("cp1251")))


def test_a_nul_in_a_table_is_dropped_and_the_file_still_read(tmp_path: Path) -> None:
    [item] = read(_file(tmp_path, "posts.csv", "platform,platform_item_id,text\nforum,p1,a\0b\n")).items

    assert (item.text_content, item.raw["text"]) == ("ab", "ab")


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv"])
def test_bytes_that_are_no_characters_cost_their_own_record(tmp_path: Path, name: str) -> None:
    lines = [json.dumps(_post(number, text="schön ☕"), ensure_ascii=False).encode() for number in (1, 2, 3)]
    table = [b"platform,platform_item_id,text", *("forum,p1,schön ☕".encode() for _ in range(3))]
    content = lines if name.endswith("jsonl") else table
    content[-2] = content[-2].replace("☕".encode(), b"\xff\xfe")

    read_file = read(_file(tmp_path, name, b"\n".join(content)))

    assert (len(read_file.items), [reject.code for reject in read_file.rejects]) == (2, ["bad_encoding"])


def test_a_gzip_file_cut_short_keeps_what_could_be_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(_post(number, filling=f"{number * 7919 % 104729:x}" * 3)) for number in range(20_000))
    packed = gzip.compress(lines.encode())

    read_file = read(_file(tmp_path, "posts.jsonl.gz", packed[: len(packed) // 2]))

    assert len(read_file.items) > 5_000
    assert read_file.rejects[-1].code == "broken_file"
    assert "damaged" in read_file.rejects[-1].reason


def test_a_gzip_bomb_is_not_unpacked_to_its_end(tmp_path: Path) -> None:
    bomb = gzip.compress((json.dumps(_post(1)) + "\n").encode() + b" " * 200_000_000)

    read_file = read(_file(tmp_path, "posts.jsonl.gz", bomb))

    assert len(read_file.items) == 1
    assert "expands to more" in read_file.rejects[-1].reason


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "empty_file", "is empty"),
        (b" \n\n", "empty_file", "is empty"),
        (b"[]", "no_records", "holds no records"),
        (b"platform,platform_item_id,text\n", "no_records", "holds no records"),
        (b"PK\x03\x04rest", "not_text", "save the sheet as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00" * 20, "not_text", "not a text file"),
        (b"[1, 2, 3]", "not_an_object", "not an object"),
        (b'[{"colour": "red", "size": 4}]', "unknown_format", "the fields colour, size.*Known are .*generic.*mapping"),
        (b"just some words\nand more\n", "unknown_format", "just some words"),
        (b"<rss><channel/></rss>", "unknown_format", "a feed"),
        (b"<html><body>hello</body></html>", "unknown_format", "a web page"),
        (b'<!DOCTYPE t [<!ENTITY a "b">]><transcript><text>&a;</text></transcript>', "unsafe_xml", "document type"),
        (b"<transcript><text>", "broken_xml", "not valid XML"),
        (b'[{"text": "hello", "start": 0.0, "duration": 1.5}]', "transcript_without_video", "video"),
    ],
)
def test_a_file_that_is_no_import_is_refused_with_what_was_found(
    tmp_path: Path, content: bytes, code: str, message: str
) -> None:
    with pytest.raises(UnreadableFile, match=message) as refused:
        read(_file(tmp_path, "file", content))

    assert refused.value.code == code


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(UnreadableFile, match="is not a file"):
            read(path)


def test_a_format_that_does_not_fit_says_which_one_would(tmp_path: Path) -> None:
    path = _file(tmp_path, "posts.json", json.dumps(POSTS))

    with pytest.raises(UnreadableFile, match=r"not in the format reddit.*as generic has"):
        read(path, format_name="reddit")
    with pytest.raises(UnreadableFile, match=r"there is no format 'rediit'; known are .*reddit"):
        read(path, format_name="rediit")


def test_in_a_mixed_file_the_misfits_are_refused(tmp_path: Path) -> None:
    records: list[JsonValue] = [*POSTS, {"colour": "red"}, {"error": "no_items", "errorDescription": "Empty"}]

    read_file = read(_file(tmp_path, "posts.json", json.dumps(records)))

    assert read_file.codes == [(31, "unknown_shape"), (32, "source_error")]


def test_a_recorded_answer_of_an_error_or_a_deletion_is_no_post(tmp_path: Path) -> None:
    status = json.dumps({"id": "1", "content": "<p>x</p>", "created_at": "2026-01-01", "account": {}, "uri": "u"})
    exchange = "- request: {{method: {0}, uri: x}}\n  response: {{status: {{code: {1}}}, body: {{string: '{2}'}}}}\n"
    content = "interactions:\n" + "".join(
        exchange.format(method, code, status) for method, code in (("GET", 200), ("DELETE", 200), ("GET", 404))
    )

    read_file = read(_file(tmp_path, "tape.yaml", content))

    assert (len(read_file.items), read_file.rejects) == (1, [])


def _memory_peak(path: Path) -> int:
    tracemalloc.start()
    try:
        with open_source(path, received_at=RECEIVED_AT) as reading:
            assert all(isinstance(found, CapturedItem) for found in reading)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _written(path: Path, records: Iterator[str], *, around: tuple[str, str, str]) -> Path:
    start, between, end = around
    with path.open("w") as file:
        file.write(start)
        for number, record in enumerate(records):
            file.write(f"{between if number else ''}{record}")
        file.write(end)
    return path


@pytest.mark.parametrize("times", [3, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize("around", [("", "\n", ""), ("[", ",", "]"), ('{"hits": [', ",", "]}")])
def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path, around: tuple[str, str, str], times: int) -> None:
    def records(number: int) -> Iterator[str]:
        return (json.dumps(_post(place, filling="x" * 1_100)) for place in range(number))

    # Even the small file has more bytes than one record may have, so that a page is never held as a whole.
    small = _written(tmp_path / "small", records(2_000), around=around)
    large = _written(tmp_path / "large", records(times * 2_000), around=around)
    _memory_peak(small)

    peaks = _memory_peak(small), _memory_peak(large)

    assert peaks[1] < 1.5 * peaks[0]
