"""Posts as a person would bring them: a generic JSONL file, imported through the door."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import ImportReport

# Twelve things that different people say; no two repeat each other.
VOICES = (
    "Does anyone else get red cheeks after a new cleanser? Mine stung for two days.",
    "I swapped my foaming cleanser for a milky one and the tight feeling is gone.",
    "Sunscreen that does not pill under makeup, please, I have tried five this summer.",
    "Three weeks of a plain moisturiser and nothing else: my forehead has calmed down.",
    "PSA: check the expiry date of last year's SPF before your holiday.",
    "Which acid is gentle enough for a first try? Lactic or mandelic?",
    "My dermatologist said to cut my routine to three steps and it worked within a month.",
    "Before and after: stopped scrubbing, started a soft washcloth, the bumps went away.",
    "Why does every tinted sunscreen look orange on me by lunchtime?",
    "Cheap drugstore cold cream beats my forty dollar balm and I am a bit angry about it.",
    "How long do you wait between moisturiser and sunscreen in the morning?",
    "Patch testing behind the ear saved me from a very bad week. Do it.",
)


def post(number: int, *, at: datetime, **changes: object) -> dict[str, object]:
    """Build one valid post, an hour older for each number."""
    return {
        "platform": "instagram",
        "platform_item_id": f"post-{number}",
        "url": f"https://www.instagram.com/p/{number}/",
        "author": f"person{number}",
        "text": VOICES[number % len(VOICES)],
        "media_type": "image",
        "published_at": (at - timedelta(hours=number + 1)).isoformat(),
        "views": 1000 + number,
        "likes": 10 + number,
        "comments": number,
    } | changes


def posts(count: int, *, at: datetime, **changes: object) -> list[dict[str, object]]:
    """Build valid posts of different people."""
    return [post(number, at=at, **changes) for number in range(count)]


def write_posts(path: Path, lines: Iterable[Mapping[str, object]]) -> Path:
    """Write posts as JSONL."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def import_posts(
    lines: Iterable[Mapping[str, object]],
    *,
    tenant_id: UUID,
    brand_id: UUID,
    folder: Path,
    at: datetime,
    name: str = "posts",
) -> ImportReport:
    """Import posts for a brand."""
    path = write_posts(folder / f"{name}.jsonl", lines)
    return operations.import_file(tenant_id=tenant_id, brand_id=brand_id, path=path, at=at)
