"""A brand's knowledge as the Brain page shows it: written straight into the tables, the least valid rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.documents import DocumentDTO
from kairo.stages.knowledge.contracts.gathers import DepartmentState, GatherOrder, GatherState
from kairo.stages.knowledge.contracts.graph import EdgeDraft, EdgeType, NodeDraft, NodeSource, SourceType
from kairo.stages.knowledge.models import AutomatedGather, DepartmentEvaluation, DocumentPassage, GatherDepartment
from kairo.stages.knowledge.operations import graph

PARTS = {"coverage": 75.0, "depth": 60.0, "coherence": 80.0, "actionability": 50.0}
DEPARTMENTS: Sequence[tuple[str, str, float, DepartmentState]] = (
    ("positioning", "Positioning", 86.0, DepartmentState.THRESHOLD_REACHED),
    ("audience", "Audience", 71.5, DepartmentState.STAGNANT),
    ("product", "Product", 64.0, DepartmentState.RUNNING),
    ("voice", "Voice", 0.0, DepartmentState.WAITING),
)
DOCUMENT = b"""# Who we are

Northwind roasts coffee in small batches and prints the roast date on every bag.

## Whom we serve

People who brew at home and care about water, grind and freshness.
"""


@dataclass(frozen=True)
class StagedGather:
    """A gather in the tables, with the job that works on it."""

    id: UUID
    run_id: UUID
    job_id: UUID


def upload(
    tenant: UUID, brand_id: UUID, *, at: datetime, content: bytes = DOCUMENT, name: str = "brand.md"
) -> DocumentDTO:
    """Take a document in the way that the page does."""
    read = operations.read_document(content=content, name=name)
    with tenant_transaction(tenant):
        return operations.add_document(brand_id=brand_id, content=content, name=name, read=read, at=at)[0]


def staged_gather(
    tenant: UUID, brand_id: UUID, *, at: datetime, state: GatherState = GatherState.RUNNING, **fields: object
) -> StagedGather:
    """Make a gather with four departments, of which the first two have ended, in any state."""
    is_live = state in {GatherState.PENDING, GatherState.RUNNING}
    with tenant_transaction(tenant):
        job = operations.submit_gather(order=GatherOrder(project_id=brand_id), at=at)
        row = AutomatedGather.objects.get(job_id=job.id)
        values = {"state": state, "iterations": 7, "items_created": 31, "duplicates": 4, "started_at": at}
        ended = {} if is_live else {"finished_at": at}
        AutomatedGather.objects.filter(id=row.id).update(**{**values, **ended, **fields})
        job_state = JobState.RUNNING if is_live else JobState.SUCCEEDED
        Job.objects.filter(id=job.id).update(state=job_state, attempts=1, started_at=at)
        GatherDepartment.objects.filter(gather_id=row.id).delete()
        left = (
            {}
            if is_live
            else {
                DepartmentState.RUNNING: DepartmentState.ITERATIONS_USED_UP,
                DepartmentState.WAITING: DepartmentState.NOT_REACHED,
            }
        )
        listed = DEPARTMENTS if state is not GatherState.INSUFFICIENT_EVIDENCE else ()
        GatherDepartment.objects.bulk_create(
            GatherDepartment(
                gather_id=row.id, place=place, slug=slug, name=name, number=place + 1, threshold=80, definition={},
                state=left.get(department_state, department_state), quality_score=score,
                local_parts=PARTS if score else None, iterations=3 if score else 0, items_created=10 if score else 0,
            )
            for place, (slug, name, score, department_state) in enumerate(listed)
        )  # fmt: skip
        return StagedGather(row.id, row.run_id, job.id)


def evaluated(tenant: UUID, brand_id: UUID, *, at: datetime, department: str = "audience", gaps: Sequence[str]) -> None:
    """Store how good a department was found to be."""
    with tenant_transaction(tenant):
        DepartmentEvaluation.objects.create(
            brand_id=brand_id, run_id=new_id(), job_id=new_id(), department=department, department_number=2, score=71.5,
            parts=PARTS, local_parts=PARTS, gaps=list(gaps), contradictions=[], evaluator="local", created_at=at,
        )  # fmt: skip


def known(tenant: UUID, brand_id: UUID, *contents: str, department: str = "audience") -> list[UUID]:
    """Store statements that cite the first passage of the brand's document, or nobody where there is none."""
    with tenant_transaction(tenant):
        passage = DocumentPassage.objects.filter(document__brand_id=brand_id).order_by("position").first()
        source = NodeSource(type=SourceType.DOCUMENT, id=str(passage.id)) if passage else None
        drafts = [
            NodeDraft(client_key=str(new_id()), content=content, kind="statement", department=department, source=source)
            for content in contents
        ]
        stored = graph.store_nodes(project_id=brand_id, prepared=graph.prepare(drafts), edges=[])
        return [stored.ids[draft.client_key] for draft in drafts]


def contradicting(tenant: UUID, brand_id: UUID, first: str, second: str) -> None:
    """Store two statements that do not go together."""
    drafts = [
        NodeDraft(client_key=str(new_id()), content=content, kind="statement", department="product")
        for content in (first, second)
    ]
    edge = EdgeDraft(from_key=drafts[0].client_key, to_key=drafts[1].client_key, type=EdgeType.CONTRADICTS)
    with tenant_transaction(tenant):
        graph.store_nodes(project_id=brand_id, prepared=graph.prepare(drafts), edges=[edge])


def statements_of(tenant: UUID, brand_id: UUID) -> list[str]:
    """Return what is known of a brand, newest first."""
    with tenant_transaction(tenant):
        return [one.content for one in queries.statements(brand_id)]
