"""What is read out of HubSpot's events and objects, and what is left."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kairo.stages.revenue.contracts.deals import DealOutcome, HubSpotEvent
from kairo.stages.revenue.contracts.stages import StageKind
from kairo.stages.revenue.rules.hubspot_facts import (
    amount_of,
    currency_of,
    facts_of_event,
    moment_of,
    record_of,
    stages_of_pipeline,
)


def told(**changes: Any) -> list[tuple[str, str, str | None]]:
    """List (deal, property, value) of what an event says."""
    event = HubSpotEvent.model_validate(
        {
            "eventId": 1,
            "portalId": 2,
            "objectId": 7,
            "occurredAt": 1_777_636_800_000,
            "subscriptionType": "deal.propertyChange",
            "propertyName": "dealstage",
            "propertyValue": "x",
            **changes,
        }
    )
    return [(deal, fact.name.value, fact.value) for deal, fact in facts_of_event(event, ad_property="utm_ad")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("7", "stage", "x")]),
        ({"propertyName": "utm_ad", "propertyValue": " ad-1 "}, [("7", "ad_id", "ad-1")]),
        ({"propertyName": "amount", "propertyValue": "12.50"}, [("7", "amount", "12.5")]),
        ({"propertyName": "amount", "propertyValue": ""}, [("7", "amount", None)]),
        ({"propertyName": "dealstage", "propertyValue": "a\x00b\ud800"}, [("7", "stage", "ab")]),
        ({"propertyName": "deal_currency_code", "propertyValue": "eur"}, [("7", "currency", "EUR")]),
        ({"propertyName": "dealname"}, []),
        ({"subscriptionType": "contact.propertyChange", "propertyName": "email"}, []),
        ({"subscriptionType": "object.propertyChange", "objectTypeId": "0-3"}, [("7", "stage", "x")]),
        ({"subscriptionType": "object.propertyChange", "objectTypeId": "0-1"}, []),
        ({"subscriptionType": "deal.deletion"}, [("7", "deleted", "yes")]),
        ({"subscriptionType": "deal.restore"}, [("7", "deleted", None)]),
        ({"subscriptionType": "deal.associationChange"}, []),
        (
            {"subscriptionType": "deal.merge", "primaryObjectId": 7, "mergedObjectIds": [8, 9]},
            [("8", "merged_into", "7"), ("9", "merged_into", "7"), ("7", "merged_into", None)],
        ),
        (
            {"subscriptionType": "deal.merge", "primaryObjectId": 7, "mergedObjectIds": [8], "newObjectId": 10},
            [("7", "merged_into", "10"), ("8", "merged_into", "10"), ("10", "merged_into", None)],
        ),
    ],
)
def test_an_event_says_what_matters_and_nothing_of_people(
    changes: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    assert told(**changes) == expected


@pytest.mark.parametrize("text", ["", "a lot", "-5", "NaN", "Infinity", "1e40", None])
def test_what_is_no_amount_is_none(text: str | None) -> None:
    assert amount_of(text) is None


def test_amounts_currencies_and_moments_are_read_as_hubspot_writes_them() -> None:
    assert (amount_of("1000"), currency_of(" usd "), currency_of("dollars")) == (Decimal(1000), "USD", None)
    assert moment_of("1777636800000") == moment_of("2026-05-01T12:00:00Z") == moment_of("2026-05-01T12:00:00")
    assert [moment_of(text) for text in (None, "", "soon", "9" * 30, "0")] == [None] * 5


def test_the_closing_date_of_an_open_deal_is_a_hope() -> None:
    properties = {
        "dealstage": "1", "createdate": "2026-05-01T12:00:00Z", "closedate": "2026-09-01T12:00:00Z",
        "hs_is_closed": "false", "dealname": "Ana Example",
    }  # fmt: skip

    found = record_of("7", properties, ad_property="ad_id")
    closed = record_of("7", {**properties, "hs_is_closed": "true", "hs_is_closed_won": "true"}, ad_property="ad_id")

    assert found is not None
    assert closed is not None
    assert (found.outcome, found.closed_at) == (DealOutcome.OPEN, None)
    assert (closed.outcome, closed.closed_at) == (DealOutcome.WON, moment_of("2026-09-01T12:00:00Z"))
    assert record_of("7", {"createdate": "2026-05-01T12:00:00Z"}, ad_property="ad_id") is None


def test_a_probability_of_nothing_is_one() -> None:
    stages = [("a", {"probability": "0.0", "isClosed": "false"}), ("b", {"probability": "0.0", "isClosed": "true"}),
              ("c", {"probability": "1.0", "isClosed": "true"}), ("d", {})]  # fmt: skip

    found = stages_of_pipeline("default", stages, currency="USD").stages

    assert [(stage.kind, stage.probability) for stage in found] == [
        (StageKind.OPEN, 0.0), (StageKind.LOST, 0.0), (StageKind.WON, 1.0), (StageKind.OPEN, None),
    ]  # fmt: skip
