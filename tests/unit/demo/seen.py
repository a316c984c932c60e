"""The demo's posts as the stored evidence would hold them: translated, normalised, with their repeats marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from pydantic import JsonValue

from kairo.interfaces.cli.demo import POSTS_FILE
from kairo.interfaces.cli.demo.rounds import files_due, first_round_end, known_round_end, read_posts
from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.formats.generic import GenericPosts
from kairo.stages.evidence.contracts import CapturedItem, MediaType
from kairo.stages.evidence.rules.duplicates import ComparedPost, find_near_duplicates
from kairo.stages.evidence.rules.gates import GateItem
from kairo.stages.evidence.rules.text import content_hash, normalise, real_content

START = datetime(2026, 11, 21, 9, 30, 12, 345678, tzinfo=UTC)
POSTS = read_posts(POSTS_FILE)
_NAMESPACE = UUID("5b0c3a52-8d0e-4c55-9d0e-000000000000")


class Store:
    """What an installation holds after some starts; a known id is kept as it came, as in the table."""

    def __init__(self) -> None:
        self.items: dict[str, CapturedItem] = {}

    def start(self, at: datetime) -> int:
        """Seed as `kairo run` does at a moment; returns how many items are new."""
        before = len(self.items)
        known_end = known_round_end(self.items) or first_round_end(at)
        for records in files_due(POSTS, known_end=known_end, at=at).values():
            for item in captured(records, at):
                self.items.setdefault(item.platform_item_id, item)
        return len(self.items) - before


def captured(records: Iterable[dict[str, JsonValue]], at: datetime) -> list[CapturedItem]:
    return [GenericPosts().to_item(record, received_at=at) for record in records]


def first_seeding() -> list[CapturedItem]:
    store = Store()
    store.start(START)
    return list(store.items.values())


def thread_of(item: CapturedItem) -> str:
    return item.platform_item_id.split("-")[1]


def published(item: CapturedItem) -> datetime:
    assert item.published_at is not None
    return item.published_at


def repeats_among(items: Sequence[CapturedItem]) -> dict[str, str]:
    """Map the id of each item that repeats an earlier one to the original's, by the product's own cascade."""
    texts = [normalise(item.text_content) for item in items]
    embedder = default_embedder()
    said = ["\n".join(filter(None, (text.text, item.transcript))) for text, item in zip(texts, items, strict=True)]
    compared = [
        ComparedPost(
            id=_uuid(item),
            published_at=item.published_at,
            text=text.text,
            content_hash=content_hash(text),
            language=item.language,
            vector=vector,
        )
        for item, text, vector in zip(items, texts, embedder.embed(said), strict=True)
    ]
    names = {_uuid(item): item.platform_item_id for item in items}
    found = find_near_duplicates(compared, embedder=embedder.name)
    return {names[copy]: names[original] for copy, original in found.items()}


def gate_items(items: Sequence[CapturedItem], repeats: dict[str, str]) -> dict[str, GateItem]:
    """Map each item's id to what the gates look at."""
    return {item.platform_item_id: _gate_item(item, repeats.get(item.platform_item_id)) for item in items}


def _gate_item(item: CapturedItem, original: str | None) -> GateItem:
    text = normalise(item.text_content)
    return GateItem(
        platform=item.platform,
        published_at=item.published_at,
        has_text=bool(text.text),
        text_length=len(text.text),
        holds_real_content=real_content(text),
        is_video=item.media_type is MediaType.VIDEO,
        has_transcript=bool(item.transcript),
        author=item.author_ref,
        url=item.url,
        content_hash=content_hash(text),
        near_duplicate_of=uuid5(_NAMESPACE, original) if original else None,
    )


def _uuid(item: CapturedItem) -> UUID:
    return uuid5(_NAMESPACE, item.platform_item_id)
