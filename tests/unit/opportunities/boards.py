"""Evidence, brands and boards for the tests of the synthesizer: the least that is valid, in plain words."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings import default_embedder
from kairo.stages.brands.contracts import BrandSnapshotDTO, PersonaDTO, PillarDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO, MediaType
from kairo.stages.opportunities.contracts import (
    ExternalSignalBundleDTO,
    LearningSummaryDTO,
    OpportunityDraftDTO,
    OpportunityType,
    Quote,
)
from kairo.stages.opportunities.rules import DecidedOpportunity, Synthesis, synthesize

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
AUGUST = datetime(2013, 8, 17, tzinfo=UTC)
LAUNCH_DAY = datetime(2026, 8, 2, tzinfo=UTC)


def uid(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def post(text: str, **given: Any) -> EvidenceItemDTO:
    """One post of yesterday, by an author of its own."""
    key = given.pop("key", text)
    values: dict[str, Any] = {
        "id": uid(f"item {key}"),
        "platform": "reddit",
        "platform_item_id": str(key)[:40],
        "author": f"author of {key}",
        "text": text,
        "published_at": NOON - timedelta(days=given.pop("age", 1)),
        "captured_at": NOON,
        "language": None,
        "likes": 40,
        "comments": 12,
        "engagement_score": 0.5,
    }
    return EvidenceItemDTO(**(values | given))


def brand(
    *pillars: tuple[str, Sequence[str]],
    personas: Sequence[dict[str, Any]] = (),
    positioning: str | None = None,
    taboos: Sequence[str] = (),
) -> BrandSnapshotDTO:
    """A brand with these pillars (name, keywords) and nothing else."""
    return BrandSnapshotDTO(
        id=uid("snapshot"),
        snapshot_at=NOON,
        brand_id=uid("brand"),
        brand_name="Glow",
        positioning=positioning,
        taboos=list(taboos),
        pillars=[PillarDTO(id=uid(name), name=name, keywords=list(keywords)) for name, keywords in pillars],
        personas=[PersonaDTO(id=uid(persona["name"]), **persona) for persona in personas],
    )


SKINCARE = brand(
    ("Routine", ["cleanser", "moisturiser", "routine"]),
    ("Sun care", ["sunscreen", "spf", "sunburn"]),
    ("Breakouts", ["acne", "zit", "pimple", "breakout"]),
    ("Ingredients", ["retinol", "oil", "acid"]),
    personas=[{"name": "Ana", "role": "student", "summary": "first routine"}],
    positioning="Calm, honest skincare for sensitive skin",
    taboos=["miracle"],
)
COFFEE = brand(
    ("Brewing at home", ["pour over", "cold brew", "moka pot", "espresso"]),
    ("Beans and roasting", ["roast", "beans", "origin"]),
    ("Gear", ["grinder", "machine"]),
)
AUDIO = brand(
    ("First good pair", ["headphones", "first pair", "budget"]),
    ("Amps and DACs", ["amp", "dac", "tube"]),
    ("Do it yourself", ["mod", "cable", "diy"]),
    positioning="Honest audio gear for people who listen all day",
)
SHOES = brand(
    ("Retro releases", ["Jordan", "retro", "release"]),
    ("Care and custom", ["custom", "paint", "clean", "restore"]),
    ("Second-hand finds", ["thrift", "second hand", "goodwill"]),
    positioning="Sneaker resale without the rip-off",
)
SOFTWARE = brand(
    ("AI 编程", ["编程", "代码", "Claude Code", "开发者"]),
    ("语音与会议", ["语音", "会议", "转录"]),
    ("客户增长", ["潜在客户", "CRM", "客户", "营销"]),
    ("本地与隐私", ["本地", "隐私", "开源"]),
    personas=[{"name": "林晓", "role": "初创公司运营", "summary": "一个人负责增长和内容，预算有限"}],
    positioning="帮小团队用好 AI 工具的 SaaS",
    taboos=["颠覆"],
)


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    return default_embedder().embed(texts)


def board(
    evidence: Sequence[EvidenceItemDTO],
    for_brand: BrandSnapshotDTO,
    *,
    as_of: datetime = NOON,
    decided: Sequence[DecidedOpportunity] = (),
    signals: ExternalSignalBundleDTO | None = None,
    learning: LearningSummaryDTO | None = None,
    limit: int = 12,
) -> Synthesis:
    """Synthesize with the product's own embedder."""
    texts = [item.text or item.transcript or "" for item in evidence]
    return synthesize(
        evidence=evidence,
        vectors=embed(texts),
        brand=for_brand,
        signals=signals or ExternalSignalBundleDTO(brand_id=for_brand.brand_id, fetched_at=as_of),
        learning=learning or LearningSummaryDTO(brand_id=for_brand.brand_id, generated_at=as_of),
        decided=decided,
        embed=embed,
        as_of=as_of,
        limit=limit,
    )


def draft(item: EvidenceItemDTO, **given: Any) -> OpportunityDraftDTO:
    """A valid draft that cites one item by its whole text."""
    values: dict[str, Any] = {
        "proposed_title": "How to layer sunscreen over moisturiser",
        "proposed_angle": "A carousel that shows the order of sunscreen and moisturiser, with amounts, for beginners.",
        "type": OpportunityType.EVERGREEN,
        "primary_channel": "instagram",
        "suggested_channels": ["instagram", "blog"],
        "source": "test",
        "why_now": "3 posts in the last 10 days.",
        "evidence_ids": [item.id],
        "quotes": [Quote(evidence_id=item.id, text=item.text)],
    }
    return OpportunityDraftDTO(**(values | given))


def reddit_sample(path: Path, *, until: datetime, days: int = 30) -> list[EvidenceItemDTO]:
    """The posts of a Reddit export published in the window before `until`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            item
            for row in csv.DictReader(file)
            if until - timedelta(days=days) <= (item := _submission(row)).captured_at < until
        ]


def _submission(row: dict[str, str]) -> EvidenceItemDTO:
    at = datetime.fromtimestamp(float(row["created_utc"]), UTC)
    title, body = html.unescape(row["title"]), html.unescape(row["selftext"])
    return EvidenceItemDTO(
        id=uid(row["id"]),
        platform="reddit",
        platform_item_id=row["id"],
        url=row["url"],
        format_has_author=False,
        title=title,
        text=f"{title}\n{body}" if body else title,
        media_type=MediaType.IMAGE if "imgur" in row["domain"] else MediaType.TEXT,
        language="en",
        published_at=at,
        captured_at=at,
        likes=int(row["score"]),
        comments=int(row["num_comments"]),
        engagement_score=min(1.0, int(row["score"]) / 500),
    )


def launch_sample(path: Path, *, until: datetime, most: int = 500) -> list[EvidenceItemDTO]:
    """The newest launches of a Product Hunt export before `until`."""
    launches = sorted(_launches(path), key=lambda item: item.captured_at, reverse=True)
    return [item for item in launches if item.captured_at < until][:most]


def _launches(path: Path) -> Iterator[EvidenceItemDTO]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["published_at"]).astimezone(UTC)
        yield EvidenceItemDTO(
            id=uid(f"{row['url']} {row['day']} {row['rank']}"),
            platform="producthunt",
            platform_item_id=f"{row['day']}-{row['rank']}",
            url=row["url"],
            format_has_author=False,
            title=row["name"],
            text="\n".join([row["name"], row["tagline_zh"], row["description_zh"]]),
            hashtags=[word.strip() for word in row["keywords_zh"].split(",") if word.strip()],
            media_type=MediaType.LINK,
            language="zh",
            published_at=at,
            captured_at=at,
            likes=row["votes"],
            engagement_score=min(1.0, row["votes"] / 600),
        )
