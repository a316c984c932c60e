"""One made-up brand for each state of the board: what the screenshots show and the layout tests walk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.operations import enqueue
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence.contracts import CaptureStatus, EvidenceSummaryDTO, GateThresholds, SurfaceType
from kairo.stages.evidence.models import CaptureRun, Surface, Upload
from kairo.stages.evidence.rules.gates import GateItem, judge
from kairo.stages.opportunities.contracts import BoardState, Channel, GenerateBoard, OpportunityType
from kairo.stages.opportunities.operations import regenerate
from tests.factories.boards import CountFields, ItemFields, make_board, make_brand, make_item, make_opportunity
from tests.factories.posts import VOICES, import_posts, post, posts
from tests.journeys.ad_scenes import stage_ads
from tests.journeys.insight_scenes import stage_insights
from tests.journeys.knowledge_scenes import stage_knowledge
from tests.journeys.package_scenes import stage_packages
from tests.journeys.revenue_scenes import stage_revenue

NOW = (timezone.now() - timedelta(hours=1)).replace(minute=12, second=0, microsecond=0)

PATHS = {
    "today": "/b/northwind/today",
    "generating": "/b/harbour/today",
    "too-thin": "/b/meadow/today",
    "not-yet": "/b/orchard/today",
    "failed": "/b/quarry/today",
    "nothing-valid": "/b/summit/today",
    "boards": "/b/northwind/boards",
    "evidence": "/b/beacon/evidence",
    "evidence-none": "/b/orchard/evidence",
    "evidence-refused": "/b/beacon/evidence?from=2026-07-02&to=2026-07-01",
    "search": "/b/beacon/evidence?q=sunscreen+after+cleanser",
    "search-none": "/b/orchard/evidence?q=sunscreen",
    "trends-none": "/b/orchard/trends",
    "insights-none": "/b/orchard/insights",
    "settings-none": "/b/orchard/settings",
    "import": "/b/beacon/evidence/import",
    "surfaces": "/b/beacon/evidence/surfaces",
    "surfaces-none": "/b/orchard/evidence/surfaces",
    "surface-new": "/b/beacon/evidence/surfaces/new",
    "gates": "/b/meadow/gates",
    "gates-passed": "/b/beacon/gates",
    "jobs": "/b/beacon/jobs",
    "not-found": "/b/nowhere/today",
}
"""The pages by what they show; the sign-in page and the drawer are reached from there, and `stage_scenes` adds those
whose paths hold an id."""

POSTS: list[tuple[ItemFields, CountFields, str, str]] = [
    (
        {"platform": "instagram", "author_ref": "mira.brews"},
        {"view_count": 18_240, "like_count": 1_312, "comment_count": 208},
        "Am I the only one who has never descaled their machine? It has been two years and I am scared to look inside.",
        "never descaled their machine",
    ),
    (
        {"platform": "tiktok", "author_ref": "slowpour.sam"},
        {"view_count": 96_400, "like_count": 8_120, "comment_count": 611},
        "Descaling in 5 minutes, no special kit: citric acid, warm water, two cycles. That is it.",
        "Descaling in 5 minutes, no special kit",
    ),
    (
        {"platform": "mastodon", "author_ref": "@a-rather-long-name@coffee-and-other-things.example"},
        {"like_count": 342, "comment_count": 128},
        "My shots turned sour overnight. Turns out it was scale. Why does nobody mention this in the manual?",
        "Turns out it was scale. Why does nobody mention this in the manual?",
    ),
]

BREAKDOWN: dict[str, JsonValue] = {
    "relevance": {"value": 91, "weight": 0.3, "reason": "Shares descale and water with the pillar Brewing."},
    "timeliness": {"value": 88, "weight": 0.25, "reason": "3 posts in 3 days, against 1 in the 14 days before."},
    "evidence_strength": {"value": 82, "weight": 0.25, "reason": "3 independent voices on 3 platforms."},
    "feasibility": {"value": 74, "weight": 0.2, "reason": "One short video; nothing has to be bought."},
}


def stage_scenes(tenant: UUID) -> dict[str, str]:
    """Make the brands and boards that PATHS lead to, and return all paths, those that hold an id too."""
    northwind = _ready(tenant)
    _generating(tenant)
    _too_thin(tenant)
    make_brand(tenant, slug="orchard", name="Orchard Press", is_synthetic=True)
    _failed(tenant)
    _nothing_valid(tenant)
    beacon = _enough(tenant)
    _jobs(tenant, beacon)
    shown = stage_insights(tenant, at=NOW) | stage_packages(tenant, at=NOW) | stage_knowledge(tenant, at=NOW)
    post = make_item(tenant, brand_id=northwind, text="Does anybody sell a descaling set that just works?")
    shown |= stage_revenue(tenant, brand_id=northwind, item_id=post, at=NOW)
    shown |= stage_ads(tenant, at=NOW)
    return PATHS | _imports(tenant, beacon) | shown


def _opportunities(tenant: UUID, brand_id: UUID) -> list[UUID]:
    cited = [
        (make_item(tenant, brand_id=brand_id, text=text, counts=counts, **fields), quote)
        for fields, counts, text, quote in POSTS
    ]
    descale = make_opportunity(
        tenant,
        brand_id=brand_id,
        cites=cited,
        title="Show a five-minute descale, filmed in one take",
        angle="People put descaling off because they expect a mess. One unedited take answers the fear.",
        why_now="Three people raised it in the last three days, up from one in the two weeks before.",
        primary_channel=Channel.TIKTOK,
        suggested_channels=[Channel.TIKTOK, Channel.INSTAGRAM, Channel.YOUTUBE],
        score=84.2,
        score_explanation="Carried by how closely it fits the pillar and how suddenly people ask for it.",
        score_breakdown=BREAKDOWN,
        independent_voices=3,
        would_change_our_mind="Fewer than two new posts on descaling by the end of next week.",
        prediction={
            "measure": "posts",
            "statement": "At least 6 new posts ask about descaling.",
            "threshold": 6,
            "due_at": (NOW + timedelta(days=7)).isoformat(),
            "probability": 0.7,
        },
    )
    manual = make_opportunity(
        tenant,
        brand_id=brand_id,
        cites=cited[2:],
        title="The page that is missing from the manual",
        type=OpportunityType.EVERGREEN,
        suggested_channels=[Channel.BLOG],
        score=51.3,
        score_breakdown=BREAKDOWN,
    )
    return [descale, manual]


def _ready(tenant: UUID) -> UUID:
    brand = make_brand(tenant, slug="northwind", name="Northwind Coffee", is_synthetic=True)
    opportunities = _opportunities(tenant, brand.id)
    for days, kept in ((6, 1), (3, 2)):
        created_at = NOW - timedelta(days=days, hours=days)
        make_board(tenant, brand_id=brand.id, created_at=created_at, opportunity_ids=opportunities[:kept])
    make_board(tenant, brand_id=brand.id, state=BoardState.INSUFFICIENT_EVIDENCE, created_at=NOW - timedelta(days=8))
    _ready_board(tenant, brand.id, opportunities)
    return brand.id


def _ready_board(tenant: UUID, brand_id: UUID, opportunities: list[UUID]) -> None:
    summary = EvidenceSummaryDTO(
        items=42,
        with_text=40,
        by_platform={"instagram": 19, "tiktok": 12, "reddit": 8, "mastodon": 3},
        authors=31,
        newest_at=NOW - timedelta(hours=5),
        transcript_coverage=0.75,
    )
    make_board(
        tenant,
        brand_id=brand_id,
        opportunity_ids=opportunities,
        created_at=NOW,
        run_id=brand_id,
        evidence_summary_json=summary.model_dump(mode="json"),
        diagnostics_json={
            "ready_reason": "generated",
            "total_candidates": 11,
            "wall_time_ms": 1840,
            "dominant_pillar": "Brewing",
            "dominant_persona": "Home barista",
        },
    )


def _generating(tenant: UUID) -> None:
    brand = make_brand(tenant, slug="harbour", name="Harbour Bakery", is_synthetic=True)
    _ready_board(tenant, brand.id, _opportunities(tenant, brand.id))
    with tenant_transaction(tenant):
        job_id = regenerate(brand_id=brand.id).job_id
        progress = {"step": "synthesis", "done": 2, "total": 4, "note": "42 items"}
        started_at = timezone.now() - timedelta(seconds=3)
        Job.objects.filter(id=job_id).update(
            state=JobState.RUNNING, attempts=1, progress=progress, started_at=started_at
        )


def _too_thin(tenant: UUID) -> None:
    brand = make_brand(tenant, slug="meadow", name="Meadow & Sons", is_synthetic=True)
    item = GateItem(
        platform="reddit",
        published_at=NOW - timedelta(days=9),
        has_text=True,
        text_length=64,
        holds_real_content=True,
        author="u/grindsetter",
        url="https://reddit.example/r/coffee/1",
    )
    report = judge([item] * 3, GateThresholds(), as_of=NOW)
    make_board(
        tenant,
        brand_id=brand.id,
        state=BoardState.INSUFFICIENT_EVIDENCE,
        created_at=NOW,
        remediation=report.remediation or "",
        evidence_shortfall_json=report.shortfall.model_dump(mode="json"),
        evidence_summary_json=report.summary.model_dump(mode="json"),
        diagnostics_json={"reason": report.reason},
    )


def _failed(tenant: UUID) -> None:
    brand = make_brand(tenant, slug="quarry", name="Quarry Tools", is_synthetic=True)
    notes: list[JsonValue] = ["The database was away during each of four attempts."]
    make_board(
        tenant,
        brand_id=brand.id,
        state=BoardState.ERROR,
        created_at=NOW,
        run_id=brand.id,
        diagnostics_json={"reason": "generation_failed", "notes": notes},
    )


def _nothing_valid(tenant: UUID) -> None:
    brand = make_brand(tenant, slug="summit", name="Summit Outdoor", is_synthetic=True)
    diagnostics: dict[str, JsonValue] = {"ready_reason": "no_valid_candidates", "total_candidates": 4}
    make_board(tenant, brand_id=brand.id, created_at=NOW, diagnostics_json=diagnostics)


def _enough(tenant: UUID) -> UUID:
    """Make a brand whose posts pass every gate; one of them repeats another, one says nothing of itself."""
    brand = make_brand(tenant, slug="beacon", name="Beacon Skincare", is_synthetic=True)
    told = [post(n, at=NOW, published_at=(NOW - timedelta(days=n * n % 27, hours=n)).isoformat()) for n in range(12)]
    told.append(post(12, at=NOW, platform="tiktok", text=f"{VOICES[3]}!!", media_type="image", shares=12))
    with TemporaryDirectory() as folder:
        import_posts(told, tenant_id=tenant, brand_id=brand.id, folder=Path(folder), at=NOW)
    make_item(tenant, brand_id=brand.id, text="", author_ref=None, platform="mastodon", published_at=None)
    with tenant_transaction(tenant):
        feed = Surface.objects.create(
            brand_id=brand.id, platform="rss", surface_type=SurfaceType.FEED, surface_key="https://beacon.example/feed"
        )
        refused = "The feed could not be reached: the server answered 503. The next attempt is due in 20 minutes."
        CaptureRun.objects.create(
            surface=feed, status=CaptureStatus.FAILED, started_at=NOW, ended_at=NOW, error=refused
        )
    return brand.id


def _jobs(tenant: UUID, brand_id: UUID) -> None:
    """Make a job of each way to end, beside the one that works on a board."""
    ended: list[tuple[JobState, int, str | None]] = [
        (JobState.SUCCEEDED, 1, None),
        (JobState.INSUFFICIENT_EVIDENCE, 1, None),
        (JobState.CANCELLED, 1, None),
        (JobState.FAILED, 4, "The database was away: connection to server at 127.0.0.1, port 5432, was refused."),
    ]
    with tenant_transaction(tenant):
        for state, attempts, error in ended:
            job_id = enqueue("opportunities.generate", GenerateBoard(brand_id=brand_id)).id
            Job.objects.filter(id=job_id).update(
                state=state,
                attempts=attempts,
                error=error,
                created_at=NOW,
                started_at=NOW,
                finished_at=NOW + timedelta(seconds=4),
            )
        enqueue("opportunities.generate", GenerateBoard(brand_id=brand_id))


def _imports(tenant: UUID, brand_id: UUID) -> dict[str, str]:
    """Make an import with refused records, one at work and one that failed, and return their paths."""
    refused: list[dict[str, object]] = [
        post(50, at=NOW, likes=-4),
        post(51, at=NOW, published_at="sometime in May"),
        post(52, at=NOW, text=""),
        post(53, at=NOW, platform_item_id=None),
        post(54, at=NOW, text="<script>document.title = 'owned'</script>", views="plenty"),
    ]
    with TemporaryDirectory() as folder:
        report = import_posts(
            [*posts(9, at=NOW), *refused],
            tenant_id=tenant, brand_id=brand_id, folder=Path(folder), at=NOW, name="beacon-mentions-november",
        )  # fmt: skip
    at_work = _sent(tenant, brand_id, "instagram-skincare-2026-11.jsonl", b"{}\n" * 400_000)
    failed = _sent(tenant, brand_id, "notes.csv", b"colour,weather\n")
    with tenant_transaction(tenant):
        run = CaptureRun.objects.create(
            surface_id=report.surface_id, format="apify_instagram", started_at=NOW,
            item_count=11_240, new_count=9_873, rejected_count=160,
        )  # fmt: skip
        Upload.objects.filter(job_id=at_work).update(capture_run=run)
        progress = {"step": "import", "done": 11_400, "total": 0, "note": "11,400 records"}
        Job.objects.filter(id=at_work).update(
            state=JobState.RUNNING, attempts=1, progress=progress, started_at=timezone.now() - timedelta(seconds=14)
        )
        error = (
            "notes.csv fits no known format; its first record has the fields colour, weather. Known are "
            "apify_instagram, tiktok, generic. Name the columns with a mapping, or use the headings of the "
            "generic format"
        )
        Job.objects.filter(id=failed).update(state=JobState.FAILED, attempts=1, error=error, finished_at=NOW)
    prefix = "/b/beacon/evidence"
    return {
        "report": f"{prefix}/imports/{report.capture_run_id}",
        "importing": f"{prefix}/uploads/{at_work}",
        "import-failed": f"{prefix}/uploads/{failed}",
        "surface": f"{prefix}/surfaces/{report.surface_id}",
    }


def _sent(tenant: UUID, brand_id: UUID, name: str, content: bytes) -> UUID:
    with tenant_transaction(tenant):
        file = SimpleUploadedFile(name, content)
        return evidence.accept_upload(brand_id=brand_id, file=file, at=timezone.now()).job_id
