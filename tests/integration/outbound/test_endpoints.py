"""Endpoints of a tenant: adding, rotating keys, switching off, removing; and who may see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from kairo.errors import Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import NoTenant, tenant_transaction
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.contracts import EndpointNotFound, NewKey, TooManyEndpoints, UnsafeAddress
from kairo.platform.outbound.keys import key_of
from kairo.platform.outbound.models import WebhookEndpoint
from kairo.platform.outbound.signatures import secret_bytes
from tests.integration.outbound.enqueueing import AskedFor

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _added(tenant: UUID, **changes: object) -> NewKey:
    wanted = {"url": "https://example.com/hook", "events": ["*"], "at": NOON} | changes
    with tenant_transaction(tenant):
        return operations.add_endpoint(**wanted)  # type: ignore[arg-type]


def _signing_keys(tenant: UUID, endpoint_id: UUID, at: datetime) -> list[bytes]:
    with tenant_transaction(tenant):
        row = WebhookEndpoint.objects.get(id=endpoint_id)
        return [key_of(key) for key in row.stored_keys() if key.signs(at)]


def test_a_new_endpoint_shows_its_secret_once(tenant: UUID) -> None:
    added = _added(tenant, url="https://EXAMPLE.com/hook#x", events=["board.generated", "variant.approved"])

    with tenant_transaction(tenant):
        stored = queries.endpoint(added.endpoint.id)
        assert queries.endpoints() == [stored] == [added.endpoint]
    assert stored.url == "https://example.com/hook"
    assert stored.events == ["board.generated", "variant.approved"]
    assert added.secret.startswith("whsec_")
    assert added.secret not in stored.model_dump_json()
    assert _signing_keys(tenant, stored.id, NOON) == [secret_bytes(added.secret)]


def test_the_database_holds_no_signing_key(tenant: UUID, database: str) -> None:
    key = secret_bytes(_added(tenant).secret)

    with psycopg.connect(database) as server:
        row = server.execute("SELECT webhook_endpoint::text FROM webhook_endpoint").fetchone()

    assert row is not None
    assert key.hex() not in row[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1/hook", "ftp://example.com", "https://user:pw@example.com/", ""])
def test_an_unsafe_address_is_refused_at_once(tenant: UUID, url: str) -> None:
    with pytest.raises(UnsafeAddress):
        _added(tenant, url=url)


@pytest.mark.parametrize("events", [[], [""], ["Board Generated"], ["board..x"], ["*", "board.generated"], ["board.*"]])
def test_events_that_are_no_names_are_refused(tenant: UUID, events: list[str]) -> None:
    with pytest.raises(Invalid, match="Name the events"):
        _added(tenant, events=events)


def test_a_tenant_has_a_bounded_number_of_endpoints(tenant: UUID) -> None:
    for _ in range(operations.MAX_ENDPOINTS):
        _added(tenant)

    with pytest.raises(TooManyEndpoints, match="Remove one"):
        _added(tenant)


def test_a_rotated_key_signs_beside_the_old_one_for_a_day(tenant: UUID) -> None:
    added = _added(tenant)
    old = secret_bytes(added.secret)

    with tenant_transaction(tenant):
        rotated = operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON)
    new = secret_bytes(rotated.secret)

    assert _signing_keys(tenant, added.endpoint.id, NOON + DAY / 2) == [new, old]
    assert _signing_keys(tenant, added.endpoint.id, NOON + DAY) == [new]
    assert [key.retires_at for key in rotated.endpoint.keys] == [None, NOON + DAY]


def test_a_key_that_leaked_ends_at_once(tenant: UUID) -> None:
    added = _added(tenant)

    with tenant_transaction(tenant):
        rotated = operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON, overlap=timedelta(0))

    assert len(rotated.endpoint.keys) == 1
    assert _signing_keys(tenant, added.endpoint.id, NOON) == [secret_bytes(rotated.secret)]


def test_rotating_again_never_lengthens_an_old_keys_life_and_keeps_few_keys(tenant: UUID) -> None:
    added = _added(tenant)
    for hour in range(8):
        with tenant_transaction(tenant):
            rotated = operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON + timedelta(hours=hour))

    assert len(rotated.endpoint.keys) == operations.MAX_KEYS
    assert [key.retires_at for key in rotated.endpoint.keys[1:]] == [
        NOON + DAY + timedelta(hours=h) for h in (7, 6, 5, 4)
    ]


def test_a_removed_endpoint_is_gone_with_its_keys(tenant: UUID) -> None:
    added = _added(tenant)

    with tenant_transaction(tenant):
        operations.remove_endpoint(endpoint_id=added.endpoint.id, at=NOON)
        assert queries.endpoints() == []
        with pytest.raises(EndpointNotFound):
            queries.endpoint(added.endpoint.id)
        with pytest.raises(EndpointNotFound):
            operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON)
    assert _signing_keys(tenant, added.endpoint.id, NOON) == []


def test_a_stranger_sees_and_changes_nothing(tenant: UUID, stranger: UUID) -> None:
    added = _added(tenant)
    asked = AskedFor()
    with tenant_transaction(tenant):
        announced = operations.announce(event="board.generated", payload={}, at=NOON, enqueue=asked)

    with tenant_transaction(stranger):
        assert queries.endpoints() == []
        assert queries.deliveries() == ([], None)
        assert queries.due_deliveries(at=NOON) == []
        assert operations.announce(event="board.generated", payload={}, at=NOON, enqueue=asked) == []
        for change in (
            lambda: queries.endpoint(added.endpoint.id),
            lambda: operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON),
            lambda: operations.switch_endpoint(endpoint_id=added.endpoint.id, is_active=False),
            lambda: operations.remove_endpoint(endpoint_id=added.endpoint.id, at=NOON),
        ):
            with pytest.raises(EndpointNotFound):
                change()
    with tenant_transaction(tenant):
        assert queries.endpoints() == [added.endpoint]
        assert queries.deliveries()[0] == announced


def test_a_delivery_cannot_point_at_another_tenants_endpoint(tenant: UUID, stranger: UUID, database: str) -> None:
    theirs = _added(stranger).endpoint.id

    with psycopg.connect(database) as server, pytest.raises(psycopg.errors.ForeignKeyViolation):
        server.execute(
            "INSERT INTO webhook_delivery (id, tenant_id, endpoint_id, event_id, event, payload, state, attempts,"
            " next_at, created_at) VALUES (%s, %s, %s, %s, 'a', '{}', 'pending', 0, now(), now())",
            [new_id(), tenant, theirs, new_id()],
        )


def test_nothing_is_done_outside_a_tenants_transaction(database: str) -> None:
    with pytest.raises(NoTenant):
        queries.endpoints()
    with pytest.raises(NoTenant):
        operations.announce(event="board.generated", payload={}, at=NOON, enqueue=AskedFor())
