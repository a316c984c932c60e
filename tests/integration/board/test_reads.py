"""Reading the board is reading: few queries, no write, no socket."""

from __future__ import annotations

import socket
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.board_jobs import regenerate_now
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, posts

AUTHENTICATION = ("tenancy_authenticate_token", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}]).id


@pytest.fixture
def ready_brand(tenant: UUID, brand_id: UUID, tmp_path: Path) -> UUID:
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    return brand_id


def queries_of(client: Client, url: str) -> list[str]:
    client.get(url)  # notes the token's use, which is done at most once a minute
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    statements = [query["sql"] for query in captured.captured_queries]
    return [statement for statement in statements if not any(word in statement for word in AUTHENTICATION)]


def empty_the_cache(url: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('kairo.tenant_id', (SELECT id::text FROM tenancy_tenants() LIMIT 1), false)")
        cursor.execute("DELETE FROM today_board_cache")


def test_a_cached_board_takes_one_query(tenant: UUID, ready_brand: UUID) -> None:
    client, url = caller(tenant), f"/api/brands/{ready_brand}/today"

    assert client.get(url).json()["meta"]["cache_hit"] is True
    assert len(queries_of(client, url)) == 1


@pytest.mark.parametrize("state", ["ready", "not_generated_yet", "generating"])
def test_a_board_out_of_the_cache_takes_two_queries(tenant: UUID, brand_id: UUID, tmp_path: Path, state: str) -> None:
    client, url = caller(tenant), f"/api/brands/{brand_id}/today"
    if state != "not_generated_yet":
        now = timezone.now()
        import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
        regenerate_now(tenant_id=tenant, brand_id=brand_id)
        empty_the_cache(url)
    if state == "generating":
        client.post(f"{url}/regenerate")

    body = client.get(url).json()

    assert (body["meta"]["state"], body["meta"]["cache_hit"]) == (state, False)
    assert len(queries_of(client, url)) <= 2


def test_reading_a_board_is_possible_where_nothing_may_be_written(tenant: UUID, ready_brand: UUID) -> None:
    client, url = caller(tenant), f"/api/brands/{ready_brand}/today"
    client.get(url)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    cached = client.get(url)

    assert cached.status_code == 200
    with connection.cursor() as cursor, pytest.raises(Exception, match="read-only"):
        cursor.execute("DELETE FROM today_board_cache")


def test_reading_a_board_opens_no_socket(tenant: UUID, ready_brand: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    client, url = caller(tenant), f"/api/brands/{ready_brand}/today"
    client.get(url)
    empty_the_cache(url)

    def forbidden(*_: object) -> None:
        raise AssertionError("a read reached for the network")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)

    assert client.get(url).json()["meta"]["state"] == "ready"
