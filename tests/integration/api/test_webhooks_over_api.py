"""Outgoing webhooks over HTTP: where they go, and that what happens in the product is announced there."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.tenancy.contracts import Role
from tests.factories.board_jobs import regenerate_now
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, posts
from tests.factories.uploads import as_jsonl, sent, worked_off

PATH = "/api/webhooks"
ADDRESS = "https://hooks.example.com/kairo"


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


def _add(client: Client, **values: object) -> dict[str, object]:
    answer = client.post(PATH, {"url": ADDRESS, **values}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    made: dict[str, object] = answer.json()
    return made


def test_an_endpoint_is_added_switched_rotated_and_removed(client: Client) -> None:
    made = _add(client, events=["board.generated"])
    path = f"{PATH}/{made['endpoint']['id']}"  # type: ignore[index]

    off = client.patch(path, {"is_active": False}, content_type="application/json")
    rotated = client.post(f"{path}/rotate-key")
    [listed] = client.get(PATH).json()["items"]
    removed = client.delete(path)

    assert str(made["secret"]).startswith("whsec_")
    assert (off.status_code, listed["is_active"]) == (200, False)
    assert rotated.json()["secret"] != made["secret"]
    assert "secret" not in listed
    assert removed.status_code == 204
    assert client.get(PATH).json()["items"] == []
    assert client.get(f"{path}/deliveries").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "ftp://hooks.example.com"}, 422),
        ({"url": "http://127.0.0.1/hook"}, 422),
        ({"url": ADDRESS, "events": ["Board Generated"]}, 422),
        ({"url": ADDRESS, "surprise": 1}, 422),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_with_a_sentence(
    client: Client, body: dict[str, object], status: int
) -> None:
    answer = client.post(PATH, body, content_type="application/json")

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_viewer_may_look_but_not_add(tenant: UUID) -> None:
    viewer = caller(tenant, role=Role.VIEWER)

    assert viewer.get(PATH).status_code == 200
    assert viewer.post(PATH, {"url": ADDRESS}, content_type="application/json").status_code == 403


def test_boards_and_imports_are_announced(client: Client, tenant: UUID, tmp_path: Path) -> None:
    brand = stored_brand(tenant)
    endpoint = _add(client)["endpoint"]
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)

    worked_off(tenant, sent(client, brand.id, as_jsonl(posts(2, at=now))))
    regenerate_now(tenant_id=tenant, brand_id=brand.id)

    deliveries = client.get(f"{PATH}/{endpoint['id']}/deliveries").json()["items"]  # type: ignore[index]
    assert sorted(each["event"] for each in deliveries) == ["board.generated", "evidence.imported"]


def test_another_accounts_endpoint_is_not_there(client: Client, stranger: UUID) -> None:
    theirs = _add(caller(stranger))["endpoint"]["id"]  # type: ignore[index]

    assert client.delete(f"{PATH}/{theirs}").status_code == 404
    assert client.delete(f"{PATH}/{uuid4()}").status_code == 404
    assert [each["id"] for each in caller(stranger).get(PATH).json()["items"]] == [theirs]
