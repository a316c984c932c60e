"""Announcing an event and getting it through: to a real receiver, from a real table."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from pydantic import JsonValue
from pytest_django import Settings

from kairo.errors import Invalid
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.outbound import operations, queries
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import DeliveryDTO, DeliveryNotFound, DeliveryState, NewKey, Sweep
from kairo.platform.outbound.delivering import ATTEMPT_S, deliver
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.signatures import secret_bytes, verify
from kairo.platform.telemetry.context import run_context
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import events_of
from tests.integration.outbound.enqueueing import AskedFor
from tests.integration.outbound.servers import LOOPBACK, Seen, Site, page

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVENT = "board.generated"
OK = page(b"thanks")
SETTLED = timedelta(seconds=2)


@pytest.fixture(autouse=True)
def _opened_loopback(settings: Settings) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.1/32"]


@dataclass
class Account:
    """A tenant with what a test of deliveries needs around it."""

    tenant: UUID
    asked: AskedFor = field(default_factory=AskedFor)

    def endpoint(self, url: str, events: tuple[str, ...] = ("*",)) -> NewKey:
        with tenant_transaction(self.tenant):
            return operations.add_endpoint(url=url, events=events, at=NOON)

    def announce(self, event: str = EVENT, event_id: UUID | None = None, **payload: JsonValue) -> list[DeliveryDTO]:
        with tenant_transaction(self.tenant):
            return operations.announce(event=event, payload=payload, at=NOON, enqueue=self.asked, event_id=event_id)

    def deliver(self, delivery: DeliveryDTO, *, at: datetime = NOON, pace: HostPace | None = None) -> DeliveryDTO:
        return deliver(
            tenant_id=self.tenant,
            delivery_id=delivery.id,
            at=at,
            enqueue=self.asked,
            client=Client(policy=LOOPBACK),
            pace=pace or HostPace(per_second=1000, burst=1000),
        )

    def stored(self, delivery: DeliveryDTO) -> DeliveryDTO:
        with tenant_transaction(self.tenant):
            return queries.delivery(delivery.id)

    def sweep(self, at: datetime) -> Sweep:
        with tenant_transaction(self.tenant):
            return operations.sweep(at=at, enqueue=self.asked)


@pytest.fixture
def account(tenant: UUID) -> Account:
    return Account(tenant)


def _events(account: Account, run_id: UUID) -> list[tuple[EventType, JsonValue, JsonValue]]:
    with tenant_transaction(account.tenant):
        return [(event.type, event.data["action"], event.data["state"]) for event in events_of(run_id)]


def test_an_event_arrives_signed_and_whole(account: Account) -> None:
    with Site(OK) as receiver:
        key = account.endpoint(receiver.url("/hook")).secret
        [pending] = account.announce(board_id="b1", note="Grüße \0 \ud800", score=0.5)
        delivered = account.deliver(pending)

    [seen] = receiver.requests
    verify(headers=seen.headers, body=seen.body, secrets=[secret_bytes(key)], at=NOON)
    assert (seen.method, seen.path, seen.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert seen.headers["webhook-id"] == pending.message_id
    assert json.loads(seen.body) == {
        "type": EVENT,
        "timestamp": "2026-06-01T12:00:00+00:00",
        "data": {"board_id": "b1", "note": "Grüße \0 \ud800", "score": 0.5},
    }
    assert (delivered.state, delivered.attempts, delivered.response_status) == (DeliveryState.DELIVERED, 1, 200)
    assert delivered.error is None
    assert delivered.next_at is None
    assert account.asked.times == [None]


def test_an_event_goes_to_every_endpoint_that_asked_for_it_under_one_id(account: Account) -> None:
    wanting = account.endpoint("https://example.com/a", (EVENT,)).endpoint
    all_wanting = account.endpoint("https://example.com/b").endpoint
    account.endpoint("https://example.com/c", ("variant.approved",))
    switched_off = account.endpoint("https://example.com/d").endpoint
    removed = account.endpoint("https://example.com/e").endpoint
    with tenant_transaction(account.tenant):
        operations.switch_endpoint(endpoint_id=switched_off.id, is_active=False)
        operations.remove_endpoint(endpoint_id=removed.id, at=NOON)

    announced = account.announce()

    assert [delivery.endpoint_id for delivery in announced] == [wanting.id, all_wanting.id]
    assert len({delivery.message_id for delivery in announced}) == 1
    assert len(account.asked.due) == 2


def test_the_same_event_announced_again_is_sent_once(account: Account) -> None:
    account.endpoint("https://example.com/a")
    event_id = new_id()

    first = account.announce(event_id=event_id)
    second = account.announce(event_id=event_id)

    assert first == second
    assert len(account.asked.due) == 1


def test_an_announcement_is_undone_with_the_change_that_it_tells_of(account: Account) -> None:
    account.endpoint("https://example.com/a")

    with tenant_transaction(account.tenant):
        operations.announce(event=EVENT, payload={}, at=NOON, enqueue=account.asked)
        transaction.set_rollback(True)

    with tenant_transaction(account.tenant):
        assert queries.deliveries() == ([], None)


@pytest.mark.parametrize("event", ["", "Board", "board generated", "*", "board.", "bo\nard"])
def test_an_event_without_a_proper_name_is_refused(account: Account, event: str) -> None:
    with pytest.raises(Invalid, match="An event has a name"):
        account.announce(event)


def test_a_payload_that_cannot_be_sent_is_refused(account: Account) -> None:
    with pytest.raises(Invalid, match="at most 256,000 are sent"):
        account.announce(text="x" * 300_000)
    with pytest.raises(Invalid, match="number that JSON does not have"):
        account.announce(score=float("nan"))


def test_a_rotated_key_signs_the_same_delivery_twice(account: Account) -> None:
    with Site(OK) as receiver:
        added = account.endpoint(receiver.url())
        with tenant_transaction(account.tenant):
            rotated = operations.rotate_key(endpoint_id=added.endpoint.id, at=NOON)
        account.deliver(account.announce()[0])

    [seen] = receiver.requests
    assert len(seen.headers["webhook-signature"].split(" ")) == 2
    for key in (added.secret, rotated.secret):
        verify(headers=seen.headers, body=seen.body, secrets=[secret_bytes(key)], at=NOON)


def test_a_failing_receiver_is_asked_four_times_with_the_jobs_backoff_and_then_given_up_loudly(
    account: Account,
) -> None:
    at, gaps = NOON, []
    with Site(page(b"no", status=500)) as receiver, run_context() as run_id:
        account.endpoint(receiver.url())
        [delivery] = account.announce()
        while True:
            delivery = account.deliver(delivery, at=at)
            if delivery.next_at is None:
                break
            gaps.append(round((delivery.next_at - at).total_seconds()))
            assert account.asked.times[-1] == delivery.next_at
            at = delivery.next_at

    assert gaps == [30, 60, 120]
    assert (delivery.state, delivery.attempts, delivery.response_status) == (DeliveryState.FAILED, 4, 500)
    assert delivery.error == "The receiver answered 500."
    assert _events(account, run_id) == [(EventType.ACTION, "webhook_delivery", "failed")]
    assert len({seen.headers["webhook-id"] for seen in receiver.requests}) == 1
    assert len({seen.body for seen in receiver.requests}) == 1
    assert len({seen.headers["webhook-timestamp"] for seen in receiver.requests}) == 4


def test_a_receiver_that_recovers_gets_the_event(account: Account) -> None:
    answers = [page(b"", status=503, headers={"retry-after": "300"}), OK]
    with Site(lambda seen, to: to.sendall(answers.pop(0))) as receiver:
        account.endpoint(receiver.url())
        delivery = account.deliver(account.announce()[0])
        assert delivery.next_at is not None
        assert timedelta(0) <= delivery.next_at - NOON - timedelta(seconds=300) < SETTLED
        delivery = account.deliver(delivery, at=delivery.next_at)

    assert (delivery.state, delivery.attempts, delivery.error) == (DeliveryState.DELIVERED, 2, None)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(account: Account, status: int) -> None:
    with Site(page(b"", status=status, headers={"location": "/elsewhere"})) as receiver:
        account.endpoint(receiver.url("/hook"))
        delivery = account.deliver(account.announce()[0])

    assert (delivery.state, delivery.response_status) == (DeliveryState.PENDING, status)
    assert [seen.path for seen in receiver.requests] == ["/hook"]


def test_a_receiver_that_is_gone_is_switched_off(account: Account) -> None:
    with Site(page(b"", status=410)) as receiver:
        endpoint = account.endpoint(receiver.url()).endpoint
        delivery = account.deliver(account.announce()[0])

    with tenant_transaction(account.tenant):
        assert not queries.endpoint(endpoint.id).is_active
    assert delivery.state is DeliveryState.FAILED
    assert "switched off" in (delivery.error or "")
    assert account.announce() == []


def test_a_receiver_that_moved_inside_is_refused_for_good(account: Account, settings: Settings) -> None:
    settings.KAIRO_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with Site(OK, address="127.0.0.2") as inside:
        account.endpoint(inside.url())
        delivery = account.deliver(account.announce()[0])

        assert inside.requests == []
    assert delivery.state is DeliveryState.FAILED
    assert "this machine itself" in (delivery.error or "")


def test_an_unreachable_receiver_is_tried_again(account: Account) -> None:
    with Site(OK) as receiver:
        account.endpoint(receiver.url())

    delivery = account.deliver(account.announce()[0])

    assert (delivery.state, delivery.response_status) == (DeliveryState.PENDING, None)
    assert "cannot be reached" in (delivery.error or "")


def test_what_a_receiver_answers_is_never_read_or_shown(account: Account) -> None:
    with Site(page(b"internal secret " * 100_000, status=500)) as receiver:
        account.endpoint(receiver.url())
        delivery = account.deliver(account.announce()[0])

    assert "secret" not in delivery.model_dump_json()


def test_a_delivery_made_again_after_its_end_changes_nothing(account: Account) -> None:
    with Site(OK) as receiver:
        account.endpoint(receiver.url())
        delivered = account.deliver(account.announce()[0])

        assert account.deliver(delivered, at=NOON + timedelta(hours=1)) == delivered
        assert len(receiver.requests) == 1


def test_two_workers_with_one_delivery_send_it_once(account: Account) -> None:
    arrived, may_answer = threading.Event(), threading.Event()

    def hold(seen: Seen, to: socket.socket) -> None:
        arrived.set()
        may_answer.wait(5)
        to.sendall(OK)

    with Site(hold) as receiver:
        account.endpoint(receiver.url())
        [delivery] = account.announce()
        worker = threading.Thread(target=_closing(lambda: account.deliver(delivery)))
        worker.start()
        assert arrived.wait(5)
        second = account.deliver(delivery)
        may_answer.set()
        worker.join()

        assert len(receiver.requests) == 1
    assert second.state is DeliveryState.PENDING
    assert account.asked.times == [None, NOON + timedelta(seconds=ATTEMPT_S)]
    assert account.stored(delivery).state is DeliveryState.DELIVERED


def _closing(work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


def test_an_attempt_whose_worker_died_is_made_again_and_costs_no_attempt(account: Account) -> None:
    class Killed(BaseException):
        pass

    class Dying(Client):
        def fetch(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise Killed

    with Site(OK) as receiver:
        account.endpoint(receiver.url())
        [delivery] = account.announce()
        with pytest.raises(Killed):
            deliver(
                tenant_id=account.tenant,
                delivery_id=delivery.id,
                at=NOON,
                enqueue=account.asked,
                client=Dying(policy=LOOPBACK),
            )
        early = account.deliver(delivery, at=NOON + timedelta(seconds=5))
        again = account.deliver(delivery, at=NOON + timedelta(seconds=ATTEMPT_S))

    assert early.state is DeliveryState.PENDING
    assert account.asked.times[-1] == NOON + timedelta(seconds=ATTEMPT_S)
    assert (again.state, again.attempts) == (DeliveryState.DELIVERED, 1)


def test_deliveries_to_one_receiver_keep_its_pace_without_using_up_attempts(account: Account) -> None:
    with Site(OK) as receiver:
        account.endpoint(receiver.url())
        pace = HostPace(per_second=1, burst=1, clock=lambda: 0.0)
        first, second = (account.deliver(account.announce()[0], pace=pace) for _ in range(2))

    assert first.state is DeliveryState.DELIVERED
    assert (second.state, second.attempts, second.next_at) == (DeliveryState.PENDING, 0, NOON + timedelta(seconds=1))
    assert account.asked.times[-1] == second.next_at


def test_a_delivery_under_another_secret_key_is_not_signed_with_a_wrong_one(
    account: Account, settings: Settings
) -> None:
    with Site(OK) as receiver:
        account.endpoint(receiver.url())
        [delivery] = account.announce()
        settings.SECRET_KEY = "another"
        delivery = account.deliver(delivery)

        assert receiver.requests == []
    assert delivery.state is DeliveryState.PENDING
    assert "KAIRO_SECRET_KEY" in (delivery.error or "")


def test_a_delivery_of_a_removed_endpoint_ends_as_failed(account: Account) -> None:
    with Site(OK) as receiver:
        endpoint = account.endpoint(receiver.url()).endpoint
        [delivery] = account.announce()
        with tenant_transaction(account.tenant):
            operations.remove_endpoint(endpoint_id=endpoint.id, at=NOON)

        delivery = account.deliver(delivery)

        assert receiver.requests == []
    assert (delivery.state, delivery.error) == (DeliveryState.FAILED, "The endpoint was removed.")


def test_a_delivery_that_comes_a_day_too_late_is_missed_and_not_sent(account: Account) -> None:
    with Site(OK) as receiver, run_context() as run_id:
        account.endpoint(receiver.url())
        [delivery] = account.announce()

        delivery = account.deliver(delivery, at=NOON + timedelta(hours=24, seconds=1))

        assert receiver.requests == []
    assert delivery.state is DeliveryState.MISSED
    assert _events(account, run_id) == [(EventType.ACTION, "webhook_delivery", "missed")]


def test_a_sweep_finds_what_nobody_sends(account: Account) -> None:
    account.endpoint("https://example.com/hook")
    [delivery] = account.announce()
    account.asked.due.clear()

    assert account.sweep(NOON + timedelta(minutes=5)) == Sweep(missed=0, enqueued=0)
    assert account.sweep(NOON + timedelta(minutes=6)) == Sweep(missed=0, enqueued=1)
    assert account.sweep(NOON + timedelta(minutes=7)) == Sweep(missed=0, enqueued=1)
    assert len(account.asked.due) == 1
    with run_context() as run_id:
        assert account.sweep(NOON + timedelta(hours=25)) == Sweep(missed=1, enqueued=0)
    assert account.stored(delivery).state is DeliveryState.MISSED
    assert _events(account, run_id) == [(EventType.ACTION, "webhook_delivery", "missed")]
    assert account.sweep(NOON + timedelta(hours=26)) == Sweep(missed=0, enqueued=0)


def test_due_deliveries_are_listed_the_longest_waiting_first(account: Account) -> None:
    account.endpoint("https://example.com/hook")
    early = account.announce()[0]
    with tenant_transaction(account.tenant):
        [late] = operations.announce(event=EVENT, payload={}, at=NOON + timedelta(hours=1), enqueue=account.asked)
        assert queries.due_deliveries(at=NOON) == [early.id]
        assert queries.due_deliveries(at=NOON + timedelta(hours=1)) == [early.id, late.id]


def test_deliveries_are_listed_newest_first_by_page_endpoint_and_state(account: Account) -> None:
    with Site(OK) as receiver:
        endpoint = account.endpoint(receiver.url(), (EVENT,)).endpoint
        account.endpoint("https://example.com/other", ("other",))
        made = [account.announce(number=number)[0] for number in range(5)]
        account.announce("other")
        delivered = account.deliver(made[0])

    with tenant_transaction(account.tenant):
        first, cursor = queries.deliveries(endpoint_id=endpoint.id, limit=3)
        rest, end = queries.deliveries(endpoint_id=endpoint.id, limit=3, cursor=cursor)
        in_state, _ = queries.deliveries(state=DeliveryState.DELIVERED)
        with pytest.raises(Invalid, match="cursor"):
            queries.deliveries(cursor="x")
    assert [delivery.id for delivery in first + rest] == [delivery.id for delivery in reversed(made)]
    assert end is None
    assert in_state == [delivered]


def test_a_strangers_delivery_is_not_found(account: Account, stranger: UUID) -> None:
    account.endpoint("https://example.com/hook")
    [delivery] = account.announce()

    with pytest.raises(DeliveryNotFound):
        deliver(tenant_id=stranger, delivery_id=delivery.id, at=NOON, enqueue=account.asked)


def test_a_delivery_is_never_made_inside_a_transaction(account: Account) -> None:
    account.endpoint("https://example.com/hook")
    [delivery] = account.announce()

    with tenant_transaction(account.tenant), pytest.raises(RuntimeError, match="outside transactions"):
        account.deliver(delivery)
