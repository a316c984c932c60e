"""HubSpot's webhook: whom it believes, what it keeps, and what becomes of it when workers die in between."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import Job
from kairo.platform.tenancy.operations import create_tenant
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import PROCESS_HUBSPOT, DealDTO, DealNotFound, ProcessDealChange
from tests.factories.board_jobs import run
from tests.factories.callers import caller
from tests.integration.revenue.deal_records import stored
from tests.integration.revenue.hubspot_posts import SECRET, connect, event, post, signed_headers


def facts(tenant: UUID) -> int:
    with tenant_transaction(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deal_fact")
        [count] = cursor.fetchone()
    return int(count)


def work_off(tenant: UUID) -> None:
    """Do the jobs that wait."""
    with tenant_transaction(tenant):
        waiting = list(Job.objects.filter(kind=PROCESS_HUBSPOT, state="pending").values_list("id", flat=True))
    for job_id in waiting:
        run(tenant_id=tenant, job_id=job_id)


def test_what_hubspot_signed_is_stored_and_worked_off(tenant: UUID) -> None:
    connect(tenant)
    amount = event(2, propertyName="amount", propertyValue="1000")

    answer = post([event(1), amount])

    assert answer.status_code == 200
    assert (answer.json()["stored"], answer.json()["known"]) == (2, 0)
    work_off(tenant)
    found = stored(tenant, "7")
    assert (found.stage, found.amount, found.synthetic_revenue) == ("qualifiedtobuy", Decimal(1000), Decimal("400.00"))


def test_an_event_is_known_by_its_identity(tenant: UUID) -> None:
    connect(tenant)
    post([event(1)])

    again = post([event(1, attemptNumber=1)]).json()
    other = post([event(1, after_s=1)]).json()

    assert (again["stored"], again["known"], again["job_id"]) == (0, 1, None)
    assert other["stored"] == 1


def test_it_takes_few_statements_however_many_events_come(tenant: UUID) -> None:
    connect(tenant)
    counts = []
    for number in (1, 100):
        body = [event(number * 1000 + place, deal=place) for place in range(number)]
        with CaptureQueriesContext(connection) as captured:
            assert post(body).status_code == 200
        counts.append(len(captured))

    assert counts[1] <= counts[0] <= 20


def _expect_refusal(tenant: UUID, answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert facts(tenant) == 0


def test_forged_late_future_and_other_requests_are_refused(tenant: UUID) -> None:
    connect(tenant)
    body = json.dumps([event()])
    fitting = signed_headers(body)

    _expect_refusal(tenant, post([event()], secret="guessed"))
    _expect_refusal(tenant, post([event()], at=now() - timedelta(minutes=6)))
    _expect_refusal(tenant, post([event()], at=now() + timedelta(minutes=6)))
    _expect_refusal(tenant, post(json.dumps([event()], separators=(",", ":")), headers=fitting))
    _expect_refusal(tenant, post(json.dumps([event(2)]), headers=fitting))
    _expect_refusal(tenant, post([event()], headers={}))
    _expect_refusal(tenant, post([event(portalId=99)]))
    _expect_refusal(tenant, post("no json"))
    _expect_refusal(tenant, post([event(portalId="62515")]))
    _expect_refusal(tenant, post([event()], uri="http://elsewhere.example/api/webhook/hubspot"))


def test_the_same_post_is_not_taken_twice(tenant: UUID) -> None:
    connect(tenant)
    body = json.dumps([event()])
    headers = signed_headers(body)

    first, replayed = post(body, headers=headers), post(body, headers=headers)

    assert (first.status_code, replayed.status_code) == (200, 401)


def test_an_old_signature_is_taken_until_a_newer_one_has_come(tenant: UUID) -> None:
    connect(tenant)

    def old(number: int) -> Any:
        body = json.dumps([event(number)])
        signature = hashlib.sha256((SECRET + body).encode()).hexdigest()
        return post(body, headers={"X-HubSpot-Signature-Version": "v1", "X-HubSpot-Signature": signature})

    before, newer, after = old(1), post([event(2)]), old(3)

    assert (before.status_code, newer.status_code, after.status_code) == (200, 200, 401)


def test_more_than_a_hundred_events_are_refused(tenant: UUID) -> None:
    connect(tenant)

    answer = post([event(number) for number in range(101)])

    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")


def test_an_event_that_cannot_be_read_is_refused_by_name(tenant: UUID) -> None:
    connect(tenant)

    answer = post([event(1), event(2, occurredAt="yesterday")])

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "1.occurredAt"
    assert facts(tenant) == 0


def test_each_account_gets_its_own_portals_events_only(tenant: UUID, stranger: UUID) -> None:
    connect(tenant)
    connect(stranger, portal_id=77, secret="another")

    crossed = post([event(portalId=77)])
    both = post([event(1), event(2, portalId=77)])
    own = post([event(3, portalId=77)], secret="another")

    assert (crossed.status_code, both.status_code, own.status_code) == (401, 401, 200)
    assert (facts(tenant), facts(stranger)) == (0, 1)


def test_nobody_gets_events_by_naming_another_accounts_portal(tenant: UUID, stranger: UUID) -> None:
    connect(stranger, secret=None)

    with override_settings(HUBSPOT_CLIENT_SECRET=SECRET):
        taken = post([event()])

    assert taken.status_code == 200
    assert (facts(tenant), facts(stranger)) == (1, 0)


def test_contacts_and_names_are_not_kept(tenant: UUID) -> None:
    connect(tenant)
    contact = event(1, subscriptionType="contact.propertyChange", propertyName="email", propertyValue="ana@example.com")
    name = event(2, propertyName="dealname", propertyValue="Ana Example")

    answer = post([contact, name])

    assert (answer.json()["stored"], answer.json()["ignored"], answer.json()["job_id"]) == (0, 2, None)


def test_a_merged_deal_counts_once(tenant: UUID) -> None:
    connect(tenant)
    events = [
        event(number * 10 + place, deal=deal, propertyName=name, propertyValue=value)
        for number, deal in enumerate((7, 8))
        for place, (name, value) in enumerate(
            {"amount": "1000", "dealstage": "qualifiedtobuy", "ad_id": "ad-1"}.items()
        )
    ]
    merge = event(
        99, deal=7, after_s=60, subscriptionType="deal.merge", primaryObjectId=7, mergedObjectIds=[8], newObjectId=7,
        propertyName=None, propertyValue=None,
    )  # fmt: skip
    post([merge, *events])
    work_off(tenant)

    kept, gone = stored(tenant, "7"), stored(tenant, "8")

    assert (kept.synthetic_revenue, gone.synthetic_revenue, gone.merged_into) == (Decimal("400.00"), Decimal(0), "7")


def test_a_deleted_deal_counts_nothing_until_it_is_restored(tenant: UUID) -> None:
    connect(tenant)
    post([event(1), event(2, propertyName="amount", propertyValue="100")])
    post([event(3, after_s=60, subscriptionType="deal.deletion", propertyName=None, propertyValue=None)])
    work_off(tenant)
    deleted = stored(tenant, "7").synthetic_revenue
    post([event(4, after_s=120, subscriptionType="deal.restore", propertyName=None, propertyValue=None)])
    work_off(tenant)

    assert (deleted, stored(tenant, "7").synthetic_revenue) == (Decimal(0), Decimal("40.00"))


def _die_in_the_middle(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        operations.process_deal_change(message=ProcessDealChange(deal_ids=["7"]), at=now())
        raise KeyboardInterrupt


def test_a_worker_that_dies_before_it_began_loses_nothing_and_doubles_nothing(tenant: UUID) -> None:
    connect(tenant)
    post([event(1), event(2, propertyName="amount", propertyValue="1000")])
    with pytest.raises(DealNotFound):
        stored(tenant, "7")

    # The worker dies in the middle: what it did is undone with its transaction.
    with pytest.raises(KeyboardInterrupt):
        _die_in_the_middle(tenant)
    with pytest.raises(DealNotFound):
        stored(tenant, "7")
    # Another one does it, and a third that thinks it must does it again.
    work_off(tenant)
    once = stored(tenant, "7")
    with tenant_transaction(tenant):
        operations.process_deal_change(message=ProcessDealChange(deal_ids=["7"]), at=now())

    assert once.synthetic_revenue == Decimal("400.00")
    assert stored(tenant, "7") == once


def test_one_event_may_be_sent_by_itself(tenant: UUID) -> None:
    client = caller(tenant)

    first = client.post("/api/ml/process-hubspot-event", event(), content_type="application/json").json()
    again = client.post("/api/ml/process-hubspot-event", event(), content_type="application/json").json()
    other = client.post(
        "/api/ml/process-hubspot-event", event(2, subscriptionType="contact.creation"), content_type="application/json"
    ).json()

    assert (first["result"], again["result"], other["result"]) == ("processed", "known", "ignored")
    assert first["deals"][0]["stage"] == "qualifiedtobuy"


STAGES = ["appointmentscheduled", "qualifiedtobuy", "contractsent", "closedwon", "closedlost"]


def _storm(count: int, seed: int) -> list[dict[str, Any]]:
    """Make events of many deals, each at a moment of its own kind and each with a number."""
    dice = random.Random(seed)
    deals = max(2, count // 20)
    made = []
    for number in range(count):
        deal = dice.randrange(deals)
        name, value = dice.choice(
            [
                ("dealstage", dice.choice(STAGES)),
                ("amount", str(dice.randrange(1, 9) * 100)),
                ("ad_id", f"ad-{deal % 5}"),
            ]
        )
        made.append(event(number, deal=deal, after_s=number * 3, propertyName=name, propertyValue=value))
    return made


def _deals(tenant: UUID) -> list[DealDTO]:
    from kairo.stages.revenue.models import Deal

    with tenant_transaction(tenant):
        found = [row.to_contract() for row in Deal.objects.order_by("deal_key")]
    return [deal.model_copy(update={"id": UUID(int=0)}) for deal in found]


def _send(tenant: UUID, events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 100):
        with tenant_transaction(tenant):
            operations.process_deal_change(message=ProcessDealChange(events=events[start : start + 100]), at=now())


def _expect_the_state_of_the_sorted_log(count: int) -> None:
    ordered, shuffled = create_tenant(slug="ordered").id, create_tenant(slug="shuffled").id
    log = _storm(count, seed=5)
    dice = random.Random(6)
    sent = [*log, *dice.sample(log, count // 20)]
    for place in dice.sample(range(len(sent)), len(sent) // 5):
        other = dice.randrange(len(sent))
        sent[place], sent[other] = sent[other], sent[place]

    _send(ordered, log)
    _send(shuffled, sent)

    assert _deals(shuffled) == _deals(ordered)
    assert facts(shuffled) == facts(ordered) == count


def test_repeated_and_disordered_events_give_the_state_of_the_sorted_log(database: str) -> None:
    _expect_the_state_of_the_sorted_log(2_000)


@pytest.mark.long
def test_a_hundred_thousand_events_give_the_state_of_the_sorted_log(database: str) -> None:
    _expect_the_state_of_the_sorted_log(100_000)
