"""A brand of which something is suddenly spoken, questions about it in each state, and chats that speak for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.models import ChatLink
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import AnalysisMode
from kairo.stages.insights.contracts.trends import TrendWindow
from tests.factories.analyses import answered, ask
from tests.factories.boards import make_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, quiet_posts, trend_post

BRAND = "lantern"
LOVED = "I love the battery of this lamp, {} nights and counting, it is wonderful {}"
HATED = "The battery of this lamp is awful, it died after {} hours, I hate it {}"
WHERE = ("on holiday", "at work", "with the new charger", "in the cold", "for my parents", "since the update")


def stage_insights(tenant: UUID, *, at: datetime) -> dict[str, str]:
    """Make the brand with what it is asked, and return the paths of its pages."""
    brand_id = make_brand(tenant, slug=BRAND, name="Lantern & Wick", is_synthetic=True).id
    bring_posts(tenant, brand_id, at=at)
    with tenant_transaction(tenant):
        cluster_id = queries.trends(brand_id, TrendWindow.WEEK, at)[0].cluster_id
    moods = answered(tenant_id=tenant, brand_id=brand_id, at=at, mode=AnalysisMode.SENTIMENT, query="battery")
    words = answered(tenant_id=tenant, brand_id=brand_id, at=at, mode=AnalysisMode.KEYWORDS)
    nothing = answered(tenant_id=tenant, brand_id=brand_id, at=at, mode=AnalysisMode.TOPICS, sources=["rss"])
    waiting = ask(tenant_id=tenant, brand_id=brand_id, at=at, mode=AnalysisMode.TOPICS)
    assert waiting.job_id is not None
    with tenant_transaction(tenant):
        operations.give_feedback(analysis_id=words.id, helpful=True, by="user:bo")
        progress = {"step": "agents", "done": 1, "total": 4}
        Job.objects.filter(id=waiting.job_id).update(
            state=JobState.RUNNING, attempts=1, progress=progress, started_at=at
        )
        for chat_id, role in ((-1_001_234_567_890, Role.EDITOR), (48_151_623, Role.OWNER)):
            ChatLink.objects.create(
                transport="telegram", chat_id=chat_id, brand_id=brand_id, role=role, linked_at=at - timedelta(days=2)
            )
    prefix = f"/b/{BRAND}"
    return {
        "trends": f"{prefix}/trends",
        "trends-day": f"{prefix}/trends?window=24h",
        "cluster": f"{prefix}/trends/{cluster_id}",
        "insights": f"{prefix}/insights",
        "answer": f"{prefix}/insights/{moods.id}",
        "answer-words": f"{prefix}/insights/{words.id}",
        "answer-none": f"{prefix}/insights/{nothing.id}",
        "answering": f"{prefix}/insights/{waiting.id}",
        "settings": f"{prefix}/settings",
    }


def bring_posts(tenant: UUID, brand_id: UUID, *, at: datetime) -> None:
    """Import two quiet weeks, two bursts, and twelve people who love or hate one thing; put all into clusters."""
    moods = [
        trend_post(number, at=at - timedelta(hours=number * 3 + 1), name="mood", text=_mood(number))
        for number in range(12)
    ]
    lines = [
        *quiet_posts(until=at - timedelta(hours=1), days=14, a_day=6),
        *burst("glasshouse", at=at, count=14),
        *burst("slowcandle", at=at - timedelta(hours=30), count=9, hours=6, name="candle", platform="tiktok"),
        *moods,
    ]
    with TemporaryDirectory() as folder:
        import_posts(lines, tenant_id=tenant, brand_id=brand_id, folder=Path(folder), at=at)
    operations.follow_new_items(tenant_id=tenant, at=at)


def _mood(number: int) -> str:
    return (LOVED if number % 2 else HATED).format(number + 3, WHERE[number % len(WHERE)])
