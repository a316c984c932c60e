"""Boards over real posts: cited, quoted letter by letter, and the same again from the same evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.evidence.contracts import UnreadableFile
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import BoardState, TodayBoardDTO
from tests.factories.board_jobs import regenerate_now
from tests.factories.brands import stored_brand
from tests.shared_data import shared

IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HAN = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class Sample:
    file: str
    as_of: datetime
    brand: dict[str, object] = field(default_factory=dict)
    pillars: tuple[dict[str, object], ...] = ()


SAMPLES = {
    "skincare": Sample(
        file="evidence/reddit-top-2013/SkincareAddiction.csv",
        as_of=datetime(2013, 8, 16, 23, 59, 59, tzinfo=UTC),
        brand={"brand__positioning": "Calm, honest skincare for sensitive skin", "brand__taboos": ["miracle"]},
        pillars=(
            {"name": "Routine", "keywords": ["cleanser", "moisturiser", "routine"]},
            {"name": "Sun care", "keywords": ["sunscreen", "spf", "sunburn"]},
            {"name": "Breakouts", "keywords": ["acne", "zit", "pimple", "breakout"]},
        ),
    ),
    "coffee": Sample(
        file="evidence/reddit-top-2013/Coffee.csv",
        as_of=datetime(2013, 8, 16, 23, 59, 59, tzinfo=UTC),
        brand={"brand__positioning": "Good coffee at home without the fuss"},
        pillars=(
            {"name": "Brewing at home", "keywords": ["cold brew", "moka pot", "espresso", "pour over"]},
            {"name": "Beans and roasting", "keywords": ["roast", "beans", "origin"]},
            {"name": "Gear", "keywords": ["grinder", "machine"]},
        ),
    ),
    "producthunt": Sample(
        file="evidence/producthunt-daily/posts.jsonl",
        as_of=datetime(2026, 8, 2, 23, 59, 59, tzinfo=UTC),
        brand={"brand__positioning": "帮助小团队用人工智能工具提高效率"},
        pillars=(
            {"name": "智能体", "keywords": ["AI代理", "智能体", "自动化"]},
            {"name": "效率工具", "keywords": ["效率", "工作流", "会议"]},
            {"name": "创作", "keywords": ["视频", "设计", "内容"]},
        ),
    ),
}


def make_board(sample: Sample, tenant_id: UUID) -> tuple[UUID, TodayBoardDTO]:
    path = shared(sample.file)
    brand_id = stored_brand(tenant_id, pillars=list(sample.pillars), **sample.brand).id
    evidence_operations.import_file(tenant_id=tenant_id, brand_id=brand_id, path=path, at=timezone.now())
    return brand_id, regenerated(sample, tenant_id, brand_id)


def regenerated(sample: Sample, tenant_id: UUID, brand_id: UUID) -> TodayBoardDTO:
    job = regenerate_now(tenant_id=tenant_id, brand_id=brand_id, as_of=sample.as_of)
    assert job.state is JobState.SUCCEEDED
    with tenant_transaction(tenant_id):
        return queries.look_at_today(brand_id, at=timezone.now()).to_contract()


def without_ids_and_times(board: TodayBoardDTO) -> str:
    """Return a board's JSON with each id replaced by the order of its first appearance, and no times of making."""
    order: dict[str, str] = {}
    fixed = board.model_copy(
        update={"meta": board.meta.model_copy(update={"wall_time_ms": 0, "evidence_fetch_ms": 0, "generated_at": None})}
    )
    opportunities = [
        opportunity.model_copy(update={"created_at": None, "updated_at": None}) for opportunity in fixed.opportunities
    ]
    text = fixed.model_copy(update={"opportunities": opportunities}).model_dump_json(warnings=False)
    return IDS.sub(lambda found: order.setdefault(found.group(), f"id{len(order)}"), text)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_board_over_real_posts_is_ready_cited_and_repeatable(name: str, tenant: UUID) -> None:
    sample = SAMPLES[name]

    brand_id, board = make_board(sample, tenant)
    again = regenerated(sample, tenant, brand_id)

    assert board.meta.state is BoardState.READY
    assert 5 <= len(board.opportunities) <= 12
    assert len({opportunity.title for opportunity in board.opportunities}) == len(board.opportunities)
    for opportunity in board.opportunities:
        assert opportunity.evidence
        assert opportunity.independent_voices >= 1
        assert opportunity.score_breakdown
        for cited in opportunity.evidence:
            with tenant_transaction(tenant):
                item = evidence_queries.item(cited.id)
            assert cited.quote in f"{item.text}\n{item.transcript or ''}"
            assert cited.url == item.url
    assert without_ids_and_times(again) == without_ids_and_times(board)


def test_titles_over_chinese_posts_are_chinese(tenant: UUID) -> None:
    _, board = make_board(SAMPLES["producthunt"], tenant)

    assert all(HAN.search(opportunity.title) for opportunity in board.opportunities)


def test_a_taboo_never_reaches_the_board(tenant: UUID) -> None:
    sample = SAMPLES["skincare"]
    brand = {**sample.brand, "brand__taboos": ["sunscreen", "oil"]}

    _, board = make_board(Sample(sample.file, sample.as_of, brand, sample.pillars), tenant)

    shown = " ".join(
        f"{opportunity.title} {opportunity.angle} {' '.join(cited.quote for cited in opportunity.evidence)}"
        for opportunity in board.opportunities
    ).lower()
    assert board.opportunities
    assert not re.search(r"\b(sunscreen|oil)s?\b", shown)


@pytest.mark.parametrize(
    ("file", "lands"),
    [
        ("evidence/mastodon-cassette/test_pagination_iterator.yaml", True),
        ("evidence/bluesky-post/thread_view_post_with_embed_media.json", True),
        ("evidence/bluesky-post/post_record.json", True),
        ("evidence/youtube-transcript/youtube_video_unavailable.innertube.json.static", False),
        ("evidence/youtube-transcript/youtube_transcripts_disabled.innertube.json.static", False),
        ("evidence/youtube-transcript/youtube.innertube.json.static", True),
    ],
)
def test_the_other_samples_land_or_are_refused_with_a_reason(file: str, lands: bool, tenant: UUID) -> None:
    path: Path = shared(file)
    brand_id = stored_brand(tenant).id

    report = evidence_operations.import_file(tenant_id=tenant, brand_id=brand_id, path=path, at=timezone.now())

    assert report.read == report.new + report.known + report.rejected
    assert (report.new > 0) is lands
    assert lands or all(reject["reason"] for reject in report.rejects)


def test_a_transcript_without_its_video_is_refused_with_what_to_do(tenant: UUID) -> None:
    path: Path = shared("evidence/youtube-transcript/transcript.xml.static")

    with pytest.raises(UnreadableFile, match="platform_item_id"):
        evidence_operations.import_file(
            tenant_id=tenant, brand_id=stored_brand(tenant).id, path=path, at=timezone.now()
        )
