"""The open services as local servers: recorded exchanges where there are some, else answers in their known shape."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import yaml

from tests.factories.posts import VOICES
from tests.integration.outbound.servers import Answer, Seen, Site, page
from tests.shared_data import shared

JSON = {"content-type": "application/json; charset=utf-8"}
RECORDED_HOST = "http://localhost:3000"
RECORDED_TAG = "fgiztsshwiaqqiztpmmjbtvmescsculuvmgjgopwoeidbcrixp"


def json_page(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a JSON answer down."""
    return page(json.dumps(document).encode(), status=status, headers=JSON | dict(headers or {}))


def recorded_mastodon(site: Site) -> Mapping[str, bytes | Answer]:
    """Play a recorded hashtag timeline of three pages from this site."""
    cassette = yaml.safe_load(shared("evidence/mastodon-cassette/test_pagination_iterator.yaml").read_text())
    answers: dict[str, bytes | Answer] = {}
    for exchange in cassette["interactions"]:
        if exchange["request"]["method"] != "GET":
            continue
        headers = {"link": link[0]} if (link := exchange["response"]["headers"].get("Link")) else {}
        headers |= {"link": link[0]} if (link := exchange["response"]["headers"].get("link")) else {}
        written = page(exchange["response"]["body"]["string"].encode(), headers=JSON | headers)
        path = exchange["request"]["uri"].removeprefix(RECORDED_HOST)
        answers[path.replace("limit=10&", "limit=40&") if "max_id" not in path else path] = _at_home(written, site)
    first = f"/api/v1/timelines/tag/{RECORDED_TAG}?limit="
    answers[f"{first}40"] = answers[f"{first}10"]
    return answers


def _at_home(written: bytes, site: Site) -> bytes:
    head, _, body = written.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
    head = b"\r\n".join(lines).replace(RECORDED_HOST.encode(), site.url("").encode())
    return head + f"\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def hit(number: int, *, at: datetime, **changes: object) -> dict[str, object]:
    """Build one story as Algolia gives it."""
    created_at = at - timedelta(hours=number + 1)
    return {
        "objectID": str(40_000_000 + number),
        "title": f"Story {number}: {VOICES[number % len(VOICES)]}",
        "url": f"https://example.com/{number}",
        "author": f"hacker{number}",
        "points": number,
        "num_comments": 2 * number,
        "created_at_i": int(created_at.timestamp()),
        "created_at": created_at.isoformat(),
        "_tags": ["story", f"author_hacker{number}", f"story_{number}"],
    } | changes


def algolia(hits: list[dict[str, object]]) -> Answer:
    """Answer searches with these hits, page by page of the size that is asked for."""

    def answer(seen: Seen, connection: socket.socket) -> None:
        asked = parse_qs(urlsplit(seen.path).query)
        size, number = int(asked["hitsPerPage"][0]), int(asked["page"][0])
        pages = -(-len(hits) // size)
        found = {"hits": hits[number * size : (number + 1) * size], "nbPages": pages, "page": number}
        connection.sendall(json_page(found))

    return answer


def bluesky_post(number: int, *, at: datetime, **changes: object) -> dict[str, object]:
    """Build one post as the AppView shows it."""
    created_at = (at - timedelta(hours=number + 1)).isoformat()
    return {
        "uri": f"at://did:plc:person{number}/app.bsky.feed.post/3k{number:04}",
        "cid": f"bafy{number}",
        "author": {"did": f"did:plc:person{number}", "handle": f"person{number}.bsky.social"},
        "record": {
            "$type": "app.bsky.feed.post",
            "text": f"{VOICES[number % len(VOICES)]} {number}",
            "createdAt": created_at,
            "langs": ["en"],
        },
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": number,
        "indexedAt": created_at,
    } | changes
