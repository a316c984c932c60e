"""The chain from a post to what people did with its text: both ways, of one account, in few queries."""

from __future__ import annotations

from uuid import UUID

import pytest

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, ChainRelation, LineageNotFound
from tests.factories.boards import make_brand, make_item, make_opportunity
from tests.factories.callers import caller
from tests.factories.packages import NOON, make_package, make_variant
from tests.factories.stories import QUOTE, story
from tests.integration.web.conftest import at_most

TEXTS = [ChainKind.EVIDENCE, ChainKind.OPPORTUNITY, ChainKind.PACKAGE, ChainKind.VARIANT]


def followed(tenant: UUID, kind: ChainKind, object_id: UUID, *, brand_id: UUID | None = None) -> ChainDTO:
    with tenant_transaction(tenant), at_most(7):
        return operations.follow(kind=kind, object_id=str(object_id), at=NOON, brand_id=brand_id)


def kinds(found: ChainDTO) -> list[str]:
    return [str(node.kind) for node in found.nodes]


def test_a_post_leads_to_what_people_did_with_its_text(tenant: UUID) -> None:
    told = story(tenant)

    found = followed(tenant, ChainKind.EVIDENCE, told.item)

    assert kinds(found) == ["evidence", "opportunity", "package", "variant", "engagement"]
    assert [(edge.source, edge.relation, edge.target) for edge in found.edges] == [
        (f"evidence:{told.item}", ChainRelation.CITED_BY, f"opportunity:{told.opportunity}"),
        (f"opportunity:{told.opportunity}", ChainRelation.WORKED_OUT_AS, f"package:{told.package}"),
        (f"package:{told.package}", ChainRelation.WRITTEN_AS, f"variant:{told.variant}"),
        (f"variant:{told.variant}", ChainRelation.BROUGHT, f"engagement:{told.variant}:view"),
    ]
    assert (found.start, found.nodes[-1].count) == (f"evidence:{told.item}", 1)
    assert (found.revenue, found.truncated, found.clicks_looked_at) == (None, False, None)


@pytest.mark.parametrize("kind", [ChainKind.OPPORTUNITY, ChainKind.PACKAGE, ChainKind.VARIANT])
def test_from_the_middle_the_chain_goes_back_to_every_post_and_on_to_the_end(tenant: UUID, kind: ChainKind) -> None:
    told = story(tenant)

    found = followed(tenant, kind, getattr(told, kind.value))

    assert kinds(found) == ["evidence", "evidence", "opportunity", "package", "variant", "engagement"]
    assert {str(node.object_id) for node in found.nodes[:2]} == {str(told.item), str(told.other_item)}
    assert found.start == f"{kind}:{getattr(told, kind.value)}"


def test_a_text_that_cites_a_post_of_its_own_is_joined_to_it(tenant: UUID) -> None:
    told = story(tenant)
    own = make_item(tenant, brand_id=told.brand, text="A third voice")
    package = make_package(tenant, brand_id=told.brand, item_id=told.item)
    variant = make_variant(tenant, brand_id=told.brand, package_id=package, item_id=own)

    edges = {(edge.source, edge.target) for edge in followed(tenant, ChainKind.EVIDENCE, own).edges}
    back = {(edge.source, edge.target) for edge in followed(tenant, ChainKind.VARIANT, variant).edges}

    assert edges == {(f"evidence:{own}", f"variant:{variant}")}
    assert {(f"evidence:{own}", f"variant:{variant}"), (f"evidence:{told.item}", f"package:{package}")} <= back


def test_a_post_of_which_nothing_came_is_a_chain_of_one(tenant: UUID) -> None:
    brand = make_brand(tenant).id
    item = make_item(tenant, brand_id=brand, text="Nobody noticed")

    found = followed(tenant, ChainKind.EVIDENCE, item)

    assert (kinds(found), found.edges) == (["evidence"], [])


def test_of_very_many_the_first_are_shown_and_that_is_said(tenant: UUID) -> None:
    brand = make_brand(tenant).id
    item = make_item(tenant, brand_id=brand, text=QUOTE)
    for _ in range(51):
        make_opportunity(tenant, brand_id=brand, cites=[(item, QUOTE)])

    found = followed(tenant, ChainKind.EVIDENCE, item)

    assert (kinds(found).count("opportunity"), found.truncated) == (50, True)


@pytest.mark.parametrize("kind", TEXTS)
def test_nothing_of_another_account_or_brand_is_followed(tenant: UUID, stranger: UUID, kind: ChainKind) -> None:
    told = story(tenant)
    second = make_brand(tenant, slug="second").id
    object_id = told.item if kind is ChainKind.EVIDENCE else getattr(told, kind.value)

    with pytest.raises(LineageNotFound):
        followed(stranger, kind, object_id)
    with pytest.raises(LineageNotFound):
        followed(tenant, kind, new_id())
    if kind is ChainKind.EVIDENCE:
        assert kinds(followed(tenant, kind, object_id, brand_id=second)) == ["evidence"]
    else:
        with pytest.raises(LineageNotFound):
            followed(tenant, kind, object_id, brand_id=second)


def test_the_api_tells_the_chain(tenant: UUID) -> None:
    told = story(tenant)
    api = caller(tenant)

    answer = api.get(f"/api/lineage/variant/{told.variant}").json()

    assert answer["start"] == f"variant:{told.variant}"
    assert answer["revenue"] is None
    assert len(answer["nodes"]) == 6
    assert api.get(f"/api/lineage/invoice/{told.variant}").status_code == 422
    assert api.get(f"/api/lineage/deal/{told.variant}").status_code == 404
    missing = api.get(f"/api/lineage/package/{told.variant}")
    assert (missing.status_code, missing.json()["code"]) == (404, "lineage_not_found")
