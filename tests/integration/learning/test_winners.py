"""The winner index: put in by hand or by its posterior, found again, and gone with what it was made of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.test import Client

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.content.models import Variant
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts.winners import WinnerDraft, WinnersAsked
from kairo.stages.learning.models import Winner
from tests.factories.advertising import make_ad
from tests.factories.boards import NOON, make_brand, make_item
from tests.factories.callers import caller
from tests.factories.packages import make_package, make_variant

ADD, FIND = "/api/ml/rag/add-winner", "/api/ml/rag/find-similar"


@pytest.fixture
def editor(tenant: UUID) -> Client:
    return caller(tenant)


def send(client: Client, path: str, **body: object) -> tuple[int, Any]:
    answer = client.post(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def make_text(tenant: UUID, *, body: str = "Descale your machine in five minutes") -> tuple[UUID, UUID]:
    """Make a variant with its brand, package and cited post; return its id and the post's."""
    brand_id = make_brand(tenant).id
    item_id = make_item(tenant, brand_id=brand_id, text="How do I descale my machine?")
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    return make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, body=body), item_id


def test_what_was_added_is_found_by_what_it_says(editor: Client) -> None:
    for ad_id, text in (("a", "Fresh coffee beans at your door"), ("b", "A gentle cleanser for dry skin")):
        send(editor, ADD, ad_id=ad_id, text=text, metrics={"roas": 4.2}, metadata={"platform": "meta"}, why="Sold out.")
    status, answer = send(editor, FIND, text="coffee delivered fresh", k=5)
    assert status == 200
    nearest, other = answer["winners"]
    assert (nearest["ad_id"], other["ad_id"]) == ("a", "b")
    assert nearest["similarity"] > other["similarity"]
    assert (nearest["outcome"], nearest["why"]) == ({"roas": 4.2}, "Sold out.")
    assert answer["expected"] == {"roas": pytest.approx(4.2)}


def test_the_same_ad_again_updates_it(editor: Client) -> None:
    first, _ = send(editor, ADD, ad_id="a", text="Coffee", metrics={"roas": 1})
    again, winner = send(editor, ADD, ad_id="a", text="Tea", metrics={"roas": 2})
    assert (first, again) == (201, 200)
    assert (winner["text"], winner["outcome"]) == ("Tea", {"roas": 2})
    _, found = send(editor, FIND, text="Tea")
    assert len(found["winners"]) == 1


def test_an_embedding_of_another_dimension_is_refused_with_the_dimension(editor: Client) -> None:
    for path, body in ((ADD, {"ad_id": "a", "text": "x", "embedding": [0.1] * 3}), (FIND, {"embedding": [0.1] * 3})):
        status, problem = send(editor, path, **body)
        assert (status, problem["code"]) == (422, "wrong_dimension")
        assert "256" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ADD, {"ad_id": "a", "text": "…!"}),
        (ADD, {"ad_id": "a", "text": "x", "embedding": [0.0] * 256}),
        (FIND, {}),
        (FIND, {"text": " "}),
        (FIND, {"text": "x", "k": 0}),
        (ADD, {"ad_id": "", "text": "x"}),
    ],
)
def test_what_cannot_be_compared_is_refused(editor: Client, path: str, body: dict[str, object]) -> None:
    status, problem = send(editor, path, **body)
    assert status == 422
    assert problem["user_message"]


def test_filters_let_through_fields_and_ranges(editor: Client) -> None:
    for ad_id, platform, roas in (("a", "meta", 1.0), ("b", "meta", 3.0), ("c", "tiktok", 5.0), ("d", "x", 9.0)):
        send(editor, ADD, ad_id=ad_id, text="Coffee", metrics={"roas": roas}, metadata={"platform": platform})

    def found(**filters: object) -> set[str]:
        _, answer = send(editor, FIND, text="Coffee", filters=filters)
        return {winner["ad_id"] for winner in answer["winners"]}

    assert found(platform="meta") == {"a", "b"}
    assert found(platform=["meta", "x"], roas={"gte": 2}) == {"b", "d"}
    assert found(roas={"gte": 3, "lte": 5}) == {"b", "c"}
    assert found(colour="red") == set()


def test_the_nearest_are_exactly_the_nearest(tenant: UUID) -> None:
    generator = np.random.default_rng(5)
    vectors = generator.normal(size=(60, 256))
    with tenant_transaction(tenant):
        for number, vector in enumerate(vectors):
            draft = WinnerDraft(ad_id=str(number), text="given", embedding=vector.tolist())
            operations.add_winner(draft=draft, at=NOON)
        asked = generator.normal(size=256)
        found = operations.find_similar(asked=WinnersAsked(embedding=asked.tolist(), k=10)).winners
    cosines = vectors @ asked / np.linalg.norm(vectors, axis=1) / np.linalg.norm(asked)
    assert [winner.ad_id for winner in found] == [str(place) for place in np.argsort(-cosines)[:10]]
    assert found[0].similarity == pytest.approx(cosines.max(), abs=1e-6)


def test_nobody_else_sees_a_winner_and_a_viewer_may_only_ask(editor: Client, tenant: UUID, stranger: UUID) -> None:
    send(editor, ADD, ad_id="a", text="Coffee")
    viewer = caller(tenant, role=Role.VIEWER)
    assert send(caller(stranger), FIND, text="Coffee")[1]["winners"] == []
    assert send(viewer, ADD, ad_id="b", text="Tea")[0] == 403
    assert len(send(viewer, FIND, text="Coffee")[1]["winners"]) == 1


def test_an_ad_that_beats_its_campaign_becomes_a_winner_and_one_by_luck_does_not(tenant: UUID) -> None:
    variant_id, _ = make_text(tenant)
    make_ad(tenant, "good", variant_id=variant_id, conversions=60, revenue=1_800, at=NOON)
    for name in ("plain", "other", "third"):
        make_ad(tenant, name, conversions=18, revenue=540, at=NOON)
    for name, conversions in (("lucky", 3), ("unlucky", 0)):
        make_ad(tenant, name, campaign_id="c2", spend=50, conversions=conversions, revenue=90 * conversions, at=NOON)

    with tenant_transaction(tenant):
        found = operations.find_winners(at=NOON)
        again = operations.find_winners(at=NOON)
        [winner] = queries.newest_winners()

    assert (found.campaigns, found.winners, found.new, again.winners, again.new) == (2, 1, 1, 1, 0)
    assert winner.ad_id == "good"
    assert winner.text.startswith("Descale your machine")
    assert winner.outcome["roas"] == 18.0
    assert "18.00 beside 5.40" in winner.why


def test_a_winner_that_lost_its_lead_leaves_and_one_that_was_added_stays(tenant: UUID, editor: Client) -> None:
    variant_id, _ = make_text(tenant)
    make_ad(tenant, "good", variant_id=variant_id, conversions=60, revenue=1_800, at=NOON)
    make_ad(tenant, "plain", conversions=18, revenue=540, at=NOON)
    send(editor, ADD, ad_id="plain", text="Kept by hand")
    with tenant_transaction(tenant):
        operations.find_winners(at=NOON)
    make_ad(tenant, "better", conversions=900, revenue=27_000, at=NOON)
    with tenant_transaction(tenant):
        found = operations.find_winners(at=NOON)
        assert [winner.ad_id for winner in queries.newest_winners()] == ["plain"]
    assert found.no_longer == 1


def test_a_winner_goes_with_the_post_that_its_text_cites(tenant: UUID) -> None:
    variant_id, item_id = make_text(tenant)
    make_ad(tenant, "good", variant_id=variant_id, conversions=60, revenue=1_800, at=NOON)
    make_ad(tenant, "plain", conversions=18, revenue=540, at=NOON)
    with tenant_transaction(tenant):
        operations.find_winners(at=NOON)
        assert Winner.objects.count() == 1
        operations.let_go_of_items(item_ids=[item_id])
        assert Winner.objects.count() == 0
        assert Variant.objects.count() == 1


def test_a_winner_of_another_embedder_is_embedded_anew(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        operations.add_winner(draft=WinnerDraft(ad_id="a", text="Coffee"), at=NOON)
        Winner.objects.update(embedder="earlier", dimension=2, embedding=[1.0, 0.0])
        assert operations.find_similar(asked=WinnersAsked(text="Coffee")).winners == []
        assert operations.embed_anew() == 1
        assert len(operations.find_similar(asked=WinnersAsked(text="Coffee")).winners) == 1
