"""Signatures of HubSpot: the examples of its documentation, and what is refused although it is nearly right."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from kairo.stages.revenue.contracts.deals import SignedRequest
from kairo.stages.revenue.rules.hubspot_signatures import decoded_uri, signature_v3, version_of, why_refused

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URI = "https://www.example.com/webhook_uri"
# developers.hubspot.com, "Validating requests".
V1_BODY = (
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":'
    '"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)
V1 = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
V2_GET = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
V2_POST = "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"


def request(body: str = "", *, method: str = "POST", uri: str = URI, **headers: str) -> SignedRequest:
    named = {f"x-hubspot-{name.replace('_', '-')}": value for name, value in headers.items()}
    return SignedRequest(method=method, uri=uri, body=body.encode(), headers=named)


def signed(body: str = "[]", *, at: datetime = NOW, uri: str = URI, method: str = "POST") -> SignedRequest:
    timestamp = str(int(at.timestamp() * 1000))
    signature = signature_v3(request(body, uri=uri, method=method), SECRET, timestamp)
    return request(body, uri=uri, method=method, signature_v3=signature, request_timestamp=timestamp)


@pytest.mark.parametrize(
    "example",
    [
        request(V1_BODY, signature_version="v1", signature=V1),
        request(method="GET", signature_version="v2", signature=V2_GET),
        request('{"example_field":"example_value"}', signature_version="v2", signature=V2_POST),
    ],
    ids=["v1", "v2 GET", "v2 POST"],
)
def test_the_documentations_examples_are_trusted(example: SignedRequest) -> None:
    assert why_refused(example, SECRET, at=NOW) is None
    assert why_refused(example, SECRET + "x", at=NOW) == "the signature does not fit"


def test_version_3_is_what_hubspots_own_client_makes() -> None:
    hubspot = pytest.importorskip("hubspot.utils.signature")
    ours = signed('[{"a": "ü"}]')
    theirs = hubspot.Signature.get_signature(
        SECRET, '[{"a": "ü"}]', "v3", URI, "POST", ours.headers["x-hubspot-request-timestamp"]
    )

    assert ours.headers["x-hubspot-signature-v3"] == theirs
    assert why_refused(ours, SECRET, at=NOW) is None


@pytest.mark.parametrize("minutes", [-4.9, 0, 4.9])
def test_five_minutes_either_way_are_taken(minutes: float) -> None:
    assert why_refused(signed(at=NOW + timedelta(minutes=minutes)), SECRET, at=NOW) is None


@pytest.mark.parametrize("minutes", [-5.1, 5.1, 60 * 24 * 365])
def test_later_and_earlier_ones_are_refused(minutes: float) -> None:
    assert why_refused(signed(at=NOW + timedelta(minutes=minutes)), SECRET, at=NOW) == (
        "the timestamp is more than five minutes away from now"
    )


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e12", "١٢٣", "9" * 40])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    sent = request("[]", signature_v3="x", request_timestamp=timestamp)

    assert why_refused(sent, SECRET, at=NOW) == "the timestamp is not a number of milliseconds"


def test_the_address_is_signed_as_hubspot_decodes_it() -> None:
    called = "https://www.example.com/hook?to=a%40b.example%2Fx&n=%C3%BC#part"
    timestamp = str(int(NOW.timestamp() * 1000))
    signature = signature_v3(
        request("[]", uri="https://www.example.com/hook?to=a@b.example/x&n=%C3%BC"), SECRET, timestamp
    )

    sent = request("[]", uri=called, signature_v3=signature, request_timestamp=timestamp)

    assert decoded_uri(called) == "https://www.example.com/hook?to=a@b.example/x&n=%C3%BC"
    assert why_refused(sent, SECRET, at=NOW) is None


def test_the_same_events_in_other_bytes_are_refused() -> None:
    events = [{"eventId": 1, "portalId": 2}]
    sent = signed(json.dumps(events))
    encoded_again = sent.model_copy(update={"body": json.dumps(events, separators=(",", ":")).encode()})

    assert why_refused(encoded_again, SECRET, at=NOW) == "the signature does not fit"


@pytest.mark.parametrize("change", [{"method": "PUT"}, {"uri": URI + "?x=1"}, {"body": b"[ ]"}])
def test_what_is_signed_cannot_be_exchanged(change: dict[str, object]) -> None:
    assert why_refused(signed().model_copy(update=change), SECRET, at=NOW) == "the signature does not fit"


def test_an_older_signature_beside_a_bad_new_one_is_not_looked_at() -> None:
    sent = signed(V1_BODY)
    headers = {
        **sent.headers,
        "x-hubspot-signature-v3": "AAAA",
        "x-hubspot-signature-version": "v1",
        "x-hubspot-signature": V1,
    }

    assert version_of(sent.model_copy(update={"headers": headers})) == 3
    assert why_refused(sent.model_copy(update={"headers": headers}), SECRET, at=NOW) == "the signature does not fit"


@pytest.mark.parametrize("version", ["", "v0", "v3", "v4", "V1"])
def test_a_version_that_nobody_knows_is_refused(version: str) -> None:
    assert why_refused(request(V1_BODY, signature_version=version, signature=V1), SECRET, at=NOW) is not None
    assert why_refused(request(V1_BODY), SECRET, at=NOW) == "the request is not signed"
