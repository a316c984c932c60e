"""Standard Webhooks 1.0: the published vector, and every way in which a message may not be believed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import Invalid
from kairo.platform.outbound.contracts import InvalidSignature
from kairo.platform.outbound.signatures import secret_bytes, secret_text, signed_headers, verify

# From the test suite of the reference libraries (standard-webhooks/standard-webhooks, libraries/go/webhook_test.go).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT_AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
WRONG_SIGNATURE = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
HEADERS = {"webhook-id": MESSAGE_ID, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}


def _accepted(headers: Mapping[str, str] = HEADERS, *, body: bytes = BODY, at: datetime = SENT_AT) -> bool:
    verify(headers=headers, body=body, secrets=[secret_bytes(SECRET)], at=at)
    return True


def test_the_published_vector_is_signed_as_published() -> None:
    secrets = [secret_bytes(SECRET)]

    assert signed_headers(message_id=MESSAGE_ID, at=SENT_AT, body=BODY, secrets=secrets) == HEADERS


@pytest.mark.parametrize("text", [SECRET, SECRET.removeprefix("whsec_")])
def test_a_secret_is_read_with_its_prefix_and_without(text: str) -> None:
    assert secret_bytes(text) == base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_not base64!", "whsec_ü"])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="webhook secret"):
        secret_bytes(text)


@pytest.mark.parametrize(
    "signature",
    [SIGNATURE, f"{WRONG_SIGNATURE} v2,abc {SIGNATURE} {WRONG_SIGNATURE}", f"v1a,abc  {SIGNATURE}"],
)
def test_one_good_signature_among_others_is_enough(signature: str) -> None:
    headers = HEADERS | {"webhook-signature": signature}

    assert _accepted(headers)


def test_header_names_are_read_in_any_case() -> None:
    assert _accepted({name.title(): value for name, value in HEADERS.items()})


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_without_one_of_the_headers_is_refused(missing: str) -> None:
    with pytest.raises(InvalidSignature, match=missing):
        _accepted({name: value for name, value in HEADERS.items() if name != missing})


@pytest.mark.parametrize(
    "signature",
    [
        WRONG_SIGNATURE,
        f"{WRONG_SIGNATURE} " * 500,
        "v2" + SIGNATURE[2:],
        SIGNATURE[:-1],
        SIGNATURE.lower(),
        "v1,",
        "v1,ü",
    ],
)
def test_a_signature_that_does_not_fit_is_refused(signature: str) -> None:
    with pytest.raises(InvalidSignature, match="No signature"):
        _accepted(HEADERS | {"webhook-signature": signature})


@pytest.mark.parametrize(
    ("changed", "body"),
    [({"webhook-id": "msg_other"}, BODY), ({"webhook-timestamp": "1614265331"}, BODY), ({}, BODY + b" ")],
)
def test_what_was_changed_on_its_way_is_refused(changed: dict[str, str], body: bytes) -> None:
    with pytest.raises(InvalidSignature, match="No signature"):
        _accepted(HEADERS | changed, body=body)


@pytest.mark.parametrize("late_s", [-300, 0, 300])
def test_five_minutes_in_either_direction_are_tolerated(late_s: int) -> None:
    assert _accepted(at=SENT_AT + timedelta(seconds=late_s))


@pytest.mark.parametrize("late_s", [-301, 301, 10**8])
def test_an_older_or_a_future_message_is_refused(late_s: int) -> None:
    with pytest.raises(InvalidSignature, match="five minutes"):
        _accepted(at=SENT_AT + timedelta(seconds=late_s))


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1614265330.0", "1e9", "٣", "9" * 400])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    with pytest.raises(InvalidSignature):
        _accepted(HEADERS | {"webhook-timestamp": timestamp})


def test_several_keys_sign_side_by_side_and_each_is_believed() -> None:
    old, new = b"o" * 32, b"n" * 32
    headers = signed_headers(message_id="msg_1", at=SENT_AT, body=BODY, secrets=[new, old])

    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        verify(headers=headers, body=BODY, secrets=[secret], at=SENT_AT)
    with pytest.raises(InvalidSignature):
        verify(headers=headers, body=BODY, secrets=[b"x" * 32], at=SENT_AT)


@given(
    body=st.binary(max_size=200), secret=st.binary(min_size=1, max_size=64), other=st.binary(min_size=1, max_size=64)
)
def test_only_the_signing_secret_is_believed(body: bytes, secret: bytes, other: bytes) -> None:
    headers = signed_headers(message_id="msg_1", at=SENT_AT, body=body, secrets=[secret_bytes(secret_text(secret))])

    verify(headers=headers, body=body, secrets=[secret], at=SENT_AT)
    if secret.rstrip(b"\0") != other.rstrip(b"\0"):  # HMAC pads short keys with zeros.
        with pytest.raises(InvalidSignature):
            verify(headers=headers, body=body, secrets=[other], at=SENT_AT)
