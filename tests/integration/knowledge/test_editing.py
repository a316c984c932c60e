"""People's changes to a brand's knowledge, and that the readers of the graph go by them."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone

from kairo.errors import Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.lookups import consume_sign_in_link
from kairo.platform.tenancy.operations import issue_sign_in_link
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.editing import Retirement, StatementChanged, StatementNotFound
from kairo.stages.knowledge.contracts.graph import NodeDraft, NodeSource, SourceType
from kairo.stages.knowledge.models import KnowledgeNode, RetiredNode
from kairo.stages.knowledge.operations.graph import let_go_of_evidence, prepare, store_nodes
from tests.factories.boards import make_brand, make_item
from tests.factories.knowledge_pages import known, statements_of

OLD = "Beans keep their taste for a year."
NEW = "Beans keep their taste for six weeks."


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def ada(tenant: UUID) -> UUID:
    link = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now(), role=Role.EDITOR)
    user_id = consume_sign_in_link(link).user_id
    assert user_id is not None
    return user_id


def edit(tenant: UUID, brand_id: UUID, statement_id: UUID, content: str, by: UUID) -> UUID:
    return operations.edit_statement(
        tenant_id=tenant, brand_id=brand_id, statement_id=statement_id, content=content, by=by, at=timezone.now()
    )


def similar(tenant: UUID, brand_id: UUID, content: str) -> set[UUID]:
    brain = operations.LocalBrain(tenant)
    return {found.node_id for found in brain.duplicates(project_id=brand_id, content=content, threshold=0.9)}


def test_an_edit_is_a_new_statement_of_the_person_and_the_old_one_is_kept(
    tenant: UUID, brand_id: UUID, ada: UUID
) -> None:
    [old] = known(tenant, brand_id, OLD)

    new = edit(tenant, brand_id, old, f"  {NEW} ", ada)

    with tenant_transaction(tenant):
        [said] = queries.statements(brand_id)
        [retired] = queries.retired_statements(brand_id)
    assert (said.id, said.content, said.department) == (new, NEW, "audience")
    assert (said.source_type, said.said_by) == (SourceType.PERSON, str(ada))
    assert (retired.id, retired.content, retired.replaced_by, retired.reason) == (old, OLD, new, Retirement.EDITED)


def test_what_is_retired_is_found_by_no_reader_until_it_is_put_back(tenant: UUID, brand_id: UUID, ada: UUID) -> None:
    [statement] = known(tenant, brand_id, OLD)
    before = similar(tenant, brand_id, OLD)

    with tenant_transaction(tenant):
        operations.remove_statement(brand_id=brand_id, statement_id=statement, by=ada, at=timezone.now())
    removed = similar(tenant, brand_id, OLD)
    with tenant_transaction(tenant):
        operations.restore_statement(brand_id=brand_id, statement_id=statement)

    assert (before, removed) == ({statement}, set())
    assert similar(tenant, brand_id, OLD) == {statement}
    with tenant_transaction(tenant):
        assert queries.statement_counts(brand_id) == {"audience": 1}


def test_the_same_words_again_change_nothing(tenant: UUID, brand_id: UUID, ada: UUID) -> None:
    [statement] = known(tenant, brand_id, OLD)

    assert edit(tenant, brand_id, statement, OLD, ada) == statement
    with tenant_transaction(tenant):
        assert not RetiredNode.objects.exists()


def test_who_comes_second_is_told_so(tenant: UUID, brand_id: UUID, ada: UUID) -> None:
    [statement] = known(tenant, brand_id, OLD)
    edit(tenant, brand_id, statement, NEW, ada)

    with pytest.raises(StatementChanged, match="changed or removed this statement first"):
        edit(tenant, brand_id, statement, "Beans keep for ever.", ada)
    with tenant_transaction(tenant), pytest.raises(StatementChanged, match="was edited"):
        operations.restore_statement(brand_id=brand_id, statement_id=statement)
    assert statements_of(tenant, brand_id) == [NEW]


@pytest.mark.parametrize("content", ["", " \n", "\0", "x" * 4001])
def test_nothing_and_too_much_are_refused(tenant: UUID, brand_id: UUID, ada: UUID, content: str) -> None:
    [statement] = known(tenant, brand_id, OLD)

    with pytest.raises(Invalid):
        edit(tenant, brand_id, statement, content, ada)
    assert statements_of(tenant, brand_id) == [OLD]


def test_another_brands_statement_is_not_there(tenant: UUID, brand_id: UUID, ada: UUID) -> None:
    [statement] = known(tenant, brand_id, OLD)
    other = make_brand(tenant, slug="other").id

    with pytest.raises(StatementNotFound):
        edit(tenant, other, statement, NEW, ada)
    with tenant_transaction(tenant), pytest.raises(StatementNotFound):
        operations.remove_statement(brand_id=other, statement_id=statement, by=ada, at=timezone.now())
    with tenant_transaction(tenant), pytest.raises(StatementNotFound):
        operations.restore_statement(brand_id=other, statement_id=new_id())


def test_erased_evidence_takes_an_edited_statement_along_and_leaves_the_persons(
    tenant: UUID, brand_id: UUID, ada: UUID
) -> None:
    item = make_item(tenant, brand_id=brand_id, text=OLD)
    draft = NodeDraft(
        client_key="n", content=OLD, kind="statement", source=NodeSource(type=SourceType.EVIDENCE, id=str(item))
    )
    with tenant_transaction(tenant):
        [old] = store_nodes(project_id=brand_id, prepared=prepare([draft]), edges=[]).ids.values()
    edit(tenant, brand_id, old, NEW, ada)

    with tenant_transaction(tenant):
        let_go_of_evidence(item_ids=[item])

    assert statements_of(tenant, brand_id) == [NEW]
    with tenant_transaction(tenant):
        assert KnowledgeNode.objects.count() == 1
