"""The graph in our own tables: what is kept of a batch, what it refuses, and what goes with erased evidence."""

from __future__ import annotations

import json
import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.knowledge.contracts.graph import EdgeDraft, EdgeType, InvalidNodes, NodeDraft, SourceType
from kairo.stages.knowledge.models import KnowledgeEdge, KnowledgeNode
from kairo.stages.knowledge.operations import LocalBrain
from tests.factories.boards import make_item
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.knowledge import NOON, cited, node, stored_nodes


def test_a_batch_and_its_edges_are_stored_together(tenant: UUID) -> None:
    brand = stored_brand(tenant)

    stored = LocalBrain(tenant).store(
        project_id=brand.id,
        nodes=[node("a"), node("b", "Buyers ask for scent-free products.")],
        edges=[EdgeDraft(from_key="b", to_key="a", type=EdgeType.SUPPORTS)],
    )

    assert (stored.created, stored.unchanged) == (2, 0)
    with tenant_transaction(tenant):
        [edge] = KnowledgeEdge.objects.all()
    assert (edge.from_node_id, edge.to_node_id, edge.type) == (stored.ids["b"], stored.ids["a"], "supports")


def test_a_source_that_is_another_accounts_stores_nothing_and_is_named(tenant: UUID, stranger: UUID) -> None:
    brand, other = stored_brand(tenant), stored_brand(stranger)
    theirs = make_item(stranger, brand_id=other.id, text="Somebody else's post.")

    with pytest.raises(InvalidNodes, match=str(theirs)):
        stored_nodes(tenant, brand.id, node("a"), node("b", source=cited(SourceType.EVIDENCE, theirs)))

    with tenant_transaction(tenant):
        assert KnowledgeNode.objects.count() == 0


def test_the_graph_of_another_account_is_not_there(tenant: UUID, stranger: UUID) -> None:
    theirs = stored_brand(stranger)

    with pytest.raises(BrandNotFound):
        stored_nodes(tenant, theirs.id, node())


def test_nodes_go_with_the_evidence_that_they_cite(tenant: UUID) -> None:
    brand = stored_brand(tenant)
    item = make_item(tenant, brand_id=brand.id, text="My cheeks burn.", author_ref="leaver")
    LocalBrain(tenant).store(
        project_id=brand.id,
        nodes=[node("cites", source=cited(SourceType.EVIDENCE, item)), node("stays", "Ours.")],
        edges=[EdgeDraft(from_key="cites", to_key="stays", type=EdgeType.ABOUT)],
    )

    with tenant_transaction(tenant):
        leaver = evidence_queries.author("instagram", "leaver")
        evidence.request_erasure(author=leaver, tenant_id=tenant, at=NOON)

    with tenant_transaction(tenant):
        assert [row.client_key for row in KnowledgeNode.objects.all()] == ["stays"]
        assert not KnowledgeEdge.objects.exists()


def test_a_large_batch_takes_as_many_statements_as_a_small_one(tenant: UUID) -> None:
    brand = stored_brand(tenant)
    few = [node(f"few-{number}", f"Statement {number} of few.") for number in range(2)]
    many = [node(f"many-{number}", f"Statement {number} of many.") for number in range(200)]

    def statements(drafts: list[NodeDraft]) -> int:
        with CaptureQueriesContext(connection) as seen:
            stored_nodes(tenant, brand.id, *drafts)
        return len(seen)

    assert statements(few) == statements(many)


def test_batches_with_the_same_keys_at_the_same_moment_store_each_once(tenant: UUID) -> None:
    brand = stored_brand(tenant)
    nodes = [node(f"n{number}", f"Statement number {number}.") for number in range(60)]
    created: list[int] = []

    def store(drafts: list[NodeDraft]) -> None:
        created.append(stored_nodes(tenant, brand.id, *drafts).created)
        connections.close_all()

    threads = [threading.Thread(target=store, args=(drafts,)) for drafts in (nodes, nodes[::-1], nodes[::2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(created) == 60
    with tenant_transaction(tenant):
        assert KnowledgeNode.objects.count() == 60


@pytest.mark.parametrize("source_type", [SourceType.EVIDENCE, SourceType.DOCUMENT, SourceType.GATHER_ITEM])
@pytest.mark.parametrize("source_id", ["0192d4c5-0000-7000-8000-00000000dead", "no id at all"])
def test_a_source_that_is_not_there_is_refused(tenant: UUID, source_type: SourceType, source_id: str) -> None:
    brand = stored_brand(tenant)

    with pytest.raises(InvalidNodes, match=source_id):
        stored_nodes(tenant, brand.id, node(source=cited(source_type, source_id)))


def test_a_person_is_named_or_a_member(tenant: UUID) -> None:
    brand = stored_brand(tenant)

    stored = stored_nodes(tenant, brand.id, node("named", source=cited(SourceType.PERSON, "Ana, founder")))

    assert stored.created == 1
    with pytest.raises(InvalidNodes, match="person"):
        stored_nodes(tenant, brand.id, node("id", source=cited(SourceType.PERSON, uuid4())))


def test_a_viewer_may_search_the_graph_and_not_fill_it(tenant: UUID) -> None:
    brand = stored_brand(tenant)
    stored_nodes(tenant, brand.id, node("a", "We never use perfume in any product."))
    viewer = caller(tenant, role=Role.VIEWER)
    search = {"project_id": str(brand.id), "content": "We never use perfume in any product"}
    batch = {"project_id": str(brand.id), "nodes": [{"client_key": "b", "content": "x", "kind": "fact"}], "edges": []}

    found = viewer.post("/api/v1/search/duplicates", data=json.dumps(search), content_type="application/json")
    refused = viewer.post("/api/v1/nodes/batch", data=json.dumps(batch), content_type="application/json")

    assert [one["similarity"] for one in found.json()["duplicates"]] == [1.0]
    assert refused.status_code == 403
