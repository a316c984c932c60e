"""Decisions over HTTP: the board shows them at once, statuses move by their tables, and plans are guarded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.content.contracts import PackageStatus, VariantStatus
from kairo.stages.content.models import Variant
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import Channel
from kairo.stages.opportunities.models import BoardCache
from tests.factories.boards import NOON, make_board, make_brand, make_item, make_opportunity
from tests.factories.callers import caller
from tests.factories.packages import make_package, make_variant

JSON = "application/json"
QUOTE = "How do I descale my machine?"


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def item_id(tenant: UUID, brand_id: UUID) -> UUID:
    return make_item(tenant, brand_id=brand_id, text=QUOTE)


@pytest.fixture
def opportunity_id(tenant: UUID, brand_id: UUID, item_id: UUID) -> UUID:
    opportunity_id = make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, QUOTE)])
    make_board(tenant, brand_id=brand_id, opportunity_ids=[opportunity_id])
    return opportunity_id


@pytest.fixture
def variant_id(tenant: UUID, brand_id: UUID, item_id: UUID) -> UUID:
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    return make_variant(
        tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, status=VariantStatus.APPROVED
    )


def decide(client: Client, kind: str, object_id: UUID, decision: str, **metadata: object) -> tuple[int, dict[str, str]]:
    body = {"decision_type": decision, "metadata": metadata}
    answer = client.post(f"/api/{kind}/{object_id}/decision", body, content_type=JSON)
    return answer.status_code, answer.json()


def on_the_board(client: Client, brand_id: UUID) -> dict[str, object]:
    [shown] = client.get(f"/api/brands/{brand_id}/today").json()["opportunities"]
    return {name: shown[name] for name in ("is_pinned", "is_snoozed", "is_dismissed")}


def test_the_board_shows_what_was_decided_also_when_it_was_cached(
    client: Client, tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    body = client.get(f"/api/brands/{brand_id}/today").content.decode()
    with tenant_transaction(tenant):
        key = queries.board_cache_key(brand_id)
        BoardCache.objects.create(key=key, body=body, expires_at=timezone.now() + timedelta(days=1))

    status, told = decide(client, "opportunities", opportunity_id, "pin")
    pinned = on_the_board(client, brand_id)
    decide(client, "opportunities", opportunity_id, "snooze")
    decide(client, "opportunities", opportunity_id, "dismiss")
    out = on_the_board(client, brand_id)
    decide(client, "opportunities", opportunity_id, "restore")
    decide(client, "opportunities", opportunity_id, "unpin")

    assert (status, told["status"], told["object_type"]) == (200, "recorded", "opportunity")
    assert pinned == {"is_pinned": True, "is_snoozed": False, "is_dismissed": False}
    assert out == {"is_pinned": True, "is_snoozed": True, "is_dismissed": True}
    assert set(on_the_board(client, brand_id).values()) == {False}


def test_the_same_decision_twice_is_recorded_once(client: Client, tenant: UUID, opportunity_id: UUID) -> None:
    _, first = decide(client, "opportunities", opportunity_id, "pin")
    _, second = decide(client, "opportunities", opportunity_id, "pin")

    assert (first["status"], second["status"]) == ("recorded", "unchanged")
    assert first["recorded_at"] == second["recorded_at"]
    with tenant_transaction(tenant):
        assert len(queries.decisions(object_id=opportunity_id)) == 1


@pytest.mark.parametrize(
    ("decision", "metadata", "code"),
    [
        ("publish", {}, "decision_not_applicable"),
        ("snooze", {"until": "yesterday"}, "invalid"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "invalid"),
        ("snooze", {"until": 7}, "invalid"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    client: Client, opportunity_id: UUID, decision: str, metadata: dict[str, object], code: str
) -> None:
    status, told = decide(client, "opportunities", opportunity_id, decision, **metadata)

    assert (status, told["code"]) == (422, code)


def test_a_package_goes_its_way_step_by_step(client: Client, tenant: UUID, variant_id: UUID) -> None:
    package_id = UUID(client.get(f"/api/variants/{variant_id}").json()["package_id"])
    path = f"/api/packages/{package_id}"

    early = decide(client, "packages", package_id, "publish")
    handed_in = decide(client, "packages", package_id, "edit", status="in_review", title="Descale fast")
    shown = client.get(path).json()
    statuses = []
    for decision in ("reject", "approve", "schedule", "publish", "archive"):
        assert decide(client, "packages", package_id, decision)[0] == 200
        statuses.append(client.get(path).json()["status"])
    late = decide(client, "packages", package_id, "edit", title="Too late")

    assert (early[0], early[1]["code"]) == (409, "move_not_allowed")
    assert handed_in[0] == 200
    assert (shown["status"], shown["title"]) == (PackageStatus.IN_REVIEW, "Descale fast")
    assert statuses == ["draft", "approved", "scheduled", "published", "archived"]
    assert late[0] == 409


def test_a_package_without_an_approved_variant_is_not_scheduled(
    client: Client, tenant: UUID, brand_id: UUID, item_id: UUID
) -> None:
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id, status=PackageStatus.APPROVED)

    status, told = decide(client, "packages", package_id, "schedule")

    assert (status, told["code"]) == (409, "move_not_allowed")


def test_a_variant_is_planned_moved_and_published(client: Client, variant_id: UUID) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    later = tomorrow + timedelta(hours=3)

    nowhere = decide(client, "variants", variant_id, "schedule")
    decide(client, "variants", variant_id, "schedule", publish_at=tomorrow.isoformat())
    again = decide(client, "variants", variant_id, "schedule", publish_at=later.isoformat())
    planned = client.get(f"/api/variants/{variant_id}").json()
    frozen = client.patch(f"/api/variants/{variant_id}", {"body": "New."}, content_type=JSON)
    published = client.patch(f"/api/variants/{variant_id}", {"status": "published"}, content_type=JSON)

    assert nowhere[0] == 422
    assert again[1]["status"] == "recorded"
    assert planned["status"] == "scheduled"
    assert planned["scheduled_publish_at"][:19] == later.isoformat()[:19]
    assert (frozen.status_code, frozen.json()["code"]) == (409, "move_not_allowed")
    assert (published.status_code, published.json()["status"]) == (200, "published")
    assert published.json()["published_at"]


def test_nobody_sets_a_variant_to_missed(client: Client, variant_id: UUID) -> None:
    refused = client.patch(f"/api/variants/{variant_id}", {"status": "missed"}, content_type=JSON)

    assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")


def test_of_two_that_plan_one_time_at_once_one_is_told(
    client: Client, tenant: UUID, brand_id: UUID, item_id: UUID, variant_id: UUID
) -> None:
    second_package = make_package(tenant, brand_id=brand_id, item_id=item_id)
    second = make_variant(
        tenant,
        brand_id=brand_id,
        package_id=second_package,
        item_id=item_id,
        status=VariantStatus.APPROVED,
        body="Three signs that a grinder needs new burrs, told by people who waited too long.",
    )
    when = (timezone.now() + timedelta(days=1)).isoformat()

    def plan(one: UUID) -> tuple[int, dict[str, str]]:
        try:
            return decide(caller(tenant), "variants", one, "schedule", publish_at=when)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = dict(pool.map(plan, [variant_id, second]))

    assert sorted(answers) == [200, 409]
    assert answers[409]["code"] == "time_conflict"


def test_the_same_text_is_not_planned_twice(
    client: Client, tenant: UUID, brand_id: UUID, item_id: UUID, variant_id: UUID
) -> None:
    make_variant(
        tenant,
        brand_id=brand_id,
        package_id=make_package(tenant, brand_id=brand_id, item_id=item_id),
        item_id=item_id,
        channel=Channel.LINKEDIN,
        status=VariantStatus.PUBLISHED,
        published_at=NOON,
    )
    when = (timezone.now() + timedelta(days=2)).isoformat()

    status, told = decide(client, "variants", variant_id, "schedule", publish_at=when)

    assert (status, told["code"]) == (409, "duplicate_content")


def test_a_rejected_variant_that_is_rewritten_is_a_draft_again(client: Client, tenant: UUID, variant_id: UUID) -> None:
    package_id = client.get(f"/api/variants/{variant_id}").json()["package_id"]
    with tenant_transaction(tenant):
        Variant.objects.filter(id=variant_id).update(status=VariantStatus.DRAFT)
    decide(client, "variants", variant_id, "reject")

    status, told = decide(client, "variants", variant_id, "edit", body="Descale it with citric acid.")

    assert (status, told["status"]) == (200, "recorded")
    [variant] = client.get(f"/api/packages/{package_id}/variants").json()["variants"]
    assert (variant["status"], variant["version"]) == ("draft", 2)
    with tenant_transaction(tenant):
        newest = queries.decisions(object_id=variant_id)[0]
    assert (newest.moved_from, newest.moved_to) == ("rejected", "draft")


@pytest.mark.parametrize("kind", ["opportunities", "variants"])
def test_a_stranger_decides_nothing(stranger: UUID, opportunity_id: UUID, variant_id: UUID, kind: str) -> None:
    object_id = opportunity_id if kind == "opportunities" else variant_id

    status, _ = decide(caller(stranger), kind, object_id, "archive")

    assert status == 404
