"""Seconds from a question to its stored answer, each command over real posts, beside the budget that it has.

    python -m bench.insights_answers        BENCH_SCALE=.1 (default): 10 questions a command; 1: 100

Every question is another one (another day), so that none is answered from what is stored. The first of each process is
left out: it loads the models.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.table import ROOT, SCALE, Line, at_share, durable_server, report

DATA = ROOT.parent / "shared" / "data" / "evidence" / "reddit-top-2013" / "SkincareAddiction.csv"
QUESTIONS = max(5, round(100 * SCALE))
NEWEST = datetime(2013, 8, 16, 23, 59, tzinfo=UTC)
COMMANDS = (
    ("trends", "trends", None, False, 5),
    ("trends, enhanced", "trends", None, True, 12),
    ("analyze keywords", "keywords", None, False, 12),
    ("analyze keywords QUERY", "keywords", "sunscreen", False, 12),
    ("analyze sentiment", "sentiment", None, False, 12),
    ("analyze sentiment QUERY", "sentiment", "sunscreen", False, 12),
    ("analyze topics", "topics", None, False, 12),
    ("analyze topics QUERY", "topics", "sunscreen", False, 12),
)


def main() -> None:
    """Import the posts, ask, and report the 95th percentile of each command, or say that the data is missing."""
    if not DATA.exists():
        print(f"insights_answers: skipped, {DATA.name} is missing")
        return
    with durable_server():
        tenant_id, brand_id = _imported()
        lines = [_measured(tenant_id, brand_id, *command) for command in COMMANDS]
    report("insights_answers", lines)


def _imported() -> tuple[UUID, UUID]:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.brands import operations as brands
    from kairo.stages.brands.contracts import BrandFile
    from kairo.stages.evidence import operations as evidence
    from kairo.stages.insights import operations as insights

    tenant_id = create_tenant(slug="bench").id
    file = BrandFile.model_validate({"brand": {"slug": "glow", "name": "Glow", "platforms": []}})
    with tenant_transaction(tenant_id):
        brand_id = brands.import_brand(file=file, at=NEWEST)[0].id
    evidence.import_file(tenant_id=tenant_id, brand_id=brand_id, path=DATA, at=NEWEST)
    insights.aggregate(tenant_id=tenant_id)
    insights.score(tenant_id=tenant_id, at=NEWEST)
    return tenant_id, brand_id


def _measured(
    tenant_id: UUID, brand_id: UUID, name: str, mode: str, query: str | None, enhanced: bool, budget_s: int
) -> Line:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.flags import operations as flags

    with tenant_transaction(tenant_id):
        flags.set_flag(name="enable_trends_enhanced", percentage=100 if enhanced else 0, at=NEWEST)
    took: list[float] = []
    coverage: list[float] = []
    for number in range(QUESTIONS + 1):
        started = time.perf_counter()
        covered = _answer(tenant_id, brand_id, mode, query, NEWEST - timedelta(hours=number))
        took.append(time.perf_counter() - started)
        coverage.append(covered)
    note = f"median {at_share(took[1:], 0.5):.1f} s, coverage {100 * min(coverage):.0f} %"
    return Line(f"{name}, p95", at_share(took[1:], 0.95), "its budget", float(budget_s), "s", f"≤ {budget_s} s", note)


def _answer(tenant_id: UUID, brand_id: UUID, mode: str, query: str | None, as_of: datetime) -> float:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.jobs.runner import run_job_by_id
    from kairo.stages.insights import operations, queries
    from kairo.stages.insights.contracts.answers import AnalysisRequest

    asked = AnalysisRequest.model_validate({"mode": mode, "query": query, "window": "1m", "as_of": as_of})
    with tenant_transaction(tenant_id):
        analysis = operations.request_analysis(brand_id=brand_id, request=asked, at=NEWEST)
    assert analysis.job_id is not None, "Each question is asked for the first time."
    run_job_by_id(analysis.job_id)
    with tenant_transaction(tenant_id):
        return queries.analysis(analysis.id).evidence_coverage or 0.0


if __name__ == "__main__":
    main()
