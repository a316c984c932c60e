"""What every brain keeps and answers: the same cases against our own tables and against a second Kairo over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.operations import issue_token
from kairo.stages.brands.contracts import BrandDTO, BrandNotFound
from kairo.stages.knowledge.adapters.remote_brain import RemoteBrain
from kairo.stages.knowledge.contracts.departments import DepartmentNotFound
from kairo.stages.knowledge.contracts.graph import EdgeDraft, EdgeType, InvalidNodes, SourceType
from kairo.stages.knowledge.models import KnowledgeEdge, KnowledgeNode
from kairo.stages.knowledge.operations import LocalBrain
from kairo.stages.knowledge.ports import Brain
from kairo.stages.knowledge.rules.graph import tokens_of
from tests.factories.brands import stored_brand
from tests.factories.knowledge import cited, node
from tests.journeys.live_server import serving


@pytest.fixture
def brand(tenant: UUID) -> BrandDTO:
    return stored_brand(tenant)


@pytest.fixture(params=["local", "remote"])
def brain(request: pytest.FixtureRequest, tenant: UUID) -> Iterator[Brain]:
    if request.param == "local":
        yield LocalBrain(tenant)
        return
    token = issue_token(tenant_id=tenant, name="the other Kairo").token
    with serving() as address:
        yield RemoteBrain(address, key=token)


def test_a_repeated_client_key_changes_nothing(brain: Brain, brand: BrandDTO, tenant: UUID) -> None:
    first = brain.store(project_id=brand.id, nodes=[node("a", "We sell cleansers.")], edges=[])

    again = brain.store(project_id=brand.id, nodes=[node("a", "Something else."), node("b"), node("b")], edges=[])

    assert (first.created, first.unchanged) == (1, 0)
    assert (again.created, again.unchanged) == (1, 2)
    assert again.ids["a"] == first.ids["a"]
    with tenant_transaction(tenant):
        assert KnowledgeNode.objects.get(client_key="a").content == "We sell cleansers."


def test_edges_reach_nodes_that_were_stored_before_and_are_kept_once(
    brain: Brain, brand: BrandDTO, tenant: UUID
) -> None:
    brain.store(project_id=brand.id, nodes=[node("a")], edges=[])
    edge = EdgeDraft(from_key="b", to_key="a", type=EdgeType.ELABORATES)

    for _ in range(2):
        brain.store(project_id=brand.id, nodes=[node("b", "It suits sensitive skin.")], edges=[edge, edge])

    with tenant_transaction(tenant):
        assert KnowledgeEdge.objects.count() == 1


@pytest.mark.parametrize(
    ("edge", "told"),
    [
        (EdgeDraft(from_key="a", to_key="nobody", type=EdgeType.ABOUT), "'nobody'"),
        (EdgeDraft(from_key="a", to_key="a", type=EdgeType.ABOUT), "itself"),
    ],
)
def test_one_wrong_edge_stores_nothing(brain: Brain, brand: BrandDTO, tenant: UUID, edge: EdgeDraft, told: str) -> None:
    with pytest.raises(InvalidNodes, match=told):
        brain.store(project_id=brand.id, nodes=[node("a"), node("b", "Second.")], edges=[edge])

    with tenant_transaction(tenant):
        assert KnowledgeNode.objects.count() == 0


def test_a_source_that_leads_nowhere_is_named_with_its_node(brain: Brain, brand: BrandDTO) -> None:
    lost = uuid4()

    with pytest.raises(InvalidNodes, match=str(lost)) as refused:
        brain.store(project_id=brand.id, nodes=[node("a", source=cited(SourceType.EVIDENCE, lost))], edges=[])

    assert [problem.field for problem in refused.value.errors] == ["a"]


def test_more_than_a_batch_is_refused(brain: Brain, brand: BrandDTO) -> None:
    nodes = [node(str(number), f"Statement {number}.") for number in range(501)]

    with pytest.raises(InvalidNodes, match="501"):
        brain.store(project_id=brand.id, nodes=nodes, edges=[])


def test_what_says_the_same_is_found_and_what_only_shares_its_topic_is_not(brain: Brain, brand: BrandDTO) -> None:
    stored = brain.store(
        project_id=brand.id,
        nodes=[
            node("same", "Our cleanser keeps the skin barrier calm without any perfume!"),
            node("topic", "Our cleanser comes in a glass bottle with a pump.", summary="Glass bottle"),
            node("negated", "Our cleanser does not keep the skin barrier calm without any perfume."),
        ],
        edges=[],
    )

    found = brain.duplicates(
        project_id=brand.id, content="our cleanser keeps the skin barrier calm without any perfume", threshold=0.90
    )

    assert [one.node_id for one in found] == [stored.ids["same"]]
    assert found[0].similarity == 1.0
    assert found[0].summary.startswith("Our cleanser keeps")


def test_context_tells_what_earlier_departments_established_within_the_budget(brain: Brain, brand: BrandDTO) -> None:
    lines = {
        "sure": ("Parents of babies with eczema buy it after a doctor's advice.", "audience", 0.9),
        "unsure": ("Some athletes may buy it.", "audience", 0.1),
        "own": ("We write short and calm sentences.", "voice", 0.9),
        "later": ("We post on Instagram each day.", "channels", 0.9),
    }
    stored = brain.store(
        project_id=brand.id,
        nodes=[node(key, text, department=slug, confidence=sure) for key, (text, slug, sure) in lines.items()],
        edges=[],
    )

    told = brain.context(project_id=brand.id, department="voice", previous=None, max_tokens=1_000)
    tight = brain.context(
        project_id=brand.id, department="voice", previous=["audience"], max_tokens=tokens_of(lines["sure"][0])
    )
    nothing = brain.context(project_id=brand.id, department="voice", previous=[], max_tokens=1_000)

    assert [item.node_id for item in told.items] == [stored.ids["sure"], stored.ids["unsure"]]
    assert told.tokens == sum(tokens_of(item.content) for item in told.items)
    assert [item.content for item in tight.items] == [lines["sure"][0]]
    assert nothing.items == ()


def test_coverage_names_the_nodes_that_cover_each_aspect(brain: Brain, brand: BrandDTO) -> None:
    stored = brain.store(
        project_id=brand.id,
        nodes=[
            node("colours", "Our colour palette is warm beige with deep green.", department="visual"),
            node("elsewhere", "The logo is set in a serif typeface.", department="voice"),
        ],
        edges=[],
    )

    report = brain.coverage(project_id=brand.id, department="visual")

    aspects = {aspect.name: aspect for aspect in report.aspects}
    assert aspects["colours"].covered
    assert aspects["colours"].node_ids == (stored.ids["colours"],)
    assert not aspects["typography and logo"].covered
    assert report.coverage == 1 / len(aspects)


def test_projects_and_departments_that_are_not_there_are_said_to_be_so(brain: Brain, brand: BrandDTO) -> None:
    with pytest.raises(BrandNotFound):
        brain.store(project_id=uuid4(), nodes=[node()], edges=[])
    with pytest.raises(BrandNotFound):
        brain.duplicates(project_id=uuid4(), content="Anything.", threshold=0.9)
    with pytest.raises(DepartmentNotFound, match="positioning"):
        brain.coverage(project_id=brand.id, department="astrology")
    with pytest.raises(DepartmentNotFound):
        brain.context(project_id=brand.id, department="astrology", previous=None, max_tokens=100)
