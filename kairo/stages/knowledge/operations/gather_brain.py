"""A gather and the brain: what earlier departments established, and the items that are put in. Down, it goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.knowledge.contracts.graph import BrainUnavailable, NodeDraft, NodeSource, SourceType
from kairo.stages.knowledge.models import GatheredItem
from kairo.stages.knowledge.operations.gather_crew import Crew
from kairo.stages.knowledge.operations.gather_desk import DepartmentDesk, Desk

BRAIN_AWAY = "brain_unavailable"
CONTEXT_TOKENS = 1_500
MOST_NODES = 100


def established(desk: Desk, department: DepartmentDesk, crew: Crew) -> Sequence[str]:
    """Return what the departments before this one established; asked once, since they are done.

    Where the brain is away, the summaries of the gathered items themselves.
    """
    if department.context is None:
        earlier = [one.slug for one in desk.departments[: department.place]]
        department.context = _of_brain(desk, department, crew, earlier) if earlier else ()
    return department.context


def _of_brain(desk: Desk, department: DepartmentDesk, crew: Crew, earlier: Sequence[str]) -> Sequence[str]:
    started = time.perf_counter()
    try:
        found = crew.brain.context(
            project_id=desk.gather.project_id,
            department=department.slug,
            previous=earlier,
            max_tokens=CONTEXT_TOKENS,
        )
    except BrainUnavailable:
        desk.degraded.add(BRAIN_AWAY)
        return [item.summary for slug in earlier for item in desk.items_of(slug)][-40:]
    finally:
        crew.timed("brain", started)
    return [item.content for item in found.items]


def index_items(desk: Desk, crew: Crew) -> None:
    """Put the items that are not in the brain yet into it; what was put in before a kill is not put in twice."""
    started = time.perf_counter()
    while desk.unindexed:
        batch = set(desk.unindexed[:MOST_NODES])
        try:
            crew.brain.store(project_id=desk.gather.project_id, nodes=_nodes(desk, batch), edges=())
        except BrainUnavailable:
            desk.degraded.add(BRAIN_AWAY)
            break
        with tenant_transaction(desk.job.tenant_id):
            GatheredItem.objects.filter(id__in=batch).update(indexed_at=desk.clock.now())
        desk.unindexed = desk.unindexed[MOST_NODES:]
    crew.timed("brain", started)


def _nodes(desk: Desk, wanted: set[UUID]) -> list[NodeDraft]:
    return [
        NodeDraft(
            client_key=f"gather_item:{item.id}",
            content=item.content,
            summary=item.summary,
            kind="gathered_item",
            department=item.department,
            source=NodeSource(type=SourceType.GATHER_ITEM, id=str(item.id)),
        )
        for item in desk.items
        if item.id in wanted
    ]
