"""Posts of a brand, and questions about them that are answered by what a test says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.claims import claim_by_id
from kairo.platform.jobs.contexts import JobContext
from kairo.platform.llm.asking import Models
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.answers import AnalysisDTO, AnalysisMode, Analyze
from kairo.stages.insights.ports import Sources
from tests.factories.analyses import ask
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LOVED = "I love the battery of this phone, {} days and counting, it is wonderful"
HATED = "The battery of this phone is awful, it died after {} hours, I hate it"


def brand_with_posts(tenant_id: UUID, folder: Path, texts: Sequence[str], **brand: object) -> UUID:
    """Store a brand and import one post a text, each by another person, an hour apart."""
    brand_id = stored_brand(tenant_id, **brand).id
    lines = [post(number, at=NOON, text=text) for number, text in enumerate(texts)]
    import_posts(lines, tenant_id=tenant_id, brand_id=brand_id, folder=folder, at=NOON)
    return brand_id


def battery_posts(count: int = 12) -> list[str]:
    """Write posts of which every second one loves and every second one hates the battery, all in other words."""
    extras = ("on holiday", "at work", "with the new charger", "in the cold", "for my parents", "since the update")
    return [
        f"{(LOVED if number % 2 else HATED).format(number + 3)} {extras[number % 6]} {'really ' * (number % 4)}".strip()
        for number in range(count)
    ]


def handled(tenant_id: UUID, analysis: AnalysisDTO) -> JobContext:
    """Claim the job of an analysis as a worker does, and return what its handler is given."""
    assert analysis.job_id is not None
    claimed = claim_by_id(analysis.job_id, worker="test")
    assert claimed is not None
    return JobContext(
        job_id=claimed.id,
        tenant_id=tenant_id,
        kind=claimed.kind,
        attempt=1,
        run_id=claimed.run_id,
        fence=claimed.fence,
    )


def made(
    tenant_id: UUID,
    brand_id: UUID,
    sources: Sources,
    *,
    mode: AnalysisMode = AnalysisMode.KEYWORDS,
    at: datetime = NOON,
    models: Models | None = None,
    **fields: object,
) -> AnalysisDTO:
    """Ask, let the handler answer from these sources, commit what it wants stored, and return how it ended."""
    asked = ask(tenant_id=tenant_id, brand_id=brand_id, at=at, mode=mode, **fields)
    job = handled(tenant_id, asked)
    completion = operations.analyze(
        message=Analyze(analysis_id=asked.id), job=job, at=at, sources=sources, models=models
    )
    assert completion.effects is not None
    with tenant_transaction(tenant_id):
        completion.effects()
        return queries.analysis(asked.id)
