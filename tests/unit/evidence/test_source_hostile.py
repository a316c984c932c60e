"""Whatever a file holds, it is read or refused: no record is lost, and nothing but UnreadableFile is ever raised."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from kairo.stages.evidence.adapters.fields.dates import EARLIEST
from kairo.stages.evidence.adapters.fields.raw import MAX_RAW_BYTES
from kairo.stages.evidence.adapters.registry import known_formats
from kairo.stages.evidence.contracts import MAX_TEXT_CHARACTERS, CapturedItem, UnreadableFile
from kairo.stages.evidence.ports import BadRecord, Record, SourceFormat
from tests.unit.evidence.source_reading import RECEIVED_AT, WhatWasRead, fixture, read

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=20)
    | st.sampled_from(
        [
            "",
            " ",
            "-1",
            "1.2K",
            "1.234,5",
            "NaN",
            "2026-01-01",
            "03/04/2026",
            "9" * 400,
            "at://did:plc:a/b/c",
            "\0",
            "\ud800",
            "<p>&amp;</p>",
            "https://[bad",
            "/r/a",
            "post",
            "=1+1",
            "E+1",
        ]
    )
)
JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

_EXAMPLES: dict[str, dict[str, JsonValue]] = {
    "apify_instagram": json.loads(fixture("apify_instagram.json").read_text())[1],
    "apify_tiktok": json.loads(fixture("apify_tiktok.json").read_text())[0],
    "tiktok": json.loads(fixture("tiktok_page.json").read_text())["itemList"][0],
    "apify_youtube": json.loads(fixture("apify_youtube.json").read_text())[0],
    "apify_reddit": json.loads(fixture("apify_reddit.json").read_text())[0],
    "hackernews": json.loads(fixture("hackernews.json").read_text())["hits"][0],
    "mastodon": json.loads(fixture("mastodon_statuses.json").read_text())[0],
    "bluesky": json.loads(fixture("bluesky_feed.json").read_text())["feed"][0],
    "generic": json.loads(fixture("generic.jsonl").read_text().splitlines()[0]),
    "youtube_transcript": json.loads(fixture("youtube_transcripts.jsonl").read_text().splitlines()[0]),
    "youtube_player": {
        "playabilityStatus": {"status": "OK", "reason": "", "messages": []},
        "videoDetails": {"videoId": "a", "title": "t", "shortDescription": "d", "author": "x", "viewCount": "1"},
        "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": [{}]}},
        "microformat": {"playerMicroformatRenderer": {"publishDate": "2026-01-01"}},
    },
    "reddit": {
        "id": "x1",
        "created_utc": 1.7e9,
        "title": "T",
        "permalink": "/r/a/comments/x1/t/",
        "selftext": "s",
        "author": "ana",
        "score": 1,
        "ups": 1,
        "num_comments": 2,
        "is_self": "True",
        "domain": "self.a",
    },
    "reddit_web": {
        "postId": "t3_a",
        "title": "T",
        "link": "",
        "publishingDate": "",
        "postUpvotes": 1,
        "commentCount": 1,
    },
    "producthunt": {
        "day": "2026-06-28",
        "rank": 1,
        "name": "N",
        "url": "https://www.producthunt.com/products/n",
        "tagline_zh": "a",
        "description_zh": "b",
        "votes": 3,
        "published_at": "2026-06-27T03:01:00+08:00",
    },
}


def _leaves(record: JsonValue, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(record, dict):
        return [path] * bool(path) + [leaf for name in record for leaf in _leaves(record[name], (*path, name))]
    if isinstance(record, list):
        return [path] + [leaf for at, inner in enumerate(record) for leaf in _leaves(inner, (*path, at))]
    return [path]


def _with(record: JsonValue, path: tuple[str | int, ...], value: JsonValue) -> JsonValue:
    if not path:
        return value
    if isinstance(record, dict):
        return {name: _with(inner, path[1:], value) if name == path[0] else inner for name, inner in record.items()}
    if isinstance(record, list):
        return [_with(inner, path[1:], value) if at == path[0] else inner for at, inner in enumerate(record)]
    return record


def _texts_in(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value if isinstance(value, list) else []:
        yield from _texts_in(inner)
    for name, inner in value.items() if isinstance(value, dict) else []:
        yield name
        yield from _texts_in(inner)


def _is_storable(item: CapturedItem) -> bool:
    texts = [item.platform, item.platform_item_id, item.title, item.text_content, item.transcript, item.url]
    texts += [item.author_ref, item.audio_id, item.language, *item.hashtags, *_texts_in(item.raw)]
    written = "".join(text or "" for text in texts)
    raw = json.dumps(item.raw, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    in_time = item.published_at is None or EARLIEST <= item.published_at <= RECEIVED_AT + timedelta(days=2)
    counts = (item.counts.views, item.counts.likes, item.counts.comments, item.counts.shares)
    return (
        b"\0" not in written.encode()
        and len(raw.encode()) <= MAX_RAW_BYTES
        and len(item.text_content) <= MAX_TEXT_CHARACTERS
        and 0 < len(item.platform_item_id) <= 300
        and in_time
        and all(count is None or 0 <= count < 2**63 for count in counts)
    )


def _outcome(source: SourceFormat, record: Record) -> CapturedItem | BadRecord | None:
    try:
        return source.to_item(record, received_at=RECEIVED_AT) if source.recognises(record) else None
    except BadRecord as refusal:
        return refusal


@pytest.mark.parametrize("source", known_formats(), ids=lambda source: source.name)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawn=st.data())
def test_a_record_with_anything_in_any_field_becomes_a_storable_item_or_a_refusal(
    source: SourceFormat, drawn: st.DataObject
) -> None:
    record = _EXAMPLES[source.name]
    for _ in range(drawn.draw(st.integers(min_value=1, max_value=3))):
        path = drawn.draw(st.sampled_from(_leaves(record)))
        changed = _with(record, path, drawn.draw(JSON))
        record = changed if isinstance(changed, dict) else record

    outcome = _outcome(source, record)

    if isinstance(outcome, CapturedItem):
        assert _is_storable(outcome)
    if isinstance(outcome, BadRecord):
        assert outcome.code
        assert outcome.reason


def _read_bytes(content: bytes, name: str) -> WhatWasRead | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return read(path)
        except UnreadableFile as refusal:
            str(refusal).encode()
            return None


_GOOD = json.dumps(_EXAMPLES["generic"])


@settings(max_examples=150, deadline=None)
@given(values=st.lists(JSON, min_size=1, max_size=6), layout=st.sampled_from(["lines", "list", "page"]))
@example(values=[{}], layout="list")
@example(values=[{"items": [{}]}], layout="lines")
@example(values=[{"thread": {"post": {}, "replies": [[]]}}], layout="list")
def test_every_json_value_in_a_file_comes_out_as_an_item_or_a_refusal(values: list[JsonValue], layout: str) -> None:
    plain = [value for value in values if not (isinstance(value, dict) and {"items", "hits", "data"} & value.keys())]
    written = [json.dumps(value) for value in plain] + [_GOOD]
    content = {
        "lines": "\n".join(written),
        "list": f"[{','.join(written)}]",
        "page": f'{{"items": [{",".join(written)}]}}',
    }[layout]

    found = _read_bytes(content.encode(), "posts.jsonl" if layout == "lines" else "posts.json")

    if layout == "page" and not all(isinstance(value, dict) for value in plain):
        return
    assert found is not None
    assert len(found.found) == len(written)
    assert all(map(_is_storable, found.items))


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.text(alphabet='{}[]",:\\\n\r\t ;|&<>ae01-.nul/!', max_size=300).map(str.encode)
    | st.binary(max_size=200).map(gzip.compress),
    start=st.sampled_from(
        [
            b"",
            b"[",
            b"{",
            b'{"',
            _GOOD.encode(),
            b"[" + _GOOD.encode(),
            b'{"items": [',
            b"<",
            b"<transcript><text>",
            b"interactions:\n- ",
            b"platform,platform_item_id,text\n",
            b'platform,platform_item_id,text\na,b,"',
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\x1f\x8b",
        ]
    ),
    name=st.sampled_from(["f", "f.jsonl", "f.csv", "f.yaml"]),
)
def test_no_bytes_raise_anything_but_a_refusal_of_the_file(content: bytes, start: bytes, name: str) -> None:
    found = _read_bytes(start + content, name)

    assert found is None or all(map(_is_storable, found.items))


_CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), max_size=5),
        max_size=8,
    ),
    delimiter=st.sampled_from(",;\t|"),
)
def test_no_row_of_a_table_is_lost(rows: list[list[str]], delimiter: str) -> None:
    def line(cells: list[str]) -> str:
        return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells)

    table = [["platform", "platform_item_id", "text"], ["forum", "p1", "first"], *rows]

    found = _read_bytes("\n".join(map(line, table)).encode(), "posts.csv")

    assert found is not None
    assert len(found.found) == 1 + sum(1 for cells in rows if any(cells))
